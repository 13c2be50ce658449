"""What reads a stored payload: the provider's parser, or that of one of our own sources."""

from collections.abc import Callable, Mapping

from domain.policy import Policy
from intake.requests import WebhookRequest
from intake.tokens import Tokens
from intake.webhooks import ParsedPayload, parse
from store.payloads import StoredPayload

Read = Callable[[StoredPayload], ParsedPayload]

Readers = Mapping[str, Read]
"""By the payload's provider; what is not in it is a provider's webhook."""


def readers(policy: Policy, tokens: Tokens | None) -> Readers:
    """The readers of sources that are no provider's webhook."""
    return {}


def read(payload: StoredPayload, special: Readers) -> ParsedPayload:
    """The events of a stored payload; never raises."""
    return special.get(payload.provider, read_webhook)(payload)


def read_webhook(payload: StoredPayload) -> ParsedPayload:
    """The events of a provider's webhook."""
    return parse(
        payload.provider,
        WebhookRequest(
            body=payload.body,
            headers=payload.headers,
            query=payload.query,
            received_at=payload.received_at,
        ),
    )
