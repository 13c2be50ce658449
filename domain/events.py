"""The vocabulary of engagement: what can happen to one address on one campaign, and who did it."""

from dataclasses import dataclass
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
    RESUBSCRIBED = "RESUBSCRIBED"
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


class CampaignType(StrEnum):
    """What a bulk email is for."""

    ANNOUNCEMENT = "ANNOUNCEMENT"
    NEWSLETTER = "NEWSLETTER"
    MARKETING = "MARKETING"
    PRODUCT_UPDATE = "PRODUCT_UPDATE"


class BulkSign(StrEnum):
    """A header that says of a mail that it was sent to many (rules: was it a bulk send?)."""

    LIST_UNSUBSCRIBE = "LIST_UNSUBSCRIBE"
    LIST_UNSUBSCRIBE_POST = "LIST_UNSUBSCRIBE_POST"
    LIST_ID = "LIST_ID"
    PRECEDENCE = "PRECEDENCE"
    FEEDBACK_ID = "FEEDBACK_ID"
    PROVIDER_HEADER = "PROVIDER_HEADER"


@dataclass(frozen=True, slots=True)
class SentMail:
    """What the raw mail itself tells of the bulk send it belongs to.

    `signs` are its bulk headers; `type` is what it was classified as, `type_confidence` 0 to 1;
    `links` are the web addresses in it, in their order, each once.
    """

    signs: frozenset[BulkSign] = frozenset()
    type: CampaignType | None = None
    type_confidence: float | None = None
    links: tuple[str, ...] = ()


class ReportedEvent(NamedTuple):
    """One normalised fact as an outside system reported it: the output of `intake/`.

    Times are aware and in UTC, `occurred_at` exactly as reported (clamping comes later, the
    identity of the fact uses the reported time). `address` is as reported, not yet normalised; None
    where the provider hides it. `provider_event_id` is set only where the provider keeps it stable
    over retries.
    `campaign_id` is the provider's own id of a campaign, broadcast or job; `tags`, `subject` and
    `sender` are the weaker evidence of which bulk send this was. `is_machine` is the provider's own
    machine flag; `is_prefetch` says that the request itself announced a prefetch. `user_agent` is
    None where the report has none to give and "" where the act came without one. `is_decoy` says
    that the link followed was our hidden one.
    `carrier` is the provider that carried the message, where another source reports of it (our own
    pixel, a mailbox): the message reference and the campaign are in the carrier's words.
    `thread` has the Message-IDs, without angle brackets and nearest first, that a received mail
    answers to; `sent` is what a sent mail tells of its campaign. (A named tuple, because a great
    many are made: it takes a quarter of a frozen dataclass's time.)
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
    is_decoy: bool = False
    carrier: str | None = None
    thread: tuple[str, ...] = ()
    sent: SentMail | None = None

    @property
    def carried_by(self) -> str:
        """Whose words the message reference and the campaign are."""
        return self.carrier or self.provider
