"""GraphQL over WebSocket: `graphql-transport-ws` and nothing else.

One socket is one viewer with some operations running at a time. It ends when the client leaves or
breaks the protocol, when the viewer's token ends, or when the client stops reading.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from graphql import OperationType
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from domain.errors import DomainError
from domain.viewer import Viewer
from server.protocol import messages, origins
from server.protocol.answer import Answer, refusal
from server.protocol.credentials import credential
from server.protocol.errors import RequestError, internal_error, request_error
from server.protocol.listeners import CHANNEL, Channel, FrameListener, PatientListener
from server.protocol.messages import CloseCode, Closed, OperationMessages
from server.protocol.operation import Operation
from server.protocol.service import Service, as_graphql_error
from server.protocol.sharing import Listener
from store.database import Unavailable

STALLED = "You do not read what is sent: connect again, subscribe after your last cursor"


class GraphQLOverWebSocket:
    """The ASGI application behind `/graphql` for WebSocket."""

    def __init__(self, service: Service, allowed_origins: Collection[str]) -> None:
        self.service = service
        self.allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        if not origins.is_allowed(dict(scope["headers"]), self.allowed_origins):
            await send({"type": "websocket.close", "code": 1008})  # before accepting: HTTP 403
            return
        is_spoken = messages.SUBPROTOCOL in scope["subprotocols"]
        chosen = messages.SUBPROTOCOL if is_spoken else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        socket = Socket(self.service, scope, receive, send)
        with suppress(OSError):  # the client is gone
            if is_spoken:
                await socket.serve()
            else:
                reason = f"Only the subprotocol {messages.SUBPROTOCOL} is spoken here"
                await socket.close(Closed(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, reason))


class Gone(Exception):  # noqa: N818 - an outcome
    """The client has closed the socket, or has stopped reading from it."""


class Socket:
    """One accepted socket. There may be many: it has slots."""

    __slots__ = (
        "_channel",
        "_end",
        "_limits",
        "_operations",
        "_receive",
        "_scope",
        "_send",
        "_service",
        "_session",
        "_tasks",
    )

    def __init__(self, service: Service, scope: Scope, receive: Receive, send: Send) -> None:
        self._service = service
        self._limits = service.limits
        self._scope = scope
        self._receive = receive
        self._send = send
        offered = scope.get("extensions", {}).get(CHANNEL)
        self._channel: Channel | None = offered["channel"] if offered else None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()  # also those that only say their last word
        self._end: Exception | None = None

    async def serve(self) -> None:
        """Speak the protocol until the socket's end."""
        try:
            viewer = await self._initialised()
            await self._served(viewer)
        except Closed as closed:
            await self._cancel_operations()
            await self.close(closed)
        except Gone:
            await self._cancel_operations()
        except BaseException:
            await self._cancel_operations()
            raise

    async def close(self, closed: Closed) -> None:
        """Say why, unless the client does not read any more."""
        message = {"type": "websocket.close", "code": int(closed.code), "reason": closed.reason}
        with suppress(TimeoutError, RuntimeError):  # RuntimeError: it is closed already
            async with asyncio.timeout(self._limits.send_timeout_seconds):
                await self._send(message)

    async def _initialised(self) -> Viewer:
        """Wait for `connection_init` and learn who it is. Raises Closed or Gone."""
        try:
            async with asyncio.timeout(self._limits.init_timeout_seconds):
                message = await self._message()
                while message["type"] in ("ping", "pong"):
                    await self._take(message)
                    message = await self._message()
                if message["type"] != "connection_init":
                    raise Closed(CloseCode.UNAUTHORIZED, "Unauthorized")
                viewer = await self._authenticated(messages.payload(message) or {})
                await self._write(messages.ACK)
                return viewer
        except TimeoutError:
            reason = "Connection initialisation timeout"
            raise Closed(CloseCode.INIT_TIMEOUT, reason) from None

    async def _authenticated(self, payload: dict[str, Any]) -> Viewer:
        token = payload.get("token") or credential(dict(self._scope["headers"]))
        if token is not None and not isinstance(token, str):
            messages.bad_request('"token" must be a string')
        try:
            return await self._service.authenticate(token)
        except DomainError as error:
            raise Closed(CloseCode.FORBIDDEN, error.message) from None
        except Unavailable:
            reason = "The service cannot reach its database now"
            raise Closed(CloseCode.TRY_AGAIN_LATER, reason) from None
        except Exception as error:
            reason = internal_error(error)["message"]
            raise Closed(CloseCode.INTERNAL_SERVER_ERROR, reason) from None

    async def _served(self, viewer: Viewer) -> None:
        """Take messages until something ends the socket. Raises Closed or Gone."""
        try:
            async with asyncio.timeout(None) as session:
                self._session = session
                with self._service.sessions.watched(viewer, self._end_session):
                    while True:
                        await self._take(await self._message(), viewer)
        except TimeoutError:
            raise self._end or Gone from None

    def _end_session(self) -> None:
        self._end_with(Closed(CloseCode.FORBIDDEN, "The token has ended: connect with a new one"))

    def _stalled(self) -> Gone:
        """The end of who does not read: told, where it can be said behind what piles up."""
        if self._channel is not None:
            self._channel.close(CloseCode.TRY_AGAIN_LATER, STALLED)
        return Gone()

    def _end_with(self, end: Exception) -> None:
        """Interrupt the loop that takes messages; the first reason counts."""
        if self._end is None and not self._session.expired():
            self._end = end
            self._session.reschedule(asyncio.get_running_loop().time())

    async def _message(self) -> dict[str, Any]:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise Gone
        limits = self._limits
        return messages.read(
            event.get("text"), max_bytes=limits.max_frame_bytes, max_depth=limits.max_json_depth
        )

    async def _take(self, message: dict[str, Any], viewer: Viewer | None = None) -> None:
        match message["type"]:
            case "subscribe" if viewer is not None:
                await self._subscribe(message, viewer)
            case "complete":
                self._cancel(messages.operation_id(message))
            case "ping":
                await self._write(messages.pong(messages.payload(message)))
            case "pong":
                messages.payload(message)
            case "connection_init":
                reason = "Too many initialisation requests"
                raise Closed(CloseCode.TOO_MANY_INIT_REQUESTS, reason)
            case unknown:
                messages.bad_request(f"Unknown message type: {unknown[:40]}")

    async def _subscribe(self, message: dict[str, Any], viewer: Viewer) -> None:
        operation_id = messages.operation_id(message)
        operation = messages.subscribed(message)
        if operation_id in self._operations:
            reason = f"Subscriber for {operation_id} already exists"
            raise Closed(CloseCode.SUBSCRIBER_ALREADY_EXISTS, reason)
        if len(self._tasks) >= self._limits.max_operations:
            error = request_error(
                "TOO_MANY_OPERATIONS",
                f"{self._limits.max_operations} operations are running on this connection already",
            )
            await self._write(OperationMessages(operation_id).error(refusal(error)))
            return
        task = asyncio.create_task(self._operate(operation_id, operation, viewer))
        self._operations[operation_id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _operate(self, operation_id: str, operation: Operation, viewer: Viewer) -> None:
        """Run one operation to its end and say each answer."""
        say = OperationMessages(operation_id)
        try:
            last = await self._answers(say, operation, viewer)
        except RequestError as error:
            last = say.error(refusal(error))
        except TimeoutError:
            self._end_with(self._stalled())
            return
        except OSError:
            self._end_with(Gone())
            return
        except Exception as error:  # nothing of ours leaves an operation without its end
            last = say.error(refusal(RequestError([as_graphql_error(error)])))
        self._operations.pop(operation_id, None)  # first: the id is free once the client reads it
        try:
            await self._write(last)
        except TimeoutError:
            self._end_with(self._stalled())
        except OSError:
            self._end_with(Gone())

    async def _answers(self, say: OperationMessages, operation: Operation, viewer: Viewer) -> str:
        """Say the answers, and return the message that ends the operation."""
        prepared = self._service.prepare(operation)
        connection = HTTPConnection(self._scope)
        if prepared.kind is OperationType.SUBSCRIPTION:
            listener = self._listener(say)
            refused = await self._service.follow(prepared, viewer, connection, listener)
            return say.error(refused) if refused else say.complete
        answered = await self._service.execute(prepared, viewer, connection)
        assert isinstance(answered, Answer)  # only subscriptions have several
        if not answered.is_started:
            return say.error(answered)
        await self._write(say.next(answered))
        return say.complete

    def _listener(self, say: OperationMessages) -> Listener:
        if self._channel is not None:
            return FrameListener(say, self._channel, self._limits.send_timeout_seconds)

        async def write(answers: Sequence[Answer]) -> None:
            for answer in answers:
                await self._write(say.next(answer))

        return PatientListener(write)

    async def _write(self, text: str) -> None:
        """Raises TimeoutError when the client stalls, OSError when it is gone."""
        async with asyncio.timeout(self._limits.send_timeout_seconds):
            await self._send({"type": "websocket.send", "text": text})

    def _cancel(self, operation_id: str) -> None:
        if (task := self._operations.pop(operation_id, None)) is not None:
            task.cancel()

    async def _cancel_operations(self) -> None:
        """End what is running and wait for its clean-up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
