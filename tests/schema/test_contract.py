"""The contract itself: committed, described, unbroken."""

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    find_breaking_changes,
)

from schema.build import SNAPSHOT, sdl


def undescribed() -> list[str]:
    """Every element of the contract that lacks a description."""
    missing = []
    for name, kind in build_schema(sdl()).type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        if not kind.description:
            missing.append(name)
        if isinstance(kind, GraphQLEnumType):
            missing += [f"{name}.{v}" for v, it in kind.values.items() if not it.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                if not field.description:
                    missing.append(f"{name}.{field_name}")
                arguments = getattr(field, "args", {})
                missing += [
                    f"{name}.{field_name}({a})" for a, it in arguments.items() if not it.description
                ]
    return missing


def test_every_element_of_the_contract_is_described() -> None:
    assert undescribed() == []


def test_the_committed_contract_is_what_the_code_says() -> None:
    assert SNAPSHOT.read_text() == sdl(), "run `python -m server schema > schema/schema.graphql`"


def test_the_contract_breaks_no_client_of_the_committed_one() -> None:
    committed, present = build_schema(SNAPSHOT.read_text()), build_schema(sdl())

    assert find_breaking_changes(committed, present) == []


def test_the_contract_uses_the_agreed_names() -> None:
    types = build_schema(sdl()).type_map
    query, mutation, subscription = types["Query"], types["Mutation"], types["Subscription"]
    assert isinstance(query, GraphQLObjectType)
    assert isinstance(mutation, GraphQLObjectType)
    assert isinstance(subscription, GraphQLObjectType)

    assert sorted(query.fields) == [
        "apiKeys",
        "campaign",
        "campaigns",
        "capture",
        "csms",
        "customer",
        "customers",
        "digest",
        "digestSettings",
        "digests",
        "node",
        "outcomes",
        "performance",
        "portfolio",
        "recentEngagement",
        "recipientsToReview",
        "recommendations",
        "stakeholders",
        "viewer",
        "webhookEndpoints",
        "workflowPreview",
        "workflows",
    ]
    assert sorted(subscription.fields) == [
        "campaignProgressed",
        "engagementRecorded",
        "portfolioEngagement",
        "recommendationChanged",
    ]
    assert {"recordEngagement", "replayPayloads", "createApiKey", "revokeApiKey"} <= set(
        mutation.fields
    )
