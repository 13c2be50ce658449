"""Who somebody from the identity provider is here: a role, and for a CSM which one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from domain.addresses import normalise_or_none
from domain.errors import DomainError
from domain.viewer import Role
from server.openid import REFUSED

MAX_NAME = 200
"""Characters of a name that are kept."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The operator's word on who comes in as what."""

    admin_groups: tuple[str, ...]
    manager_groups: tuple[str, ...]
    groups_claim: str
    trusts_addresses: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may come in; `csm` is a CSM's address."""

    role: Role
    name: str
    csm: str | None


def person_of(claims: Mapping[str, Any], admission: Admission) -> Person:
    """The highest role that their groups give them; without one a CSM, by their address.

    Whether there is such a CSM is not known here. Raises DomainError SIGN_IN_REFUSED in words.
    """
    groups = _groups(claims.get(admission.groups_claim))
    name = _name(claims)
    if groups & set(admission.admin_groups):
        return Person(Role.ADMIN, name, None)
    if groups & set(admission.manager_groups):
        return Person(Role.MANAGER, name, None)
    return Person(Role.CSM, name, _address(claims, admission))


def unknown(person: Person) -> DomainError:
    """What to tell somebody whose address is no CSM's."""
    return DomainError(
        REFUSED,
        f"You are {person.csm}, and no CSM here has that address. Whoever imports customers can "
        "name you as their CSM; a group of managers or admins may let you in as well",
    )


def _address(claims: Mapping[str, Any], admission: Admission) -> str:
    given = claims.get("email")
    is_bare = isinstance(given, str) and "<" not in given
    address = normalise_or_none(given) if is_bare else None
    if address is None:
        _refuse(
            "The identity provider told no email address of yours, by which you would be known here"
        )
    # OpenID Connect Core §5.1 has a boolean; Amazon Cognito sends the word.
    verified = claims.get("email_verified", admission.trusts_addresses)
    if verified not in (True, "true"):
        _refuse(
            f"The identity provider has not verified that {address} is yours: verify it there, "
            "then sign in again"
        )
    return address


def _groups(told: object) -> set[str]:
    """Names of groups, however they are told: a list, or one."""
    several = told if isinstance(told, list) else [told]
    return {group for group in several if isinstance(group, str) and group}


def _name(claims: Mapping[str, Any]) -> str:
    told = (claims.get(name) for name in ("name", "preferred_username", "email", "sub"))
    return next((n.strip()[:MAX_NAME] for n in told if isinstance(n, str) and n.strip()), "–")


def _refuse(message: str) -> NoReturn:
    raise DomainError(REFUSED, message)
