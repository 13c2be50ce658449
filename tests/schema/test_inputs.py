"""Inputs read compiled are what graphql-core and Strawberry make of them, or fail alike."""

from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    OperationType,
    get_named_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    parse,
)
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from schema.build import CONFIG, MUTATION, QUERY, SUBSCRIPTION
from server.graphql import EventExecutor, make_schema
from server.protocol.compiled.arguments import arguments, read_by_core
from server.protocol.compiled.fields import Field, NotCovered, Selections
from server.protocol.compiled.inputs import Readers
from server.protocol.compiled.plans import Plans

SCHEMA = make_schema(QUERY, MUTATION, SUBSCRIPTION, config=CONFIG)
CORE = SCHEMA._schema
PLANS = Plans(compiled_from=1)
LEFT_TO_CORE = {"ClassifyCampaignInput", "ConditionInput", "WorkflowActionInput", "WorkflowInput"}
"""Of which some fields tell null from nothing, or exactly one may be given."""

TEXTS = (
    "",
    "a@b.example",
    "2026-11-22T12:00:00Z",
    "2026-11-22T12:00:00",
    "CLICKED",
    "ä\ud800",
    "7",
)
STRANGE: tuple[Any, ...] = (
    None,
    0,
    1,
    -1,
    2**31,
    1.0,
    1.5,
    True,
    "",
    "never",
    [],
    ["a"],
    [None],
    {},
    {"a": 1},
)

FIELDS = [
    (type_.name, name, field)
    for type_ in (CORE.mutation_type, CORE.query_type)
    if type_ is not None
    for name, field in type_.fields.items()
    if any(is_input_object_type(get_named_type(each.type)) for each in field.args.values())
]


@st.composite
def values(draw: Any, type_: Any, depth: int = 4) -> Any:
    """JSON for an input type: most of it right, some of it not."""
    if draw(st.integers(0, 39)) == 39:
        return draw(st.sampled_from(STRANGE))
    if is_non_null_type(type_):
        return draw(values(type_.of_type, depth))
    if draw(st.integers(0, 9)) == 9:
        return None
    if is_list_type(type_):
        inner = values(type_.of_type, depth - 1)
        if draw(st.integers(0, 19)) == 19:
            return draw(inner)  # one value stands for a list of one
        return draw(st.lists(inner, max_size=3 if depth > 0 else 0))
    if isinstance(type_, GraphQLInputObjectType):
        return draw(objects(type_, depth - 1))
    if isinstance(type_, GraphQLEnumType):
        return draw(st.sampled_from([*type_.values]))
    known = {"Int": (0, 5, -(2**31)), "Float": (0.5, 2), "Boolean": (False, True)}
    return draw(st.sampled_from(known.get(type_.name, TEXTS)))


@st.composite
def objects(draw: Any, type_: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
    """An object of a type: what it needs, some of what it may have, seldom too little or much."""
    given = {
        name: draw(values(field.type, depth))
        for name, field in type_.fields.items()
        if draw(st.integers(0, 29)) != 29
        and (is_non_null_type(field.type) or (depth > 0 and draw(st.booleans())))
    }
    if draw(st.integers(0, 29)) == 29:
        given["unheardOf"] = 1
    return given


@st.composite
def operations(draw: Any) -> tuple[str, dict[str, Any]]:
    """A field that takes an input, as one variable or as a literal of several."""
    parent, name, field = draw(st.sampled_from(FIELDS))
    declared: list[str] = []
    variables: dict[str, Any] = {}

    def variable(type_: Any) -> str:
        number = len(declared)
        is_loose = is_non_null_type(type_) and draw(st.integers(0, 9)) == 9
        default = ""
        if is_loose and is_list_type(type_.of_type):
            type_, default = type_.of_type, " = []"
        elif not is_non_null_type(type_) and draw(st.integers(0, 9)) == 9:
            type_ = GraphQLNonNull(type_)
        declared.append(f"$v{number}: {type_}{default}")
        if draw(st.integers(0, 19)) != 19:
            variables[f"v{number}"] = draw(values(type_))
        return f"$v{number}"

    def written(type_: Any) -> str:
        named = type_.of_type if is_non_null_type(type_) else type_
        if not isinstance(named, GraphQLInputObjectType) or draw(st.booleans()):
            return variable(type_)
        members = [
            f"{key}: {written(each.type) if draw(st.integers(0, 9)) == 9 else variable(each.type)}"
            for key, each in named.fields.items()
            if is_non_null_type(each.type) or draw(st.booleans())
        ]
        return f"{{{', '.join(members)}}}"

    taken = ", ".join(f"{key}: {written(each.type)}" for key, each in field.args.items())
    below = "" if not _fields_of(field) else " { __typename }"
    head = f"{parent.lower()} ({', '.join(declared)})" if declared else parent.lower()
    text = f"{head} {{ {name}({taken}){below} }}"
    return text, variables


def _fields_of(field: GraphQLField) -> bool:
    return hasattr(get_named_type(field.type), "fields") or hasattr(field.type, "types")


def built(document: DocumentNode, variables: dict[str, Any], plans: Plans | None) -> Any:
    return EventExecutor.build(CORE, document, None, None, variables, None, plans=plans)


def errors_of(found: list[GraphQLError]) -> list[Any]:
    return [(each.message, each.path, each.locations, each.extensions) for each in found]


def taken(executor: EventExecutor) -> Any:
    """What the resolver takes, or why it cannot."""
    _, (field,) = Selections(executor).root()
    assert isinstance(field, Field)
    try:
        return repr(sorted(arguments(executor, field, None).items()))
    except GraphQLError as error:
        return error.message, error.path, error.locations


def test_all_inputs_are_covered_but_those_that_need_graphql_core() -> None:
    readers = Readers(CONFIG.name_converter.from_field)
    left = set()
    for name, type_ in CORE.type_map.items():
        if isinstance(type_, GraphQLInputObjectType):
            try:
                readers.of(type_)
            except NotCovered:
                left.add(name)
    assert left == LEFT_TO_CORE


@settings(max_examples=400, deadline=None, phases=[Phase.generate], derandomize=True, database=None)
@given(operations())
def test_inputs_are_read_alike_and_refused_alike(drawn: tuple[str, dict[str, Any]]) -> None:
    text, variables = drawn
    document = parse(text)

    compiled = built(document, variables, PLANS)
    interpreted = built(document, variables, None)

    if isinstance(interpreted, list):
        event("refused")
        assert errors_of(compiled) == errors_of(interpreted)
        return
    event("made objects" if compiled.objects else "read by graphql-core")
    assert taken(compiled) == taken(interpreted)
    assert repr(read_by_core(compiled).coerced) == repr(interpreted.variable_values.coerced)


RECORD = """mutation ($input: RecordEngagementInput!) { recordEngagement(input: $input) {
    recorded } }"""
LITERAL = """mutation ($events: [EngagementEventInput!]!) { recordEngagement(input: {
    events: $events }) { recorded } }"""
IMPORT = """mutation ($input: ImportCustomersInput!) { importCustomers(input: $input) {
    customers { externalId } } }"""
ONE = {"provider": "sendgrid", "kind": "OPENED", "occurredAt": "2026-11-22T12:00:00Z"}


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (RECORD, {"input": {"events": [ONE, ONE]}}),
        (LITERAL, {"events": [ONE, {**ONE, "campaign": {"externalId": "c", "type": None}}]}),
        (IMPORT, {"input": {"customers": [{"externalId": "a", "domains": ["a.example"]}]}}),
    ],
)
def test_lists_of_inputs_become_objects_without_graphql_core(
    text: str, variables: dict[str, Any]
) -> None:
    document = parse(text)

    compiled = built(document, variables, PLANS)

    assert compiled.objects == set(variables)
    assert taken(compiled) == taken(built(document, variables, None))


@pytest.mark.parametrize(
    "wrong",
    [
        {**ONE, "kind": "LOOKED"},
        {**ONE, "kind": ["OPENED"]},
        {**ONE, "occurredAt": 7},
        {**ONE, "adress": "a@b.example"},
        {"provider": "sendgrid"},
        None,
    ],
)
def test_what_is_wrong_is_said_in_graphql_cores_words_with_its_place(wrong: Any) -> None:
    variables = {"input": {"events": [ONE, wrong]}}

    found = built(parse(RECORD), variables, PLANS)

    assert errors_of(found) == errors_of(built(parse(RECORD), variables, None))
    assert found[0].message.startswith("Variable '$input' has invalid value at .events[1]")


def test_a_variable_that_stands_elsewhere_is_left_to_graphql_core() -> None:
    nested = """mutation ($type: CampaignType, $campaign: CampaignRefInput) {
        recordEngagement(input: { events: [{ provider: "a", kind: OPENED, campaign: $campaign,
            occurredAt: "2026-11-22T12:00:00Z" }] }) { recorded } }"""

    found = built(parse(nested), {"campaign": {"externalId": "c"}}, PLANS)

    assert found.objects == frozenset()
    assert found.operation.operation is OperationType.MUTATION
    assert found.variable_values.coerced == {
        "campaign": {"externalId": "c", "name": None, "type": None}
    }
