"""What each provider's webhook says of an act, in the provider's own words."""

from collections.abc import Callable

from demo.providers import brevo, mailgun, postmark, sendgrid, sparkpost
from demo.providers.naming import Payload
from demo.traffic import Act

PAYLOADS: dict[str, Callable[[Act], Payload | None]] = {
    "sendgrid": sendgrid.payload,
    "postmark": postmark.payload,
    "mailgun": mailgun.payload,
    "brevo": brevo.payload,
    "sparkpost": sparkpost.payload,
}
"""Provider → how it reports an act; None where it says nothing of such an act."""

BATCHED = frozenset({"sendgrid", "sparkpost"})
"""Providers that report many events in one request."""
