"""What an operator decides about the rules; the settings become one frozen value."""

from dataclasses import dataclass, field
from enum import StrEnum

BULK_RECIPIENTS = 5
"""Distinct external recipients that make a send bulk (rules: was it a bulk send?)."""

BURST_SECONDS = 1.0
"""Two links of a message followed within this are a burst (rules: machines are not people)."""

SWEEP_MINUTES = 10.0
"""Every link of a message followed within this is a sweep: a thorough reader takes longer."""

HITS_PER_MAIL = 1_000
"""Opens and clicks of one mail that are kept: more than its readers make, fewer than a loop."""


class IpKept(StrEnum):
    """How much of an IP address is kept once it was judged."""

    FULL = "FULL"
    NETWORK = "NETWORK"
    NONE = "NONE"


class UserAgentKept(StrEnum):
    """How much of a user agent is kept once it was judged."""

    FULL = "FULL"
    FAMILY = "FAMILY"
    NONE = "NONE"


class Consent(StrEnum):
    """Whether a stakeholder agreed to their opens and clicks being tracked."""

    GRANTED = "GRANTED"
    DENIED = "DENIED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Policy:
    """`internal_domains` are the company's own registrable domains: nobody there is a customer.

    `bulk_recipients` distinct external recipients make a send bulk. `ip_kept` and
    `user_agent_kept` say what stays of them once judged; `hash_key` (at most 64 bytes) keys the
    hashes that stay as evidence. `consent_default` (GRANTED or DENIED) is how whoever was never
    asked is treated by our own tracking. Two links followed within `burst_seconds` (3 at most), or
    every link within `sweep_minutes`, were followed by a machine. Of one mail to one recipient our
    own doors keep `hits_per_mail` opens and clicks. So many customers in a hundred
    get no recommendations (`holdout_percent`). Our own webhooks may call `webhook_allowed_hosts`
    (host or host:port) though they are in private networks, and without TLS.
    """

    internal_domains: frozenset[str] = frozenset()
    bulk_recipients: int = BULK_RECIPIENTS
    ip_kept: IpKept = IpKept.NETWORK
    user_agent_kept: UserAgentKept = UserAgentKept.FAMILY
    hash_key: bytes = field(default=b"", repr=False)
    consent_default: Consent = Consent.GRANTED
    burst_seconds: float = BURST_SECONDS
    sweep_minutes: float = SWEEP_MINUTES
    hits_per_mail: int = HITS_PER_MAIL
    holdout_percent: float = 0.0
    webhook_allowed_hosts: frozenset[str] = frozenset()
