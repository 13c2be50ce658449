"""Which domain a customer can call its own."""

import re

from domain.errors import DomainError
from domain.registrable import is_freemail, is_provider_domain, is_public_suffix, registrable_domain
from domain.text import shown

_HOST = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*\Z"
)


def claimable_domain(text: str, internal_domains: frozenset[str] = frozenset()) -> str:
    """The registrable domain that `text` names, if one customer can own it.

    Raises DomainError INVALID_DOMAIN for what is no domain, FREEMAIL_DOMAIN where anybody can have
    an address, PROVIDER_DOMAIN for a sender of bulk mail, INTERNAL_DOMAIN for our own.
    """
    host = _host(text)
    if host is None or is_public_suffix(host):
        raise DomainError("INVALID_DOMAIN", f"{shown(text)} is no domain: give it as acme.com")
    domain = registrable_domain(host)
    if is_freemail(domain):
        raise DomainError(
            "FREEMAIL_DOMAIN",
            f"{shown(domain)} is a free-mail domain, where anybody can have an address: "
            "list the stakeholders' addresses instead",
        )
    if is_provider_domain(domain):
        raise DomainError(
            "PROVIDER_DOMAIN",
            f"{shown(domain)} belongs to a mail provider, not to a customer: leave it out",
        )
    if domain in internal_domains:
        raise DomainError(
            "INTERNAL_DOMAIN",
            f"{shown(domain)} is one of our own domains (INTERNAL_DOMAINS): leave it out",
        )
    return domain


def _host(text: str) -> str | None:
    host = text.strip().removeprefix("@").rstrip(".").lower()
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return None
    return host if _HOST.match(host) else None
