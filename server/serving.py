"""The web process: uvicorn on a socket that was bound once, one process or several."""

import os
import socket

import uvicorn

from server import children, listening
from server.children import Child
from server.garbage import settle
from server.settings import Settings
from server.sockets import ChanneledWebSocket
from server.tracking import doors_first
from server.web import create_app

STOP_SECONDS = 3
"""What open requests have to finish when we are told to stop; live sockets are closed then."""

WEBSOCKET_MESSAGE_BYTES = 256 * 1024
"""The largest message a client may send over WebSocket."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    listener = listening.inherited() or listening.listen(settings.host, settings.port)
    if settings.web_processes > 1:
        _serve_with_many(settings, listener)
    else:
        server = uvicorn.Server(configuration(settings))
        settle()
        server.run(sockets=[listener])


def configuration(settings: Settings) -> uvicorn.Config:
    """How uvicorn runs our application."""
    return uvicorn.Config(
        doors_first(create_app(settings)),
        log_config=None,
        access_log=False,
        server_header=False,
        # Who is behind a proxy is for `server.forwarding` to say, where TRUSTED_PROXIES allows it.
        proxy_headers=False,
        ws=ChanneledWebSocket,
        ws_max_size=WEBSOCKET_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_keep_alive=30,
    )


def _serve_with_many(settings: Settings, listener: socket.socket) -> None:
    """As many processes on the one socket, each started again when it dies."""
    descriptor = listener.fileno()
    environment = {**os.environ, "WEB_PROCESSES": "1", listening.SOCKET: str(descriptor)}
    children.keep(
        [
            Child(f"web {number}", ["web"], environment=environment, sockets=(descriptor,))
            for number in range(1, settings.web_processes + 1)
        ]
    )
