"""The vocabulary of engagement: what can happen to one address on one campaign, and who did it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class EventKind(StrEnum):
    """What a provider, a mailbox or our own doors can report about one address."""

    ACCEPTED = "ACCEPTED"
    DEFERRED = "DEFERRED"
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    REJECTED = "REJECTED"
    OPENED = "OPENED"
    CLICKED = "CLICKED"
    REPLIED = "REPLIED"
    FORWARDED = "FORWARDED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    COMPLAINED = "COMPLAINED"
    AUTO_REPLIED = "AUTO_REPLIED"
    UNKNOWN = "UNKNOWN"


JUDGED_KINDS = frozenset({EventKind.OPENED, EventKind.CLICKED, EventKind.UNSUBSCRIBED})
"""The kinds a machine can cause; only they carry an actor (rules: machines are not people)."""


class Actor(StrEnum):
    """Who acted."""

    HUMAN = "HUMAN"
    MACHINE = "MACHINE"


class MachineReason(StrEnum):
    """Why an act is held to be a machine's."""

    PROVIDER_FLAG = "PROVIDER_FLAG"
    PREFETCH = "PREFETCH"
    SCANNER_AGENT = "SCANNER_AGENT"
    BURST = "BURST"
    SWEEP = "SWEEP"
    DECOY = "DECOY"
    LEARNED = "LEARNED"


class BounceClass(StrEnum):
    """Status class 5 is hard, 4 is soft (RFC 3463)."""

    HARD = "HARD"
    SOFT = "SOFT"


class ReportedEvent(NamedTuple):
    """One normalised fact as an outside system reported it: the output of `intake/`.

    Times are aware and in UTC, `occurred_at` exactly as reported (clamping comes later, the
    identity of the fact uses the reported time). `address` is as reported, not yet normalised; None
    where the provider hides it. `provider_event_id` is set only where the provider keeps it stable
    over retries.
    `campaign_id` is the provider's own id of a campaign, broadcast or job; `tags`, `subject` and
    `sender` are the weaker evidence of which bulk send this was. `is_machine` is the provider's own
    machine flag; `is_prefetch` says that the request itself announced a prefetch. `user_agent` is
    None where the report has none to give and "" where the act came without one. (A named tuple,
    because a great many are made: it takes a quarter of a frozen dataclass's time.)
    """

    provider: str
    kind: EventKind
    occurred_at: datetime
    address: str | None = None
    provider_event_id: str | None = None
    message_reference: str | None = None
    campaign_id: str | None = None
    campaign_name: str | None = None
    tags: tuple[str, ...] = ()
    subject: str | None = None
    sender: str | None = None
    sent_at: datetime | None = None
    url: str | None = None
    user_agent: str | None = None
    ip: str | None = None
    detail: str | None = None
    bounce: BounceClass | None = None
    is_machine: bool = False
    is_prefetch: bool = False
