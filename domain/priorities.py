"""How urgent a recommendation is: named parts that sum to a priority of 0 to 100."""

import re
from collections.abc import Iterable
from datetime import date

from domain.recommending import Kind, Part

MOST = 100

URGENCY = {
    Kind.REPLY_WAITING: 55,
    Kind.RELATIONSHIP_RISK: 50,
    Kind.START_CONVERSATION: 40,
    Kind.MEET_STAKEHOLDER: 35,
    Kind.SHARE_CONTENT: 30,
    Kind.FIX_ADDRESS: 25,
    Kind.CHECK_IN: 20,
    Kind.CUSTOM: 40,
}
"""Points of a kind alone: somebody who waits goes before somebody who may leave, before somebody
who may buy, before somebody who is silent."""

EXECUTIVE, LEADING = 15, 8
"""Points of somebody who decides, and of somebody who leads others."""

_EXECUTIVE = re.compile(
    r"\b(chief|c[eftioms]o|cpo|cro|ciso|president|founder|owner|partner|vp|svp|evp|vice president|"
    r"managing director|director|head of)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"\b(manager|lead|leader|principal|supervisor)\b", re.IGNORECASE)

RENEWAL = ((30, 15), (90, 10), (180, 5))
"""Days to the renewal → points."""


def parts(kind: Kind, found: Iterable[Part]) -> tuple[Part, ...]:
    """The kind's own points and those found, as far as they fit into 100."""
    listed = [Part("urgency of its kind", URGENCY[kind])]
    room = MOST - URGENCY[kind]
    for part in found:
        points = min(part.points, room)
        if points > 0:
            listed.append(Part(part.name, points))
            room -= points
    return tuple(listed)


def role(title: str | None) -> Part:
    """What somebody's role adds."""
    if title and _EXECUTIVE.search(title):
        return Part("decides", EXECUTIVE)
    if title and _LEADING.search(title):
        return Part("leads others", LEADING)
    return Part("role", 0)


def renewal(renews_on: date | None, today: date) -> Part:
    """What a renewal that comes near adds."""
    days = None if renews_on is None else (renews_on - today).days
    points = next((p for d, p in RENEWAL if days is not None and 0 <= days <= d), 0)
    return Part("renewal is near", points)


def engagement(score: float | None) -> Part:
    """What engagement adds: a tenth of the score."""
    return Part("engagement", round((score or 0.0) / 10))
