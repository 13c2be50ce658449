"""The JavaScript clients, each against the toy schema under a real uvicorn."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from server.graphql import make_schema
from tests.server.protocol import toy
from tests.server.protocol.conftest import application, serving

FOLDER = Path(__file__).parent
MUST_RUN = any(os.environ.get(name) in ("1", "true") for name in ("REQUIRE_NODE", "CI"))
TIMEOUT_SECONDS = 300


async def ran(*command: str, **environment: str) -> tuple[int, str]:
    """Exit code and output of a command in this folder."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode()


def unless_required(reason: str) -> None:
    """Skip, or fail where the clients must run."""
    if MUST_RUN:
        pytest.fail(reason)
    pytest.skip(reason)


async def installed() -> None:
    """Install the clients from the lock file, unless that has been done since it changed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        unless_required("Node.js is not installed: the JavaScript clients cannot be tested")
    mark = FOLDER / "node_modules" / ".package-lock.json"
    lock = FOLDER / "package-lock.json"
    if mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime:
        return
    code, output = await ran("npm", "ci", "--no-audit", "--no-fund")
    if code:
        unless_required(f"npm ci failed, so the JavaScript clients cannot be tested:\n{output}")


async def test_apollo_urql_graphql_ws_and_graphql_sse_work_and_the_http_audits_pass() -> None:
    await installed()
    schema = make_schema(toy.Query, toy.Mutation, toy.Subscription)
    async with serving(application(schema)) as served:
        code, output = await ran("npm", "test", "--silent", GRAPHQL_URL=served.http)
    assert code == 0, output
    assert "# pass 9\n" in output
