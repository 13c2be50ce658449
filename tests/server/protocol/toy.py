"""A small schema of the same shapes as the real one, to test the protocols with."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry
from starlette.requests import HTTPConnection

from domain.errors import DomainError
from domain.viewer import Role, Viewer
from store.database import Unavailable
from store.feed import Cursor
from store.live import Until

CLOSED: list["Context"] = []
"""The contexts that were closed, in order."""


@dataclass
class Context:
    """A context that knows its viewer and says when it is closed."""

    viewer: Viewer
    place: Cursor | None = None
    until: Until | None = None

    async def close(self) -> None:
        CLOSED.append(self)


Info = strawberry.Info[Context, None]


@strawberry.type
class Customer:
    name: str
    domains: list[str]

    @strawberry.field
    def events(self, first: int = 20) -> "EventConnection":
        return EventConnection(edges=[EventEdge(node=Event(id=n)) for n in range(first)])

    @strawberry.field
    def contacts(self) -> list["Contact"]:
        return [Contact(name=f"contact {number}") for number in range(2)]

    @strawberry.field
    def myself(self) -> "Customer":
        return self


@strawberry.type
class Contact:
    name: str


@strawberry.type
class Event:
    id: int

    @strawberry.field
    def customer(self) -> Customer:
        return CUSTOMER


@strawberry.type
class EventEdge:
    node: Event


@strawberry.type
class EventConnection:
    edges: list[EventEdge]


CUSTOMER = Customer(name="Acme", domains=["acme.test"])


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def customer(self) -> Customer:
        return CUSTOMER

    @strawberry.field
    def viewer(self, info: Info) -> str:
        return info.context.viewer.name

    @strawberry.field
    def refused(self) -> str | None:
        raise DomainError("INVALID_ID", 'There is no customer "7"', ("customerId",))

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("the password is hunter2")

    @strawberry.field
    def away(self) -> str | None:
        raise Unavailable("PostgreSQL cannot be reached: /secret/socket")

    @strawberry.field
    def echo(self, text: str | None = None, at: datetime | None = None, number: int = 0) -> str:
        return f"{text} {at} {number}"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, name: str) -> Customer:
        return Customer(name=name, domains=[])


RUNNING: set[str] = set()
"""The subscriptions that are running now, by their name."""


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int, pause_seconds: float = 0.0) -> AsyncGenerator[int, None]:
        for number in range(1, to + 1):
            await asyncio.sleep(pause_seconds)
            yield number

    @strawberry.subscription
    async def customers(self, to: int) -> AsyncGenerator[Customer, None]:
        for _ in range(to):
            yield CUSTOMER

    @strawberry.subscription
    async def endless(self, name: str, filler: int = 0) -> AsyncGenerator[str, None]:
        RUNNING.add(name)
        try:
            while True:
                await asyncio.sleep(0)
                yield "x" * filler
                if not filler:
                    await asyncio.sleep(60)
        finally:
            RUNNING.discard(name)

    @strawberry.subscription
    async def expired_cursor(self) -> AsyncGenerator[int, None]:
        raise DomainError("CURSOR_EXPIRED", "The cursor is too old: read the customer again")
        yield 0

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("the password is hunter2")


VIEWERS: dict[str, Viewer] = {"good": Viewer(Role.MANAGER, "Mia")}
"""Tokens that are known; tests add their own."""

REVOKED: set[str] = set()
"""Names of viewers who are valid no more."""


async def authenticate(token: str | None) -> Viewer:
    """Know the tokens of `VIEWERS`."""
    if token == "database-away":
        raise Unavailable("PostgreSQL cannot be reached")
    if token is None or token not in VIEWERS:
        raise DomainError("UNAUTHENTICATED", "Send a valid token as `Authorization: Bearer …`")
    return VIEWERS[token]


async def still_valid(viewer: Viewer) -> bool:
    """Whether a viewer has not been revoked."""
    return viewer.name not in REVOKED


def make_context(viewer: Viewer, connection: HTTPConnection) -> Context:
    """A context of one operation."""
    return Context(viewer)


def count_values(value: Any) -> int:
    """How many values an answer holds, as a cost counts them."""
    if isinstance(value, dict):
        return sum(1 + count_values(inner) for inner in value.values())
    if isinstance(value, list):
        return sum(count_values(inner) for inner in value)
    return 0
