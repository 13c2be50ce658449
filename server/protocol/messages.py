"""The messages of `graphql-transport-ws`, from and to text frames.

The protocol is github.com/enisdenjo/graphql-ws, PROTOCOL.md.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from struct import pack
from typing import Any, NoReturn

from server.protocol.answer import Answer, encode
from server.protocol.errors import Refusal
from server.protocol.operation import Operation, decode, operation

SUBPROTOCOL = "graphql-transport-ws"

MAX_ID_CHARACTERS = 256
MAX_REASON_BYTES = 123
"""A close frame's reason (RFC 6455, 5.5: 125 bytes with the code)."""

TEXT_FRAME = 0x81
"""The first byte of an unfragmented text message (RFC 6455, 5.2: FIN and opcode 1)."""

ACK = '{"type":"connection_ack"}'


class CloseCode(IntEnum):
    """Why the server closes a socket."""

    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INIT_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INIT_REQUESTS = 4429
    INTERNAL_SERVER_ERROR = 4500


class Closed(Exception):  # noqa: N818 - an outcome
    """The socket must be closed by us with this code and reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")


def bad_request(reason: str) -> NoReturn:
    """Close because of what the client sent."""
    raise Closed(CloseCode.BAD_REQUEST, reason)


def read(text: str | None, *, max_bytes: int, max_depth: int) -> dict[str, Any]:
    """A message with its `type`. Raises Closed 4400."""
    if text is None:
        bad_request("Messages must be text frames")
    frame = text.encode("utf-8", "surrogatepass")
    if len(frame) > max_bytes:
        bad_request(f"A message may have {max_bytes} bytes")
    try:
        message = decode(frame, max_depth)
    except Refusal as refused:
        bad_request(refused.message)
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        bad_request('A message must be a JSON object with a string "type"')
    return message


def payload(message: dict[str, Any]) -> dict[str, Any] | None:
    """The optional payload of `connection_init`, `ping` and `pong`. Raises Closed 4400."""
    value = message.get("payload")
    if value is not None and not isinstance(value, dict):
        bad_request("A payload must be an object or absent")
    return value


def operation_id(message: dict[str, Any]) -> str:
    """The id of `subscribe` and `complete`. Raises Closed 4400."""
    value = message.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID_CHARACTERS:
        bad_request(f'"id" must be a string of 1 to {MAX_ID_CHARACTERS} characters')
    return value


def subscribed(message: dict[str, Any]) -> Operation:
    """The operation of `subscribe`. Raises Closed 4400."""
    try:
        return operation(message.get("payload"))
    except Refusal as refused:
        bad_request(refused.message)


class OperationMessages:
    """What can be said about one operation; its id is encoded once.

    `sort` is the same for operations about which the same is said.
    """

    __slots__ = ("_error", "complete", "sort")

    def __init__(self, operation_id: str) -> None:
        encoded = encode(operation_id)
        self.sort = b'{"id":%b,"type":"next","payload":' % encoded
        self._error = b'{"id":%b,"type":"error","payload":' % encoded
        self.complete = (b'{"id":%b,"type":"complete"}' % encoded).decode()

    def next(self, answer: Answer) -> str:
        """An answer that has data."""
        return (self.sort + answer.body + b"}").decode()

    def frames(self, answers: Sequence[Answer]) -> bytes:
        """Answers that have data, as whole frames."""
        if len(answers) == 1:
            body = answers[0].body
            return b"%b%b%b}" % (text_frame_head(len(self.sort) + len(body) + 1), self.sort, body)
        return b"".join(self.frames([answer]) for answer in answers)

    def error(self, answer: Answer) -> str:
        """The last word: the operation did not start, or its source failed."""
        return (self._error + encode(answer.errors) + b"}").decode()


@lru_cache(maxsize=1_024)
def text_frame_head(size: int) -> bytes:
    """What stands before a text message of so many bytes from a server (RFC 6455, 5.2)."""
    if size < 126:
        return pack("!BB", TEXT_FRAME, size)
    if size < 65_536:
        return pack("!BBH", TEXT_FRAME, 126, size)
    return pack("!BBQ", TEXT_FRAME, 127, size)


def pong(answered: dict[str, Any] | None) -> str:
    """The reply to a ping, with its payload."""
    message = {"type": "pong"} if answered is None else {"type": "pong", "payload": answered}
    return encode(message).decode()
