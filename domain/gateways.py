"""Mail gateways that follow links: what judged sweeps teach about a domain.

A profile is a snapshot of a day: what is judged by it stays as it is when more is learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.events import EventKind, MachineReason
from domain.facts import Fact

SWEEPING = frozenset({MachineReason.BURST, MachineReason.SWEEP, MachineReason.DECOY})
"""Reasons that show a gateway at work. LEARNED is none: a profile must not feed on itself."""

HALF_LIFE_DAYS = 30.0
"""After which evidence counts half: companies change their gateways, seldom and all at once."""

EVIDENCE_DAYS = 120
"""How far back evidence is looked for: four half-lives, where it counts a sixteenth."""

MIN_SWEPT = 5.0
"""Messages swept, weighted by age, before a domain counts as a gateway's."""

MIN_SHARE = 0.8
"""Of the messages in which links were followed, how many were swept at the least. Below it a click
is a person's too often."""

LOW, HIGH = 0.05, 0.95
"""Quantiles of the delay between which a gateway typically acts."""

MARGIN_SECONDS = 5.0
"""Added to both ends of the typical delay, at the least; else a quarter of its breadth."""

MAX_BREADTH = timedelta(minutes=10)
"""A gateway whose delays spread wider than this has no typical one: a person's first click might
well lie between."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message of a domain in which links were followed: swept, or by a person alone.

    `delay_seconds` is from delivery to the first link (negative where the gateway looks before it
    takes the mail), `pace_seconds` from one link to the next; None where they are unknown.
    """

    on: date
    is_swept: bool
    delay_seconds: float | None = None
    pace_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class GatewayProfile:
    """What was known of a registrable domain's gateway when the day `in_force_on` began.

    `swept` and `followed` are messages, each weighted by its age (`HALF_LIFE_DAYS`); seconds as in
    `Sighting`: the 5 %, 50 % and 95 % quantiles of the delay, the median of the pace.
    """

    domain: str
    in_force_on: date
    swept: float
    followed: float
    delay_low: float | None = None
    delay_median: float | None = None
    delay_high: float | None = None
    pace: float | None = None

    @property
    def share(self) -> float:
        """Messages swept of those in which links were followed, 0 to 1."""
        return self.swept / self.followed if self.followed else 0.0

    @property
    def window(self) -> tuple[timedelta, timedelta] | None:
        """After delivery, when the gateway typically acts; None where no delay is typical."""
        if self.delay_low is None or self.delay_high is None:
            return None
        breadth = self.delay_high - self.delay_low
        margin = max(MARGIN_SECONDS, breadth / 4)
        if timedelta(seconds=breadth) > MAX_BREADTH:
            return None
        return timedelta(seconds=self.delay_low - margin), timedelta(
            seconds=self.delay_high + margin
        )

    @property
    def is_applied(self) -> bool:
        """Whether the evidence is enough to hold single clicks a machine's."""
        return self.swept >= MIN_SWEPT and self.share >= MIN_SHARE and self.window is not None


def delivered_at(facts: Sequence[Fact]) -> datetime | None:
    """When a message arrived as far as was reported: delivered, else accepted by the provider."""
    for kind in (EventKind.DELIVERED, EventKind.ACCEPTED):
        times = [f.occurred_at for f in facts if f.kind == kind]
        if times:
            return min(times)
    return None


def swept(facts: Sequence[Fact]) -> Sighting | None:
    """What the stored verdicts on a recipient's facts tell of a gateway; None when nothing."""
    acts = [f for f in facts if f.kind == EventKind.CLICKED and not SWEEPING.isdisjoint(f.reasons)]
    if not acts:
        return None
    first = min(f.occurred_at for f in acts)
    arrived = delivered_at(facts)
    followed: dict[str, datetime] = {}
    for fact in sorted(acts, key=lambda f: f.occurred_at):
        followed.setdefault(fact.url or "", fact.occurred_at)
    gaps = len(followed) - 1
    lasted = (max(followed.values()) - first).total_seconds()
    return Sighting(
        first.date(),
        True,
        None if arrived is None else (first - arrived).total_seconds(),
        lasted / gaps if gaps else None,
    )


def learn(domain: str, seen: Sequence[Sighting], in_force_on: date) -> GatewayProfile:
    """The profile that the sightings of a domain make, as of the day it comes into force."""
    weighed = [(_weight(s.on, in_force_on), s) for s in seen]
    sweeps = [(weight, s) for weight, s in weighed if s.is_swept]
    delays = [(s.delay_seconds, w) for w, s in sweeps if s.delay_seconds is not None]
    paces = [(s.pace_seconds, w) for w, s in sweeps if s.pace_seconds is not None]
    return GatewayProfile(
        domain,
        in_force_on,
        sum(weight for weight, _ in sweeps),
        sum(weight for weight, _ in weighed),
        _quantile(delays, LOW),
        _quantile(delays, 0.5),
        _quantile(delays, HIGH),
        _quantile(paces, 0.5),
    )


def _weight(on: date, today: date) -> float:
    return float(0.5 ** (max(0, (today - on).days) / HALF_LIFE_DAYS))


def _quantile(weighed: Sequence[tuple[float, float]], share: float) -> float | None:
    """The value below which a share of the weight lies; takes (value, weight)."""
    if not weighed:
        return None
    wanted = share * sum(weight for _, weight in weighed)
    below = 0.0
    for value, weight in sorted(weighed):
        below += weight
        if below >= wanted:
            return value
    return max(value for value, _ in weighed)
