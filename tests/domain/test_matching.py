"""The ladder: the first rung that answers, what people said, and each reason for nobody."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.matching import Decision, Directory, Known, Match, MatchMethod, match_address
from domain.matching import UnmatchedReason as Reason

ANN, ALIAS, DOMAIN = "ann+news@acme.com", "ann@acme.com", "acme.com"
EXACT, BY_ALIAS, BY_DOMAIN, MANUAL = (
    MatchMethod.EXACT,
    MatchMethod.ALIAS,
    MatchMethod.DOMAIN,
    MatchMethod.MANUAL,
)


def found(
    address: str = ANN, alias: str = ALIAS, domain: str = DOMAIN, **known: Any
) -> tuple[list[tuple[int, int | None, str, float]], Reason | None]:
    matches, reason = match_address(
        address,
        alias,
        domain,
        Directory(**known),
    )
    return [(m.customer_id, m.stakeholder_id, m.method, m.confidence) for m in matches], reason


EXACTLY: dict[str, Any] = {"addresses": {ANN: [Known(1, 11)]}}
ALIASED: dict[str, Any] = {"aliases": {ALIAS: [Known(2, 22)]}}
DECLARED: dict[str, Any] = {"declared": {DOMAIN: frozenset({3})}}
USED: dict[str, Any] = {"used": {DOMAIN: frozenset({4})}}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (EXACTLY | ALIASED | DECLARED | USED, (1, 11, EXACT, 1.0)),
        (ALIASED | DECLARED | USED, (2, 22, BY_ALIAS, 0.95)),
        (DECLARED | USED, (3, None, BY_DOMAIN, 0.8)),
        (USED, (4, None, BY_DOMAIN, 0.8)),
    ],
)
def test_the_first_rung_that_answers_wins(known: dict[str, Any], expected: object) -> None:
    assert found(**known) == ([expected], None)


@pytest.mark.parametrize(
    ("domain", "known", "reason"),
    [
        ("gmail.com", {"used": {"gmail.com": frozenset({1})}}, Reason.FREEMAIL),
        ("us.example", {"declared": {"us.example": frozenset({1})}}, Reason.INTERNAL),
        ("sendgrid.net", {"used": {"sendgrid.net": frozenset({1})}}, Reason.UNKNOWN_DOMAIN),
        ("nobody.example", {}, Reason.UNKNOWN_DOMAIN),
        (DOMAIN, {"declared": {DOMAIN: frozenset({1, 2})}}, Reason.AMBIGUOUS),
        (DOMAIN, {"used": {DOMAIN: frozenset({1, 2})}}, Reason.AMBIGUOUS),
    ],
)
def test_nobody_has_a_reason(domain: str, known: dict[str, Any], reason: Reason) -> None:
    internal = frozenset({"us.example"})
    assert found(domain=domain, internal_domains=internal, **known) == ([], reason)


def test_a_stakeholder_with_a_free_mail_address_is_matched_all_the_same() -> None:
    assert found(domain="gmail.com", **EXACTLY) == ([(1, 11, EXACT, 1.0)], None)


def test_one_address_at_three_customers_is_matched_to_each() -> None:
    known: dict[str, Any] = {"addresses": {ANN: [Known(3, 33), Known(1, 11), Known(2, 22)]}}
    assert found(**known) == ([(n, n * 11, EXACT, 1.0) for n in (1, 2, 3)], None)


def test_of_two_stakeholders_at_one_customer_the_first_known_is_taken() -> None:
    assert found(aliases={ALIAS: [Known(1, 12), Known(1, 11)]}) == (
        [(1, 11, BY_ALIAS, 0.95)],
        None,
    )


def test_a_declared_domain_counts_more_than_one_in_use() -> None:
    known: dict[str, Any] = {
        "declared": {DOMAIN: frozenset({3})},
        "used": {DOMAIN: frozenset({3, 4})},
    }
    assert found(**known) == ([(3, None, BY_DOMAIN, 0.8)], None)


def test_what_a_person_confirmed_holds_beside_other_exact_matches() -> None:
    decisions: dict[str, Any] = {"decisions": {ANN: [Decision(5, 55, True)]}}
    assert found(**EXACTLY, **decisions) == ([(1, 11, EXACT, 1.0), (5, 55, MANUAL, 1.0)], None)


def test_what_a_person_confirmed_ends_a_guess_by_domain() -> None:
    decisions: dict[str, Any] = {"decisions": {ANN: [Decision(5, None, True)]}}
    assert found(**DECLARED, **decisions) == ([(5, None, MANUAL, 1.0)], None)


@pytest.mark.parametrize(
    ("known", "customer"), [(EXACTLY, 1), (ALIASED, 2), (DECLARED, 3), (USED, 4)]
)
def test_what_a_person_rejected_is_matched_by_no_rung(known: dict[str, Any], customer: int) -> None:
    decisions: dict[str, Any] = {ANN: [Decision(customer, None, False)]}
    assert found(**known, decisions=decisions) == ([], Reason.UNKNOWN_DOMAIN)


def test_a_rejected_rung_leaves_the_next_to_answer() -> None:
    decisions: dict[str, Any] = {ANN: [Decision(1, None, False)]}
    assert found(**EXACTLY, **ALIASED, decisions=decisions) == ([(2, 22, BY_ALIAS, 0.95)], None)


def test_rejecting_one_of_two_customers_does_not_prove_the_other() -> None:
    known: dict[str, Any] = {"declared": {DOMAIN: frozenset({1, 2})}}
    decisions: dict[str, Any] = {ANN: [Decision(1, None, False)]}
    assert found(**known, decisions=decisions) == ([], Reason.AMBIGUOUS)


KNOWN = st.lists(st.builds(Known, st.integers(1, 4), st.integers(1, 4)), max_size=4)
DECISIONS = st.lists(
    st.builds(Decision, st.integers(1, 4), st.none(), st.booleans()),
    max_size=3,
    unique_by=lambda d: d.customer_id,
)


@given(KNOWN, KNOWN, st.frozensets(st.integers(1, 4), max_size=2), DECISIONS, st.integers(0, 999))
def test_a_customer_is_matched_once_and_the_order_of_rows_does_not_matter(
    exact: list[Known],
    alias: list[Known],
    declared: frozenset[int],
    decisions: list[Decision],
    seed: int,
) -> None:
    def match() -> tuple[list[Match], Reason | None]:
        directory = Directory(
            {ANN: exact}, {ALIAS: alias}, {DOMAIN: declared}, decisions={ANN: decisions}
        )
        return match_address(ANN, ALIAS, DOMAIN, directory)

    matches, reason = match()
    customers = [m.customer_id for m in matches]
    assert customers == sorted(set(customers))
    assert (reason is None) == bool(matches)
    assert not {d.customer_id for d in decisions if not d.is_confirmed} & set(customers)
    assert {d.customer_id for d in decisions if d.is_confirmed} <= set(customers)
    for rows in (exact, alias, decisions):
        random.Random(seed).shuffle(rows)
    assert match() == (matches, reason)
