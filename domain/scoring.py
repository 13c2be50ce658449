"""How engaged somebody is: a decayed sum of what they did, explained to the last point.

Rules: score. The sum is kept grown (domain/decay.py), so that an index ranks by it for good.
"""

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.decay import faded, grown
from domain.history import History, Sent


class Act(StrEnum):
    """What counts towards a score."""

    REPLY = "REPLY"
    FORWARD = "FORWARD"
    CLICK = "CLICK"
    OPEN = "OPEN"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    COMPLAINT = "COMPLAINT"


POINTS = {
    Act.REPLY: 8.0,
    Act.FORWARD: 6.0,
    Act.CLICK: 4.0,
    Act.OPEN: 1.0,
    Act.UNSUBSCRIBE: -10.0,
    Act.COMPLAINT: -15.0,
}
"""Points of an act of this moment (rules: score)."""

MOST_OPENS = 2
"""Opens of one campaign that count: 2 points."""

MOST_CLICKS = 2
"""Clicks of one campaign that count: 8 points."""

HALF_LIFE_DAYS = 30.0
"""After which an act is worth half."""

USUAL_SENDS = 4
"""Sends in SENDS_WITHIN from which acts count less: who gets more mail has more occasions."""

SENDS_WITHIN = timedelta(days=30)

SCALE = 20.0
"""The sum at which the score is 63: shown is 100·(1 − e^(−sum/SCALE))."""

LEAST_DELIVERED = 3
"""Delivered sends below which a score would be a guess."""

TREND_WITHIN = timedelta(days=30)
"""A trend is the difference to the score this long ago."""

DAILY_DAYS = 90
"""How far back a score is told day by day."""


class Level(StrEnum):
    """A score in a word."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    NONE = "NONE"


LEVELS = ((60.0, Level.HIGH), (30.0, Level.MEDIUM), (5.0, Level.LOW))
"""The least score of each level (rules: score)."""


class Contribution(NamedTuple):
    """An act and what it adds to the sum; `points` as of the moment it was done."""

    act: Act
    recipient_id: int
    campaign_id: int
    person: int
    at: datetime
    points: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a score: the acts of a kind on a campaign; `points` of the shown score."""

    act: Act
    campaign_id: int
    recipient_ids: tuple[int, ...]
    count: int
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """`value` is 0–100, None without enough data; `reasons` sum to it exactly (all in hundredths),
    the weightiest first; `trend` is the difference to TREND_WITHIN ago. `mass` is the sum as it is
    stored, and `mass_before` that of TREND_WITHIN ago."""

    value: float | None
    level: Level
    mass: float
    mass_before: float
    trend: float | None
    reasons: tuple[Reason, ...]


def contributions(history: History, sends: Sequence[datetime] | None = None) -> list[Contribution]:
    """What each act of a person adds; pass what one person was sent, or some of it with the times
    of all `sends` in order."""
    sends = sorted(sent.sent_at for sent in history) if sends is None else sends
    found = []
    for sent in history:
        for act, at in _acts(sent):
            often = bisect_right(sends, at) - bisect_left(sends, at - SENDS_WITHIN)
            points = POINTS[act] * USUAL_SENDS / max(USUAL_SENDS, often)
            found.append(
                Contribution(act, sent.recipient_id, sent.campaign_id, sent.person, at, points)
            )
    return found


def _acts(sent: Sent) -> Iterable[tuple[Act, datetime]]:
    """A campaign's acts; of more than count, the first and the last."""
    yield from _some(Act.OPEN, sent.opens, MOST_OPENS, sent.first_open_at, sent.last_open_at)
    yield from _some(Act.CLICK, sent.clicks, MOST_CLICKS, sent.first_click_at, sent.last_click_at)
    for act, at in (
        (Act.REPLY, sent.replied_at),
        (Act.FORWARD, sent.forwarded_at),
        (Act.UNSUBSCRIBE, sent.unsubscribed_at),
        (Act.COMPLAINT, sent.complained_at),
    ):
        if at is not None:
            yield act, at


def _some(
    act: Act, count: int, most: int, first: datetime | None, last: datetime | None
) -> Iterable[tuple[Act, datetime]]:
    times = [at for at in (first, last) if at is not None]
    return ((act, at) for at in times[: min(count, most)])


def score(found: Sequence[Contribution], delivered: int, now: datetime) -> Score:
    """The score that follows from contributions; `delivered` is how many sends arrived."""
    masses = [c.points * grown(c.at, HALF_LIFE_DAYS) for c in found]
    mass = math.fsum(masses)
    before = now - TREND_WITHIN
    earlier = math.fsum(m for c, m in zip(found, masses, strict=True) if c.at <= before)
    if delivered < LEAST_DELIVERED:
        return Score(None, Level.NONE, mass, earlier, None, ())
    value = shown(mass, now)
    moved = trend(mass, earlier, now)
    return Score(value, level_of(value), mass, earlier, moved, reasons(found, value, now))


def trend(mass: float, mass_before: float, now: datetime) -> float:
    """How far the score moved in TREND_WITHIN."""
    return round(shown(mass, now) - shown(mass_before, now - TREND_WITHIN), 2)


def daily(
    found: Iterable[Contribution],
    delivered: Iterable[datetime],
    value: float,
    now: datetime,
    factor: float = 1.0,
) -> list[float | None]:
    """The score at this time of each of the last DAILY_DAYS days, oldest first, and `value` now;
    None before LEAST_DELIVERED sends had arrived. `delivered` is when sends arrived, `factor` what
    the sums are multiplied by (`domain.customers.each_counts`).

    As with the trend, each day's is what follows from what is known now of the time until then.
    """
    masses = deque(sorted((c.at, factor * c.points * grown(c.at, HALF_LIFE_DAYS)) for c in found))
    enough = sorted(delivered)[LEAST_DELIVERED - 1 : LEAST_DELIVERED]
    told: list[float | None] = []
    past: list[float] = []
    for day in range(DAILY_DAYS, 0, -1):
        at = now - timedelta(days=day)
        while masses and masses[0][0] <= at:
            past.append(masses.popleft()[1])
        told.append(shown(math.fsum(past), at) if enough and enough[0] <= at else None)
    return [*told, value]


def shown(mass: float, now: datetime) -> float:
    """The score, 0–100 in hundredths, that a stored sum shows now."""
    x = faded(mass, now, HALF_LIFE_DAYS)
    return round(100.0 * -math.expm1(-x / SCALE), 2) if x > 0 else 0.0


def level_of(value: float) -> Level:
    """The level of a score."""
    return next((level for least, level in LEVELS if value >= least), Level.NONE)


def mass_at(value: float, now: datetime) -> float:
    """The stored sum that shows this score (0 ≤ value < 100) now: for ranges over an index."""
    return -SCALE * math.log1p(-value / 100.0) * grown(now, HALF_LIFE_DAYS)


def reasons(found: Sequence[Contribution], value: float, now: datetime) -> tuple[Reason, ...]:
    """The parts of a shown score, by act and campaign; in hundredths they sum to it exactly."""
    parts: dict[tuple[Act, int], list[Contribution]] = {}
    for one in found:
        parts.setdefault((one.act, one.campaign_id), []).append(one)
    sums = {
        key: math.fsum(
            faded(c.points * grown(c.at, HALF_LIFE_DAYS), now, HALF_LIFE_DAYS) for c in some
        )
        for key, some in parts.items()
    }
    shares = _in_hundredths(_shares(sums, value), value)
    listed = [
        Reason(act, campaign, tuple(sorted({c.recipient_id for c in some})), len(some), points)
        for (act, campaign), some in parts.items()
        if (points := shares[act, campaign]) != 0.0
    ]
    return tuple(sorted(listed, key=lambda r: (-abs(r.points), r.act, r.campaign_id)))


Parts = dict[tuple[Act, int], float]


def _shares(sums: Parts, value: float) -> Parts:
    """Each part's share of the shown score. Where what speaks against is more than what speaks
    for, the score is 0, and both are shown as large as the smaller."""
    good = math.fsum(x for x in sums.values() if x > 0)
    bad = math.fsum(x for x in sums.values() if x < 0)
    if good + bad > 0:
        return {key: x * value / (good + bad) for key, x in sums.items()}
    steep = 100.0 / SCALE
    against = steep * good / -bad if bad else 0.0
    return {key: x * (steep if x > 0 else against) for key, x in sums.items()}


def _in_hundredths(shares: Parts, value: float) -> Parts:
    """Shares rounded down to hundredths; what that takes away goes to those it took most from."""
    cut = {key: math.floor(x * 100) for key, x in shares.items()}
    missing = round(value * 100) - sum(cut.values())
    most = sorted(shares, key=lambda key: (cut[key] - shares[key] * 100, key))
    for key in most[:missing]:
        cut[key] += 1
    return {key: hundredths / 100 for key, hundredths in cut.items()}
