"""GraphQL over HTTP: one operation a request, by POST or (queries only) by GET.

The protocol is GraphQL over HTTP (graphql.github.io/graphql-over-http/draft). Only JSON is taken as
a POST's content type, so that no page can send one from a browser without CORS asking first.
Order of the checks: headers, then who asks, then the body: whoever has no right costs next to
nothing.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from graphql import OperationType
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from domain.errors import DomainError
from domain.viewer import Viewer
from server.protocol import sse
from server.protocol.accept import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, Accepted, accepted
from server.protocol.answer import Answer, encode, refusal
from server.protocol.credentials import credential
from server.protocol.errors import (
    BAD_REQUEST,
    RETRY_AFTER_SECONDS,
    SERVICE_UNAVAILABLE,
    UNAUTHENTICATED,
    Refusal,
    RequestError,
    internal_error,
    request_error,
)
from server.protocol.operation import Operation, decode, operation
from server.protocol.prepared import Prepared
from server.protocol.service import Service
from store.database import Unavailable

Headers = dict[bytes, bytes]

MAX_PARAMETERS = 16
"""Query parameters of a GET; the protocol has four."""

RETRY = ("retry-after", str(RETRY_AFTER_SECONDS))


class GraphQLOverHTTP:
    """The ASGI application behind `/graphql` for HTTP."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        accept = accepted(headers.get(b"accept", b""))
        media_type = accept.json or JSON
        try:
            check_headers(scope["method"], headers, accept)
            viewer = await self.viewer(headers)
            asked = await self.operation(scope, receive, headers)
            await self.respond(asked, viewer, accept, (scope, receive, send))
        except Refusal as refused:
            await respond_refused(send, refused, media_type)
        except RequestError as error:
            await respond_request_error(send, error, accept)
        except Exception as error:  # nothing of ours leaves a client without an answer
            body = encode({"errors": [internal_error(error)]})
            await respond(send, 500, body, media_type)

    async def viewer(self, headers: Headers) -> Viewer:
        """Whoever the bearer token or session stands for. Raises Refusal 401, 403 or 503."""
        token = credential(headers)
        try:
            return await self.service.authenticate(token)
        except DomainError as error:
            raise _unauthorised(error, has_token=token is not None) from None
        except Unavailable:
            message = "The service cannot reach its database now; try again in a moment"
            raise Refusal(503, SERVICE_UNAVAILABLE, message, [RETRY]) from None

    async def operation(self, scope: Scope, receive: Receive, headers: Headers) -> Operation:
        """What the request asks for. Raises Refusal."""
        limits = self.service.limits
        if scope["method"] == "GET":
            return operation(parameters(scope["query_string"], limits.max_json_depth))
        body = await read_body(receive, headers, limits.max_body_bytes)
        return operation(decode(body, limits.max_json_depth))

    async def respond(
        self,
        asked: Operation,
        viewer: Viewer,
        accept: Accepted,
        asgi: tuple[Scope, Receive, Send],
    ) -> None:
        """Execute, and answer in the way that operation and client agree on."""
        scope, receive, send = asgi
        connection = HTTPConnection(scope)
        prepared = self.service.prepare(asked)
        check_method(scope["method"], prepared)
        if accept.event_stream and (accept.json is None or _is_subscription(prepared)):
            stream = sse.EventStream(self.service, viewer, receive, send)
            await stream.run(prepared, connection)
            return
        if _is_subscription(prepared):
            raise request_error(
                "SUBSCRIPTION_NEEDS_STREAM",
                f"A subscription needs `Accept: {EVENT_STREAM}` or a WebSocket",
                prepared.extensions,
            )
        answered = await self.service.execute(prepared, viewer, connection)
        assert isinstance(answered, Answer)  # only subscriptions have several
        await respond_answer(send, answered, accept)


def check_headers(method: str, headers: Headers, accept: Accepted) -> None:
    """Refuse what no body can mend. Raises Refusal 405, 406 or 415."""
    if method not in ("POST", "GET"):
        allow = [("allow", "GET, POST")]
        raise Refusal(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed: use POST", allow)
    if accept.nothing:
        offered = f"{JSON}, {GRAPHQL_RESPONSE} or {EVENT_STREAM}"
        raise Refusal(406, "NOT_ACCEPTABLE", f"The answer can be {offered}: accept one of them")
    if method == "GET":
        return
    if not _is_json(headers.get(b"content-type", b"")):
        message = f"The Content-Type must be {JSON}, in UTF-8"
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", message, [("accept-post", JSON)])
    if headers.get(b"content-encoding", b"identity").lower() not in (b"identity", b""):
        message = "Compressed bodies are not accepted: send the JSON as it is"
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", message, [("accept-encoding", "identity")])


def check_method(method: str, prepared: Prepared) -> None:
    """Refuse a GET that would change something. Raises Refusal 405."""
    if method == "GET" and prepared.kind is OperationType.MUTATION:
        message = "A mutation must be sent by POST"
        raise Refusal(405, "METHOD_NOT_ALLOWED", message, [("allow", "POST")])


async def read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """The whole body, counted while it arrives. Raises Refusal 400 or 413."""
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared[:20]) > limit:
        raise _too_large(limit)
    message = await receive()
    body = message.get("body", b"")
    if not message.get("more_body", False) and len(body) <= limit:
        return _unless_gone(message["type"], body)
    chunks, size = [body], len(body)
    while message.get("more_body", False) and size <= limit:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if size > limit:
        raise _too_large(limit)
    return _unless_gone(message["type"], b"".join(chunks))


def parameters(query_string: bytes, max_json_depth: int) -> dict[str, object]:
    """A GET's parameters, with `variables` and `extensions` decoded. Raises Refusal 400."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except ValueError as error:
        raise Refusal(400, BAD_REQUEST, f"The query string cannot be read: {error}") from None
    members: dict[str, object] = dict(pairs)
    if len(members) < len(pairs):
        raise Refusal(400, BAD_REQUEST, "A query parameter stands twice")
    for name in ("variables", "extensions"):
        if isinstance(text := members.get(name), str):
            members[name] = decode(text.encode(), max_json_depth)
    return members


async def respond(
    send: Send,
    status: int,
    body: bytes,
    media_type: str,
    headers: Sequence[tuple[str, str]] = (),
) -> None:
    """Send a whole response."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", f"{media_type}; charset=utf-8".encode()),
                (b"content-length", b"%d" % len(body)),
                (b"cache-control", b"no-store"),
                *((name.encode(), value.encode("latin-1", "replace")) for name, value in headers),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def respond_answer(send: Send, answered: Answer, accept: Accepted) -> None:
    """Answer an operation with the status that its media type calls for."""
    media_type = accept.json or JSON
    status = 200 if answered.status == 400 and media_type == JSON else answered.status
    await respond(send, status, answered.body, media_type, [RETRY] if status == 503 else ())


async def respond_request_error(send: Send, error: RequestError, accept: Accepted) -> None:
    """Answer an operation that was refused: a client of event streams alone gets it as an event."""
    if accept.json is None:
        await sse.respond_once(send, refusal(error))
    else:
        await respond_answer(send, refusal(error), accept)


async def respond_refused(send: Send, refused: Refusal, media_type: str) -> None:
    """Answer a request that is no operation."""
    body = encode({"errors": [refused.formatted()]})
    await respond(send, refused.status, body, media_type, refused.headers)


def _is_subscription(prepared: Prepared) -> bool:
    return prepared.kind is OperationType.SUBSCRIPTION


def _is_json(content_type: bytes) -> bool:
    media, _, rest = content_type.lower().partition(b";")
    charset = rest.replace(b" ", b"").replace(b'"', b"")
    return media.strip() == JSON.encode() and charset in (b"", b"charset=utf-8")


def _too_large(limit: int) -> Refusal:
    return Refusal(413, "BODY_TOO_LARGE", f"The body is larger than {limit} bytes")


def _unless_gone(message_type: str, body: bytes) -> bytes:
    if message_type == "http.disconnect":
        raise Refusal(400, BAD_REQUEST, "The connection closed before the body was complete")
    return body


def _unauthorised(error: DomainError, *, has_token: bool) -> Refusal:
    """401 with a challenge (RFC 6750, 3), or 403 for whoever is known and may not."""
    if error.code != UNAUTHENTICATED:
        return Refusal(403, error.code, error.message)
    challenge = 'Bearer realm="graphql"' + (', error="invalid_token"' if has_token else "")
    return Refusal(401, error.code, error.message, [("www-authenticate", challenge)])
