"""What somebody cares about: topics they clicked more than everybody did on the same mails.

A footer, or the first link, is clicked by everybody; what tells is the difference.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.decay import DAY
from domain.history import History, LinkClicked, Sent

HALF_LIFE_DAYS = 120.0
"""After which a click on a topic says half."""

PRIOR_CLICKS = 0.5
"""Expected clicks at which a topic is believed half of what it seems."""

ROUNDS = 12
"""Rounds of the iteration: cares of a few dozen clicks stand still by then."""

LEAST_WEIGHT = 0.2
"""Log of observed over expected below which a topic is no interest."""

CampaignId = int
Shares = Mapping[CampaignId, Mapping[str, float]]
"""Campaign → link → share of those who clicked anything that clicked it."""

Topics = Mapping[tuple[CampaignId, str], Sequence[str]]
"""(campaign, link) → its topics."""


@dataclass(frozen=True, slots=True)
class Interest:
    """A topic, how much more it was clicked than expected (log odds, shrunk), and the clicks
    behind it, the latest first."""

    topic: str
    weight: float
    links: tuple[tuple[CampaignId, LinkClicked], ...]


def interests(history: History, shares: Shares, topics: Topics, now: datetime) -> list[Interest]:
    """The topics somebody cares about, the strongest first."""
    choices = [c for sent in history if sent.links for c in _choices(sent, shares, topics, now)]
    found = [
        Interest(topic, weight, links)
        for topic, care in cares(choices).items()
        if (weight := math.log(care)) >= LEAST_WEIGHT and (links := _links(topic, history, topics))
    ]
    return sorted(found, key=lambda i: (-i.weight, i.topic))


class Choice(NamedTuple):
    """A link clicked among those of a mail: what it is about, and how much each topic of the mail
    draws everybody, summing to 1. `weight` fades with time."""

    topics: tuple[str, ...]
    draws: tuple[tuple[tuple[str, ...], float], ...]
    weight: float


def _choices(sent: Sent, shares: Shares, topics: Topics, now: datetime) -> Iterator[Choice]:
    weight = 2.0 ** ((sent.sent_at - now) / DAY / HALF_LIFE_DAYS)
    of_everybody = shares.get(sent.campaign_id, {})
    whole = math.fsum(of_everybody.values())
    draws = tuple(
        (tuple(topics.get((sent.campaign_id, url), ())), share / whole)
        for url, share in sorted(of_everybody.items())
    )
    for link in sent.links:
        if link.url in of_everybody:
            yield Choice(tuple(topics.get((sent.campaign_id, link.url), ())), draws, weight)


def cares(choices: Sequence[Choice]) -> dict[str, float]:
    """How much more than everybody somebody is drawn by each topic (1: as everybody).

    A choice falls on a link by how much it draws everybody times how much the person cares for its
    topics. The most probable cares under a gamma prior around 1, by Hunter's iteration for such
    models (Annals of Statistics 32, 2004).
    """
    seen: dict[str, float] = {}
    for choice in choices:
        for topic in choice.topics:
            seen[topic] = seen.get(topic, 0.0) + choice.weight
    care = dict.fromkeys({t for c in choices for some, _ in c.draws for t in some}, 1.0)
    for _ in range(ROUNDS):
        expected = dict.fromkeys(care, 0.0)
        for choice in choices:
            pulls = [share * _care(some, care) for some, share in choice.draws]
            whole = math.fsum(pulls)
            for (some, _), pull in zip(choice.draws, pulls, strict=True):
                for topic in some:
                    expected[topic] += choice.weight * pull / whole / care[topic]
        care = {
            topic: (seen.get(topic, 0.0) + PRIOR_CLICKS) / (expected[topic] + PRIOR_CLICKS)
            for topic in care
        }
    return care


def _care(topics: Sequence[str], care: Mapping[str, float]) -> float:
    """What a link gains by its topics: the mean, in logarithms, of the cares for them."""
    if not topics:
        return 1.0
    return math.exp(math.fsum(math.log(care[t]) for t in topics) / len(topics))


def _links(
    topic: str, history: History, topics: Topics
) -> tuple[tuple[CampaignId, LinkClicked], ...]:
    clicked = [
        (sent.campaign_id, link)
        for sent in history
        for link in sent.links
        if topic in topics.get((sent.campaign_id, link.url), ())
    ]
    return tuple(sorted(clicked, key=lambda c: (c[1].last_at, c[0], c[1].url), reverse=True))


def of_customer(people: Iterable[Sequence[Interest]]) -> list[Interest]:
    """What a customer's people care about together: the mean of those who care for anything."""
    some = [found for found in people if found]
    weights: dict[str, float] = {}
    links: dict[str, list[tuple[CampaignId, LinkClicked]]] = {}
    for interest in (i for found in some for i in found):
        weights[interest.topic] = weights.get(interest.topic, 0.0) + interest.weight / len(some)
        links.setdefault(interest.topic, []).extend(interest.links)
    merged = [Interest(topic, weight, _merged(links[topic])) for topic, weight in weights.items()]
    return sorted(merged, key=lambda i: (-i.weight, i.topic))


def _merged(
    links: Iterable[tuple[CampaignId, LinkClicked]],
) -> tuple[tuple[CampaignId, LinkClicked], ...]:
    """Clicks of several people on one link as one."""
    found: dict[tuple[CampaignId, str], LinkClicked] = {}
    for campaign_id, link in links:
        known = found.get((campaign_id, link.url), link._replace(clicks=0, machine=0))
        found[campaign_id, link.url] = LinkClicked(
            link.url,
            known.clicks + link.clicks,
            known.machine + link.machine,
            min(known.first_at, link.first_at),
            max(known.last_at, link.last_at),
        )
    pairs = [(campaign_id, link) for (campaign_id, _), link in found.items()]
    return tuple(sorted(pairs, key=lambda c: (c[1].last_at, c[0], c[1].url), reverse=True))
