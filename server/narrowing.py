"""What a table's query parameters narrow it to: each read strictly, the contract's own names."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from starlette.requests import Request

from domain import reports
from domain.errors import DomainError
from domain.events import CampaignType
from domain.text import is_storable, shown
from schema.filters import FLAGS, MAX_SEARCH
from store.campaigns import CampaignFilter
from store.outcomes import OutcomeGroup
from store.recipients import RecipientFilter

BOOLEANS = {"true": True, "false": False}

Read = Callable[[str, str], Any]
"""The name and the text of a parameter → its value. Raises DomainError."""


def camel(name: str) -> str:
    """`machine_opens` → `machineOpens`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def read(request: Request, readers: Mapping[str, Read]) -> dict[str, Any]:
    """The parameters by name, each as its reader has it. Raises DomainError for any other."""
    found: dict[str, Any] = {}
    for name, text in request.query_params.items():
        if name not in readers:
            message = f"{shown(name)} narrows nothing here: see docs/rest.md"
            raise DomainError("INVALID_ARGUMENT", message, (name,))
        found[name] = readers[name](name, text)
    return found


def flag(name: str, text: str) -> bool:
    """`true` or `false`."""
    if text not in BOOLEANS:
        message = f"{name} is {shown(text)}: give true or false"
        raise DomainError("INVALID_ARGUMENT", message, (name,))
    return BOOLEANS[text]


def plain(name: str, text: str) -> str:
    """Text of at most 200 characters."""
    if len(text) > MAX_SEARCH:
        message = f"{name} has {len(text)} characters: give {MAX_SEARCH} at most"
        raise DomainError("INVALID_TEXT", message, (name,))
    return whole(name, text)


def whole(name: str, text: str) -> str:
    """Text of any length."""
    if not is_storable(text):
        raise DomainError("INVALID_ARGUMENT", f"{name} has no NUL characters", (name,))
    return text


def time(name: str, text: str) -> datetime:
    """An instant with its zone; the plus of a zone may have become a blank on the way."""
    return reports.instant(text.replace(" ", "+"), name)


def one_of(known: type[StrEnum]) -> Read:
    """A reader of one of the words."""

    def read_one(name: str, text: str) -> StrEnum:
        if text not in [*known]:
            message = f"{name} is {shown(text)}: give one of {', '.join(known)}"
            raise DomainError("INVALID_ARGUMENT", message, (name,))
        return known(text)

    return read_one


RECIPIENTS: Mapping[str, Read] = {
    **{camel(name): flag for name in FLAGS},
    "clickedUrl": whole,
    "segment": whole,
}
"""As `RecipientFilter` of the contract."""

CAMPAIGNS: Mapping[str, Read] = {
    "type": one_of(CampaignType),
    "search": plain,
    "sentSince": time,
    "sentUntil": time,
    "provider": plain,
}
"""As `CampaignFilter` of the contract."""

OUTCOMES: Mapping[str, Read] = {
    "group": one_of(OutcomeGroup),
    "success": flag,
    "since": time,
    "until": time,
}
"""As the arguments of the contract's `outcomes` and `cases`."""

_SNAKE = {camel(name): name for name in (*FLAGS, "clicked_url", "segment")}


def recipients_chosen(request: Request) -> RecipientFilter:
    """`opened=true&segment=Enterprise`. Raises DomainError."""
    found = read(request, RECIPIENTS)
    return RecipientFilter(**{_SNAKE[name]: value for name, value in found.items()})


def campaigns_chosen(request: Request) -> tuple[CampaignFilter, str]:
    """`type=NEWSLETTER&sentSince=2026-11-01T00:00:00Z`, and `timezone` (UTC without), which says
    by whose clock hours of sending are. Raises DomainError."""
    found = read(request, {**CAMPAIGNS, "timezone": plain})
    chosen = CampaignFilter(
        type=found.get("type"),
        search=found.get("search"),
        sent_since=found.get("sentSince"),
        sent_until=found.get("sentUntil"),
        provider=found.get("provider"),
    )
    return chosen, found.get("timezone", "UTC")
