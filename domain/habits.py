"""How somebody reads bulk mail: which types, how soon, and how engagement moves between people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from domain.history import History

HOUR = timedelta(hours=1)

LEAST_SHIFT = 0.1
"""A person's share of their customer's engagement moves when it moves by this."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Of one person: type of campaign → (delivered, engaged with); hours from each delivery to the
    first act, of those sends that had any. The type is "" where it is unknown."""

    types: Mapping[str, tuple[int, int]]
    pace_hours: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TypePattern:
    """How one type of campaign does: sends delivered, and those engaged with."""

    type: str
    delivered: int
    engaged: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A person's share of their customer's engagement, thirty days ago and now (0 to 1)."""

    person: int
    before: float
    now: float


def habits_of(history: History) -> Habits:
    """The habits that a history shows."""
    types: dict[str, tuple[int, int]] = {}
    pace = []
    for sent in history:
        if sent.delivered_at is None:
            continue
        kind = "" if sent.type is None else sent.type.value
        delivered, engaged = types.get(kind, (0, 0))
        types[kind] = (delivered + 1, engaged + (sent.engaged_at is not None))
        acts = (sent.first_open_at, sent.first_click_at, sent.replied_at, sent.forwarded_at)
        first = min((at for at in acts if at is not None), default=None)
        if first is not None:
            pace.append(max(0.0, (first - sent.sent_at) / HOUR))
    return Habits(types, tuple(pace))


def by_type(people: Iterable[Mapping[str, Sequence[int]]]) -> list[TypePattern]:
    """The types of campaigns, those engaged with the most first."""
    sums: dict[str, tuple[int, int]] = {}
    for types in people:
        for name, (delivered, engaged) in types.items():
            before = sums.get(name, (0, 0))
            sums[name] = (before[0] + delivered, before[1] + engaged)
    found = [TypePattern(name, *counts) for name, counts in sums.items()]
    return sorted(found, key=lambda p: (-p.engaged / p.delivered, p.type))


def pace(hours: Iterable[float]) -> float | None:
    """The median hours from delivery to the first act; None without any."""
    some = list(hours)
    return median(some) if some else None


def shifts(masses: Mapping[int, tuple[float, float]]) -> list[Shift]:
    """Whose share of the engagement moved, the largest move first; takes person → (sum as it was
    thirty days ago, sum now)."""
    before = sum(max(0.0, was) for was, _ in masses.values())
    now = sum(max(0.0, is_) for _, is_ in masses.values())
    if not before or not now:
        return []
    found = [
        Shift(person, max(0.0, was) / before, max(0.0, is_) / now)
        for person, (was, is_) in masses.items()
    ]
    moved = [s for s in found if abs(s.now - s.before) >= LEAST_SHIFT]
    return sorted(moved, key=lambda s: (-abs(s.now - s.before), s.person))
