"""A schema in which everything fails somewhere: at once or later, where null may stand or not."""

import asyncio
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any

import strawberry

from domain.errors import DomainError
from server.graphql import Schema, make_schema
from server.protocol.compiled.plans import Plans


@strawberry.enum
class Colour(StrEnum):
    RED = "r"
    GREEN = "g"


@strawberry.enum
class Shape(Enum):
    """Its members are no texts, so that a sorted schema cannot write them."""

    ROUND = 1


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    weight: float | None
    colour: Colour
    shape: Shape | None = Shape.ROUND


@strawberry.type
class Broken:
    @strawberry.field
    async def later(self) -> int:
        await asyncio.sleep(0)
        raise DomainError("LATER", "broken later", ("later",))

    @strawberry.field
    def now(self) -> int:
        raise RuntimeError("broken now")


def _null() -> Any:
    return None


@strawberry.type
class Tree(Named):
    depth: strawberry.Private[int]
    at: datetime | None = None

    @strawberry.field
    def must(self) -> str:
        return _null() if self.depth == 2 else "must"

    @strawberry.field
    async def must_later(self) -> str:
        await asyncio.sleep(0)
        return _null() if self.depth == 2 else "must later"

    @strawberry.field
    def broken(self) -> Broken | None:
        return Broken()

    @strawberry.field
    async def broken_later(self) -> Broken | None:
        await asyncio.sleep(0)
        return Broken()

    @strawberry.field
    def children(self, count: int = 2) -> list["Tree"]:
        return self._children(count)

    @strawberry.field
    async def maybe(self, count: int = 2) -> list["Tree | None"] | None:
        return [None, *self._children(count)]

    def _children(self, count: int) -> list["Tree"]:
        if count < 0:
            raise DomainError("NEGATIVE", f"count is {count}", ("count",))
        return [Tree(name=f"{self.name}.{n}", depth=self.depth + 1) for n in range(min(count, 3))]

    @strawberry.field
    async def only(self) -> "Tree":
        return Tree(name="only", depth=self.depth + 1, at=datetime(2026, 11, 22, tzinfo=UTC))

    @strawberry.field
    def numbers(self) -> list[list[int | None]]:
        return [[1, None], [], [2**31 if self.depth == 1 else 2]]

    @strawberry.field
    def wrong(self) -> list[int] | None:
        return 7  # type: ignore[return-value]

    @strawberry.field
    def things(self) -> list[Named]:
        return [Leaf(name="leaf", weight=0.5, colour=Colour.GREEN), self]

    @strawberry.field
    def named(self) -> Named | None:
        return self if self.depth % 2 else Leaf(name="leaf", weight=None, colour=Colour.RED)


@strawberry.type
class Query:
    @strawberry.field
    def tree(self) -> Tree | None:
        return Tree(name="t", depth=0)

    @strawberry.field
    async def tree_later(self) -> Tree:
        return Tree(name="l", depth=0)

    @strawberry.field
    def viewer(self, info: strawberry.Info) -> str:
        return str(info.context)


LOG: list[str] = []
"""What mutations did, in order."""


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def note(self, text: str) -> Tree | None:
        LOG.append(f"{text} begins")
        await asyncio.sleep(0)
        LOG.append(f"{text} ends")
        return Tree(name=text, depth=1)


def faulty(plans: Plans | None) -> Schema:
    """The schema, compiled where plans are given."""
    return make_schema(Query, Mutation, types=[Leaf], plans=plans)
