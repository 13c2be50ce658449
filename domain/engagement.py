"""Folding the facts about one recipient into its engagement.

Everything is a minimum, a maximum, a count of distinct facts or the gravest status, so duplicates,
reordering and lateness give the same result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from domain.events import Actor, BounceClass, EventKind


class DeliveryStatus(StrEnum):
    """What became of the mail, in order of severity."""

    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    DEFERRED = "DEFERRED"
    DELIVERED = "DELIVERED"
    SOFT_BOUNCED = "SOFT_BOUNCED"
    REJECTED = "REJECTED"
    HARD_BOUNCED = "HARD_BOUNCED"
    COMPLAINED = "COMPLAINED"


class Fact(NamedTuple):
    """An event as it is folded, and as it is read. `actor` is the stored verdict."""

    recipient_id: int
    fact_on: date
    key: bytes
    kind: EventKind
    provider: str
    occurred_at: datetime
    url: str | None
    detail: str | None
    agent_reason: str | None
    agent_family: str | None
    agent_hash: bytes | None
    ip_hash: bytes | None
    network_hash: bytes | None
    bounce: BounceClass | None
    is_machine_flagged: bool
    is_prefetch: bool
    is_decoy: bool
    actor: Actor | None
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class LinkEngagement:
    """Clicks on one link by one recipient; times are of all clicks, human or not."""

    url: str
    human: int
    machine: int
    first_at: datetime
    last_at: datetime


@dataclass(slots=True)
class Engagement:
    """What one recipient did with one campaign; times of opens and clicks are of human ones."""

    status: DeliveryStatus = DeliveryStatus.SENT
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    bounced_at: datetime | None = None
    bounce_hard: bool | None = None
    bounce_reason: str | None = None
    opens_human: int = 0
    opens_machine: int = 0
    first_open_at: datetime | None = None
    last_open_at: datetime | None = None
    clicks_human: int = 0
    clicks_machine: int = 0
    first_click_at: datetime | None = None
    last_click_at: datetime | None = None
    links: list[LinkEngagement] | None = None
    replied_at: datetime | None = None
    forwarded_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    complained_at: datetime | None = None
    engaged: bool = False
    last_event_at: datetime | None = None
    first_fact_on: date | None = None
    last_fact_on: date | None = None


Acts = dict[str, list[int]]
"""Provider → [human, machine]: one act seen by two sources is one act, so sources are not added."""


def fold(facts: Sequence[Fact], actors: Sequence[Actor | None]) -> Engagement:
    """The engagement that follows from all facts of a recipient and the verdicts on them."""
    e = Engagement()
    opens: Acts = {}
    clicks: dict[str, Acts] = {}
    clicked_at: dict[str, list[datetime]] = {}
    soft: list[Fact] = []
    hard: list[Fact] = []
    delivered: list[datetime] = []
    is_accepted = is_deferred = is_rejected = False
    for fact, actor in zip(facts, actors, strict=True):
        at, kind = fact.occurred_at, fact.kind
        is_human = actor == Actor.HUMAN
        if kind == EventKind.OPENED:
            opens.setdefault(fact.provider, [0, 0])[not is_human] += 1
            if is_human:
                e.first_open_at = _earlier(e.first_open_at, at)
                e.last_open_at = _later(e.last_open_at, at)
        elif kind == EventKind.DELIVERED:
            delivered.append(at)
        elif kind == EventKind.ACCEPTED:
            is_accepted = True
        elif kind == EventKind.CLICKED:
            url = fact.url or ""
            clicks.setdefault(url, {}).setdefault(fact.provider, [0, 0])[not is_human] += 1
            clicked_at.setdefault(url, []).append(at)
            if is_human:
                e.first_click_at = _earlier(e.first_click_at, at)
                e.last_click_at = _later(e.last_click_at, at)
        elif kind == EventKind.BOUNCED:
            (hard if fact.bounce == BounceClass.HARD else soft).append(fact)
        elif kind == EventKind.DEFERRED:
            is_deferred = True
        elif kind == EventKind.REJECTED:
            is_rejected = True
        elif kind == EventKind.REPLIED:
            e.replied_at = _earlier(e.replied_at, at)
        elif kind == EventKind.FORWARDED:
            e.forwarded_at = _earlier(e.forwarded_at, at)
        elif kind == EventKind.UNSUBSCRIBED and is_human:
            e.unsubscribed_at = _earlier(e.unsubscribed_at, at)
        elif kind == EventKind.COMPLAINED:
            e.complained_at = _earlier(e.complained_at, at)
    _count_clicks(e, clicks, clicked_at)
    _count_opens(e, opens)
    _settle_delivery(e, delivered, soft, hard, (is_accepted, is_deferred, is_rejected))
    _settle_times(e, facts)
    e.engaged = bool(
        e.opens_human or e.clicks_human or e.replied_at is not None or e.forwarded_at is not None
    )
    return e


def _count_clicks(
    e: Engagement, clicks: dict[str, Acts], clicked_at: dict[str, list[datetime]]
) -> None:
    if not clicks:
        return
    e.links = []
    for url in sorted(clicks):
        human, machine = _most(clicks[url])
        e.clicks_human += human
        e.clicks_machine += machine
        times = clicked_at[url]
        e.links.append(LinkEngagement(url, human, machine, min(times), max(times)))


def _count_opens(e: Engagement, opens: Acts) -> None:
    if opens:
        e.opens_human, e.opens_machine = _most(opens)
    if e.clicks_human and not e.opens_human:
        # Whoever clicked has opened, images or not: a click without an open looks broken to people.
        e.opens_human = 1
        e.first_open_at = e.last_open_at = e.first_click_at


def _most(acts: Acts) -> tuple[int, int]:
    """The most that one source saw, of each kind."""
    counts = acts.values()
    return max(human for human, _ in counts), max(machine for _, machine in counts)


def _settle_delivery(
    e: Engagement,
    delivered: list[datetime],
    soft: list[Fact],
    hard: list[Fact],
    reported: tuple[bool, bool, bool],
) -> None:
    is_accepted, is_deferred, is_rejected = reported
    implied = [t for t in (e.first_open_at, e.first_click_at, e.replied_at) if t is not None]
    if delivered or implied:
        e.delivered_at = min(delivered) if delivered else min(implied)
    # A person's last act proves delivery as a report does.
    acts = [t for t in (e.last_open_at, e.last_click_at, e.replied_at) if t is not None]
    last_delivery = max((*delivered, *acts), default=None)
    standing = [f for f in soft if last_delivery is None or f.occurred_at >= last_delivery]
    if e.complained_at is not None:
        e.status = DeliveryStatus.COMPLAINED
    elif hard:
        e.status = DeliveryStatus.HARD_BOUNCED
    elif is_rejected:
        e.status = DeliveryStatus.REJECTED
    elif standing:
        e.status = DeliveryStatus.SOFT_BOUNCED
    elif e.delivered_at is not None:
        e.status = DeliveryStatus.DELIVERED
    elif is_deferred:
        e.status = DeliveryStatus.DEFERRED
    elif is_accepted:
        e.status = DeliveryStatus.ACCEPTED
    bounces = hard or standing
    if bounces:
        # The same bounce for the same facts, in whatever order they came.
        first = min(bounces, key=lambda f: (f.occurred_at, f.key))
        e.bounced_at, e.bounce_hard, e.bounce_reason = first.occurred_at, bool(hard), first.detail


def _settle_times(e: Engagement, facts: Sequence[Fact]) -> None:
    if not facts:
        return
    # The earliest report, whatever it is: of several a provider may leave out any.
    e.sent_at = min(f.occurred_at for f in facts)
    e.last_event_at = max(f.occurred_at for f in facts)
    e.first_fact_on = min(f.fact_on for f in facts)
    e.last_fact_on = max(f.fact_on for f in facts)


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at < known else known


def _later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at > known else known


SOFT_BOUNCES_TO_SUPPRESS = 3
"""Soft bounces with no delivery between, across campaigns (rules: delivery)."""


class SuppressionReason(StrEnum):
    """Why an address should not be mailed."""

    HARD_BOUNCE = "HARD_BOUNCE"
    SOFT_BOUNCES = "SOFT_BOUNCES"
    COMPLAINT = "COMPLAINT"


def suppression(
    reports: Iterable[tuple[datetime, EventKind, BounceClass | None]],
) -> tuple[SuppressionReason, datetime] | None:
    """Why and since when an address is suppressed, from its bounces, deliveries and complaints."""
    streak = 0
    found: tuple[SuppressionReason, datetime] | None = None
    for at, kind, bounce in sorted(reports, key=lambda r: (r[0], r[1], r[2] or "")):
        if kind == EventKind.COMPLAINED:
            return SuppressionReason.COMPLAINT, at
        if kind == EventKind.DELIVERED:
            streak, found = 0, None
        elif bounce == BounceClass.HARD:
            found = found or (SuppressionReason.HARD_BOUNCE, at)
        elif kind == EventKind.BOUNCED:
            streak += 1
            if streak >= SOFT_BOUNCES_TO_SUPPRESS and found is None:
                found = (SuppressionReason.SOFT_BOUNCES, at)
    return found
