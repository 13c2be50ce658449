"""Who acted: a provider's flag, a prefetch, an agent; and what says nothing."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agents import APPLE_PRIVACY_AGENT, GMAIL_PREFETCH_SUFFIX, agent_reason
from domain.engagement import Fact
from domain.events import JUDGED_KINDS, Actor, EventKind, MachineReason
from domain.judging import judge, judge_one
from tests.domain.facts import HUMAN, SCANNER, fact, some_facts

GMAIL = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {GMAIL_PREFETCH_SUFFIX}"
GMAIL_READER = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
)


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        (HUMAN, None),
        (None, None),
        (GMAIL_READER, None),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", None),
        (APPLE_PRIVACY_AGENT, MachineReason.PREFETCH),
        (f" {APPLE_PRIVACY_AGENT} ", MachineReason.PREFETCH),
        (GMAIL, MachineReason.PREFETCH),
        ("", MachineReason.SCANNER_AGENT),
        ("  ", MachineReason.SCANNER_AGENT),
        (SCANNER, MachineReason.SCANNER_AGENT),
        ("curl/8.4.0", MachineReason.SCANNER_AGENT),
        ("python-requests/2.31.0", MachineReason.SCANNER_AGENT),
    ],
)
def test_an_agent_tells_a_machine_or_nothing(
    agent: str | None, reason: MachineReason | None
) -> None:
    assert agent_reason(agent) is reason


@given(st.text())
def test_any_text_can_be_an_agent(text: str) -> None:
    assert agent_reason(text) in (None, MachineReason.PREFETCH, MachineReason.SCANNER_AGENT)


@pytest.mark.parametrize("kind", sorted(JUDGED_KINDS))
def test_each_reason_is_given_and_they_add_up(kind: EventKind) -> None:
    assert judge_one(kind, None, False, False).actor is Actor.HUMAN
    assert judge_one(kind, None, True, False).reasons == (MachineReason.PROVIDER_FLAG,)
    assert judge_one(kind, None, False, True).reasons == (MachineReason.PREFETCH,)
    both = judge_one(kind, MachineReason.SCANNER_AGENT, True, True)
    assert (both.actor, both.reasons) == (
        Actor.MACHINE,
        (MachineReason.PREFETCH, MachineReason.PROVIDER_FLAG, MachineReason.SCANNER_AGENT),
    )


@pytest.mark.parametrize("kind", sorted(set(EventKind) - JUDGED_KINDS))
def test_what_only_one_of_the_two_can_do_is_not_judged(kind: EventKind) -> None:
    found = judge_one(kind, MachineReason.SCANNER_AGENT, True, True)
    assert (found.actor, found.reasons) == (None, ())


@given(some_facts(), st.integers(0, 2**16))
def test_verdicts_do_not_depend_on_the_order(facts: list[Fact], seed: int) -> None:
    shuffled = list(facts)
    random.Random(seed).shuffle(shuffled)
    by_key = {f.key: v for f, v in zip(shuffled, judge(shuffled), strict=True)}
    assert [by_key[f.key] for f in facts] == judge(facts)


def test_a_stored_verdict_plays_no_part_in_the_next() -> None:
    facts = [fact(EventKind.OPENED, actor=Actor.MACHINE, reasons=["SCANNER_AGENT"])]
    assert [verdict.actor for verdict in judge(facts)] == [Actor.HUMAN]
