"""What a provider's file says of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.events import ReportedEvent
from intake.certificates import Certificates
from intake.requests import Handshake, WebhookRequest


class Credential(StrEnum):
    """Where a provider puts what proves that a request is its own."""

    BASIC_AUTH = "BASIC_AUTH"
    HEADER = "HEADER"
    BODY = "BODY"
    BEARER = "BEARER"
    """The secret itself, in a header or in the URL: it signs nothing."""


JSON_TYPES = frozenset(
    {"", "application/json", "text/json", "text/plain", "application/octet-stream"}
)
"""Media types under which JSON arrives (Amazon SNS says text/plain), or none at all."""

FORM_TYPES = frozenset({"application/x-www-form-urlencoded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider, as a row of the table.

    `view` is anymail's view under `anymail.webhooks` that checks a request; None for a platform
    that anymail does not know: then `check` alone decides. `secrets` are the
    settings one of which must be given; `options` the others; `own_settings` those of them that
    our own `check` reads instead of anymail, after `check_settings` (ValueError) found them usable.
    `pulls_with` are the settings with which we ask the provider for its events; they vouch for no
    request. `authenticate` comes last and may fetch what it needs (a certificate); it raises
    Refused. `handshake` finds requests that only keep the connection alive and report nothing.
    `signature_header` is the header, and `secret_parameter` the parameter of the URL, without which
    a request is unsigned. `split` takes a body apart into raw events and raises ValueError for one
    that can never be read; `report` reads one raw event and may raise anything, which costs that
    event alone. `has_stable_event_ids` says whether `provider_event_id` is the same on every retry,
    from the page named in the provider's file; where it is not, the id is not reported.
    `damaged_status` is what makes the provider stop sending a body that can never be taken.
    """

    name: str
    title: str
    view: str | None = None
    secrets: tuple[str, ...]
    options: tuple[str, ...] = ()
    own_settings: tuple[str, ...] = ()
    pulls_with: tuple[str, ...] = ()
    credential: Credential
    signature_header: str = ""
    secret_parameter: str = ""
    check: Callable[[WebhookRequest, Mapping[str, str]], bool] | None = None
    check_settings: Callable[[Mapping[str, str]], None] | None = None
    authenticate: (
        Callable[[WebhookRequest, Sequence[Mapping[str, str]], Certificates], Awaitable[None]]
        | None
    ) = None
    handshake: Callable[[WebhookRequest], Handshake | None] | None = None
    content_types: frozenset[str] = JSON_TYPES
    has_stable_event_ids: bool
    split: Callable[[WebhookRequest], Sequence[Any]]
    report: Callable[[Any, WebhookRequest], Sequence[ReportedEvent]]
    kept_headers: tuple[str, ...] = ()
    damaged_status: int = 400
