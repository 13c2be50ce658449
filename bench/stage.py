"""A stage to measure on: the service as in production, on servers and ports of its own."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from demo import secrets
from demo.chance import spelled
from demo.names import OUR_DOMAIN
from demo.secrets import Secrets
from domain.viewer import Role
from server import embedded, postgres
from store.migrate import migrate

START_SECONDS = 60.0
STOP_SECONDS = 10.0
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Stage:
    """Addresses, keys and processes of the service under measurement."""

    url: str
    dsn: str
    redis_url: str
    secrets: Secrets
    manager_token: str
    integration_token: str
    data_dir: Path
    processes: dict[str, psutil.Process] = field(default_factory=dict)

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of web, worker and PostgreSQL with all its backends."""
        used = {name: _family(process) for name, process in self.processes.items()}
        server = postgres.running(self.data_dir)
        used["postgres"] = _family(server) if server else 0.0
        return used


def _own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _family(process: psutil.Process) -> float:
    """A process, its living children, and those that have ended."""
    times = process.cpu_times()
    total = _own(process) + times.children_user + times.children_system
    for child in process.children(recursive=True):
        try:
            total += _own(child)
        except psutil.Error:
            continue
    return total


@contextmanager
def stage(children: tuple[str, ...] = ("web", "worker")) -> Iterator[Stage]:
    """Start servers and `children`, migrate, and remove it all afterwards. Main thread only."""
    folder = Path(tempfile.mkdtemp(prefix="engagement-bench-"))
    folder.chmod(0o755)
    dsn, redis_url = embedded.start_postgres(folder), embedded.start_valkey(folder)
    asyncio.run(migrate(dsn))
    found = Stage(
        url=f"http://127.0.0.1:{free_port()}",
        dsn=dsn,
        redis_url=redis_url,
        secrets=secrets.make(datetime.now(UTC)),
        manager_token=_key(dsn, Role.MANAGER) if children else "",
        integration_token=_key(dsn, Role.INTEGRATION) if children else "",
        data_dir=folder,
    )
    started = [_child(name, found) for name in children]
    try:
        for name, child in zip(children, started, strict=True):
            found.processes[name] = psutil.Process(child.pid)
        if "web" in children:
            wait_for(found.url + "/readyz")
        yield found
    finally:
        end(started)
        embedded.stop_valkey(folder)
        embedded.stop_postgres(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _key(dsn: str, role: Role) -> str:
    from server.keys import make_key

    return asyncio.run(make_key(dsn, role=role, name=f"bench {spelled(role)}", csm_email=None))


@contextmanager
def beside(
    found: Stage, name: str, *, module: str = "server", settings: Mapping[str, str] | None = None
) -> Iterator[psutil.Process]:
    """One process more on the same servers, `python -m MODULE NAME` with settings of its own."""
    child = _child(name, found, module, settings)
    try:
        yield psutil.Process(child.pid)
    finally:
        end([child])


def _child(
    name: str, found: Stage, module: str = "server", settings: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "DATABASE_URL": found.dsn,
        "REDIS_URL": found.redis_url,
        "SECRET_KEY": "measured-and-thrown-away-" * 2,
        "PORT": found.url.rpartition(":")[2],
        "HOST": "127.0.0.1",
        "PROVIDERS": json.dumps(found.secrets.providers),
        "INTERNAL_DOMAINS": OUR_DOMAIN,
        "TRUSTED_PROXIES": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
        **(settings or {}),
    }
    log = (found.data_dir / f"{name}.log").open("ab")
    return subprocess.Popen(
        [sys.executable, "-m", module, name], env=environment, stdout=log, stderr=log
    )


def end(children: list["subprocess.Popen[bytes]"]) -> None:
    """Stop processes of ours: politely, then not."""
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, seconds: float = START_SECONDS) -> None:
    """Return once the address answers 200. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer 200 within {seconds:.0f} s")
