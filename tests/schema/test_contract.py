"""The contract itself: committed, described, unbroken."""

from pathlib import Path
from typing import Any

from graphql import (
    DefinitionNode,
    FieldDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InputValueDefinitionNode,
    NonNullTypeNode,
    build_schema,
    parse,
    print_ast,
)

from schema.build import SNAPSHOT, sdl

AGREED = Path(__file__).with_name("agreed.graphql")
"""What clients rely on; no command writes it."""


def promises(contract: str) -> dict[str, str]:
    """Each name of a contract by its coordinate, with its type where it has one."""
    found: dict[str, str] = {}
    for definition in parse(contract).definitions:
        found |= _promises(definition)
    return found


def _promises(definition: Any) -> dict[str, str]:
    name = definition.name.value
    found = {name: definition.kind}
    found |= {f"{name} implements {it.name.value}": "" for it in _parts(definition, "interfaces")}
    found |= {f"{name} is {it.name.value}": "" for it in _parts(definition, "types")}
    found |= {f"{name}.{value.name.value}": "" for value in _parts(definition, "values")}
    for field in _parts(definition, "fields"):
        found[f"{name}.{field.name.value}"] = print_ast(field.type)
        for argument in _parts(field, "arguments"):
            found[f"{name}.{field.name.value}({argument.name.value})"] = print_ast(argument.type)
    return found


def _parts(node: DefinitionNode | FieldDefinitionNode, name: str) -> tuple[Any, ...]:
    return tuple(getattr(node, name, None) or ())


def demands(contract: str) -> dict[str, str]:
    """What whoever asks cannot leave out, by coordinate: the field or input it belongs to."""
    found = {}
    for definition in parse(contract).definitions:
        owner = definition.name.value  # type: ignore[attr-defined]
        for field in _parts(definition, "fields"):
            coordinate = f"{owner}.{field.name.value}"
            if isinstance(field, InputValueDefinitionNode) and _is_demanded(field):
                found[coordinate] = owner
            for argument in _parts(field, "arguments"):
                if _is_demanded(argument):
                    found[f"{coordinate}({argument.name.value})"] = coordinate
    return found


def _is_demanded(value: InputValueDefinitionNode) -> bool:
    return isinstance(value.type, NonNullTypeNode) and value.default_value is None


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


def test_the_committed_contract_keeps_every_name_and_type_that_clients_rely_on() -> None:
    present = promises(SNAPSHOT.read_text())
    agreed = promises(AGREED.read_text())
    assert {name: present.get(name) for name in agreed if present.get(name) != agreed[name]} == {}


def test_the_committed_contract_demands_no_more_of_clients_than_was_agreed() -> None:
    agreed = AGREED.read_text()
    known, allowed = promises(agreed), demands(agreed)
    more = demands(SNAPSHOT.read_text()).items()
    assert [it for it, owner in more if owner in known and it not in allowed] == []


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
