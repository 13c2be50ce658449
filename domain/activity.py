"""What a person was sent and did, act by act, so that any past moment can be looked at again.

Human activity only: what a machine did is not in it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from domain.events import CampaignType, EventKind
from domain.history import LinkClicked, Sent

ENGAGING = frozenset({EventKind.OPENED, EventKind.CLICKED, EventKind.REPLIED, EventKind.FORWARDED})
"""What a person does of their own accord with a mail (as `Sent.engaged_at`)."""

COUNTED = frozenset({EventKind.OPENED, EventKind.CLICKED})
"""What may be done again and again; the rest happens once to a recipient."""


class Mailed(NamedTuple):
    """A campaign as it was sent to a person; `topics` are the campaign's."""

    recipient_id: int
    campaign_id: int
    type: CampaignType | None
    topics: tuple[str, ...]
    sent_at: datetime
    delivered_at: datetime | None


class Did(NamedTuple):
    """One event of a person: `source` reported it, (`fact_on`, `key`) is the event.

    `topics` are those of the link where it has its own.
    """

    at: datetime
    kind: EventKind
    recipient_id: int
    source: str
    fact_on: date
    key: bytes
    url: str | None = None
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """Everything about a person that a condition may look at; `done` is in order of time.

    `engaged` and `arrived` are the times of engagement and of mails delivered, in order; `masses`
    keeps what was worked out of the score.
    """

    segment: str | None
    mailed: Mapping[int, Mailed]
    done: Sequence[Did]
    engaged: Sequence[datetime] = field(init=False)
    arrived: Sequence[datetime] = field(init=False)
    masses: list[float] = field(init=False, default_factory=list, compare=False)

    def __post_init__(self) -> None:
        engaged = sorted(d.at for d in self.done if d.kind in ENGAGING)
        arrived = sorted(m.delivered_at for m in self.mailed.values() if m.delivered_at)
        object.__setattr__(self, "engaged", engaged)
        object.__setattr__(self, "arrived", arrived)

    def unanswered(self, at: datetime) -> Sequence[datetime]:
        """When the mails arrived, by a moment, that were followed by no engagement."""
        last = self.last_engaged(at)
        start = 0 if last is None else bisect_right(self.arrived, last)
        return self.arrived[start : bisect_right(self.arrived, at)]

    def last_engaged(self, at: datetime) -> datetime | None:
        """The last engagement until a moment."""
        place = bisect_right(self.engaged, at)
        return self.engaged[place - 1] if place else None


def person_of(segment: str | None, mailed: Iterable[Mailed], done: Iterable[Did]) -> Person:
    """A person; events of recipients that are none of theirs are left out."""
    theirs = {m.recipient_id: m for m in mailed}
    known = [d for d in done if d.recipient_id in theirs]
    return Person(segment, theirs, sorted(known, key=lambda d: (d.at, d.fact_on, d.key)))


def count(done: Iterable[Did]) -> int:
    """How often something was done: an act that several sources report is one, and of what happens
    once to a mail the first counts."""
    seen: dict[tuple[object, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in done:
        url = one.url if one.kind is EventKind.CLICKED else None
        seen[one.recipient_id, one.kind, url][one.source] += 1
    return sum(max(by.values()) if k[1] in COUNTED else 1 for k, by in seen.items())


def sent_until(mailed: Mailed, did: Mapping[EventKind, list[Did]], at: datetime) -> Sent:
    """A campaign as it stood at a moment, from what had been done with it by kind, in order."""
    arrived = mailed.delivered_at
    clicks, opens = did.get(EventKind.CLICKED, []), did.get(EventKind.OPENED, [])
    # Whoever clicked has opened (domain/engagement.py).
    implied = clicks[:1] if clicks and not opens else opens
    return Sent(
        recipient_id=mailed.recipient_id,
        campaign_id=mailed.campaign_id,
        person=0,
        type=mailed.type,
        topics=mailed.topics,
        sent_at=mailed.sent_at,
        delivered_at=arrived if arrived is not None and arrived <= at else None,
        opens=count(opens) or len(implied),
        first_open_at=_first(implied),
        last_open_at=_last(implied),
        clicks=count(clicks),
        first_click_at=_first(clicks),
        last_click_at=_last(clicks),
        links=_links(clicks),
        replied_at=_first(did.get(EventKind.REPLIED)),
        forwarded_at=_first(did.get(EventKind.FORWARDED)),
        unsubscribed_at=_first(_standing(did)),
        complained_at=_first(did.get(EventKind.COMPLAINED)),
    )


def _standing(did: Mapping[EventKind, list[Did]]) -> list[Did]:
    """Unsubscriptions that no later wish for mail has lifted."""
    lifted = _last(did.get(EventKind.RESUBSCRIBED))
    asked = did.get(EventKind.UNSUBSCRIBED, [])
    return [d for d in asked if lifted is None or d.at >= lifted]


def _links(clicks: Sequence[Did]) -> tuple[LinkClicked, ...]:
    by_url: dict[str, list[Did]] = defaultdict(list)
    for click in clicks:
        by_url[click.url or ""].append(click)
    return tuple(
        LinkClicked(url, count(some), 0, some[0].at, some[-1].at) for url, some in by_url.items()
    )


def _first(done: Sequence[Did] | None) -> datetime | None:
    return done[0].at if done else None


def _last(done: Sequence[Did] | None) -> datetime | None:
    return done[-1].at if done else None
