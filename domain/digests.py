"""A CSM's morning: when a digest is due, what it says, and the mail it makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

FIRST_LOOK = timedelta(days=1)
"""How far back a CSM's first digest looks."""

LONGEST_LOOK = timedelta(days=7)
"""How far back one looks after an absence of ours; longer ago is no news."""

LATE = timedelta(days=3)
"""What happened earlier than this before a digest's time is history that came in, and no news."""

MOST_LINES = 10
"""People named in a section; the rest is counted."""

MOST_RECOMMENDATIONS = 5
"""Recommendations a digest begins the day with."""

MAIL_TRIES = 10
"""Attempts at a mail before it is given up: with the pauses below, about ten hours."""

_FIRST_PAUSE = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(hours=2)


class Section(StrEnum):
    """What happened, in the order in which it is told; all of it is what people did."""

    REPLIED = "REPLIED"
    RISK = "RISK"
    CLICKED = "CLICKED"
    NEWLY_ENGAGED = "NEWLY_ENGAGED"
    WENT_DARK = "WENT_DARK"


TITLES = {
    Section.REPLIED: "New replies",
    Section.RISK: "Unsubscribed or complained",
    Section.CLICKED: "Clicked",
    Section.NEWLY_ENGAGED: "Engaged for the first time",
    Section.WENT_DARK: "Gone dark",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody who did it, as words: who, at which customer, with which campaign, how often."""

    who: str
    customer: str
    campaign: str | None
    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A section with the people it names; `total` may be more."""

    section: Section
    total: int
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Morning:
    """A digest in words. `recommendations` are pairs of customer and reason."""

    day: date
    csm: str
    zone: str
    told: Sequence[Told]
    recommendations: Sequence[tuple[str, str]]
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be sent. The same `message_id` names it however often it is sent."""

    message_id: str
    to: str
    at: datetime
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def due_on(zone: str, hour: int, now: datetime) -> date | None:
    """The day whose digest it is time for; None before that hour of the CSM's own clock.

    On a day whose clock skips the hour it is due at the next one.
    """
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.hour >= hour else None


def looks_since(last_until: datetime | None, now: datetime) -> datetime:
    """From when on a digest tells: from where the last one ended."""
    if last_until is None:
        return now - FIRST_LOOK
    return max(last_until, now - LONGEST_LOOK)


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None: it is given up."""
    if tries >= MAIL_TRIES:
        return None
    return min(_FIRST_PAUSE * float(2 ** (tries - 1)), _LONGEST_PAUSE)
