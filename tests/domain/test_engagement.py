"""Folding: what a recipient did follows from the facts, in any order, each told any often."""

import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.balance import Balance
from domain.engagement import DeliveryStatus as S
from domain.engagement import LinkEngagement, fold
from domain.events import Actor, BounceClass, EventKind
from domain.facts import Fact
from domain.judging import judge
from tests.domain.facts import SCANNER, START, at, fact, folded, some_facts

K = EventKind
HARD, SOFT = BounceClass.HARD, BounceClass.SOFT


@given(some_facts(), st.integers(0, 2**16))
def test_the_order_of_facts_does_not_matter(facts: list[Fact], seed: int) -> None:
    shuffled = list(facts)
    random.Random(seed).shuffle(shuffled)
    assert folded(*shuffled) == folded(*facts)


@given(some_facts(), some_facts())
def test_more_acts_of_people_never_make_the_mail_less_engaged(
    facts: list[Fact], more: list[Fact]
) -> None:
    """As long as the verdicts stand: more facts may also show that a machine acted."""
    keys = {f.key for f in facts}
    every = [*facts, *(f for f in more if f.key not in keys)]
    before = fold(facts, [Actor.HUMAN] * len(facts))
    after = fold(every, [Actor.HUMAN] * len(every))
    assert after.opens_human >= before.opens_human
    assert after.clicks_human >= before.clicks_human
    assert after.engaged or not before.engaged


def test_nothing_known_is_sent() -> None:
    e = folded()
    assert (e.status, e.sent_at, e.engaged, e.links) == (S.SENT, None, False, None)


SEVERITY = [
    (S.SENT, fact(K.UNKNOWN)),
    (S.ACCEPTED, fact(K.ACCEPTED)),
    (S.DEFERRED, fact(K.DEFERRED)),
    (S.DELIVERED, fact(K.DELIVERED)),
    (S.SOFT_BOUNCED, fact(K.BOUNCED, 1, bounce=SOFT)),
    (S.REJECTED, fact(K.REJECTED)),
    (S.HARD_BOUNCED, fact(K.BOUNCED, bounce=HARD)),
    (S.COMPLAINED, fact(K.COMPLAINED)),
]


@pytest.mark.parametrize("grave", range(len(SEVERITY)))
@pytest.mark.parametrize("slight", range(len(SEVERITY)))
def test_of_two_states_the_graver_stands(grave: int, slight: int) -> None:
    found = folded(SEVERITY[grave][1], SEVERITY[slight][1])
    assert found.status is SEVERITY[max(grave, slight)][0]


def test_a_later_delivery_clears_a_soft_bounce() -> None:
    e = folded(fact(K.BOUNCED, 1, bounce=SOFT), fact(K.DELIVERED, 2))
    assert (e.status, e.bounced_at) == (S.DELIVERED, None)


def test_an_earlier_delivery_does_not_clear_a_soft_bounce() -> None:
    e = folded(fact(K.BOUNCED, 2, bounce=SOFT, detail="full"), fact(K.DELIVERED, 1))
    assert (e.status, e.bounced_at, e.bounce_hard, e.bounce_reason) == (
        S.SOFT_BOUNCED,
        at(2),
        False,
        "full",
    )


@pytest.mark.parametrize("kind", [K.OPENED, K.CLICKED, K.REPLIED])
def test_what_a_person_did_later_clears_a_soft_bounce_and_implies_delivery(kind: K) -> None:
    e = folded(fact(K.BOUNCED, 1, bounce=SOFT), fact(kind, 2))
    assert (e.status, e.delivered_at) == (S.DELIVERED, at(2))


def test_a_delivery_does_not_clear_a_hard_bounce() -> None:
    assert folded(fact(K.BOUNCED, 1, bounce=HARD), fact(K.DELIVERED, 2)).status is S.HARD_BOUNCED


def test_a_bounce_of_unknown_class_is_soft() -> None:
    assert folded(fact(K.BOUNCED)).status is S.SOFT_BOUNCED


def test_what_a_machine_did_implies_no_delivery() -> None:
    e = folded(fact(K.OPENED, user_agent=SCANNER))
    assert (e.status, e.delivered_at, e.engaged) == (S.SENT, None, False)
    assert (e.opens_human, e.opens_machine, e.first_open_at) == (0, 1, None)


def test_a_click_implies_an_open() -> None:
    e = folded(fact(K.CLICKED, 3), fact(K.CLICKED, 4))
    assert (e.opens_human, e.first_open_at, e.last_open_at) == (1, at(3), at(3))
    assert (e.clicks_human, e.first_click_at, e.last_click_at) == (2, at(3), at(4))


def test_a_click_adds_no_open_to_those_seen() -> None:
    assert folded(fact(K.CLICKED, 3), fact(K.OPENED, 1), fact(K.OPENED, 2)).opens_human == 2


def test_a_machines_click_implies_nothing() -> None:
    e = folded(fact(K.CLICKED, user_agent=SCANNER))
    assert (e.opens_human, e.clicks_human, e.clicks_machine, e.engaged) == (0, 0, 1, False)


def test_what_two_sources_saw_is_the_most_of_one_and_not_the_sum() -> None:
    opens = [fact(K.OPENED, n, provider="sendgrid") for n in range(3)]
    opens += [fact(K.OPENED, n + 0.1, provider="pixel") for n in range(2)]
    assert folded(*opens).opens_human == 3
    clicks = [fact(K.CLICKED, 1, provider=p) for p in ("sendgrid", "pixel")]
    assert folded(*clicks).clicks_human == 1


def test_links_are_counted_by_url_and_by_who_acted() -> None:
    e = folded(
        fact(K.CLICKED, 1, url="https://b.example"),
        fact(K.CLICKED, 2, url="https://a.example"),
        fact(K.CLICKED, 3, url="https://a.example", user_agent=SCANNER),
    )
    assert e.links == [
        LinkEngagement("https://a.example", 1, 1, at(2), at(3)),
        LinkEngagement("https://b.example", 1, 0, at(1), at(1)),
    ]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (K.REPLIED, "replied_at"),
        (K.FORWARDED, "forwarded_at"),
        (K.UNSUBSCRIBED, "unsubscribed_at"),
        (K.COMPLAINED, "complained_at"),
    ],
)
def test_the_first_of_its_kind_is_kept(kind: K, field: str) -> None:
    assert getattr(folded(fact(kind, 2), fact(kind, 1)), field) == at(1)


def test_an_unsubscription_by_a_machine_is_none() -> None:
    assert folded(fact(K.UNSUBSCRIBED, user_agent=SCANNER)).unsubscribed_at is None


def test_an_auto_reply_is_no_reply() -> None:
    e = folded(fact(K.AUTO_REPLIED))
    assert (e.replied_at, e.engaged) == (None, False)


@pytest.mark.parametrize("kind", [K.OPENED, K.CLICKED, K.REPLIED, K.FORWARDED])
def test_a_person_who_acts_is_engaged(kind: K) -> None:
    assert folded(fact(kind)).engaged


@pytest.mark.parametrize("kind", [K.DELIVERED, K.BOUNCED, K.COMPLAINED, K.UNSUBSCRIBED, K.UNKNOWN])
def test_what_is_no_interest_is_no_engagement(kind: K) -> None:
    assert not folded(fact(kind)).engaged


def test_the_span_of_all_facts_is_kept() -> None:
    e = folded(fact(K.UNKNOWN, 7), fact(K.DELIVERED, -1440), fact(K.OPENED, 3))
    assert (e.sent_at, e.last_event_at) == (at(-1440), at(7))
    assert (e.first_fact_on, e.last_fact_on) == (at(-1440).date(), START.date())


def test_a_verdict_that_is_reversed_takes_all_its_consequences_back() -> None:
    facts = [fact(K.CLICKED, 1), fact(K.OPENED, 2)]
    human = fold(facts, [Actor.HUMAN, Actor.HUMAN])
    machine = fold(facts, [Actor.MACHINE, Actor.MACHINE])
    assert (human.engaged, human.status, human.opens_human) == (True, S.DELIVERED, 1)
    assert (machine.engaged, machine.status, machine.opens_human) == (False, S.SENT, 0)
    assert fold(facts, [Actor.HUMAN, Actor.HUMAN]) == human


def test_a_resubscription_ends_an_unsubscription_before_it() -> None:
    assert folded(fact(K.UNSUBSCRIBED, 1), fact(K.RESUBSCRIBED, 2)).unsubscribed_at is None
    again = folded(fact(K.UNSUBSCRIBED, 3), fact(K.RESUBSCRIBED, 2), fact(K.UNSUBSCRIBED, 1))
    assert again.unsubscribed_at == at(3)


@given(some_facts(), st.integers(0, 12))
def test_facts_that_were_frozen_count_like_those_still_kept(facts: list[Fact], kept: int) -> None:
    """Wherever the cut goes, and in whatever order: the sum is that of all facts."""
    actors = [verdict.actor for verdict in judge(facts)]
    opening = Balance()
    opening.add(facts[kept:], actors[kept:])
    opening = Balance.load(orjson.loads(orjson.dumps(opening.dump())))
    found = fold(facts[:kept], actors[:kept], opening)
    whole = fold(facts, actors)
    whole.first_fact_on, whole.last_fact_on = found.first_fact_on, found.last_fact_on
    assert found == whole


@given(some_facts(), st.integers(0, 12), st.integers(0, 12))
def test_a_balance_may_be_frozen_in_several_steps(facts: list[Fact], one: int, two: int) -> None:
    actors = [verdict.actor for verdict in judge(facts)]
    first, last = sorted((one, two))
    opening = Balance()
    for part in (slice(last, None), slice(first, last)):
        opening = Balance.load(orjson.loads(orjson.dumps(opening.dump())))
        opening.add(facts[part], actors[part])
    found = fold(facts[:first], actors[:first], opening)
    whole = fold(facts, actors)
    whole.first_fact_on, whole.last_fact_on = found.first_fact_on, found.last_fact_on
    assert found == whole


def test_folding_does_not_change_the_balance_it_begins_with() -> None:
    opening = Balance()
    opening.add([fact(K.CLICKED, 1)], [Actor.HUMAN])
    before = opening.dump()
    fold([fact(K.CLICKED, 2)], [Actor.HUMAN], opening)
    assert opening.dump() == before


def test_the_facts_of_these_tests_come_from_people() -> None:
    assert fact(K.OPENED).agent_reason is None
