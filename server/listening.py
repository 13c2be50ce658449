"""The socket we listen on: bound once by the parent, so that restarting a child refuses nobody."""

import contextlib
import errno
import os
import socket
import time

from server.processes import ServerError

BACKLOG = 2048
"""Connections the kernel keeps for us while no web process accepts."""

UNACKNOWLEDGED_MILLISECONDS = 30_000
"""After this long without an acknowledgement a client's connection is gone (TCP_USER_TIMEOUT)."""

PATIENCE_SECONDS = 2.0
"""How long a port may stay busy: the web process of a killed parent leaves within this time."""

SOCKET = "ENGAGEMENT_SOCKET"
"""Names the inherited descriptor to a web process, in its environment."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ServerError where the address cannot be had."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise ServerError(_explain(error, host, port)) from error


def _bind(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLISECONDS
            )
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"PORT={port} is in use on {host}: stop what uses it, or choose another port"
    if error.errno == errno.EACCES:
        return f"PORT={port} is reserved for root: choose one above 1023, such as PORT=8000"
    return f"HOST={host} PORT={port} cannot be listened on: {error.strerror or error}"


def inherited() -> socket.socket | None:
    """The socket our parent gave us, if it gave us one."""
    descriptor = os.environ.get(SOCKET)
    if descriptor is None:
        return None
    with contextlib.suppress(OSError):
        return socket.socket(fileno=int(descriptor))
    raise ServerError(f"{SOCKET}={descriptor} is no socket: it is set by `run` only, unset it")
