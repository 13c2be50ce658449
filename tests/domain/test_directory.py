"""Reading an import: what is taken, how it is spelt, what is said of the rest."""

from datetime import date

import pytest

from domain.directory import (
    ImportedCustomer,
    ImportedStakeholder,
    imported_address,
    read_customer,
)
from domain.errors import DomainError

PATH = ("customers", "3")


def problems(raw: object, internal: frozenset[str] = frozenset()) -> list[DomainError]:
    found = read_customer(raw, PATH, internal)
    assert isinstance(found, list)
    return found


def stakeholders(*entries: object) -> dict[str, object]:
    return {"externalId": "acme", "name": "Acme", "stakeholders": list(entries)}


def test_a_customer_is_read_whole_and_normalised() -> None:
    place = (*PATH, "stakeholders", "0")
    assert read_customer(
        {
            "externalId": " acme ",
            "name": "Acme",
            "segment": "ENTERPRISE",
            "timezone": "europe/berlin",
            "renewsOn": "2027-03-31",
            "csm": {"email": "Mia@Us.example", "name": "Mia"},
            "domains": ["www.Acme.co.uk", "acme.co.uk", "@bücher.example"],
            "stakeholders": [
                {
                    "externalId": "p1",
                    "name": "Kim Lee",
                    "title": "CTO",
                    "timezone": "America/New_York",
                    "trackingConsent": "granted",
                    "addresses": ["Kim@Acme.co.uk", "KIM@acme.co.uk", "Kim.Lee+x@gmail.com"],
                }
            ],
        },
        PATH,
    ) == ImportedCustomer(
        external_id="acme",
        name="Acme",
        segment="ENTERPRISE",
        timezone="Europe/Berlin",
        renews_on=date(2027, 3, 31),
        csm_email="mia@us.example",
        csm_name="Mia",
        domains=("acme.co.uk", "xn--bcher-kva.example"),
        stakeholders=(
            ImportedStakeholder(
                external_id="p1",
                name="Kim Lee",
                title="CTO",
                timezone="America/New_York",
                tracking_consent="GRANTED",
                addresses=(
                    imported_address("kim@acme.co.uk", (*place, "addresses", "0")),
                    imported_address("kim.lee+x@gmail.com", (*place, "addresses", "2")),
                ),
                path=place,
            ),
        ),
        path=PATH,
    )


def test_an_address_carries_what_it_is_matched_by() -> None:
    found = imported_address("kim.lee+x@googlemail.com")
    assert (found.alias_key, found.domain) == ("kimlee@gmail.com", "googlemail.com")
    assert imported_address("kim@mail.acme.co.uk").domain == "acme.co.uk"


def test_what_is_absent_or_null_is_left_as_it_is() -> None:
    nulls = dict.fromkeys(("name", "segment", "renewsOn", "csm", "domains", "stakeholders"))
    assert read_customer({"externalId": "acme"}, ()) == ImportedCustomer("acme")
    assert read_customer({"externalId": "acme", **nulls}, ()) == ImportedCustomer("acme")


def test_empty_strings_and_lists_empty_what_is_stored() -> None:
    raw = {
        "externalId": "acme",
        "segment": "",
        "timezone": " ",
        "renewsOn": "",
        "csm": {"email": ""},
        "domains": [],
    }
    assert read_customer(raw, ()) == ImportedCustomer(
        "acme", segment="", timezone="", renews_on="", csm_email="", domains=()
    )


@pytest.mark.parametrize("raw", [None, 7, "acme", ["acme"]])
def test_what_is_no_customer_is_refused(raw: object) -> None:
    assert [(p.code, p.field) for p in problems(raw)] == [("INVALID_TYPE", PATH)]


def test_a_customer_without_an_external_id_is_refused() -> None:
    (problem,) = problems({"name": "Acme"})
    assert (problem.code, problem.field) == ("MISSING", (*PATH, "externalId"))
    assert problem.message == "externalId is missing: give the customer's id in your system"


@pytest.mark.parametrize(
    ("domain", "code", "message"),
    [
        (
            "gmail.com",
            "FREEMAIL_DOMAIN",
            "“gmail.com” is a free-mail domain, where anybody can have an address: "
            "list the stakeholders' addresses instead",
        ),
        (
            "u123.sendgrid.net",
            "PROVIDER_DOMAIN",
            "“sendgrid.net” belongs to a mail provider, not to a customer: leave it out",
        ),
        (
            "us.example",
            "INTERNAL_DOMAIN",
            "“us.example” is one of our own domains (INTERNAL_DOMAINS): leave it out",
        ),
        ("co.uk", "INVALID_DOMAIN", "“co.uk” is no domain: give it as acme.com"),
        ("acme", "INVALID_DOMAIN", "“acme” is no domain: give it as acme.com"),
        ("10.0.0.10", "INVALID_DOMAIN", "“10.0.0.10” is no domain: give it as acme.com"),
        (
            "https://acme.com/",
            "INVALID_DOMAIN",
            "“https://acme.com/” is no domain: give it as acme.com",
        ),
    ],
)
def test_a_domain_that_one_customer_cannot_own_is_refused(
    domain: str, code: str, message: str
) -> None:
    raw = {"externalId": "acme", "domains": ["acme.com", domain]}
    (problem,) = problems(raw, frozenset({"us.example"}))
    assert (problem.code, problem.message) == (code, message)
    assert problem.field == (*PATH, "domains", "1")


def test_every_problem_is_named_with_its_path() -> None:
    found = problems(
        {
            "externalId": "x" * 321,
            "name": "",
            "segment": "a\nb",
            "timezone": "Mars/Base",
            "renewsOn": "31.3.2027",
            "stakeholders": [
                {"externalId": "p1", "addresses": ["kim@acme.com", "kim"]},
                {"name": "Nobody"},
                {"externalId": "p2", "trackingConsent": "MAYBE", "addresses": "lee@acme.com"},
                7,
            ],
        }
    )
    assert [(p.code, p.field and p.field[2:]) for p in found] == [
        ("TOO_LONG", ("externalId",)),
        ("MISSING", ("name",)),
        ("INVALID_TEXT", ("segment",)),
        ("INVALID_TIMEZONE", ("timezone",)),
        ("INVALID_DATE", ("renewsOn",)),
        ("INVALID_ADDRESS", ("stakeholders", "0", "addresses", "1")),
        ("MISSING", ("stakeholders", "1")),
        ("INVALID_CONSENT", ("stakeholders", "2", "trackingConsent")),
        ("INVALID_TYPE", ("stakeholders", "2", "addresses")),
        ("INVALID_TYPE", ("stakeholders", "3")),
    ]
    assert found[3].message == "“Mars/Base” is no IANA time zone: give it as Europe/Berlin"


def test_a_csm_is_known_by_the_address() -> None:
    (problem,) = problems({"externalId": "acme", "csm": {"name": "Mia"}})
    assert (problem.code, problem.field) == ("MISSING", (*PATH, "csm", "email"))


def test_one_address_at_two_stakeholders_of_a_customer_is_refused() -> None:
    (problem,) = problems(
        stakeholders(
            {"addresses": ["kim@acme.com"]}, {"addresses": ["lee@acme.com", "Kim@ACME.com"]}
        )
    )
    assert (problem.code, problem.field) == (
        "DUPLICATE_ADDRESS",
        (*PATH, "stakeholders", "1", "addresses", "1"),
    )
    assert problem.message == (
        "“kim@acme.com” is already at customers.3.stakeholders.0.addresses.0: "
        "a customer has each address at one stakeholder"
    )


def test_one_stakeholder_listed_twice_is_refused() -> None:
    (problem,) = problems(stakeholders({"externalId": "p1"}, {"externalId": "p1"}))
    assert (problem.code, problem.field) == (
        "DUPLICATE_STAKEHOLDER",
        (*PATH, "stakeholders", "1", "externalId"),
    )


def test_a_customer_with_too_many_addresses_is_refused_with_the_way_out() -> None:
    entries = [{"addresses": [f"p{n}-{m}@acme.com" for m in range(3)]} for n in range(700)]
    (problem,) = problems(stakeholders(*entries))
    assert (problem.code, problem.field) == ("TOO_MANY", (*PATH, "stakeholders"))
    assert problem.message == (
        "2100 addresses at one customer are too many at once: give at most 2000 a call; "
        "stakeholders add up over calls"
    )


@pytest.mark.parametrize("value", [True, 1.5, {}, [], b"x", 10**400])
def test_a_value_of_another_type_is_a_problem_and_no_crash(value: object) -> None:
    for field in ("externalId", "name", "segment", "timezone", "renewsOn"):
        found = problems({"externalId": "acme", field: value})
        assert [p.code for p in found] == ["INVALID_TYPE"]
