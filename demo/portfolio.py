"""The portfolio: customers, their CSMs and stakeholders, and the truth about every address.

A pure function of a seed and a day. The truth says whose an address really is, also where the
directory that the service is given does not: the evaluation measures coverage and precision by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from demo.chance import named, spelled, weighted
from demo.names import (
    AGENCY_DOMAIN,
    CONSULTANCY_DOMAIN,
    INDUSTRIES,
    OUR_DOMAIN,
    REGIONS,
    STEMS,
)
from demo.people import (
    Habits,
    Stakeholder,
    full_name,
    mailed_address,
    make_habits,
    make_people,
    make_stakeholder,
)
from demo.strangers import Owner, Stranger, make_strangers

CUSTOMERS = 216

SEGMENTS = (("Enterprise", 0.17), ("Mid-market", 0.36), ("SMB", 0.34), ("Non-profit", 0.13))
"""Segment and its share of the customers."""

SIZES = {"Enterprise": (14, 20), "Mid-market": (7, 11), "SMB": (3, 6), "Non-profit": (3, 7)}
"""Fewest and most stakeholders by segment."""

CSMS = (
    ("dana.okafor", "Dana Okafor"),
    ("miguel.santos", "Miguel Santos"),
    ("hannah.weiss", "Hannah Weiss"),
    ("arjun.patel", "Arjun Patel"),
)
"""Local part and name of our customer success managers."""

DECLARING_SHARE = 0.6
"""Customers whose domains the directory lists; the others are known by their people's addresses."""

CONSULTANTS = 4
CONSULTED_CUSTOMERS = 3


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `domains` are those the directory declares, `mail_domain` the one in use."""

    external_id: str
    name: str
    segment: str
    csm_email: str
    csm_name: str
    timezone: str
    renews_on: date
    mail_domain: str
    domains: tuple[str, ...]
    stakeholders: tuple[Stakeholder, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """A mailbox that bulk mail goes to, in the directory or not, and how it is read."""

    address: str
    segment: str
    habits: Habits


@dataclass(frozen=True)
class Portfolio:
    """Everything the demonstration is made of; `truth` maps an address to its owners."""

    seed: int
    customers: tuple[Customer, ...]
    readers: tuple[Reader, ...]
    truth: dict[str, tuple[Owner, ...]] = field(repr=False)

    @property
    def stakeholders(self) -> int:
        """How many the directory lists; a consultant counts once at each customer."""
        return sum(len(customer.stakeholders) for customer in self.customers)


def make_portfolio(seed: int, today: date) -> Portfolio:
    """The portfolio of this seed, with renewals spread over the year after `today`."""
    alone = [_customer(seed, number, today) for number in range(CUSTOMERS)]
    customers = _with_guests(seed, alone)
    strangers = make_strangers(
        seed, [(c.external_id, c.mail_domain, c.stakeholders) for c in alone]
    )
    readers: dict[str, Reader] = {}
    truth: dict[str, tuple[Owner, ...]] = {}
    for address, owner, reader in _listed(seed, customers):
        truth[address] = (*truth.get(address, ()), owner)
        readers.setdefault(reader.address, reader)
    for address, owners in strangers:
        truth[address] = owners
        readers[address] = _stranger(seed, (address, owners))
    return Portfolio(seed, tuple(customers), tuple(readers.values()), truth)


def _listed(seed: int, customers: list[Customer]) -> Iterator[tuple[str, Owner, Reader]]:
    """Every spelling of every listed person's addresses, with the reader behind it."""
    for customer in customers:
        for person in customer.stakeholders:
            mailed = mailed_address(named(seed, "mailed", person.addresses[0]), person)
            reader = Reader(mailed, customer.segment, person.habits)
            for address in dict.fromkeys((*person.addresses, mailed)):
                yield address, Owner(customer.external_id, person.external_id), reader


def _stranger(seed: int, stranger: Stranger) -> Reader:
    chance = named(seed, "stranger", stranger[0])
    habits = make_habits(chance, "Europe/London", has_gateway=False)
    return Reader(stranger[0], weighted(chance, SEGMENTS), habits)


def _customer(seed: int, number: int, today: date) -> Customer:
    chance = named(seed, "customer", number)
    region = REGIONS[0] if chance.random() < 0.42 else chance.choice(REGIONS[1:])
    segment = weighted(chance, SEGMENTS)
    stem, industry = _company(seed, number)
    timezone = chance.choice(region.timezones)
    domain = f"{stem}{chance.choice(('', '-'))}{industry}.{chance.choice(region.suffixes)}".lower()
    csm, csm_name = CSMS[number % len(CSMS)]
    external_id = f"C-{1000 + number}"
    habitat = (timezone, chance.random() < (0.25 if segment == "Enterprise" else 0.06))
    size = chance.randint(*SIZES[segment])
    return Customer(
        external_id=external_id,
        name=f"{stem} {industry}",
        segment=segment,
        csm_email=f"{csm}@{OUR_DOMAIN}",
        csm_name=csm_name,
        timezone=timezone,
        renews_on=today + timedelta(days=chance.randint(12, 360)),
        mail_domain=domain,
        domains=_declared(chance, domain, segment),
        stakeholders=make_people(
            seed, external_id, domain=domain, region=region, habitat=habitat, size=size
        ),
    )


def _company(seed: int, number: int) -> tuple[str, str]:
    """Stem and industry: no two customers share both."""
    stems, industries = list(STEMS), list(INDUSTRIES)
    named(seed, "stems").shuffle(stems)
    named(seed, "industries").shuffle(industries)
    lap, place = divmod(number, len(stems))
    return stems[place], industries[(place + 7 * lap) % len(industries)]


def _declared(chance: Random, domain: str, segment: str) -> tuple[str, ...]:
    if chance.random() > DECLARING_SHARE:
        return ()
    if segment == "Enterprise":
        return (domain, f"{domain.split('.')[0]}-group.com")
    return (domain,)


def _with_guests(seed: int, customers: list[Customer]) -> list[Customer]:
    """Add consultants who are stakeholders at several customers, and one agency's person at one."""
    guests: dict[str, list[Stakeholder]] = {}
    for number in range(CONSULTANTS):
        region = REGIONS[number]
        name = full_name(named(seed, "consultant", number), region)
        address = f"{'.'.join(map(spelled, name.split()))}@{CONSULTANCY_DOMAIN}"
        for host in named(seed, "hosts", number).sample(customers, CONSULTED_CUSTOMERS):
            # The same draw at each host: one person has one set of habits.
            habits = named(seed, "consultant habits", number)
            identity = f"{host.external_id}-G{number}"
            guest = make_stakeholder(
                habits, identity, name, (address,), (region.timezones[0], False)
            )
            guests.setdefault(host.external_id, []).append(guest)
    chance = named(seed, "agency")
    host = chance.choice(customers)
    agent = (f"nadia.ferrar@{AGENCY_DOMAIN}",)
    guests.setdefault(host.external_id, []).append(
        make_stakeholder(
            chance, f"{host.external_id}-A", "Nadia Ferrar", agent, (host.timezone, False)
        )
    )
    return [
        replace(c, stakeholders=(*c.stakeholders, *guests.get(c.external_id, ())))
        for c in customers
    ]
