"""The portfolio: the same for the same seed, believable in its numbers, true in its truth."""

from collections import Counter
from datetime import date

import pytest

from demo.names import CONSULTANCY_DOMAIN, OUR_DOMAIN
from demo.portfolio import CSMS, Portfolio, make_portfolio
from demo.strangers import Owner
from domain.addresses import alias_key, normalise
from domain.registrable import is_freemail

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return make_portfolio(7, TODAY)


def test_two_portfolios_of_a_seed_are_equal(portfolio: Portfolio) -> None:
    assert make_portfolio(7, TODAY) == portfolio


def test_another_seed_makes_other_customers(portfolio: Portfolio) -> None:
    assert make_portfolio(8, TODAY).customers != portfolio.customers


def test_it_is_as_large_as_promised(portfolio: Portfolio) -> None:
    assert len(portfolio.customers) >= 200
    assert len({customer.csm_email for customer in portfolio.customers}) == len(CSMS) == 4
    assert portfolio.stakeholders >= 1_500


def test_no_two_customers_share_a_name_a_domain_or_an_id(portfolio: Portfolio) -> None:
    customers = portfolio.customers
    assert len({c.name for c in customers}) == len(customers)
    assert len({c.mail_domain for c in customers}) == len(customers)
    assert len({c.external_id for c in customers}) == len(customers)


def test_no_customer_lists_an_address_twice(portfolio: Portfolio) -> None:
    for customer in portfolio.customers:
        listed = [address for person in customer.stakeholders for address in person.addresses]
        assert len(listed) == len(set(listed))


def test_every_address_is_spelled_as_the_service_will_store_it(portfolio: Portfolio) -> None:
    assert [a for a in portfolio.truth if normalise(a) != a] == []
    assert [r.address for r in portfolio.readers if normalise(r.address) != r.address] == []


def test_the_truth_knows_every_reader(portfolio: Portfolio) -> None:
    assert [r.address for r in portfolio.readers if r.address not in portfolio.truth] == []


def test_the_truth_agrees_with_the_directory(portfolio: Portfolio) -> None:
    for customer in portfolio.customers:
        for person in customer.stakeholders:
            owner = Owner(customer.external_id, person.external_id)
            assert all(owner in portfolio.truth[address] for address in person.addresses)


def test_a_consultant_is_a_stakeholder_at_three_customers(portfolio: Portfolio) -> None:
    consultants = {
        address: {owner.customer for owner in owners}
        for address, owners in portfolio.truth.items()
        if address.endswith(CONSULTANCY_DOMAIN) and owners
    }
    assert [len(customers) for customers in consultants.values()] == [3, 3, 3, 3]


def test_one_in_twelve_stakeholders_writes_from_free_mail(portfolio: Portfolio) -> None:
    people = [person for customer in portfolio.customers for person in customer.stakeholders]
    free = [p for p in people if is_freemail(p.addresses[0].partition("@")[2])]
    assert 0.06 <= len(free) / len(people) <= 0.1


def test_the_mailing_list_has_what_the_directory_does_not(portfolio: Portfolio) -> None:
    listed = {a for c in portfolio.customers for p in c.stakeholders for a in p.addresses}
    aliases = {alias_key(address) for address in listed}
    unlisted = [r.address for r in portfolio.readers if r.address not in listed]
    found = Counter(_sort(portfolio, address, aliases) for address in unlisted)
    assert found["alias"] >= 50
    assert found["colleague"] == 56
    assert found["internal"] == 8
    assert found["nobody"] == 26
    assert found["private"] == 10


def _sort(portfolio: Portfolio, address: str, aliases: set[str]) -> str:
    if alias_key(address) in aliases:
        return "alias"
    if address.endswith(OUR_DOMAIN):
        return "internal"
    if not portfolio.truth[address]:
        return "nobody"
    return "private" if is_freemail(address.partition("@")[2]) else "colleague"
