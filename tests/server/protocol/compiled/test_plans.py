"""Which operations are compiled, and how many plans are kept."""

from graphql import OperationType, parse

from server.graphql import run
from server.protocol.compiled.plans import MAX_VARIANTS, Plans
from server.protocol.prepared import Prepared
from tests.server.protocol.compiled.faulty import faulty

SCHEMA = faulty(None)


async def execute(plans: Plans, text: str, document: object = None, **variables: object) -> object:
    node = document or parse(text)
    prepared = Prepared(node, OperationType.QUERY, None, variables, {})  # type: ignore[arg-type]
    return (await run(SCHEMA, plans, prepared, None)).data  # type: ignore[union-attr]


def compiled(plans: Plans) -> int:
    """How many plans there are."""
    return sum(plan is not None for known in plans._known.values() for plan in known.plans.values())


async def test_an_operation_is_compiled_when_it_comes_again() -> None:
    plans, document = Plans(), parse("{ tree { name } }")

    await execute(plans, "", document)
    once = compiled(plans)
    await execute(plans, "", document)

    assert (once, compiled(plans)) == (0, 1)


async def test_distinct_documents_without_end_leave_the_plans_bounded() -> None:
    plans = Plans(compiled_from=1, max_characters=50_000)

    for number in range(400):
        data = await execute(plans, f"{{ tree {{ a{number}: name }} }}")
        assert data == {"tree": {f"a{number}": "t"}}
        assert plans.characters <= 50_000

    assert 0 < compiled(plans) == len(plans) < 100


async def test_of_the_variants_of_one_operation_only_so_many_are_compiled() -> None:
    plans = Plans(compiled_from=1)
    names = [f"v{number}" for number in range(6)]
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    document = parse(f"query ({declared}) {{ tree {{ must {fields} }} }}")

    for chosen in range(2 ** len(names)):
        variables = {name: bool(chosen >> place & 1) for place, name in enumerate(names)}
        data = await execute(plans, "", document, **variables)
        kept = {name: "t" for name, is_kept in variables.items() if is_kept}
        assert data == {"tree": {"must": "must", **kept}}

    assert compiled(plans) == MAX_VARIANTS


async def test_a_response_key_is_no_code() -> None:
    plans = Plans(compiled_from=1)

    data = await execute(plans, "{ tree { __import__: name class: must error: name } }")

    assert data == {"tree": {"__import__": "t", "class": "must", "error": "t"}}
