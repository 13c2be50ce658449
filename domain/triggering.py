"""When a condition holds for a person, and when a workflow fires: the same for what happens now
and for what would have happened.

A condition at a moment looks at nothing that came later. It can change only at a person's
`moments`, so looking at those is looking at all time.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import chain
from typing import NamedTuple

from domain.activity import Did, Person, count, sent_until
from domain.conditions import (
    AllOf,
    AnyOf,
    AtLevel,
    Condition,
    Happened,
    InSegment,
    Not,
    Silent,
    Unanswered,
    leaves,
)
from domain.decay import EPOCH, grown
from domain.events import EventKind
from domain.scoring import (
    HALF_LIFE_DAYS,
    LEAST_DELIVERED,
    LEVELS,
    SCALE,
    Level,
    contributions,
    level_of,
    shown,
)

DAY = timedelta(days=1)

MOST_CITED = 20
"""Events kept of what matched, the latest."""

LOOK_AHEAD = timedelta(days=400)
"""Beyond that time alone changes nothing: longer than any condition looks back."""

_ROUNDED = 0.005
"""A score is shown in hundredths: it leaves its level that much below the level's least."""


class Verdict(NamedTuple):
    """Whether a condition holds; where it does, why: in words, and by events."""

    holds: bool
    reasons: tuple[str, ...] = ()
    evidence: tuple[Did, ...] = ()


class Firing(NamedTuple):
    """A workflow's firing for a person, and what matched."""

    at: datetime
    reasons: tuple[str, ...]
    evidence: tuple[Did, ...]


_NO = Verdict(False)


def judge(condition: Condition, person: Person, at: datetime) -> Verdict:
    """Whether a condition holds for a person at a moment."""
    match condition:
        case AllOf(parts):
            found = [judge(part, person, at) for part in parts]
            return _together(found) if all(v.holds for v in found) else _NO
        case AnyOf(parts):
            return _together([v for p in parts if (v := judge(p, person, at)).holds])
        case Not(part):
            return _NO if judge(part, person, at).holds else Verdict(True)
        case Happened():
            return _happened(condition, person, at)
        case Silent(days):
            return _silent(days, person, at)
        case Unanswered(sends):
            n = len(person.unanswered(at))
            return Verdict(True, (f"{n} mails in a row unanswered",)) if n >= sends else _NO
        case InSegment(segments):
            is_in = person.segment in segments
            return Verdict(True, (f"segment {person.segment}",)) if is_in else _NO
        case AtLevel(levels):
            level = level_at(person, at)
            return Verdict(True, (f"level {level.value}",)) if level in levels else _NO


def _together(found: Sequence[Verdict]) -> Verdict:
    if not found:
        return _NO
    reasons = dict.fromkeys(reason for v in found for reason in v.reasons)
    evidence = sorted({d for v in found for d in v.evidence})
    return Verdict(True, tuple(reasons), tuple(evidence[-MOST_CITED:]))


def _happened(leaf: Happened, person: Person, at: datetime) -> Verdict:
    since = at - leaf.within_days * DAY
    done = person.done
    start, end = (bisect_right(done, moment, key=lambda d: d.at) for moment in (since, at))
    some = [d for d in done[start:end] if passes(leaf, person, d)]
    if len(some) < leaf.at_least or (n := count(some)) < leaf.at_least:
        return _NO
    words = f"{n} × {leaf.kind.value} within {leaf.within_days} days"
    return Verdict(True, (words,), tuple(some[-MOST_CITED:]))


def passes(leaf: Happened, person: Person, did: Did) -> bool:
    """Whether an event is one that a condition asks for."""
    if did.kind is not leaf.kind:
        return False
    mailed = person.mailed[did.recipient_id]
    if leaf.campaign_id is not None and mailed.campaign_id != leaf.campaign_id:
        return False
    if leaf.campaign_type is not None and mailed.type is not leaf.campaign_type:
        return False
    if leaf.topic is not None:
        topics = {t.casefold() for t in (did.topics or mailed.topics)}
        if leaf.topic.casefold() not in topics:
            return False
    return leaf.url_pattern is None or (did.url is not None and like(leaf.url_pattern, did.url))


def like(pattern: str, url: str) -> bool:
    """Whether a whole address is as a pattern says, in which `*` is anything; case does not matter.

    A pattern without a scheme is compared with what follows it.
    """
    pattern, url = pattern.lower(), url.lower()
    if "://" not in pattern:
        url = url.partition("://")[2] or url
    first, *rest = pattern.split("*")
    if not rest:
        return url == first
    *middle, last = rest
    if not url.startswith(first) or not url.endswith(last):
        return False
    place, end = len(first), len(url) - len(last)
    for piece in middle:
        found = url.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return place <= end


def _silent(days: int, person: Person, at: datetime) -> Verdict:
    waiting = person.unanswered(at)
    if not waiting:
        return _NO
    last = person.last_engaged(at)
    # Long silence says nothing until there was something to answer to (domain/darkness.py).
    since = max((last or waiting[0]) + days * DAY, waiting[0])
    return Verdict(True, (f"nothing done for {days} days",)) if since <= at else _NO


def level_at(person: Person, at: datetime) -> Level:
    """The person's level at a moment."""
    if bisect_right(person.arrived, at) < LEAST_DELIVERED:
        return Level.NONE
    return level_of(shown(_masses(person)[_acts_until(person, at)], at))


def _acts_until(person: Person, at: datetime) -> int:
    return bisect_right(person.done, at, key=lambda d: d.at)


def _masses(person: Person) -> Sequence[float]:
    """The sum behind the score after none of the acts, the first, the first two…; nothing else
    changes it. Only what an act was done with is looked at anew."""
    if not person.masses:
        sends = sorted(m.sent_at for m in person.mailed.values())
        did: dict[int, dict[EventKind, list[Did]]] = defaultdict(lambda: defaultdict(list))
        masses: dict[int, list[float]] = {}
        person.masses.append(0.0)
        for one in person.done:
            theirs = did[one.recipient_id]
            theirs[one.kind].append(one)
            sent = sent_until(person.mailed[one.recipient_id], theirs, one.at)
            masses[one.recipient_id] = [
                c.points * grown(c.at, HALF_LIFE_DAYS) for c in contributions([sent], sends)
            ]
            person.masses.append(math.fsum(chain.from_iterable(masses.values())))
    return person.masses


def moments(
    condition: Condition, person: Person, since: datetime, until: datetime
) -> list[datetime]:
    """The moments, after `since` up to `until`, at which the condition may begin or cease to hold:
    some at which it does neither, but none left out."""
    found = {
        at
        for leaf in set(leaves(condition))
        for at in _changes(leaf, person, since, until)
        if since < at <= until
    }
    return sorted(found)


def _changes(
    leaf: Condition, person: Person, since: datetime, until: datetime
) -> Iterable[datetime]:
    match leaf:
        case Happened():
            for did in person.done:
                if passes(leaf, person, did):
                    yield did.at
                    yield did.at + leaf.within_days * DAY
        case Silent(days):
            yield from person.engaged
            yield from person.arrived
            for at in (*person.engaged, *person.arrived):
                yield at + days * DAY
        case Unanswered():
            yield from person.engaged
            yield from person.arrived
        case AtLevel():
            yield from _level_changes(person, since, until)
        case _:
            return


def _level_changes(person: Person, since: datetime, until: datetime) -> Iterable[datetime]:
    """When a level may change: by an act, by mail that arrived, and as the sum fades between."""
    yield from person.arrived
    first, last = _acts_until(person, since), _acts_until(person, until)
    for acts in range(first, last + 1):
        begin = person.done[acts - 1].at if acts else since
        end = person.done[acts].at if acts < last else until
        yield begin
        mass = _masses(person)[acts]
        for least, _ in LEVELS if mass > 0 else ():
            fades = _fades_to(mass, least)
            if begin < fades <= end:
                yield fades


def _fades_to(mass: float, least: float) -> datetime:
    """When a stored sum no longer shows a score: a second after it shows it for the last time."""
    worth = -SCALE * math.log1p(-(least - _ROUNDED) / 100.0)
    days = HALF_LIFE_DAYS * math.log2(mass / worth)
    return EPOCH + timedelta(days=days, seconds=1)


def firings(
    condition: Condition,
    person: Person,
    window: timedelta,
    *,
    since: datetime,
    until: datetime,
    fired_at: datetime | None = None,
) -> list[Firing]:
    """When a workflow that is turned on at `since` fires for a person until then: whenever its
    condition holds, but once within a window. `fired_at` is when it last did before."""
    found: list[Firing] = []
    free_at = since if fired_at is None else max(since, fired_at + window)
    waiting = sorted({free_at, *moments(condition, person, since, until)})
    while waiting and (at := heappop(waiting)) <= until:
        if at >= free_at and (verdict := judge(condition, person, at)).holds:
            found.append(Firing(at, verdict.reasons, verdict.evidence))
            free_at = at + window
            heappush(waiting, free_at)
    return found


def next_firing(
    condition: Condition,
    person: Person,
    window: timedelta,
    *,
    now: datetime,
    fired_at: datetime | None,
) -> datetime | None:
    """When it will fire by time alone, should nothing happen meanwhile; None: never."""
    free_at = now if fired_at is None else max(now, fired_at + window)
    if free_at == now and not _is_of_time(condition):
        return None
    later = moments(condition, person, free_at, now + LOOK_AHEAD)
    candidates = [free_at, *later] if free_at > now else later
    return next((at for at in candidates if judge(condition, person, at).holds), None)


def _is_of_time(condition: Condition) -> bool:
    """Whether a condition can begin to hold though nothing happens."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return any(_is_of_time(part) for part in parts)
        case Not() | Silent() | AtLevel():
            return True
        case _:
            return False
