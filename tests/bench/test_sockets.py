"""The hand-written clients speak to a real WebSocket and a real HTTP server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bench.sockets import Listener, connect
from bench.wire import Call, Wire, hammer, post_all

SIZES = (5, 125, 126, 127, 65_535, 65_536, 200_000)


async def _answer(connection: ServerConnection) -> None:
    """Acknowledge, then send back whatever comes, at every size that frames differ by."""
    assert connection.subprotocol == "graphql-transport-ws"
    first = await connection.recv()
    assert first == '{"type": "connection_init", "payload": {"token": "t"}}'
    await connection.send('{"type":"connection_ack"}')
    assert await connection.recv() == "now" * 100
    for size in SIZES:
        await connection.send("x" * size)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    subprotocols = ["graphql-transport-ws"]
    async with serve(_answer, "127.0.0.1", 0, subprotocols=subprotocols) as server:  # type: ignore[arg-type]
        yield next(iter(server.sockets)).getsockname()[1]


async def test_messages_of_every_size_are_cut_out_of_the_stream(port: int) -> None:
    sizes: list[int] = []
    done = asyncio.Event()

    def note(_: Listener, text: bytes, at: float) -> None:
        sizes.append(len(text))
        if len(sizes) == len(SIZES):
            done.set()

    listener = await connect(f"http://127.0.0.1:{port}", "/", "t", note)
    listener.send("now" * 100)
    async with asyncio.timeout(5):
        await done.wait()
    listener.close()
    assert tuple(sizes) == SIZES


@pytest.fixture
async def echo() -> AsyncIterator[str]:
    """An HTTP server that answers with a body of the request's length, chunked for /chunked."""

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            body = await reader.readexactly(length)
            writer.write(_response(body, is_chunked="/chunked" in head))
        writer.close()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return ""


def _response(body: bytes, *, is_chunked: bool) -> bytes:
    if is_chunked:
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (
            len(body),
            body,
        )
    return b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def test_answers_are_read_whole_over_one_connection(echo: str) -> None:
    async with Wire(echo) as wire:
        assert await wire.post("/", {}, b"hello") == (201, b"hello")
        assert await wire.post("/chunked", {}, b"again") == (200, b"again")


async def test_every_call_is_made_once(echo: str) -> None:
    calls: list[Call] = [("/chunked", {}, b"x") for _ in range(10)]
    calls += [("/", {}, b"y") for _ in range(5)]
    assert await post_all(echo, calls, connections=3) == {200: 10, 201: 5}


async def test_an_unexpected_answer_ends_the_measurement(echo: str) -> None:
    with pytest.raises(RuntimeError, match="answers 201"):
        await hammer(echo, [("/", {}, b"x")], connections=1, seconds=1)
