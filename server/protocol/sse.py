"""GraphQL over server-sent events, one operation a request ("distinct connections").

The protocol is graphql-sse's: an event `next` for each answer, then `complete`. Comments keep the
connection open while nothing happens.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from graphql import OperationType
from starlette.requests import HTTPConnection
from starlette.types import Receive, Send

from domain.viewer import Viewer
from server.protocol.answer import Answer, refusal
from server.protocol.errors import UNAUTHENTICATED, internal_error, request_error
from server.protocol.listeners import PatientListener
from server.protocol.prepared import Prepared
from server.protocol.service import Service

KEEP_ALIVE = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """One operation's answers on their way to one reader."""

    def __init__(self, service: Service, viewer: Viewer, receive: Receive, send: Send) -> None:
        self._service = service
        self._viewer = viewer
        self._receive = receive
        self._send = send

    async def run(self, prepared: Prepared, connection: HTTPConnection) -> None:
        """Send until the operation completes, the reader leaves or stalls, or the session ends."""
        await start(self._send)
        ended = asyncio.Event()
        with self._service.sessions.watched(self._viewer, ended.set):
            answers = asyncio.create_task(self._answers(prepared, connection))
            over = asyncio.create_task(ended.wait())
            others = [over, *map(asyncio.create_task, (self._gone(), self._keep_alive()))]
            try:
                done, _ = await asyncio.wait(
                    [answers, *others], return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                await _cancelled([answers, *others])
        if done == {over}:
            with suppress(TimeoutError):
                await self._say_goodbye()

    async def _answers(self, prepared: Prepared, connection: HTTPConnection) -> None:
        if prepared.kind is OperationType.SUBSCRIPTION:
            last = await self._service.follow(
                prepared, self._viewer, connection, PatientListener(self._write_events)
            )
        else:
            answered = await self._service.execute(prepared, self._viewer, connection)
            assert isinstance(answered, Answer)  # only subscriptions have several
            last = answered
        await self._write((event(last) if last else b"") + COMPLETE)
        await finish(self._send)

    async def _write_events(self, answers: Sequence[Answer]) -> None:
        await self._write(b"".join(map(event, answers)))

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._service.limits.keep_alive_seconds)
            await self._write(KEEP_ALIVE)

    async def _say_goodbye(self) -> None:
        error = request_error(UNAUTHENTICATED, "The token has ended: connect again with a new one")
        await self._write(event(refusal(error)) + COMPLETE)
        await finish(self._send)

    async def _write(self, chunk: bytes) -> None:
        """Raises TimeoutError when the reader stalls; that ends the stream."""
        async with asyncio.timeout(self._service.limits.send_timeout_seconds):
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _cancelled(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for their clean-up; a stalled reader's TimeoutError ends here."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
            internal_error(outcome)


def event(answer: Answer) -> bytes:
    """An answer as one event; JSON has no raw line breaks, so it is one line."""
    return b"event: next\ndata: %b\n\n" % answer.body


async def start(send: Send) -> None:
    """Begin the stream; the reader learns at once that it is connected."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": KEEP_ALIVE, "more_body": True})


async def finish(send: Send) -> None:
    """End the stream."""
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def respond_once(send: Send, answer: Answer) -> None:
    """A stream of a single answer."""
    await start(send)
    await send({"type": "http.response.body", "body": event(answer) + COMPLETE})
