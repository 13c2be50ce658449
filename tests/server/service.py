"""The service as real processes, `python -m server web` and `worker`, ended by pid in any case."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from server import children, embedded, valkey
from tests.intake.signing import SETTINGS

ROOT = Path(__file__).resolve().parent.parent.parent

READY_SECONDS = 30.0
"""A process that starts beside a busy test suite may take this long."""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def embedded_folder() -> Iterator[Path]:
    """A DATA_DIR that PostgreSQL's own user may pass to; its servers end with it."""
    path = Path(tempfile.mkdtemp(prefix="engagement-embedded-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        embedded.stop_postgres(path)
        embedded.stop_valkey(path)
        shutil.rmtree(path, ignore_errors=True)


@dataclass
class Service:
    """One web and one worker process on given servers; what they say goes to a log in `folder`."""

    database_url: str
    redis_url: str
    folder: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    _running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the processes have said so far."""
        return (self.folder / "service.log").read_text(errors="replace")

    def start(self, *names: str) -> None:
        """Start `web`, `worker`, or both."""
        for name in names:
            with (self.folder / "service.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", "server", name],
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=ROOT,
                    start_new_session=True,
                )

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": "not a secret, only long enough to be taken for one",
            "PROVIDERS": json.dumps(SETTINGS),
            "PORT": str(self.port),
            "LOG_LEVEL": "WARNING",
            children.PARENT: str(os.getpid()),
            **self.settings,
        }

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal a process and wait until it has gone; one that does not go is killed."""
        process = self._running.pop(name)
        process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def end(self) -> None:
        """Leave nothing running, whatever happened."""
        for name in list(self._running):
            self.kill(name)

    def kill_valkey(self) -> None:
        """SIGKILL the Valkey of `folder`."""
        server = valkey.running(self.folder)
        assert server is not None
        server.kill()
        server.wait(5)

    def start_valkey(self) -> None:
        """Start it again, on the same socket."""
        assert embedded.start_valkey(self.folder) == self.redis_url

    async def ready(self) -> None:
        """Wait until the doors are open."""
        async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                gone = [n for n, p in self._running.items() if p.poll() is not None]
                assert not gone, f"{gone} ended: {self.log[-2000:]}"
                await asyncio.sleep(0.05)

    async def ask(self, token: str, query: str, **variables: object) -> Any:
        """The `data` of a GraphQL answer that has no errors."""
        async with httpx.AsyncClient(timeout=20) as client:
            answer = await client.post(
                f"{self.url}/graphql",
                json={"query": query, "variables": variables},
                headers={"authorization": f"Bearer {token}"},
            )
        content = answer.json()
        assert "errors" not in content, content
        return content["data"]
