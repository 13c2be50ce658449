"""The cost of a document: what it counts, and that counting is linear."""

import time

import pytest
from graphql import FieldNode, FragmentSpreadNode, GraphQLSchema, InlineFragmentNode, parse, visit
from graphql.language.visitor import Visitor
from hypothesis import given
from hypothesis import strategies as st

from server.graphql import make_schema
from server.protocol import cost
from server.protocol.introspection import average_lengths
from tests.server.protocol import toy

SCHEMA: GraphQLSchema = make_schema(toy.Query, toy.Mutation, toy.Subscription)._schema
LENGTHS = average_lengths(SCHEMA)


def priced(source: str) -> cost.DocumentPrice:
    return cost.price(SCHEMA, parse(source), LENGTHS)


def total(source: str, **variables: object) -> int:
    document = parse(source)
    operation = document.definitions[0]
    defaults = cost.variable_defaults(operation)  # type: ignore[arg-type]
    return priced(source).operations[0].total({**defaults, **variables})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{hello}", 1),
        ("{hello viewer}", 2),
        ("{customer {name domains}}", 3),
        # a list without a page size counts ten items of (1 + 1)
        ("{customer {contacts {name}}}", 1 + 10 * (1 + 1)),
        # a connection counts its page: first × (events + edges + node + id)
        ("{customer {events(first: 5) {edges {node {id}}}}}", 1 + 5 * 4),
        # …the default page where none is given
        ("{customer {events {edges {node {id}}}}}", 1 + 20 * 4),
        ("{customer {events(first: -3) {edges {node {id}}}}}", 1),
        ('mutation {rename(name: "x") {name contacts {name}}}', 1 + 1 + 10 * 2),
        ("subscription {customers(to: 3) {name contacts {name}}}", 1 + 1 + 10 * 2),
        ("{a: hello b: hello ... on Query {hello}}", 3),
        ("{customer {...F ...F}} fragment F on Customer {name contacts {name}}", 1 + 2 * 21),
        # pages within pages multiply
        (
            "{customer {events(first: 5) {edges {node {customer {events(first: 7) "
            "{edges {node {id}}}}}}}}}",
            1 + 5 * (4 + 7 * 4),
        ),
        # what does not exist is counted once, and left to validation
        ("{nope {nope(first: 100) {nope}}}", 3),
        ("{customer {...Missing}}", 1),
    ],
)
def test_a_cost_is_the_number_of_values_that_the_answer_can_hold(
    source: str, expected: int
) -> None:
    assert total(source) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"n": 5}, 1 + 5 * 4),
        ({}, 1 + 3 * 4),
        ({"n": None}, 1 + 20 * 4),
        ({"n": "5"}, 1 + 20 * 4),
        ({"n": True}, 1 + 20 * 4),
        ({"n": -1}, 1 + 20 * 4),
        ({"n": 10**30}, cost.CEILING),
    ],
)
def test_a_page_size_may_be_a_variable_with_a_default(
    variables: dict[str, object], expected: int
) -> None:
    source = "query($n: Int = 3) {customer {events(first: $n) {edges {node {id}}}}}"
    assert total(source, **variables) == expected


async def test_the_cost_bounds_the_values_of_the_answer() -> None:
    source = "{customer {name events(first: 4) {edges {node {id customer {contacts {name}}}}}}}"
    schema = make_schema(toy.Query, toy.Mutation, toy.Subscription)
    result = await schema.execute(source)
    assert toy.count_values(result.data) == 28
    assert total(source) == 1 + 1 + 4 * (3 + 1 + 1 + 10 * 2)


def test_depth_counts_fields_within_fields_through_fragments() -> None:
    shallow = priced("{customer {name}}").operations[0]
    deep = priced("{customer {...F}} fragment F on Customer {myself {...on Customer {name}}}")
    assert shallow.depth == 2
    assert deep.operations[0].depth == 3


def test_aliases_are_counted_in_the_text() -> None:
    document = priced("{a: hello ...F ...F} fragment F on Query {b: hello c: hello}")
    assert document.aliases == 3


def test_cyclic_fragments_are_left_to_validation() -> None:
    cyclic = "{customer {...A}} fragment A on Customer {name ...B} fragment B on Customer {...A}"
    assert total(cyclic) == 2


def test_selections_without_end_are_refused() -> None:
    chain = "".join(f"fragment F{n} on Query {{...F{n + 1}}} " for n in range(150))
    with pytest.raises(cost.TooNested):
        priced(f"{{...F0}} {chain} fragment F150 on Query {{hello}}")


def test_introspection_is_allowed_and_priced_by_the_size_of_the_schema() -> None:
    types = len(SCHEMA.type_map)
    assert total("{__schema {types {name}}}") == round(1 + 0.25 + types * 0.5)
    assert total("{__typename}") == 1


EXPONENTIAL = (
    "{customer {...F0}} "
    + " ".join(f"fragment F{n} on Customer {{{f'...F{n + 1} ' * 3}}}" for n in range(30))
    + " fragment F30 on Customer {name}"
)


def test_an_exponential_document_costs_microseconds_to_refuse() -> None:
    """3³⁰ leaves in 1.5 kB of text."""
    document = parse(EXPONENTIAL)
    assert 1_400 < len(EXPONENTIAL) < 1_600
    took = []
    for _ in range(20):
        started = time.perf_counter()
        price = cost.price(SCHEMA, document, LENGTHS)
        took.append(time.perf_counter() - started)
    assert price.operations[0].total({}) == cost.CEILING
    assert min(took) < 0.001
    assert price.visited == 1 + 1 + 30 * 3 + 1


FIELDS = (
    "name",
    "myself {%s}",
    "contacts {name}",
    "events(first: $n) {edges {node {customer {%s}}}}",
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Documents of up to 30 fragments, each spreading any others any number of times."""
    count = draw(st.integers(1, 30))
    spreads = st.lists(st.integers(0, count - 1), min_size=1, max_size=6)
    bodies = []
    for number in range(count):
        parts = []
        for target in draw(spreads):
            field = draw(st.sampled_from((*FIELDS, "%s")))
            parts.append(field % f"...F{target}" if "%s" in field else field)
        bodies.append(f"fragment F{number} on Customer {{{' '.join(parts)}}}")
    return "query($n: Int = 7) {customer {...F0}} " + " ".join(bodies)


class Selections(Visitor):
    """Counts the selections of a document's text."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def enter(self, node: object, *_: object) -> None:
        self.count += isinstance(node, FieldNode | FragmentSpreadNode | InlineFragmentNode)


@given(documents(), st.integers(0, 1000))
def test_each_selection_of_a_document_is_visited_at_most_once(source: str, first: int) -> None:
    document = parse(source)
    counted = Selections()
    visit(document, counted)
    try:
        price = cost.price(SCHEMA, document, LENGTHS)
    except cost.TooNested:
        return
    assert price.visited <= counted.count
    assert 0 < price.operations[0].total({"n": first}) <= cost.CEILING
    assert sum(len(part.within.parts) for part in price.operations[0].parts) <= counted.count


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(0, 9))
def test_the_memo_gives_what_counting_leaf_by_leaf_gives(spreads: list[int], first: int) -> None:
    """Against the textbook recursion, over acyclic chains of fragments."""
    page = "events(first: $n) {edges {node {customer {%s}}}}"
    fragments = " ".join(
        f"fragment F{n} on Customer {{name {f'...F{n + 1} ' * times} {page % f'...F{n + 1}'}}}"
        for n, times in enumerate(spreads)
    )
    last = f"fragment F{len(spreads)} on Customer {{name}}"

    def naive(number: int) -> int:
        if number == len(spreads):
            return 1
        inner = naive(number + 1)
        return 1 + spreads[number] * inner + first * (4 + inner)

    assert total(f"query($n: Int) {{customer {{...F0}}}} {fragments} {last}", n=first) == min(
        1 + naive(0), cost.CEILING
    )
