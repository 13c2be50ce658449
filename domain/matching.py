"""Whose address is this: the ladder from an address to customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.erasure import is_pseudonym
from domain.registrable import is_freemail, is_provider_domain


class MatchMethod(StrEnum):
    """The rung of the ladder that answered."""

    EXACT = "EXACT"
    ALIAS = "ALIAS"
    DOMAIN = "DOMAIN"
    MANUAL = "MANUAL"
    NONE = "NONE"


CONFIDENCE = {
    MatchMethod.EXACT: 1.0,
    MatchMethod.ALIAS: 0.95,
    MatchMethod.DOMAIN: 0.8,
    MatchMethod.MANUAL: 1.0,
}
"""How sure each rung is (rules: matching)."""


class UnmatchedReason(StrEnum):
    """Why nobody could be found."""

    FREEMAIL = "FREEMAIL"
    INTERNAL = "INTERNAL"
    UNKNOWN_DOMAIN = "UNKNOWN_DOMAIN"
    AMBIGUOUS = "AMBIGUOUS"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True)
class Known:
    """A stakeholder's address in the directory."""

    customer_id: int
    stakeholder_id: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said about (address, customer)."""

    customer_id: int
    stakeholder_id: int | None
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Match:
    """An address is this customer's, and if known this stakeholder's."""

    customer_id: int
    stakeholder_id: int | None
    method: MatchMethod

    @property
    def confidence(self) -> float:
        """0–1, by the rung."""
        return CONFIDENCE[self.method]


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known about a set of addresses, aliases and domains: the ladder's only input.

    `declared` and `used` map a registrable domain to the customers that declared it or have
    stakeholders there.
    """

    addresses: Mapping[str, Sequence[Known]] = field(default_factory=dict)
    aliases: Mapping[str, Sequence[Known]] = field(default_factory=dict)
    declared: Mapping[str, frozenset[int]] = field(default_factory=dict)
    used: Mapping[str, frozenset[int]] = field(default_factory=dict)
    decisions: Mapping[str, Sequence[Decision]] = field(default_factory=dict)
    internal_domains: frozenset[str] = frozenset()


def match_address(
    address: str, alias: str, domain: str, directory: Directory
) -> tuple[list[Match], UnmatchedReason | None]:
    """The customers an address belongs to, or the reason why there is none.

    `address` is normalised, `alias` its alias key, `domain` its registrable domain. What people
    confirmed always holds and what they rejected never does; beyond that the first rung that
    answers wins.
    """
    if is_pseudonym(address):
        return [], UnmatchedReason.ERASED
    decisions = directory.decisions.get(address, ())
    manual = [
        Match(d.customer_id, d.stakeholder_id, MatchMethod.MANUAL)
        for d in decisions
        if d.is_confirmed
    ]
    decided = {d.customer_id for d in decisions}
    found, reason = _climb(address, alias, domain, directory, decided)
    # A person's word about one customer does not end an exact match with another.
    others = [m for m in found if not manual or m.method is not MatchMethod.DOMAIN]
    matches = sorted((*manual, *others), key=lambda m: m.customer_id)
    return matches, None if matches else reason


def _climb(
    address: str, alias: str, domain: str, directory: Directory, decided: set[int]
) -> tuple[list[Match], UnmatchedReason | None]:
    for known, method in (
        (directory.addresses.get(address, ()), MatchMethod.EXACT),
        (directory.aliases.get(alias, ()), MatchMethod.ALIAS),
    ):
        matches = _of_customers(known, method, decided)
        if matches:
            return matches, None
    return _by_domain(domain, directory, decided)


def _of_customers(known: Sequence[Known], method: MatchMethod, decided: set[int]) -> list[Match]:
    """One match a customer; of several stakeholders there the first known one."""
    first: dict[int, int] = {}
    for entry in known:
        if entry.customer_id not in decided:
            stakeholder = first.get(entry.customer_id, entry.stakeholder_id)
            first[entry.customer_id] = min(stakeholder, entry.stakeholder_id)
    return [Match(customer, stakeholder, method) for customer, stakeholder in first.items()]


def _by_domain(
    domain: str, directory: Directory, decided: set[int]
) -> tuple[list[Match], UnmatchedReason | None]:
    if domain in directory.internal_domains:
        return [], UnmatchedReason.INTERNAL
    if is_freemail(domain):
        return [], UnmatchedReason.FREEMAIL
    if is_provider_domain(domain):
        return [], UnmatchedReason.UNKNOWN_DOMAIN
    customers = directory.declared.get(domain) or directory.used.get(domain) or frozenset()
    if len(customers) > 1:
        return [], UnmatchedReason.AMBIGUOUS
    open_to = [c for c in customers if c not in decided]
    if not open_to:
        return [], UnmatchedReason.UNKNOWN_DOMAIN
    return [Match(open_to[0], None, MatchMethod.DOMAIN)], None
