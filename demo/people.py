"""The people at a customer: names, addresses and how they read their mail."""

from dataclasses import dataclass
from random import Random

from demo.chance import named, spelled, weighted
from demo.names import FREEMAIL, TITLES, Region

FREEMAIL_SHARE = 0.08
SECOND_ADDRESS_SHARE = 0.2
SUBDOMAIN_SHARE = 0.08
PLUS_TAG_SHARE = 0.05
SUBDOMAINS = ("mail", "eu", "corp", "ops")

PERSONAS = (("loyalist", 0.16), ("window shopper", 0.3), ("selective", 0.24), ("dormant", 0.3))
CLIENTS = (("apple", 0.3), ("gmail", 0.25), ("outlook", 0.36), ("mobile", 0.09))
INTERESTS = (
    "analytics", "automation", "security", "integrations", "reporting", "billing", "onboarding",
    "ai", "events", "compliance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody reads bulk mail; `peak_hour` is in their own time zone."""

    persona: str
    client: str
    timezone: str
    peak_hour: int
    interests: tuple[str, ...]
    has_gateway: bool


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """A person, as the directory knows them at one customer; the first address is the primary."""

    external_id: str
    name: str
    title: str
    addresses: tuple[str, ...]
    habits: Habits


def make_people(
    seed: int, customer: str, *, domain: str, region: Region, habitat: tuple[str, bool], size: int
) -> tuple[Stakeholder, ...]:
    """`size` people of a customer, no two of one name; `habitat` is (time zone, has a gateway)."""
    people: list[Stakeholder] = []
    taken: set[str] = set()
    for number in range(size):
        chance = named(seed, customer, number)
        name = full_name(chance, region)
        while spelled(name) in taken:
            name = full_name(chance, region)
        taken.add(spelled(name))
        addresses = tuple(a for a in _addresses(chance, name, domain) if a not in taken)
        taken.update(addresses)
        identity = f"{customer}-{number + 1}"
        people.append(make_stakeholder(chance, identity, name, addresses, habitat))
    return tuple(people)


def full_name(chance: Random, region: Region) -> str:
    """First and last name of the region."""
    return f"{chance.choice(region.first_names)} {chance.choice(region.last_names)}"


def make_stakeholder(
    chance: Random,
    external_id: str,
    name: str,
    addresses: tuple[str, ...],
    habitat: tuple[str, bool],
) -> Stakeholder:
    """A person with a title and habits by chance."""
    title = chance.choice(TITLES)
    return Stakeholder(
        external_id, name, title, addresses, make_habits(chance, habitat[0], has_gateway=habitat[1])
    )


def make_habits(chance: Random, timezone: str, *, has_gateway: bool) -> Habits:
    """Habits by chance."""
    return Habits(
        persona=weighted(chance, PERSONAS),
        client=weighted(chance, CLIENTS),
        timezone=timezone,
        peak_hour=min(20, max(7, round(chance.gauss(10.5, 2.5)))),
        interests=tuple(chance.sample(INTERESTS, 3)),
        has_gateway=has_gateway,
    )


def _addresses(chance: Random, name: str, domain: str) -> tuple[str, ...]:
    """What the directory lists for a person."""
    first, last = (spelled(part) for part in name.split(" ", 1))
    if chance.random() < FREEMAIL_SHARE:
        # The company in the local part keeps an invented person out of a real one's mailbox.
        return (f"{first}.{last}.{spelled(domain.split('.')[0])}@{chance.choice(FREEMAIL)}",)
    host = domain
    if chance.random() < SUBDOMAIN_SHARE:
        host = f"{chance.choice(SUBDOMAINS)}.{domain}"
    primary = f"{first}.{last}@{host}"
    if chance.random() < SECOND_ADDRESS_SHARE:
        return (primary, f"{first[0]}{last}@{domain}")
    return (primary,)


def mailed_address(chance: Random, person: Stakeholder) -> str:
    """Which spelling the mailing list has: a listed address, or with a plus-tag or lost dots."""
    address = person.addresses[0]
    if chance.random() < 0.5:
        address = chance.choice(person.addresses)
    local, _, domain = address.partition("@")
    if chance.random() < PLUS_TAG_SHARE:
        return f"{local}+{chance.choice(('news', 'northlake', 'lists'))}@{domain}"
    if domain == "gmail.com" and chance.random() < 0.3:
        return f"{local.replace('.', '')}@{domain}"
    return address
