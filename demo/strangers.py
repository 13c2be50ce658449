"""Addresses in the mailing list that the directory does not have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from demo.chance import named, spelled
from demo.names import AGENCY_DOMAIN, CONSULTANCY_DOMAIN, OUR_DOMAIN, UNKNOWN_COMPANIES
from demo.people import Stakeholder

COLLEAGUES = 56
PRIVATE_ADDRESSES = 10
UNKNOWNS = 20
AGENCY_PEOPLE = 3
INTERNAL_TESTERS = 8


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an address really is at one customer; the stakeholder is None for the unlisted."""

    customer: str
    stakeholder: str | None


Workplace = tuple[str, str, tuple[Stakeholder, ...]]
"""A customer's external id, the domain its people mail from, its people."""

Stranger = tuple[str, tuple[Owner, ...]]
"""An address and whose it really is."""


def make_strangers(seed: int, workplaces: Sequence[Workplace]) -> list[Stranger]:
    """Unlisted colleagues, private addresses, and people who are nobody's stakeholder."""
    chance = named(seed, "strangers")
    return [
        *_colleagues(chance, workplaces),
        *_private(chance, workplaces),
        *_nobodies(chance),
    ]


def _colleagues(chance: Random, workplaces: Sequence[Workplace]) -> Iterator[Stranger]:
    for number in range(COLLEAGUES):
        customer, domain, _ = chance.choice(workplaces)
        role = chance.choice(("accounts", "ops", "it.desk", "assistant", "pmo"))
        yield f"{role}{number}@{domain}", (Owner(customer, None),)


def _private(chance: Random, workplaces: Sequence[Workplace]) -> Iterator[Stranger]:
    for number in range(PRIVATE_ADDRESSES):
        customer, _, people = chance.choice(workplaces)
        person = chance.choice(people)
        address = f"{spelled(person.name)}.{spelled(customer)}.{number}@gmail.com"
        yield address, (Owner(customer, person.external_id),)


def _nobodies(chance: Random) -> Iterator[Stranger]:
    for number in range(UNKNOWNS):
        domain = UNKNOWN_COMPANIES[number % len(UNKNOWN_COMPANIES)]
        yield f"{chance.choice(('info', 'hello', 'contact'))}{number}@{domain}", ()
    for number in range(AGENCY_PEOPLE):
        # One of the agency is a customer's stakeholder, these are not: a domain can mislead.
        yield f"desk{number}@{AGENCY_DOMAIN}", ()
        yield f"office{number}@{CONSULTANCY_DOMAIN}", ()
    for number in range(INTERNAL_TESTERS):
        yield f"seed-test{number}@{OUR_DOMAIN}", ()
