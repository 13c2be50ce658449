"""How likely somebody is to respond to the next campaign of a type, and how sure that is.

Everybody's rate for a segment and type is the base; a person's odds are so many times those of the
base. How the factor is spread among people is learned from all of them, without assuming a shape
(empirical Bayes on a grid, by expectation maximisation), so that the few who respond to everything
are believed. People of one customer are alike: their spread is drawn towards their colleagues'.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.decay import DAY
from domain.events import CampaignType
from domain.history import History, Sent

WITHIN = timedelta(days=14)
"""A response counts when it comes within this time of the send (rules: response likelihood)."""

HALF_LIFE_DAYS = 90.0
"""After which a send counts half."""

LEAST_SENDS = 3
"""Sends with a known end below which a likelihood would be everybody's, not this person's."""

RATE_PRIOR = 20.0
"""Sends that a segment's rate for a type is worth before it has any of its own."""

LEAST_RATE, MOST_RATE = 0.001, 0.98
"""Rates of everybody are kept within these: nothing is impossible, and people go on holiday."""

POINTS = 32
FACTORS = tuple(0.03 * (40.0 / 0.03) ** (n / (POINTS - 1)) for n in range(POINTS))
"""The factors on the odds that are told apart, from a thirtieth to forty times, evenly in ratio."""

ROUNDS = 40
"""Rounds of expectation maximisation: the spread changes little beyond."""

LEARNED_FROM = 5_000
"""People that a spread is learned from at most: more teach no more."""

COLLEAGUES = 6.0
"""Colleagues at whose number a person is believed to be half like them, half like everybody."""

INTERVAL = 0.9
"""What the interval holds (rules: response likelihood)."""

Kind = tuple[str | None, CampaignType | None]
"""A segment (None: unknown) and a campaign's type."""

Spread = tuple[float, ...]
"""A probability for each of FACTORS."""

EVEN: Spread = (1.0 / POINTS,) * POINTS


class Response(StrEnum):
    """What is predicted of a send: that it is opened, or that it is clicked or replied to."""

    OPEN = "OPEN"
    ACTION = "ACTION"


class Trial(NamedTuple):
    """A send whose end is known; `weight` is what it still counts for."""

    kind: Kind
    weight: float
    is_success: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """What everybody did, as of a day: the priors. `spread` is of people's factors."""

    overall: float
    of_kind: Mapping[Kind, float] = field(default_factory=dict)
    spread: Spread = EVEN

    def of(self, kind: Kind) -> float:
        """The rate of a segment for a type; where that is unknown, everybody's."""
        rate = self.of_kind.get(kind, self.of_kind.get((None, kind[1]), self.overall))
        return min(max(rate, LEAST_RATE), MOST_RATE)

    def at(self, kind: Kind) -> tuple[float, ...]:
        """The probabilities of a response for each of FACTORS."""
        odds = (rate := self.of(kind)) / (1 - rate)
        return tuple(f * odds / (1 + f * odds) for f in FACTORS)


class Tally(NamedTuple):
    """Responses seen and expected, decayed, and how many sends they are of."""

    seen: float
    expected: float
    sends: int


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A probability with its 90 % interval; None without enough data. `based_on` sends."""

    mean: float | None
    low: float | None
    high: float | None
    based_on: int

    @property
    def has_enough_data(self) -> bool:
        """Whether there were enough sends to say something of this person."""
        return self.mean is not None


NO_LIKELIHOOD = Likelihood(None, None, None, 0)
"""Of somebody who was never mailed."""


def trials(
    history: History, segment: str | None, now: datetime, response: Response = Response.ACTION
) -> list[Trial]:
    """The sends of a history whose end is known: a response came in time, or can no longer."""
    found = []
    for sent in history:
        at = _responded_at(sent, response)
        is_success = at is not None and at <= sent.sent_at + WITHIN
        if is_success or (sent.delivered_at is not None and sent.sent_at + WITHIN <= now):
            weight = 2.0 ** ((sent.sent_at - now) / DAY / HALF_LIFE_DAYS)
            found.append(Trial((segment, sent.type), weight, is_success))
    return found


def _responded_at(sent: Sent, response: Response) -> datetime | None:
    if response is Response.OPEN:
        times = (sent.first_open_at, sent.first_click_at, sent.replied_at)
    else:
        times = (None, sent.first_click_at, sent.replied_at)
    return min((at for at in times if at is not None), default=None)


def tally(found: Iterable[Trial], rates: Rates) -> Tally:
    """What was seen, beside what everybody's rates made one expect."""
    some = list(found)
    return Tally(
        math.fsum(t.weight for t in some if t.is_success),
        math.fsum(t.weight * rates.of(t.kind) for t in some),
        len(some),
    )


def learn(people: Iterable[Sequence[Trial]]) -> Rates:
    """The rates and the spread that follow from everybody's trials."""
    groups = [some for some in people if some]
    every = [trial for some in groups for trial in some]
    overall = _rate(every, 0.1)
    types: dict[Kind, list[Trial]] = {}
    kinds: dict[Kind, list[Trial]] = {}
    for trial in every:
        types.setdefault((None, trial.kind[1]), []).append(trial)
        kinds.setdefault(trial.kind, []).append(trial)
    of_kind = {kind: _rate(some, overall) for kind, some in types.items()}
    for kind, some in kinds.items():
        of_kind[kind] = _rate(some, of_kind[None, kind[1]])
    rates = Rates(overall, of_kind)
    step = max(1, len(groups) // LEARNED_FROM)
    return Rates(overall, of_kind, _spread([belief(some, rates) for some in groups[::step]]))


def _rate(some: Sequence[Trial], prior: float) -> float:
    seen = math.fsum(t.weight for t in some if t.is_success)
    return (seen + prior * RATE_PRIOR) / (math.fsum(t.weight for t in some) + RATE_PRIOR)


Belief = tuple[float, ...]
"""How well each of FACTORS explains somebody's trials: logarithms."""

UNKNOWN: Belief = (0.0,) * POINTS


def belief(found: Iterable[Trial], rates: Rates) -> Belief:
    """What a person's trials say of their factor."""
    counts: dict[Kind, tuple[float, float]] = {}
    for trial in found:
        yes, no = counts.get(trial.kind, (0.0, 0.0))
        is_yes = trial.is_success
        counts[trial.kind] = (yes + trial.weight * is_yes, no + trial.weight * (not is_yes))
    logs = [0.0] * POINTS
    for kind, (yes, no) in sorted(counts.items(), key=str):
        for n, p in enumerate(rates.at(kind)):
            logs[n] += yes * math.log(p) + no * math.log1p(-p)
    return tuple(logs)


def posterior(found: Belief, prior: Spread) -> Spread:
    """How likely each factor is, once a person's trials are known."""
    most = max(found)
    weights = [p * math.exp(log - most) for p, log in zip(prior, found, strict=True)]
    whole = math.fsum(weights)
    return tuple(w / whole for w in weights)


def _spread(beliefs: Sequence[Belief]) -> Spread:
    """The spread of factors that explains all beliefs best (Laird, JASA 73, 1978)."""
    if not beliefs:
        return EVEN
    # Once for all rounds: only the prior changes.
    given = [[math.exp(log - max(one)) for log in one] for one in beliefs]
    spread = list(EVEN)
    for _ in range(ROUNDS):
        summed = [0.0] * POINTS
        for one in given:
            weights = [p * x for p, x in zip(spread, one, strict=True)]
            whole = sum(weights)
            for n, weight in enumerate(weights):
                summed[n] += weight / whole
        spread = [s / len(given) for s in summed]
    return tuple(spread)


class Colleagues(NamedTuple):
    """The posteriors of a customer's people, added up, and how many they are."""

    summed: Spread
    people: int


def gather(beliefs: Iterable[Belief], rates: Rates) -> Colleagues:
    """A customer's people, as far as they are known."""
    summed, people = [0.0] * POINTS, 0
    for one in beliefs:
        people += 1
        for n, share in enumerate(posterior(one, rates.spread)):
            summed[n] += share
    return Colleagues(tuple(summed), people)


def without(customer: Colleagues, own: Belief, rates: Rates) -> Colleagues:
    """A person's colleagues: their customer's people but themselves."""
    mine = posterior(own, rates.spread)
    rest = tuple(max(0.0, s - m) for s, m in zip(customer.summed, mine, strict=True))
    return Colleagues(rest, customer.people - 1)


def predict(
    own: Belief, sends: int, colleagues: Colleagues, kind: Kind, rates: Rates
) -> Likelihood:
    """The likelihood for a person of whom so many sends are known."""
    if sends < LEAST_SENDS:
        return Likelihood(None, None, None, sends)
    found = posterior(own, _prior(colleagues, rates))
    chances = rates.at(kind)
    mean = math.fsum(w * p for w, p in zip(found, chances, strict=True))
    tail = (1 - INTERVAL) / 2
    return Likelihood(
        mean, _quantile(found, chances, tail), _quantile(found, chances, 1 - tail), sends
    )


def predict_customer(customer: Colleagues, sends: int, kind: Kind, rates: Rates) -> Likelihood:
    """The likelihood for one of a customer's people, whoever it is; `sends` of all of them."""
    return predict(UNKNOWN, sends, customer, kind, rates)


def _prior(colleagues: Colleagues, rates: Rates) -> Spread:
    whole = COLLEAGUES + colleagues.people
    return tuple(
        (COLLEAGUES * everybody + theirs) / whole
        for everybody, theirs in zip(rates.spread, colleagues.summed, strict=True)
    )


def _quantile(found: Spread, chances: Sequence[float], share: float) -> float:
    """The chance below which `share` of the posterior lies; each point stands for the stretch half
    way to its neighbours."""
    below = 0.0
    for n, weight in enumerate(found):
        if below + weight >= share or n == POINTS - 1:
            low = chances[0] if n == 0 else math.sqrt(chances[n - 1] * chances[n])
            high = chances[-1] if n == POINTS - 1 else math.sqrt(chances[n] * chances[n + 1])
            part = (share - below) / weight if weight else 0.0
            return low + min(max(part, 0.0), 1.0) * (high - low)
        below += weight
    raise AssertionError("unreachable")


class Persona(StrEnum):
    """How somebody reads bulk mail, beside everybody else: opens much or little, acts or not."""

    LOYALIST = "LOYALIST"
    WINDOW_SHOPPER = "WINDOW_SHOPPER"
    SELECTIVE = "SELECTIVE"
    DORMANT = "DORMANT"


def persona(opens: Tally, actions: Tally) -> Persona | None:
    """The persona, from a person's own tallies; None without enough data."""
    if opens.sends < LEAST_SENDS:
        return None
    if opens.seen >= opens.expected:
        return Persona.LOYALIST if actions.seen >= actions.expected else Persona.WINDOW_SHOPPER
    return Persona.SELECTIVE if actions.seen >= actions.expected else Persona.DORMANT
