"""`POST /webhooks/{provider}`: verify, store what came, answer 200. Reading it is a job's work."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from intake.webhooks import (
    Certificates,
    Refused,
    WebhookRequest,
    handshake,
    provider_named,
    stored_headers,
    stored_query,
    verify,
)
from server.bodies import CutShortError, TooLargeError, read_body
from store.database import Unavailable

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 5
"""When a provider should send again: PostgreSQL is back within seconds, or not soon at all."""

OUTBOUND_TIMEOUT_SECONDS = 5.0
"""How long Amazon may take to hand out a certificate or to confirm a subscription."""

LARGEST_CERTIFICATE_BYTES = 64 * 1024
"""A certificate of Amazon SNS has about 2 KiB."""


class Accept(Protocol):
    """Stores a payload durably: committed when it returns. Raises Unavailable."""

    def __call__(
        self,
        provider: str,
        *,
        headers: Mapping[str, str],
        query: str,
        body: bytes,
        received_at: datetime,
    ) -> Awaitable[object]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDoor:
    """What the endpoint needs, in `app.state.webhooks`.

    `providers` has each provider's live sets of settings; `public_url` is how providers reach us
    ("" to take the request's own); `confirm` calls a URL of Amazon SNS and says whether it agreed.
    """

    accept: Accept
    providers: Mapping[str, Sequence[Mapping[str, str]]]
    certificates: Certificates
    confirm: Callable[[str], Awaitable[bool]]
    body_limit_bytes: int
    public_url: str = ""


async def receive(request: Request) -> Response:
    """Take one webhook. HEAD and GET answer 200: providers try the URL when it is entered."""
    door: WebhookDoor = request.app.state.webhooks
    provider: str = request.path_params["provider"]
    try:
        provider_named(provider)
        if request.method in ("GET", "HEAD"):
            return Response()
        return await _take(door, provider, request)
    except Refused as refused:
        log.warning(
            "webhook refused", provider=provider[:40], status=refused.status, code=refused.code
        )
        return _refusal(refused)
    except Unavailable:
        message = "The event cannot be stored now; send it again later."
        return _refusal(Refused(503, "DATABASE_UNAVAILABLE", message))


async def _take(door: WebhookDoor, provider: str, request: Request) -> Response:
    received_at = datetime.now(UTC)
    webhook = WebhookRequest(
        body=await _body(request, door.body_limit_bytes),
        headers=dict(request.headers.items()),
        query=request.scope["query_string"].decode("latin-1"),
        url=_called(door, request),
        received_at=received_at,
    )
    await verify(provider, webhook, door.providers.get(provider, ()), door.certificates)
    found = handshake(provider, webhook)
    if found is None:
        await door.accept(
            provider,
            headers=stored_headers(provider, webhook.headers),
            query=stored_query(provider, webhook.query),
            body=webhook.body,
            received_at=received_at,
        )
    elif found.confirm_url is not None and not await door.confirm(found.confirm_url):
        message = "The subscription could not be confirmed; send the request again."
        raise Refused(503, "CONFIRMATION_FAILED", message)
    return Response()


async def _body(request: Request, limit: int) -> bytes:
    """The body. Raises Refused (413, 400)."""
    try:
        return await read_body(request, limit)
    except TooLargeError:
        message = f"The body is larger than {limit} bytes (WEBHOOK_BODY_LIMIT_BYTES)."
        raise Refused(413, "TOO_LARGE", message) from None
    except CutShortError as gone:
        raise Refused(400, "DAMAGED_PAYLOAD", "The request ended before its body did.") from gone


def _called(door: WebhookDoor, request: Request) -> str:
    """The URL the provider was told to call; behind a proxy only PUBLIC_URL knows it."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{door.public_url}{path}" if door.public_url else str(request.url)


def _refusal(refused: Refused) -> Response:
    headers = {}
    if refused.status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if refused.status == 413:
        headers["Connection"] = "close"
    if refused.wants_basic_auth:
        headers["WWW-Authenticate"] = 'Basic realm="webhooks"'
    error = {"code": refused.code, "message": refused.message, "field": None}
    return JSONResponse({"error": error}, refused.status, headers)


async def fetch_certificate(url: str) -> bytes:
    """The bytes of a certificate. Raises ConnectionError (try later) or ValueError (none there)."""
    try:
        async with (
            httpx.AsyncClient(timeout=OUTBOUND_TIMEOUT_SECONDS) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code >= 500 or response.status_code == 429:
                raise ConnectionError(f"{url} answered {response.status_code}")
            if response.status_code != 200:
                raise ValueError(f"{url} answered {response.status_code}")
            return await _limited(response)
    except httpx.HTTPError as error:
        raise ConnectionError(f"{url} cannot be reached: {error}") from error


async def _limited(response: httpx.Response) -> bytes:
    content = b""
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > LARGEST_CERTIFICATE_BYTES:
            raise ValueError("too large for a certificate")
    return content


async def confirm_subscription(url: str) -> bool:
    """Call the (already verified) SubscribeURL; whether Amazon agreed."""
    try:
        async with httpx.AsyncClient(timeout=OUTBOUND_TIMEOUT_SECONDS) as client:
            return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False


routes = [Route("/webhooks/{provider}", receive, methods=["GET", "HEAD", "POST"])]
