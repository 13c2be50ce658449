"""Which operations have a plan, and how many there may be.

A plan belongs to an operation of a document and to the values of the variables that decide what is
included. It holds nothing of a viewer, and no value of any other variable.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from server.protocol.compiled.execution import Select
from server.protocol.compiled.fields import NotCovered, condition_variables
from server.protocol.compiled.inputs import Readers
from server.protocol.compiled.source import Writer
from server.protocol.compiled.variables import Variables

log = structlog.get_logger(__name__)

MAX_CHARACTERS = 4_000_000
"""Characters of documents and of the Python written of them that are kept."""

MAX_VARIANTS = 16
"""Plans of one operation: four variables that include or skip. Further ones are not compiled."""

COMPILED_FROM = 2
"""At which execution an operation is compiled: that takes longer than to interpret it once."""

Plan = tuple[Select, ...]


class Given(NamedTuple):
    """What an executor is made of: an operation, the fragments beside it, and values of variables.

    `objects` are the variables whose values are objects of Strawberry's input types.
    """

    operation: OperationDefinitionNode
    definitions: dict[str, FragmentDefinitionNode]
    fragments: dict[str, FragmentDetails]
    values: VariableValues
    objects: frozenset[str]


@dataclass(slots=True)
class _Known:
    """An operation that was seen. The node is held, so that its identity stays its own.

    `variables` are None where graphql-core has to read them.
    """

    operation: OperationDefinitionNode
    size: int
    seen: int = 0
    is_read: bool = False
    variables: Variables | None = None
    definitions: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    fragments: dict[str, FragmentDetails] = field(default_factory=dict)
    conditions: tuple[str, ...] | None = None
    plans: dict[tuple[Any, ...], Plan | None] = field(default_factory=dict)


class Plans:
    """The plans of one schema, least recently used first out."""

    def __init__(
        self, *, compiled_from: int = COMPILED_FROM, max_characters: int = MAX_CHARACTERS
    ) -> None:
        self._compiled_from = compiled_from
        self._max_characters = max_characters
        self._known: OrderedDict[int, _Known] = OrderedDict()
        self._readers: Readers | None = None
        self.characters = 0

    def __len__(self) -> int:
        return len(self._known)

    def given(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        name: str | None,
        variables: Mapping[str, Any],
    ) -> Given | None:
        """What an executor is made of; None where graphql-core must make it, or say what is wrong.

        The document is valid.
        """
        operation = _operation(document, name)
        if operation is None:
            return None
        known = self._noted(operation)
        if not known.is_read:
            if known.seen + 1 < self._compiled_from:
                return None
            known.is_read = True
            self._read(known, schema, document)
        if known.variables is None or (values := known.variables.values(variables)) is None:
            return None
        return Given(operation, known.definitions, known.fragments, values, known.variables.objects)

    def plan(self, executor: Executor[Any]) -> Plan | None:
        """The plan of what the executor is to execute; None where it must do so itself."""
        known = self._noted(executor.operation)
        known.seen += 1
        if known.seen < self._compiled_from:
            return None
        try:
            if known.conditions is None:
                known.conditions = condition_variables(executor)
            coerced = executor.variable_values.coerced
            variant = tuple(coerced.get(name) for name in known.conditions)
            if variant not in known.plans and len(known.plans) < MAX_VARIANTS:
                self._compile(known, variant, executor)
            return known.plans.get(variant)
        except NotCovered:
            known.conditions, known.plans = (), {(): None}
        except Exception:  # no answer may depend on whether its operation can be compiled
            log.exception("graphql.not_compiled")
            known.conditions, known.plans = (), {(): None}
        return None

    def _noted(self, operation: OperationDefinitionNode) -> _Known:
        known = self._known.get(id(operation))
        if known is None:
            size = len(operation.loc.source.body) if operation.loc else 1_000
            known = self._known[id(operation)] = _Known(operation, size)
            self._grown(size)
        else:
            self._known.move_to_end(id(operation))
        return known

    def _read(self, known: _Known, schema: GraphQLSchema, document: DocumentNode) -> None:
        """Find out how the variables of an operation are read."""
        if self._readers is None:
            names = schema._strawberry_schema.config.name_converter  # type: ignore[attr-defined]
            self._readers = Readers(names.from_field)
        nodes = document.definitions
        fragments = [node for node in nodes if isinstance(node, FragmentDefinitionNode)]
        try:
            if any(node.variable_definitions for node in fragments):
                raise NotCovered
            known.variables = Variables(schema, known.operation, fragments, self._readers)
            known.definitions = {node.name.value: node for node in fragments}
            known.fragments = {node.name.value: FragmentDetails(node) for node in fragments}
        except NotCovered:
            known.variables = None
        except Exception:  # no answer may depend on whether its variables can be read here
            log.exception("graphql.variables_not_compiled")
            known.variables = None

    def _compile(self, known: _Known, variant: tuple[Any, ...], executor: Executor[Any]) -> None:
        known.plans[variant], size = Writer(executor).compiled()
        known.size += size
        self._grown(size)

    def _grown(self, size: int) -> None:
        self.characters += size
        while self.characters > self._max_characters and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            self.characters -= oldest.size


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of a name, or the only one."""
    found = [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        and (name is None or (node.name is not None and node.name.value == name))
    ]
    return found[0] if len(found) == 1 else None
