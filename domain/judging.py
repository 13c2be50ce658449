"""Machines are not people: who acted, judged over all events of a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.engagement import Fact
from domain.events import JUDGED_KINDS, Actor, EventKind, MachineReason


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who acted and why we hold so; `actor` is None for what only one of the two can do."""

    actor: Actor | None
    reasons: tuple[MachineReason, ...] = ()


NOT_JUDGED = Verdict(None)
HUMAN = Verdict(Actor.HUMAN)


@lru_cache(maxsize=65_536)
def judge_one(
    kind: EventKind, by_agent: str | None, is_flagged: bool, is_prefetch: bool
) -> Verdict:
    """What an event tells by itself: the provider's flag, a prefetch, the agent (`by_agent` is
    the reason that `domain.agents.agent_reason` found)."""
    if kind not in JUDGED_KINDS:
        return NOT_JUDGED
    if by_agent is None and not is_flagged and not is_prefetch:
        return HUMAN
    reasons = set()
    if is_flagged:
        reasons.add(MachineReason.PROVIDER_FLAG)
    if is_prefetch:
        reasons.add(MachineReason.PREFETCH)
    if by_agent is not None:
        reasons.add(MachineReason(by_agent))
    return Verdict(Actor.MACHINE, tuple(sorted(reasons)))


def judge(facts: Sequence[Fact]) -> list[Verdict]:
    """The verdict on each fact of one recipient, in their order, from all of them together.

    A later fact may change the verdict on an earlier one; whoever stores verdicts compares and
    passes the difference on. The result does not depend on the order of the facts.
    """
    return [
        judge_one(fact.kind, fact.agent_reason, fact.is_machine_flagged, fact.is_prefetch)
        if fact.kind in JUDGED_KINDS
        else NOT_JUDGED
        for fact in facts
    ]
