"""Thousands of WebSocket clients in one process: only what RFC 6455 asks of a client, no library.

The clients share the machine with the server they measure, so a message costs them a few
microseconds: frames are cut out of the stream and timed, not decoded.
"""

import asyncio
import base64
import json
import os
import struct
import time
from collections.abc import Callable
from urllib.parse import urlsplit

Received = Callable[["Listener", bytes, float], None]
"""Called with the listener, the text of a message, and when it came (perf_counter seconds)."""


class Listener(asyncio.Protocol):
    """One connection that speaks graphql-transport-ws."""

    def __init__(self, host: str, path: str, on_text: Received) -> None:
        self._host, self._path, self._on_text = host, path, on_text
        self._buffer = bytearray()
        self._is_open = False
        self._reason = "without a word"
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Cut frames out of the stream."""
        self._buffer += data
        if not self._is_open and not self._finish_upgrade():
            return
        while frame := self._next_frame():
            self._take(*frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for ever."""
        for waiting in (self.opened, self.acknowledged):
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"the server closed: {self._reason}"))
                waiting.exception()

    def _finish_upgrade(self) -> bool:
        head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not found:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.opened.set_exception(ConnectionError(head.split(b"\r\n", 1)[0].decode()))
            return False
        self._buffer, self._is_open = bytearray(rest), True
        self.opened.set_result(None)
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            if len(buffer) < 4:
                return None
            size, start = struct.unpack_from("!H", buffer, 2)[0], 4
        elif size == 127:
            if len(buffer) < 10:
                return None
            size, start = struct.unpack_from("!Q", buffer, 2)[0], 10
        if len(buffer) < start + size:
            return None
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == 1:
            if b'"connection_ack"' in payload and not self.acknowledged.done():
                self.acknowledged.set_result(None)
            elif payload.startswith(b'{"type":"ping"') or b'"type": "ping"' in payload:
                self.send('{"type":"pong"}')
            else:
                self._on_text(self, payload, time.perf_counter())
        elif opcode == 8:
            self._reason = f"{payload[:2].hex()} {payload[2:].decode(errors='replace')}"
        elif opcode == 9:
            self._write(0x8A, payload)

    def send(self, text: str) -> None:
        """Send a text message."""
        self._write(0x81, text.encode())

    def _write(self, first: int, payload: bytes) -> None:
        assert self._transport is not None
        size = len(payload)
        length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0xFE, size)
        # A mask of zeros is a mask; nothing stands between us and the server that it could fool.
        self._transport.write(bytes([first]) + length + b"\0\0\0\0" + payload)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()


async def connect(url: str, path: str, token: str, on_text: Received) -> Listener:
    """Open a socket and have it acknowledged. Raises ConnectionError."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(lambda: Listener(host, path, on_text), host, port)
    await listener.opened
    listener.send(json.dumps({"type": "connection_init", "payload": {"token": token}}))
    await listener.acknowledged
    return listener
