"""Processes we start: tied to us while we live, known again after we were killed."""

import hashlib
import importlib.util
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil

from server import launch

SOCKET_PATH_LIMIT = 100
"""Bytes of a unix socket's path that every system takes (sun_path: 104 on macOS, 108 on Linux)."""

POLL_SECONDS = 0.02
"""How often we look whether a process has come up or gone."""


class ServerError(Exception):
    """An embedded server cannot run; the message says why and what to do."""


def spawn(
    arguments: Sequence[str | Path],
    *,
    log: Path,
    owner: pwd.struct_passwd | None = None,
    farewell: signal.Signals = signal.SIGTERM,
) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own, so that the terminal's Ctrl-C does not reach it.

    On Linux it gets `farewell` when the calling thread dies, so call this from the main thread.
    """
    uid, gid = (owner.pw_uid, owner.pw_gid) if owner else (os.geteuid(), os.getegid())
    identity = [str(number) for number in (uid, gid, os.getpid(), int(farewell))]
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - programs of our own choosing
            [sys.executable, "-I", "-S", launch.__file__, *identity, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
        )
    for child in list(_spawned.values()):
        if child.poll() is not None:
            del _spawned[child.pid]
    _spawned[process.pid] = process
    return process


_spawned: dict[int, "subprocess.Popen[bytes]"] = {}
"""What we started and have not yet seen end: kept, so that it is reaped."""


def follow_parent(parent: int) -> None:
    """End this process when `parent` dies: by the kernel on Linux, by looking elsewhere."""
    launch.end_with_parent(parent, signal.SIGTERM)
    if sys.platform != "linux":
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def find(pid: int | None, *, name: str) -> psutil.Process | None:
    """The living process with this id, unless the id has meanwhile gone to another program."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        is_ours = process.name().startswith(name) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if is_ours else None


def end(process: psutil.Process, *, farewell: signal.Signals, seconds: float) -> None:
    """Ask a process to stop, wait, and kill what has not gone after `seconds`."""
    try:
        process.send_signal(farewell)
        process.wait(seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(seconds)
    except psutil.NoSuchProcess:
        pass
    finally:
        if child := _spawned.pop(process.pid, None):
            child.wait()


def wait_until(is_true: Callable[[], bool], *, seconds: float) -> bool:
    """Whether the condition became true within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_true():
            return True
        time.sleep(POLL_SECONDS)
    return is_true()


def socket_folder(folder: Path, name: str, owner: pwd.struct_passwd | None = None) -> Path:
    """`folder`, or where its path is too long for the socket `name`, a short private one."""
    if len(os.fsencode(folder / name)) <= SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"engagement-{digest}"
    if len(os.fsencode(short / name)) > SOCKET_PATH_LIMIT:
        short = Path("/tmp") / short.name  # noqa: S108 - private: owner and mode are checked below
    uid = owner.pw_uid if owner else os.geteuid()
    short.mkdir(mode=0o700, exist_ok=True)
    if owner and short.stat().st_uid == os.geteuid():
        os.chown(short, owner.pw_uid, owner.pw_gid)
    status = short.lstat()
    if status.st_uid != uid or short.is_symlink() or status.st_mode & 0o077:
        raise ServerError(f"{short} is not private to us; remove it or choose a shorter DATA_DIR")
    return short


def tail(log: Path, *, lines: int = 8) -> str:
    """The last lines of a log, for the message that something did not start."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def package(name: str) -> Path:
    """The folder of an installed package, without importing it. Raises ServerError."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"the package {name} is not installed: run `make run`, or set the URLs")
    return Path(next(iter(spec.submodule_search_locations)))


TOLD_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """We were told to stop; raised in the main thread wherever it stands."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Leave the block quietly when a signal tells us to stop; further signals are ignored then."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in TOLD_TO_STOP:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in TOLD_TO_STOP:
        # nohup means what it says; a shell's `&` has SIGINT ignored without meaning it.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    with suppress(Stopped):
        yield
