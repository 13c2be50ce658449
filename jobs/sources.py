"""What reads a stored payload: the provider's parser, or that of one of our own sources."""

from collections.abc import Callable, Mapping
from functools import partial

from domain.policy import Policy
from domain.threads import MAIL
from domain.tracking import PROVIDER as TRACKING
from intake.mail import MailContext, read_mail
from intake.requests import WebhookRequest
from intake.tokens import Token, Tokens
from intake.tracking import parse_hits, unwrapped
from intake.webhooks import ParsedPayload, parse
from store.payloads import StoredPayload

Read = Callable[[StoredPayload], ParsedPayload]

Readers = Mapping[str, Read]
"""By the payload's provider; what is not in it is WEBHOOK."""

WEBHOOK = ""
"""Where the reader of every provider's webhook stands among the readers."""


def readers(policy: Policy, tokens: Tokens | None) -> Readers:
    """The readers of all sources; without `tokens` no link is ours."""
    context = mail_context(policy, tokens)
    return {
        MAIL: partial(_read_mail, context),
        TRACKING: _read_hits,
        WEBHOOK: partial(_read_webhook, context.open_token),
    }


def mail_context(policy: Policy, tokens: Tokens | None) -> MailContext:
    """What reading mail needs to know of the operator."""
    open_token = tokens.open if tokens is not None else lambda _: None
    return MailContext(internal_domains=policy.internal_domains, open_token=open_token)


def read(payload: StoredPayload, readers: Readers) -> ParsedPayload:
    """The events of a stored payload; never raises."""
    return (readers.get(payload.provider) or readers[WEBHOOK])(payload)


def _read_mail(context: MailContext, payload: StoredPayload) -> ParsedPayload:
    return read_mail(payload.body, payload.received_at, context)


def _read_hits(payload: StoredPayload) -> ParsedPayload:
    return parse_hits(payload.body)


def _read_webhook(
    open_token: Callable[[str], Token | None], payload: StoredPayload
) -> ParsedPayload:
    request = WebhookRequest(
        body=payload.body,
        headers=payload.headers,
        query=payload.query,
        received_at=payload.received_at,
    )
    return unwrapped(parse(payload.provider, request), open_token)
