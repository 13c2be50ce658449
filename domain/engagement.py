"""Folding the facts about one recipient into its engagement.

Everything is a minimum, a maximum, a count of distinct facts or the gravest status, so duplicates,
reordering and lateness give the same result.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.balance import Acts, Balance
from domain.events import Actor
from domain.facts import Fact as Fact
from domain.forwards import probable_forward


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
    """What one recipient did with one campaign; times of opens and clicks are of human ones.

    `clicks_machine` has those on decoys too, which are in no link. `forward_probable_at` is when a
    mail seems to have been passed on, `unsubscribe_unconfirmed_at` when a machine asked for no
    further mail and no person did.
    `first_fact_on` and `last_fact_on` are the days that the facts still kept span.
    """

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
    forward_probable_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    unsubscribe_unconfirmed_at: datetime | None = None
    complained_at: datetime | None = None
    engaged: bool = False
    last_event_at: datetime | None = None
    first_fact_on: date | None = None
    last_fact_on: date | None = None


def fold(
    facts: Sequence[Fact], actors: Sequence[Actor | None], opening: Balance | None = None
) -> Engagement:
    """The engagement that follows from all facts of a recipient and the verdicts on them.

    `opening` stands for facts that are no longer kept; it is not changed.
    """
    balance = Balance() if opening is None else deepcopy(opening)
    balance.add(facts, actors)
    e = Engagement(forwarded_at=balance.forwarded_at)
    _count_clicks(e, balance)
    _count_opens(e, balance)
    if balance.replied_at is not None:
        e.replied_at = balance.replied_at[0]
    if balance.complained_at is not None:
        e.complained_at = balance.complained_at[0]
    _settle_delivery(e, balance)
    _settle_unsubscriptions(e, balance)
    e.forward_probable_at = probable_forward(balance.hands, e.first_open_at)
    if balance.reported_at is not None:
        e.sent_at, e.last_event_at = balance.reported_at
    if facts:
        e.first_fact_on = min(f.fact_on for f in facts)
        e.last_fact_on = max(f.fact_on for f in facts)
    e.engaged = bool(
        e.opens_human or e.clicks_human or e.replied_at is not None or e.forwarded_at is not None
    )
    return e


def _settle_unsubscriptions(e: Engagement, balance: Balance) -> None:
    lifted = balance.resubscribed_at
    asked, unconfirmed = (
        min((at for at in times if lifted is None or at >= lifted), default=None)
        for times in (balance.unsubscribed, balance.unconfirmed)
    )
    e.unsubscribed_at = asked
    e.unsubscribe_unconfirmed_at = unconfirmed if asked is None else None


def _count_clicks(e: Engagement, balance: Balance) -> None:
    if balance.decoys:
        e.clicks_machine = _most(balance.decoys)[1]
    if not balance.clicks:
        return
    e.links = []
    for url in sorted(balance.clicks):
        human, machine = _most(balance.clicks[url])
        e.clicks_human += human
        e.clicks_machine += machine
        e.links.append(LinkEngagement(url, human, machine, *balance.clicked[url]))
    if balance.followed_at is not None:
        e.first_click_at, e.last_click_at = balance.followed_at


def _count_opens(e: Engagement, balance: Balance) -> None:
    if balance.opens:
        e.opens_human, e.opens_machine = _most(balance.opens)
    if balance.opened_at is not None:
        e.first_open_at, e.last_open_at = balance.opened_at
    if e.clicks_human and not e.opens_human:
        # Whoever clicked has opened, images or not: a click without an open looks broken to people.
        e.opens_human = 1
        e.first_open_at = e.last_open_at = e.first_click_at


def _most(acts: Acts) -> tuple[int, int]:
    """The most that one source saw, of each kind."""
    counts = acts.values()
    return max(human for human, _ in counts), max(machine for _, machine in counts)


def _settle_delivery(e: Engagement, balance: Balance) -> None:
    implied = [t for t in (e.first_open_at, e.first_click_at, e.replied_at) if t is not None]
    if balance.delivered_at is not None:
        e.delivered_at = balance.delivered_at[0]
    elif implied:
        e.delivered_at = min(implied)
    last_delivery = balance.last_delivery
    hard = [r for r in balance.returned if r.is_hard]
    standing = [
        r
        for r in balance.returned
        if not r.is_hard and (last_delivery is None or r.at >= last_delivery)
    ]
    if e.complained_at is not None:
        e.status = DeliveryStatus.COMPLAINED
    elif hard:
        e.status = DeliveryStatus.HARD_BOUNCED
    elif balance.is_rejected:
        e.status = DeliveryStatus.REJECTED
    elif standing:
        e.status = DeliveryStatus.SOFT_BOUNCED
    elif e.delivered_at is not None:
        e.status = DeliveryStatus.DELIVERED
    elif balance.is_deferred:
        e.status = DeliveryStatus.DEFERRED
    elif balance.is_accepted:
        e.status = DeliveryStatus.ACCEPTED
    bounces = hard or standing
    if bounces:
        # The same bounce for the same facts, in whatever order they came.
        first = min(bounces, key=lambda r: (r.at, r.key))
        e.bounced_at, e.bounce_hard, e.bounce_reason = first.at, bool(hard), first.detail
