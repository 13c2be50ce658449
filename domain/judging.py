"""Machines are not people: who acted, judged over all events of a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from domain.events import JUDGED_KINDS, Actor, EventKind, MachineReason
from domain.facts import Fact
from domain.gateways import GatewayProfile, delivered_at
from domain.machines import Act, Marks, mark_bursts, mark_decoys, mark_learned, mark_sweeps
from domain.policy import BURST_SECONDS, SWEEP_MINUTES

JUDGE_VERSION = 2
"""Stored with what was judged; raised whenever the same facts may get other verdicts."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who acted and why we hold so; `actor` is None for what only one of the two can do."""

    actor: Actor | None
    reasons: tuple[MachineReason, ...] = ()


NOT_JUDGED = Verdict(None)
HUMAN = Verdict(Actor.HUMAN)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What judging needs beyond a recipient's facts.

    `links` are the keys (`domain.links`) of the campaign's links, none where they are unknown;
    `profiles` has the gateway profile in force on each day on which a link was followed, where the
    recipient's domain has one; `burst` and `sweep` are the operator's thresholds.
    """

    links: frozenset[str] = frozenset()
    profiles: tuple[tuple[date, GatewayProfile], ...] = ()
    burst: timedelta = timedelta(seconds=BURST_SECONDS)
    sweep: timedelta = timedelta(minutes=SWEEP_MINUTES)

    def profile_on(self, day: date) -> GatewayProfile | None:
        """The profile in force on a day."""
        return next((profile for on, profile in self.profiles if on == day), None)


USUAL = Circumstances()


@lru_cache(maxsize=65_536)
def judge_one(
    kind: EventKind,
    by_agent: str | None,
    is_flagged: bool,
    is_prefetch: bool,
    is_decoy: bool = False,
) -> Verdict:
    """What an event tells by itself: the provider's flag, a prefetch, the agent (`by_agent` is
    the reason that `domain.agents.agent_reason` found), a decoy."""
    if kind not in JUDGED_KINDS:
        return NOT_JUDGED
    if by_agent is None and not is_flagged and not is_prefetch and not is_decoy:
        return HUMAN
    reasons = set()
    if is_flagged:
        reasons.add(MachineReason.PROVIDER_FLAG)
    if is_prefetch:
        reasons.add(MachineReason.PREFETCH)
    if is_decoy:
        reasons.add(MachineReason.DECOY)
    if by_agent is not None:
        reasons.add(MachineReason(by_agent))
    return Verdict(Actor.MACHINE, tuple(sorted(reasons)))


def judge(facts: Sequence[Fact], given: Circumstances = USUAL) -> list[Verdict]:
    """The verdict on each fact of one recipient, in their order, from all of them together.

    A later fact may change the verdict on an earlier one; whoever stores verdicts compares and
    passes the difference on. The result does not depend on the order of the facts.
    """
    alone = [
        judge_one(f.kind, f.agent_reason, f.is_machine_flagged, f.is_prefetch, f.is_decoy)
        if f.kind in JUDGED_KINDS
        else NOT_JUDGED
        for f in facts
    ]
    clicks = [f for f in facts if f.kind == EventKind.CLICKED]
    # Most recipients have no click or one, which tells nothing together with anything.
    if not clicks or (len(clicks) == 1 and not given.profiles and not clicks[0].is_decoy):
        return alone
    for place, reasons in _together(facts, alone, given).items():
        alone[place] = _machine(frozenset(reasons.union(alone[place].reasons)))
    return alone


@lru_cache(maxsize=1_024)
def _machine(reasons: frozenset[MachineReason]) -> Verdict:
    return Verdict(Actor.MACHINE, tuple(sorted(reasons)))


def _together(facts: Sequence[Fact], alone: Sequence[Verdict], given: Circumstances) -> Marks:
    acts = sorted(
        (Act(place, fact) for place, fact in enumerate(facts) if fact.kind in JUDGED_KINDS),
        key=lambda act: (act.at, act.fact.key),
    )
    marks: Marks = {}
    mark_bursts(acts, marks, window=given.burst)
    mark_decoys(acts, marks)
    mark_sweeps(acts, marks, links=given.links, within=given.sweep, around=given.burst)
    if given.profiles and not marks and len(given.links) < 2:
        _mark_by_habit(facts, acts, alone=alone, given=given, marks=marks)
    return marks


def _mark_by_habit(
    facts: Sequence[Fact],
    acts: Sequence[Act],
    *,
    alone: Sequence[Verdict],
    given: Circumstances,
    marks: Marks,
) -> None:
    """Where nothing else gives the gateway away: a message with a single link."""
    arrived_at = delivered_at(facts)
    first = next((act for act in acts if act.is_followed), None)
    if arrived_at is None or first is None:
        return
    profile = given.profile_on(first.at.date())
    if profile is not None and profile.is_applied:
        known = {place for place, verdict in enumerate(alone) if verdict.actor == Actor.MACHINE}
        mark_learned(
            acts, marks, profile=profile, arrived_at=arrived_at, around=given.burst, known=known
        )
