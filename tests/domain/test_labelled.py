"""How well the judge does where it is known who acted.

A machine's act is the positive: precision is the share of acts held to be a machine's that are,
recall the share of machines' acts that are found. Profiles are learned on the way, from verdicts of
earlier days alone, as the service does it.
"""

from collections import Counter, defaultdict
from functools import lru_cache

import pytest

from domain.events import Actor, EventKind, MachineReason
from domain.gateways import GatewayProfile, Sighting, learn, swept
from domain.judging import Circumstances, Verdict, judge
from domain.links import link_key
from tests.domain.labelled import GATEWAYS, PLAIN, Mail, simulate

K, H, M = EventKind, Actor.HUMAN, Actor.MACHINE
SEEDS = (1, 2, 3)

Outcome = tuple[EventKind, Actor, Verdict, str]
"""Kind of act, who did it, who it was held to be, the domain."""


@lru_cache(maxsize=len(SEEDS))
def judged(seed: int) -> tuple[tuple[Outcome, ...], dict[str, GatewayProfile]]:
    """Every labelled act with its verdict, and what was known of gateways in the end."""
    seen: dict[str, list[Sighting]] = defaultdict(list)
    profiles: dict[str, GatewayProfile] = {}
    found: list[Outcome] = []
    today = None
    for mail in simulate(seed):
        if mail.on != today:
            today = mail.on
            profiles = {domain: learn(domain, seen[domain], today) for domain in sorted(seen)}
        verdicts = judge(mail.facts, _circumstances(mail, profiles.get(mail.domain)))
        _learn_from(mail, verdicts, seen)
        found += [
            (f.kind, mail.labels[f.key], v, mail.domain)
            for f, v in zip(mail.facts, verdicts, strict=True)
            if f.key in mail.labels
        ]
    return tuple(found), profiles


def _circumstances(mail: Mail, profile: GatewayProfile | None) -> Circumstances:
    days = {f.occurred_at.date() for f in mail.facts}
    dated = () if profile is None else tuple((day, profile) for day in sorted(days))
    return Circumstances(frozenset(map(link_key, mail.links)), dated)


def _learn_from(mail: Mail, verdicts: list[Verdict], seen: dict[str, list[Sighting]]) -> None:
    stored = [f._replace(reasons=v.reasons) for f, v in zip(mail.facts, verdicts, strict=True)]
    sighting = swept(stored)
    clicks = zip(mail.facts, verdicts, strict=True)
    if sighting is not None:
        seen[mail.domain].append(sighting)
    elif len(mail.links) > 1 and any(f.kind == K.CLICKED and v.actor == H for f, v in clicks):
        seen[mail.domain].append(Sighting(mail.on, is_swept=False))


def _counts(seed: int, kind: EventKind) -> Counter[tuple[Actor, Actor | None]]:
    return Counter((label, v.actor) for k, label, v, _ in judged(seed)[0] if k == kind)


@pytest.mark.parametrize("seed", SEEDS)
def test_clicks_are_told_apart(seed: int) -> None:
    n = _counts(seed, K.CLICKED)
    assert n[M, M] / (n[M, M] + n[H, M]) >= 0.98
    assert n[M, M] / (n[M, M] + n[M, H]) >= 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_opens_are_told_apart(seed: int) -> None:
    n = _counts(seed, K.OPENED)
    assert n[M, M] / (n[M, M] + n[H, M]) >= 0.98
    assert n[H, H] / (n[H, H] + n[M, H]) >= 0.97


@pytest.mark.parametrize("seed", SEEDS)
def test_where_no_gateway_is_no_person_is_lost_but_who_followed_every_link(seed: int) -> None:
    """Neither to one IP for open and click, nor to haste."""
    lost = Counter(
        (kind, v.reasons)
        for kind, label, v, domain in judged(seed)[0]
        if domain in PLAIN and label == H and v.actor == M
    )
    assert set(lost) <= {(K.CLICKED, (MachineReason.SWEEP,)), (K.OPENED, (MachineReason.SWEEP,))}
    people = sum(label == H and domain in PLAIN for _, label, _, domain in judged(seed)[0])
    assert sum(lost.values()) / people < 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_single_links_are_judged_by_what_was_learned(seed: int) -> None:
    acts, profiles = judged(seed)
    applied = {domain for domain, profile in profiles.items() if profile.is_applied}
    assert applied >= GATEWAYS.keys() - {"seldom.example"}
    assert applied <= GATEWAYS.keys()
    learned = Counter(label for _, label, v, _ in acts if MachineReason.LEARNED in v.reasons)
    assert learned[M] > 100
    assert learned[H] / learned[M] < 0.02
