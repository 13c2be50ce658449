"""What is recommended, and what becomes of it as evidence comes, goes and turns out otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.events import EventKind

REST = timedelta(days=14)
"""After a follow-up or a dismissal the same kind rests this long (rules: recommendations)."""


class Kind(StrEnum):
    """What is recommended."""

    REPLY_WAITING = "REPLY_WAITING"
    START_CONVERSATION = "START_CONVERSATION"
    SHARE_CONTENT = "SHARE_CONTENT"
    CHECK_IN = "CHECK_IN"
    RELATIONSHIP_RISK = "RELATIONSHIP_RISK"
    FIX_ADDRESS = "FIX_ADDRESS"
    MEET_STAKEHOLDER = "MEET_STAKEHOLDER"
    CUSTOM = "CUSTOM"


class Status(StrEnum):
    """What became of a recommendation."""

    OPEN = "OPEN"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    SNOOZED = "SNOOZED"
    DISMISSED = "DISMISSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


LIVE = frozenset({Status.OPEN, Status.STARTED, Status.SNOOZED})
"""Still to be done; of these there is one for each key."""

ON_CLICKS = frozenset(
    {
        Kind.START_CONVERSATION,
        Kind.SHARE_CONTENT,
        Kind.CHECK_IN,
        Kind.RELATIONSHIP_RISK,
        Kind.MEET_STAKEHOLDER,
    }
)
"""Kinds that clicks or unsubscribes call for or end: they wait until those have settled."""

STANDING = frozenset({Kind.FIX_ADDRESS})
"""Kinds whose cause lasts until it is put right: they come again after their rest without anything
new."""

REVERSED = "What it rested on turned out to be a machine’s doing."

WITHDRAWN_BECAUSE: Mapping[Kind, str] = {
    Kind.REPLY_WAITING: "The reply has been answered.",
    Kind.START_CONVERSATION: "The engagement has faded.",
    Kind.SHARE_CONTENT: "The clicks are no longer theirs.",
    Kind.CHECK_IN: "They are no longer silent.",
    Kind.RELATIONSHIP_RISK: "They get mail again of their own will.",
    Kind.FIX_ADDRESS: "Mail arrives again, or the address is no longer theirs.",
    Kind.MEET_STAKEHOLDER: "Whose address it is has been decided.",
    Kind.CUSTOM: "Its condition no longer holds.",
}
"""Why a recommendation goes whose condition no longer holds."""


class Subject(NamedTuple):
    """About whom: a stakeholder, an address of nobody's yet, or the customer as a whole."""

    customer_id: int
    stakeholder_id: int | None = None
    address_id: int | None = None


class Key(NamedTuple):
    """Of each there is one live recommendation."""

    kind: Kind
    subject: Subject
    workflow_id: int | None = None


class Part(NamedTuple):
    """A part of a priority: what for, and how many points."""

    name: str
    points: int


class Cited(NamedTuple):
    """Events that a recommendation rests on: those of a kind on one recipient."""

    recipient_id: int
    kind: EventKind


@dataclass(frozen=True, slots=True)
class Proposal:
    """What evidence calls for.

    `evidenced_at` is the latest act it rests on; `named_ids` are the colleagues whom the talking
    points name. Texts are whole sentences; times aware, UTC.
    """

    key: Key
    reason: str
    parts: tuple[Part, ...]
    evidence: tuple[Cited, ...]
    evidenced_at: datetime
    expires_at: datetime
    due_at: datetime | None = None
    campaign_id: int | None = None
    topics: tuple[str, ...] = ()
    talking_points: tuple[str, ...] = ()
    named_ids: tuple[int, ...] = ()
    is_risk: bool = False

    @property
    def priority(self) -> int:
        """0 to 100: the sum of its parts."""
        return sum(part.points for part in self.parts)


@dataclass(frozen=True, slots=True)
class Present:
    """A live recommendation as it stands; `is_reversed`: no person did what it rests on."""

    id: int
    status: Status
    content: Proposal
    snoozed_until: datetime | None = None
    is_reversed: bool = False


class Closing(NamedTuple):
    """A recommendation that is no longer one, and why."""

    id: int
    status: Status
    because: str


@dataclass(slots=True)
class Changes:
    """What is to be done: new ones, ids with what they say from now on, ends, snoozes over."""

    inserted: list[Proposal] = field(default_factory=list)
    refreshed: list[tuple[int, Proposal]] = field(default_factory=list)
    closed: list[Closing] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)


def reconcile(
    proposals: Iterable[Proposal],
    present: Sequence[Present],
    closed_at: Mapping[Key, datetime],
    now: datetime,
    *,
    unsettled: frozenset[Subject] = frozenset(),
) -> Changes:
    """From what is called for to what is to be done.

    `closed_at` says when a key was last completed or dismissed. While a subject is unsettled,
    kinds that its clicks call for or end are left as they are.
    """
    changes = Changes()
    wanted = {p.key: p for p in proposals if p.expires_at > now and not _waits(p.key, unsettled)}
    for one in sorted(present, key=lambda p: p.id):
        if not _waits(one.content.key, unsettled):
            _keep_or_close(changes, one, wanted.pop(one.content.key, None), now)
    changes.inserted = [
        p for _, p in sorted(wanted.items(), key=_order) if not _rests(p, closed_at.get(p.key), now)
    ]
    return changes


def _waits(key: Key, unsettled: frozenset[Subject]) -> bool:
    return key.kind in ON_CLICKS and key.subject in unsettled


def _order(item: tuple[Key, Proposal]) -> tuple[object, ...]:
    kind, subject, workflow_id = item[0]
    return (kind, *(x or 0 for x in subject), workflow_id or 0)


def _keep_or_close(
    changes: Changes, one: Present, proposal: Proposal | None, now: datetime
) -> None:
    if proposal is None:
        closing = _closing(one, now)
        if closing is not None:
            changes.closed.append(closing)
            return
    elif (content := _renewed(one, proposal)) != one.content:
        changes.refreshed.append((one.id, content))
    if one.status is Status.SNOOZED and one.snoozed_until is not None and one.snoozed_until <= now:
        changes.reopened.append(one.id)


def _closing(one: Present, now: datetime) -> Closing | None:
    """How one ends that nothing calls for any more; a follow-up under way is the CSM's to end,
    unless it rests on nothing at all."""
    if one.is_reversed:
        return Closing(one.id, Status.WITHDRAWN, REVERSED)
    if one.content.expires_at <= now:
        return Closing(one.id, Status.EXPIRED, "Its time has passed.")
    if one.status is Status.STARTED:
        return None
    return Closing(one.id, Status.WITHDRAWN, WITHDRAWN_BECAUSE[one.content.key.kind])


def _renewed(one: Present, proposal: Proposal) -> Proposal:
    """What it says from now on: the day it is due stays until something new has happened, and a
    follow-up under way does not lose time."""
    before = one.content
    is_new = proposal.evidenced_at > before.evidenced_at
    due_at = proposal.due_at if is_new else before.due_at
    expires_at = proposal.expires_at
    if one.status is Status.STARTED:
        expires_at = max(expires_at, before.expires_at)
    return Proposal(
        key=proposal.key,
        reason=proposal.reason,
        parts=proposal.parts,
        evidence=proposal.evidence,
        evidenced_at=proposal.evidenced_at,
        expires_at=expires_at,
        due_at=due_at,
        campaign_id=proposal.campaign_id,
        topics=proposal.topics,
        talking_points=proposal.talking_points,
        named_ids=proposal.named_ids,
        is_risk=proposal.is_risk,
    )


def _rests(proposal: Proposal, closed_at: datetime | None, now: datetime) -> bool:
    """Whether it was followed up or dismissed lately, or nothing has happened since."""
    if closed_at is None:
        return False
    is_old = proposal.evidenced_at <= closed_at and proposal.key.kind not in STANDING
    return is_old or now < closed_at + REST
