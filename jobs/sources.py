"""What reads a stored payload: the provider's parser, or that of one of our own sources."""

from collections.abc import Callable, Mapping
from functools import partial

from domain.policy import Policy
from domain.threads import MAIL
from intake.mail import MailContext, read_mail
from intake.requests import WebhookRequest
from intake.tokens import Tokens
from intake.tracking import PROVIDER as TRACKING
from intake.tracking import parse_hits
from intake.webhooks import ParsedPayload, parse
from store.payloads import StoredPayload

Read = Callable[[StoredPayload], ParsedPayload]

Readers = Mapping[str, Read]
"""By the payload's provider; what is not in it is a provider's webhook."""


def readers(policy: Policy, tokens: Tokens | None) -> Readers:
    """The readers of sources that are no provider's webhook; without `tokens` no link is ours."""
    context = mail_context(policy, tokens)
    return {MAIL: partial(_read_mail, context), TRACKING: _read_hits}


def mail_context(policy: Policy, tokens: Tokens | None) -> MailContext:
    """What reading mail needs to know of the operator."""
    open_token = tokens.open if tokens is not None else lambda _: None
    return MailContext(internal_domains=policy.internal_domains, open_token=open_token)


def read(payload: StoredPayload, special: Readers) -> ParsedPayload:
    """The events of a stored payload; never raises."""
    return special.get(payload.provider, _read_webhook)(payload)


def _read_mail(context: MailContext, payload: StoredPayload) -> ParsedPayload:
    return read_mail(payload.body, payload.received_at, context)


def _read_hits(payload: StoredPayload) -> ParsedPayload:
    return parse_hits(payload.body)


def _read_webhook(payload: StoredPayload) -> ParsedPayload:
    return parse(
        payload.provider,
        WebhookRequest(
            body=payload.body,
            headers=payload.headers,
            query=payload.query,
            received_at=payload.received_at,
        ),
    )
