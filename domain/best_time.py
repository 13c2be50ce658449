"""When somebody can be reached: the hours of their week in which they act of their own accord.

The week is 168 hours of the person's own clock. What is learned is how an hour of the day and a day
of the week beside the average do, the two multiplied: few acts tell more about two short lists than
about one long one. Lists are shrunk to the customer's, and those to everybody's.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.decay import DAY
from domain.history import History

HOURS, WEEKDAYS = 24, 7

HALF_LIFE_DAYS = 120.0
"""Habits change slowly."""

CLICK, REPLY, OPEN = 2.0, 3.0, 1.0
"""What an act says of when somebody has time (rules: best time)."""

SPREAD_HOURS = 1.2
"""An act at nine says something of eight and ten, too: standard deviation of a circular kernel."""

NEAR_HOURS = 4
"""Hours before and after an act's own that it says anything of."""

PRIOR_HOURS, PRIOR_DAYS = 6.0, 14.0
"""Weight of acts that the customer's, or everybody's, hours and days count for."""

REMEMBERED = 2_048
"""Rhythms that are not worked out again: a CSM's page asks for the same forty all day long."""

LEAST_ACTS = 3
"""Acts below which the answer is the customer's, and below which of the customer's everybody's."""

WINDOW_HOURS = 3
"""Length of a suggested window."""

WINDOWS = 3
"""Suggested windows."""

WAKING_HOURS = range(6, 22)
"""Windows lie within these: who answers at three in the morning is not called then."""

OFFICE_HOURS = range(8, 18)
"""Without any evidence: Tuesday to Thursday within these, the field's default."""


class Basis(StrEnum):
    """Whose acts an answer rests on."""

    STAKEHOLDER = "STAKEHOLDER"
    CUSTOMER = "CUSTOMER"
    EVERYONE = "EVERYONE"
    DEFAULT = "DEFAULT"


class Moment(NamedTuple):
    """An act by the person's own clock: hour 0–23, weekday 0 (Monday) – 6, and its weight."""

    hour: float
    weekday: int
    weight: float


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How the hours of a day and the days of a week do, 1 being the average; `acts` behind it."""

    hours: tuple[float, ...]
    days: tuple[float, ...]
    acts: int

    def of(self, weekday: int, hour: int) -> float:
        """How often the person acts in this hour, beside an average one."""
        return self.hours[hour] * self.days[weekday]

    def week(self) -> list[float]:
        """The same of every hour from Monday 0:00 on; nothing where no acts are behind it."""
        if self.acts == 0:
            return []
        return [self.of(weekday, hour) for weekday in range(WEEKDAYS) for hour in range(HOURS)]


FLAT = Rhythm((1.0,) * HOURS, (1.0,) * WEEKDAYS, 0)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the week, from `start_hour` up to `end_hour`; `lift` is beside an average hour,
    `evidence` how many of the acts that the answer rests on lie in it."""

    weekday: int
    start_hour: int
    end_hour: int
    lift: float
    evidence: int


@dataclass(frozen=True, slots=True)
class BestTime:
    """The windows, best first, in `timezone`, whose acts they rest on, and the rhythm of those."""

    windows: tuple[Window, ...]
    rhythm: Rhythm
    timezone: str
    basis: Basis
    acts: int


def moments(history: History, timezone: str, now: datetime) -> list[Moment]:
    """When somebody acted, by their own clock (daylight saving time included)."""
    zone = ZoneInfo(timezone)
    found = []
    for sent in history:
        for weight, at in (
            (OPEN, sent.first_open_at),
            (OPEN, sent.last_open_at if sent.opens > 1 else None),
            (CLICK, sent.first_click_at),
            (CLICK, sent.last_click_at if sent.clicks > 1 else None),
            (REPLY, sent.replied_at),
        ):
            if at is not None:
                local = at.astimezone(zone)
                faded = weight * 2.0 ** ((at - now) / DAY / HALF_LIFE_DAYS)
                found.append(Moment(local.hour + local.minute / 60, local.weekday(), faded))
    return found


def rhythm(found: Sequence[Moment], prior: Rhythm) -> Rhythm:
    """The rhythm of these acts, those of an hour spread a little, shrunk to the prior's."""
    hours, days = [0.0] * HOURS, [0.0] * WEEKDAYS
    for at, weekday, amount in found:
        days[weekday] += amount
        hour = int(at)
        for near, share in zip(_NEAR[hour], _shares(at - hour), strict=True):
            hours[near] += amount * share
    weight = math.fsum(days)
    return Rhythm(
        _shrunk(hours, prior.hours, weight, PRIOR_HOURS),
        _shrunk(days, prior.days, weight, PRIOR_DAYS),
        len(found) or prior.acts,
    )


_NEAR = tuple(
    tuple((hour + step) % HOURS for step in range(-NEAR_HOURS, NEAR_HOURS + 1))
    for hour in range(HOURS)
)


@lru_cache(maxsize=1_024)
def _shares(past: float) -> tuple[float, ...]:
    """Shares of an act, so far past the hour, that the hours around it get; they sum to 1."""
    near = range(-NEAR_HOURS, NEAR_HOURS + 1)
    shares = [math.exp(-0.5 * ((step + 0.5 - past) / SPREAD_HOURS) ** 2) for step in near]
    whole = math.fsum(shares)
    return tuple(share / whole for share in shares)


def _shrunk(
    counts: Sequence[float], prior: Sequence[float], total: float, strength: float
) -> tuple[float, ...]:
    size = len(counts)
    return tuple(
        (count * size + strength * before) / (total + strength)
        for count, before in zip(counts, prior, strict=True)
    )


_remembered = lru_cache(maxsize=REMEMBERED)(rhythm)


class Together:
    """The acts of all of a customer's people. What follows from them is worked out once, however
    many of those people are asked about."""

    def __init__(self, acts: Iterable[Moment], everyone: Rhythm) -> None:
        self.acts = tuple(acts)
        self.everyone = everyone

    @cached_property
    def rhythm(self) -> Rhythm:
        """Theirs, shrunk to everybody's."""
        return _remembered(self.acts, self.everyone)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """Those in which they act most."""
        return _windows(self.rhythm, self.acts)


def best_time(own: Sequence[Moment], customer: Together, timezone: str) -> BestTime:
    """The windows for a person with these acts, one of their customer's people; without any acts,
    those for the customer."""
    if len(own) >= LEAST_ACTS:
        found = _remembered(tuple(own), customer.rhythm)
        return BestTime(_windows(found, own), found, timezone, Basis.STAKEHOLDER, len(own))
    if len(customer.acts) >= LEAST_ACTS:
        return BestTime(
            customer.windows, customer.rhythm, timezone, Basis.CUSTOMER, len(customer.acts)
        )
    everyone = customer.everyone
    if everyone.acts >= LEAST_ACTS:
        return BestTime(_windows(everyone, ()), everyone, timezone, Basis.EVERYONE, everyone.acts)
    return BestTime(_office_windows(), FLAT, timezone, Basis.DEFAULT, 0)


def _windows(found: Rhythm, acts: Sequence[Moment]) -> tuple[Window, ...]:
    """The best windows, at most one a day: three of one morning would be no choice. All days have
    the same hours, so the same window is the best of each."""
    starts = range(WAKING_HOURS.start, WAKING_HOURS.stop - WINDOW_HOURS + 1)
    lifts = [math.fsum(found.hours[start : start + WINDOW_HOURS]) for start in starts]
    most = max(lifts)
    start = starts[lifts.index(most)]
    end = start + WINDOW_HOURS
    within = [weekday for hour, weekday, _ in acts if start <= hour < end]
    best = sorted((-day * most / WINDOW_HOURS, weekday) for weekday, day in enumerate(found.days))
    return tuple(
        Window(weekday, start, end, -lift, within.count(weekday))
        for lift, weekday in best[:WINDOWS]
    )


def _office_windows() -> tuple[Window, ...]:
    start = OFFICE_HOURS.start + 1
    return tuple(Window(day, start, start + WINDOW_HOURS, 1.0, 0) for day in (1, 2, 3))
