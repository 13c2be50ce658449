"""Suppression: why an address should not be mailed, in whatever order it was told."""

import random
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.balance import Balance
from domain.events import Actor, BounceClass, EventKind
from domain.facts import Fact
from domain.judging import judge
from domain.suppression import (
    LIFTABLE,
    SuppressionReason,
    Told,
    suppressions,
    told_by,
)
from tests.domain.facts import at, some_facts

K = EventKind
R = SuppressionReason
HARD, SOFT = BounceClass.HARD, BounceClass.SOFT
HUMAN, MACHINE = Actor.HUMAN, Actor.MACHINE


def told(
    minute: int, kind: K, bounce: BounceClass | None = None, actor: Actor | None = None
) -> Told:
    key = f"{minute} {kind} {bounce}".encode()
    return Told(at(minute), kind, bounce, actor, at(minute).date(), key)


def soft(*minutes: int) -> list[Told]:
    return [told(minute, K.BOUNCED, SOFT) for minute in minutes]


def why(*reports: Told) -> list[tuple[R, datetime]]:
    return [(found.reason, found.since) for found in suppressions(reports, {})]


@given(
    st.lists(
        st.builds(
            told,
            st.integers(0, 20),
            st.sampled_from(K),
            st.sampled_from([HARD, SOFT, None]),
            st.sampled_from([HUMAN, MACHINE]),
        ),
        max_size=10,
    ),
    st.integers(0, 2**16),
)
def test_why_an_address_is_suppressed_does_not_depend_on_the_order(
    reports: list[Told], seed: int
) -> None:
    shuffled = list(reports)
    random.Random(seed).shuffle(shuffled)
    assert suppressions(shuffled, {}) == suppressions(reports, {})


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        (soft(1, 2), None),
        (soft(1, 2, 3), (R.SOFT_BOUNCES, 3)),
        (soft(1, 2, 3, 4), (R.SOFT_BOUNCES, 3)),
        ([*soft(1, 2, 4), told(3, K.DELIVERED)], None),
        ([*soft(1, 2, 3), told(4, K.DELIVERED)], None),
        ([*soft(1, 2, 3), told(4, K.OPENED, None, HUMAN)], None),
        ([*soft(1, 2, 3), told(4, K.CLICKED, None, HUMAN)], None),
        ([*soft(1, 2, 3), told(4, K.REPLIED)], None),
        ([*soft(1, 2, 3), told(4, K.OPENED, None, MACHINE)], (R.SOFT_BOUNCES, 3)),
        ([*soft(1, 2, 3), told(4, K.AUTO_REPLIED)], (R.SOFT_BOUNCES, 3)),
        ([told(1, K.BOUNCED, HARD), told(2, K.BOUNCED, HARD)], (R.HARD_BOUNCE, 1)),
        ([told(1, K.BOUNCED, HARD), told(2, K.DELIVERED)], None),
        ([told(2, K.COMPLAINED), told(3, K.DELIVERED)], (R.COMPLAINT, 2)),
        ([told(2, K.UNSUBSCRIBED, None, HUMAN), told(3, K.DELIVERED)], (R.UNSUBSCRIBED, 2)),
        ([told(2, K.UNSUBSCRIBED, None, MACHINE)], None),
        ([told(2, K.UNSUBSCRIBED, None, HUMAN), told(3, K.RESUBSCRIBED)], None),
        ([told(2, K.RESUBSCRIBED), told(3, K.UNSUBSCRIBED, None, HUMAN)], (R.UNSUBSCRIBED, 3)),
        ([told(2, K.COMPLAINED), told(3, K.RESUBSCRIBED)], (R.COMPLAINT, 2)),
        ([told(1, K.DELIVERED)], None),
    ],
)  # fmt: skip
def test_an_address_is_suppressed_by_bounces_complaints_and_people_who_unsubscribe(
    reports: list[Told], expected: tuple[R, int] | None
) -> None:
    assert why(*reports) == ([] if expected is None else [(expected[0], at(expected[1]))])


def test_several_reasons_hold_at_once() -> None:
    found = why(
        told(1, K.UNSUBSCRIBED, None, HUMAN), told(2, K.COMPLAINED), told(3, K.BOUNCED, HARD)
    )
    assert found == [(R.HARD_BOUNCE, at(3)), (R.COMPLAINT, at(2)), (R.UNSUBSCRIBED, at(1))]


def test_the_evidence_is_what_it_took() -> None:
    reports = soft(1, 2, 3, 4)
    (found,) = suppressions(reports, {})
    assert found.evidence == tuple((r.fact_on, r.key) for r in reports[:3])


@pytest.mark.parametrize("reason", sorted(LIFTABLE))
def test_what_was_lifted_comes_back_only_by_something_later(reason: R) -> None:
    kind = K.COMPLAINED if reason is R.COMPLAINT else K.BOUNCED
    bounce = {R.HARD_BOUNCE: HARD, R.SOFT_BOUNCES: SOFT}.get(reason)
    reports = [told(minute, kind, bounce) for minute in range(1, 7)]
    assert suppressions(reports, {reason: at(6)}) == []
    (found,) = suppressions(reports, {reason: at(3)})
    assert found.since == at(6 if reason is R.SOFT_BOUNCES else 4)


def test_lifting_one_reason_leaves_the_others() -> None:
    reports = [told(1, K.COMPLAINED), told(2, K.BOUNCED, HARD)]
    (found,) = suppressions(reports, {R.HARD_BOUNCE: at(9)})
    assert found.reason is R.COMPLAINT


@given(some_facts(), some_facts(), st.integers(0, 12))
def test_a_balance_tells_of_an_address_what_its_facts_did(
    facts: list[Fact], others: list[Fact], kept: int
) -> None:
    """`others` are those of another recipient with the address."""
    actors = [verdict.actor for verdict in judge(facts)]
    balance = Balance()
    balance.add(facts[kept:], actors[kept:])

    def reports(some: list[Fact], by: list[Actor | None]) -> list[Told]:
        return [Told(f.occurred_at, f.kind, f.bounce, a) for f, a in zip(some, by, strict=True)]

    beside = reports(others, [verdict.actor for verdict in judge(others)])
    whole = [*beside, *reports(facts, actors)]
    frozen = [*beside, *reports(facts[:kept], actors[:kept]), *told_by(balance)]
    assert suppressions(frozen, {}) == suppressions(whole, {})
