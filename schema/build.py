"""The contract as a whole."""

from pathlib import Path

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription

QUERY, MUTATION, SUBSCRIPTION = Query, Mutation, Subscription

CONFIG = StrawberryConfig(scalar_map=dict(SCALARS), sort_schema=True)
"""Sorted, so that the SDL does not depend on the order of definitions."""

SNAPSHOT = Path(__file__).with_name("schema.graphql")
"""The contract as it is committed; a test compares it."""


def sdl() -> str:
    """The contract in GraphQL's schema definition language."""
    schema = strawberry.Schema(QUERY, MUTATION, SUBSCRIPTION, config=CONFIG)
    return schema.as_str() + "\n"
