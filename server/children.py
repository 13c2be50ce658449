"""Our own programs as child processes: started, started again when they die, stopped in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import structlog

from server.processes import POLL_SECONDS, stoppable

FIRST_PAUSE_SECONDS = 0.1
"""How soon a child that died is started again; doubled each time it dies young."""

LONGEST_PAUSE_SECONDS = 10.0

YOUNG_SECONDS = 30.0
"""A child that lived this long has recovered: its next death counts as its first."""

STOP_SECONDS = 8.0
"""What a child has to finish what it is doing; after this it is killed."""

LOOK_SECONDS = 0.1
"""How often we look after children."""

PARENT = "ENGAGEMENT_PARENT"
"""Names the parent to a child, in its environment: see `processes.follow_parent`."""

ROOT = Path(__file__).resolve().parent.parent
"""The folder `python -m server` is found in."""

log = structlog.get_logger(__name__)


class Child:
    """`python -m server ARGUMENTS`, kept alive until it is stopped."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        sockets: tuple[int, ...] = (),
        is_finite: bool = False,
    ) -> None:
        """`sockets`: descriptors it inherits. `is_finite`: it may end by itself with success."""
        self.name = name
        self._command = [sys.executable, "-m", "server", *arguments]
        self._environment = environment
        self._sockets = sockets
        self._is_finite = is_finite
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._started_at = 0.0
        self._start_at = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id while it has a process."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, in a session of its own: the terminal's Ctrl-C is for the parent to act on."""
        path = [str(ROOT), *filter(None, [self._environment.get("PYTHONPATH")])]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            env={
                **self._environment,
                "PYTHONPATH": os.pathsep.join(path),
                PARENT: str(os.getpid()),
            },
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            start_new_session=True,
            pass_fds=self._sockets,
        )
        self._started_at = time.monotonic()

    def look(self) -> None:
        """Start it again, after a pause, if it has died. Call this every so often."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._note_death(now, self._process.returncode)
        if self._process is None and self._start_at and now >= self._start_at:
            self._start_at = 0.0
            self.start()

    def _note_death(self, now: float, code: int) -> None:
        self._process = None
        if code == 0 and self._is_finite:
            return
        if now - self._started_at >= YOUNG_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        log.warning("child died", child=self.name, code=code, again_in_seconds=self._pause)
        self._start_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, once; it is not started again."""
        self._start_at = 0.0
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, deadline: float) -> None:
        """Wait until it has gone, or kill it at `deadline` (monotonic seconds)."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.wait(max(deadline - time.monotonic(), POLL_SECONDS))
        except subprocess.TimeoutExpired:
            log.warning("child does not stop: killed", child=self.name)
            process.kill()
            process.wait()


def keep(children: Sequence[Child]) -> None:
    """Start these and keep them alive until SIGTERM or SIGINT; then stop them."""
    try:
        with stoppable():
            for child in children:
                child.start()
            while True:
                time.sleep(LOOK_SECONDS)
                for child in children:
                    child.look()
    finally:
        stop(children)


def stop(children: Iterable[Child]) -> None:
    """Stop these together, each within STOP_SECONDS."""
    leaving = list(children)
    deadline = time.monotonic() + STOP_SECONDS
    for child in leaving:
        child.ask_to_stop()
    for child in leaving:
        child.wait(deadline)
