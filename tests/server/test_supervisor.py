"""`run`: one ready line, everything kept alive, nothing left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from server import postgres, processes, valkey
from tests.server.service import embedded_folder

ROOT = Path(__file__).resolve().parent.parent.parent
READY = re.compile(
    rb"^Ready: (http://127\.0\.0\.1:\d+)/#token=(\S+) \(Ctrl-C stops everything\)\n$"
)
RUN = [sys.executable, "-m", "server", "run"]


class Run:
    """`run` on a folder and a free port, without the demo."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.address = f"http://127.0.0.1:{self.port}"
        self._command = command
        self._processes: list[subprocess.Popen[bytes]] = []
        self._family: list[psutil.Process] = []

    def environment(self, **more: str) -> dict[str, str]:
        ours = {"DATABASE_URL": "", "REDIS_URL": "", "DEMO": "0", "LOG_LEVEL": "WARNING"}
        place = {"DATA_DIR": str(self.folder), "PORT": str(self.port)}
        return {**os.environ, **ours, **place, **more}

    def start(self, **more: str) -> tuple[str, str]:
        """The address and the token of the ready line; `more` goes into the environment."""
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            process = subprocess.Popen(
                self._command,
                env=self.environment(**more),
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )
        self._processes.append(process)
        assert process.stdout is not None
        found = READY.match(process.stdout.readline())
        assert found, Path(log.name).read_text()
        self._family = [psutil.Process(process.pid)]
        self._family += self._family[0].children(recursive=True)
        return found[1].decode(), found[2].decode()

    def count(self, name: str) -> int:
        """How many processes of this name the tree had when it was ready."""
        return sum(process.cmdline()[-1] == name for process in self._family)

    def stop(self, number: signal.Signals) -> int:
        """Signal it; its exit code."""
        process = self._processes[-1]
        process.send_signal(number)
        return process.wait(20)

    def left(self) -> list[str]:
        """What still runs of the tree that the last start made, within ten seconds."""
        _, alive = psutil.wait_procs(self._family, timeout=10)
        return [" ".join(process.cmdline()) for process in alive]

    def end(self) -> None:
        """Leave nothing of the test's own behind, whatever happened."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        for process_of_tree in self._family:
            with suppress(psutil.NoSuchProcess):
                process_of_tree.kill()
        self.folder.parent.joinpath(f"{self.folder.name}.log").unlink(missing_ok=True)


@pytest.fixture
def run(folder: Path) -> Iterator[Run]:
    """Not started yet."""
    found = Run(folder, RUN)
    yield found
    found.end()


@pytest.fixture(scope="module")
def running() -> Iterator[Run]:
    """One that runs, for tests that leave it so."""
    with embedded_folder() as folder:
        found = Run(folder, RUN)
        try:
            found.start()
            yield found
            assert found.stop(signal.SIGTERM) == 0
        finally:
            found.end()


def status(address: str, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0


def child(run: Run, name: str) -> psutil.Process:
    """The living web or worker process."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for process in psutil.process_iter(["cmdline", "environ"]):
            words, given = process.info["cmdline"] or [], process.info["environ"] or {}
            if words[-2:] == ["server", name] and given.get("DATA_DIR") == str(run.folder):
                return process
        time.sleep(0.1)
    raise AssertionError(f"no {name} runs")


def test_run_says_where_it_is_and_sigterm_leaves_nothing(run: Run) -> None:
    address, token = run.start()
    assert address == run.address
    assert (status(address, "/healthz"), status(address, "/readyz")) == (200, 200)
    assert (run.folder / "sign_in_token").read_text() == token
    assert (run.folder / "sign_in_token").stat().st_mode & 0o777 == 0o600
    assert run.stop(signal.SIGTERM) == 0
    assert run.left() == []
    assert postgres.running(run.folder) is None
    assert valkey.running(run.folder) is None
    assert status(address, "/healthz") == 0


def test_after_kill_9_the_next_start_works_and_ctrl_c_leaves_nothing(run: Run) -> None:
    first = run.start(WEB_PROCESSES="2", WORKER_PROCESSES="2")
    assert {status(run.address, "/readyz") for _ in range(8)} == {200}
    assert run.count("web") == 3
    assert run.count("worker") == 3
    assert run.stop(signal.SIGKILL) == -9
    if sys.platform == "linux":  # elsewhere it is noticed by looking
        assert run.left() == []
    assert run.start() == first
    assert run.stop(signal.SIGINT) == 0
    assert run.left() == []


def test_whatever_dies_is_started_again(running: Run) -> None:
    web, worker = child(running, "web"), child(running, "worker")
    servers = postgres.running(running.folder), valkey.running(running.folder)
    for process in (*servers, web, worker):
        assert process is not None
        process.kill()
    assert processes.wait_until(lambda: not web.is_running() and not worker.is_running(), seconds=5)
    assert processes.wait_until(lambda: status(running.address, "/readyz") == 200, seconds=20)
    assert child(running, "worker").pid != worker.pid
    assert postgres.running(running.folder) is not None
    assert valkey.running(running.folder) is not None


def test_a_second_run_is_refused_with_the_way_out(running: Run) -> None:
    given = running.environment()
    refused = subprocess.run(RUN, env=given, cwd=ROOT, capture_output=True, check=False)
    assert refused.returncode == 1
    assert refused.stdout == b""
    assert b"`run` already works on" in refused.stderr
    assert b"choose another folder and port" in refused.stderr
    elsewhere = running.environment(DATA_DIR=f"{running.folder}/second")
    refused = subprocess.run(RUN, env=elsewhere, cwd=ROOT, capture_output=True, check=False)
    assert refused.returncode == 1
    assert f"PORT={running.port} is in use on 127.0.0.1".encode() in refused.stderr
    assert status(running.address, "/readyz") == 200


def test_a_token_is_made_on_the_servers_that_run(running: Run) -> None:
    command = [sys.executable, "-m", "server", "token", "--role", "manager", "--name", "test"]
    given = running.environment()
    made = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, check=True)
    assert re.fullmatch(rb"\S{20,}\n", made.stdout)
    assert postgres.running(running.folder) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is noticed by looking")
def test_whatever_ends_make_ends_everything(folder: Path) -> None:
    made = ("-o", ".venv/installed", "-o", "dashboard")
    run = Run(folder, ["make", "-s", *made, f"PY={sys.executable}", "run"])
    try:
        run.start()
        run.stop(signal.SIGKILL)
        assert run.left() == []
    finally:
        run.end()
