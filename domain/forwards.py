"""Whether a mail was probably passed on: somebody else's program in somebody else's network."""

from collections.abc import Mapping
from datetime import datetime

from domain.agents import is_reader_proxy
from domain.facts import Fact

Hands = dict[str, datetime]
"""Network (in hex) and program, parted by a blank → when they first were at the mail."""


def hand(fact: Fact) -> str | None:
    """Whose hands an act tells of; None where it does not tell both program and network, or comes
    through an image proxy, which hides them."""
    family, network = fact.agent_family, fact.network_hash
    if family is None or network is None or is_reader_proxy(family):
        return None
    return f"{network.hex()} {family}"


def probable_forward(hands: Mapping[str, datetime], opened_at: datetime | None) -> datetime | None:
    """When a program not seen before came from a network not seen before, after the first human
    open; None when that never was. Neither alone tells anything: people have several programs, and
    they travel."""
    families: set[str] = set()
    networks: set[str] = set()
    for at, seen in sorted((at, seen) for seen, at in hands.items()):
        network, _, family = seen.partition(" ")
        is_new = family not in families and network not in networks
        if families and is_new and opened_at is not None and at > opened_at:
            return at
        families.add(family)
        networks.add(network)
    return None


def without_names(hands: Mapping[str, datetime]) -> Hands:
    """The same hands with numbers for networks and programs: what follows from them does not
    change, and nobody is known by them."""
    networks: dict[str, int] = {}
    families: dict[str, int] = {}
    numbered: Hands = {}
    for at, seen in sorted((at, seen) for seen, at in hands.items()):
        network, _, family = seen.partition(" ")
        place = networks.setdefault(network, len(networks))
        program = families.setdefault(family, len(families))
        numbered[f"{place} {program}"] = at
    return numbered
