"""What a customer is, from what its people are: the sum of their sums, and their silence.

Rules: score. The sums are kept grown (domain/decay.py), as those of people are.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.darkness import DARK_AFTER

USUAL_PEOPLE = 4
"""People of a customer mailed in PEOPLE_WITHIN from which the customer's score counts each less: a
large account is not engaged because it is large."""

PEOPLE_WITHIN = timedelta(days=90)


class Member(NamedTuple):
    """One of a customer's people who was mailed, as far as it bears on the customer."""

    mass: float
    mass_before: float
    delivered: int
    last_sent_at: datetime
    last_engaged_at: datetime | None


class Together(NamedTuple):
    """A customer's sums (as `Score` has them), mails delivered, last engagement, and from when on
    it is dark; None where there is nothing to tell it by."""

    mass: float
    mass_before: float
    delivered: int
    last_engaged_at: datetime | None
    dark_at: datetime | None


def each_counts(last_sent: Iterable[datetime], now: datetime) -> float:
    """How much each of a customer's people counts, by when each was last mailed: 1 or less."""
    mailed = sum(at > now - PEOPLE_WITHIN for at in last_sent)
    return USUAL_PEOPLE / max(USUAL_PEOPLE, mailed)


def together(people: Sequence[Member], now: datetime) -> Together:
    """What a customer's people are together, in whatever order they come."""
    factor = each_counts((one.last_sent_at for one in people), now)
    engaged = max((at for one in people if (at := one.last_engaged_at) is not None), default=None)
    # Of people who never did anything, whoever was left alone longest tells since when.
    since = engaged or min((one.last_sent_at for one in people), default=None)
    return Together(
        math.fsum(one.mass for one in people) * factor,
        math.fsum(one.mass_before for one in people) * factor,
        sum(one.delivered for one in people),
        engaged,
        None if since is None else since + DARK_AFTER,
    )
