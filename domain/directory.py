"""The directory of customers and stakeholders as an import describes it: validated, normalised.

In every field None means “leave as it is”; an empty string or an empty list empties it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from domain.addresses import alias_key, domain_of
from domain.claims import claimable_domain
from domain.errors import DomainError
from domain.reading import MAX_ID, Path, Reading
from domain.text import shown
from domain.zones import zone_name

MAX_CUSTOMERS = 1_000
"""Customers a call takes (contract)."""

MAX_STAKEHOLDERS = 1_000
"""Stakeholders of one customer a call takes; they add up over calls."""

MAX_ADDRESSES = 50
"""Addresses of one stakeholder."""

MAX_CUSTOMER_ADDRESSES = 2_000
"""Addresses of one customer a call takes: a customer is written in one short transaction."""

MAX_DOMAINS = 200
"""Domains of one customer."""


class ImportOutcome(StrEnum):
    """What an import did with one customer."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REJECTED = "REJECTED"


CONSENTS = ("GRANTED", "DENIED", "UNKNOWN")
"""What a stakeholder said to being tracked."""


@dataclass(frozen=True, slots=True)
class ImportedAddress:
    """A normalised address with what it is matched by."""

    address: str
    alias_key: str
    domain: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class ImportedStakeholder:
    """A person at a customer; the first address is the primary one, `addresses` are all of them."""

    external_id: str | None = None
    name: str | None = None
    title: str | None = None
    timezone: str | None = None
    tracking_consent: str | None = None
    addresses: tuple[ImportedAddress, ...] | None = None
    path: Path = ()


@dataclass(frozen=True, slots=True)
class ImportedCustomer:
    """A customer, known by `external_id`; `csm_email` "" takes it out of any portfolio."""

    external_id: str
    name: str | None = None
    segment: str | None = None
    timezone: str | None = None
    renews_on: date | Literal[""] | None = None
    csm_email: str | None = None
    csm_name: str | None = None
    domains: tuple[str, ...] | None = None
    stakeholders: tuple[ImportedStakeholder, ...] = ()
    path: Path = ()


def imported_address(address: str, path: Path = ()) -> ImportedAddress:
    """A normalised address, ready to be stored."""
    return ImportedAddress(address, alias_key(address), domain_of(address), path)


def read_customer(
    raw: object, path: Path, internal_domains: frozenset[str] = frozenset()
) -> ImportedCustomer | list[DomainError]:
    """The customer that an untyped object describes, or all that is wrong with it.

    Fields: externalId, name, segment, timezone, renewsOn, csm {email, name}, domains, stakeholders.
    """
    reading = Reading()
    fields = reading.mapping(raw, path, "a customer")
    if reading.problems:
        return reading.problems
    csm_email, csm_name = _read_csm(reading, fields.get("csm"), (*path, "csm"))
    stakeholders = reading.items(
        fields.get("stakeholders"), (*path, "stakeholders"), MAX_STAKEHOLDERS
    )
    customer = ImportedCustomer(
        external_id=reading.required(
            fields.get("externalId"),
            (*path, "externalId"),
            "the customer's id in your system",
            MAX_ID,
        ),
        name=_read_name(reading, fields.get("name"), (*path, "name")),
        segment=reading.text(fields.get("segment"), (*path, "segment")),
        timezone=_read_zone(reading, fields.get("timezone"), (*path, "timezone")),
        renews_on=reading.day(fields.get("renewsOn"), (*path, "renewsOn")),
        csm_email=csm_email,
        csm_name=csm_name,
        domains=_read_domains(reading, fields.get("domains"), (*path, "domains"), internal_domains),
        stakeholders=tuple(
            _read_stakeholder(reading, item, (*path, "stakeholders", str(number)))
            for number, item in enumerate(stakeholders or ())
        ),
        path=path,
    )
    _refuse_repeats(reading, customer.stakeholders)
    _refuse_too_many(reading, customer.stakeholders, path)
    return reading.problems or customer


def _read_name(reading: Reading, raw: object, path: Path) -> str | None:
    name = reading.text(raw, path)
    if name == "":
        reading.refuse("MISSING", "name is empty: give the customer's name, or leave it out", path)
    return name


def _read_csm(reading: Reading, raw: object, path: Path) -> tuple[str | None, str | None]:
    if raw is None:
        return None, None
    fields = reading.mapping(raw, path, "a CSM")
    name = reading.text(fields.get("name"), (*path, "name"))
    email = reading.text(fields.get("email"), (*path, "email"))
    if email == "":
        return "", None
    if email is None:
        if fields and not reading.problems:
            message = "email is missing: CSMs are known by their address"
            reading.refuse("MISSING", message, (*path, "email"))
        return None, None
    return reading.address(email, (*path, "email")), name or None


def _read_zone(reading: Reading, raw: object, path: Path) -> str | None:
    text = reading.text(raw, path)
    if not text:
        return text
    name = zone_name(text)
    if name is None:
        message = f"{shown(text)} is no IANA time zone: give it as Europe/Berlin"
        reading.refuse("INVALID_TIMEZONE", message, path)
    return name


def _read_domains(
    reading: Reading, raw: object, path: Path, internal_domains: frozenset[str]
) -> tuple[str, ...] | None:
    given = reading.items(raw, path, MAX_DOMAINS)
    if given is None:
        return None
    found: dict[str, None] = {}
    for number, item in enumerate(given):
        try:
            text = reading.required(item, (*path, str(number)), "a domain such as acme.com")
            if text:
                found[claimable_domain(text, internal_domains)] = None
        except DomainError as error:
            reading.refuse(error.code, error.message, (*path, str(number)))
    return tuple(found)


def _read_stakeholder(reading: Reading, raw: object, path: Path) -> ImportedStakeholder:
    before = len(reading.problems)
    fields = reading.mapping(raw, path, "a stakeholder")
    stakeholder = ImportedStakeholder(
        external_id=reading.text(fields.get("externalId"), (*path, "externalId"), MAX_ID) or None,
        name=reading.text(fields.get("name"), (*path, "name")),
        title=reading.text(fields.get("title"), (*path, "title")),
        timezone=_read_zone(reading, fields.get("timezone"), (*path, "timezone")),
        tracking_consent=_read_consent(
            reading, fields.get("trackingConsent"), (*path, "trackingConsent")
        ),
        addresses=_read_addresses(reading, fields.get("addresses"), (*path, "addresses")),
        path=path,
    )
    if (
        len(reading.problems) == before
        and not stakeholder.external_id
        and not stakeholder.addresses
    ):
        message = "a stakeholder needs an externalId or an address to be known by: give one"
        reading.refuse("MISSING", message, path)
    return stakeholder


def _read_consent(reading: Reading, raw: object, path: Path) -> str | None:
    text = reading.text(raw, path)
    if text is None:
        return None
    consent = text.upper() or "UNKNOWN"
    if consent not in CONSENTS:
        message = f"{shown(text)} is no tracking consent: give GRANTED, DENIED or UNKNOWN"
        reading.refuse("INVALID_CONSENT", message, path)
    return consent


def _read_addresses(
    reading: Reading, raw: object, path: Path
) -> tuple[ImportedAddress, ...] | None:
    """One stakeholder's addresses; one mailbox written twice is one address."""
    given = reading.items(raw, path, MAX_ADDRESSES)
    if given is None:
        return None
    found: dict[str, ImportedAddress] = {}
    for number, item in enumerate(given):
        place = (*path, str(number))
        address = reading.address(item, place)
        if address is not None:
            found.setdefault(address, imported_address(address, place))
    return tuple(found.values())


def _refuse_repeats(reading: Reading, stakeholders: tuple[ImportedStakeholder, ...]) -> None:
    """A customer has each stakeholder, and each address, once."""
    seen: dict[str, Path] = {}
    known: dict[str, Path] = {}
    for stakeholder in stakeholders:
        number = stakeholder.external_id
        if number and known.setdefault(number, stakeholder.path) != stakeholder.path:
            message = (
                f"stakeholder {shown(number)} is already at {_at(known[number])}: list it once"
            )
            reading.refuse("DUPLICATE_STAKEHOLDER", message, (*stakeholder.path, "externalId"))
        for entry in stakeholder.addresses or ():
            if seen.setdefault(entry.address, entry.path) != entry.path:
                message = (
                    f"{shown(entry.address)} is already at {_at(seen[entry.address])}: "
                    "a customer has each address at one stakeholder"
                )
                reading.refuse("DUPLICATE_ADDRESS", message, entry.path)


def _refuse_too_many(
    reading: Reading, stakeholders: tuple[ImportedStakeholder, ...], path: Path
) -> None:
    count = sum(len(s.addresses or ()) for s in stakeholders)
    if count > MAX_CUSTOMER_ADDRESSES:
        message = (
            f"{count} addresses at one customer are too many at once: give at most "
            f"{MAX_CUSTOMER_ADDRESSES} a call; stakeholders add up over calls"
        )
        reading.refuse("TOO_MANY", message, (*path, "stakeholders"))


def _at(path: Path) -> str:
    return ".".join(path)


def without_addresses(item: ImportedCustomer, unwanted: Collection[str]) -> ImportedCustomer:
    """The customer without these addresses, and without stakeholders who had no others."""
    stakeholders = []
    for stakeholder in item.stakeholders:
        kept = tuple(a for a in stakeholder.addresses or () if a.address not in unwanted)
        if kept or not stakeholder.addresses:
            addresses = kept if stakeholder.addresses else stakeholder.addresses
            stakeholders.append(replace(stakeholder, addresses=addresses))
    return replace(item, stakeholders=tuple(stakeholders))
