"""A client that costs little: HTTP/1.1 over kept-alive connections, written by hand.

It shares the machine with what it measures, so every microsecond of its own counts against it.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit


class Wire:
    """One connection; not for two requests at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> "Wire":
        self._reader, self._writer = await asyncio.open_connection(
            self._host, self._port, limit=2**24
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        return await self._send("POST", path, headers, body)

    async def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer."""
        return await self._send("GET", path, headers, b"")

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        assert self._reader
        assert self._writer
        self._writer.write(head(method, path, {**headers, "host": self._host}, body) + body)
        return await answer(self._reader)


def head(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """The request's head, up to and with the empty line."""
    lines = [f"{method} {path} HTTP/1.1", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer that has a content-length or is chunked."""
    text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(text.split(" ", 2)[1])
    if "transfer-encoding: chunked" in text:
        return status, await _chunks(reader)
    _, found, rest = text.partition("\r\ncontent-length:")
    length = int(rest.split("\r\n", 1)[0]) if found else 0
    return status, await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).strip(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)


Call = tuple[str, Mapping[str, str], bytes]
"""Path, headers and body."""


async def post_all(url: str, calls: Iterable[Call], *, connections: int) -> dict[int, int]:
    """Post every call over so many connections; how often each status came back."""
    statuses: dict[int, int] = {}
    waiting = iter(calls)

    async def drive() -> None:
        async with Wire(url) as wire:
            for path, headers, body in waiting:
                status, _ = await wire.post(path, headers, body)
                statuses[status] = statuses.get(status, 0) + 1

    await asyncio.gather(*(drive() for _ in range(connections)))
    return statuses


async def hammer(
    url: str, calls: Iterable[Call], *, connections: int, seconds: float
) -> tuple[list[float], float]:
    """Make calls for so long; how long each took, and how long it all took (seconds).

    Raises RuntimeError for an answer that is not 200 or that holds GraphQL errors.
    """
    waiting, took = iter(calls), list[float]()
    began = time.perf_counter()

    async def drive() -> None:
        async with Wire(url) as wire:
            while (start := time.perf_counter()) - began < seconds:
                call = next(waiting, None)
                if call is None:
                    return
                status, body = await wire.post(*call)
                took.append(time.perf_counter() - start)
                if status != 200 or b'"errors":' in body[:200]:
                    raise RuntimeError(f"{call[0]} answers {status}: {body[:300]!r}")

    await asyncio.gather(*(drive() for _ in range(connections)))
    return took, time.perf_counter() - began
