"""Which operations have a plan, and how many there may be.

A plan belongs to an operation of a document and to the values of the variables that decide what is
included. It holds nothing of a viewer, and no value of any other variable.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import structlog
from graphql import OperationDefinitionNode
from graphql.execution import Executor

from server.protocol.compiled.execution import Select
from server.protocol.compiled.fields import NotCovered, condition_variables
from server.protocol.compiled.source import Writer

log = structlog.get_logger(__name__)

MAX_CHARACTERS = 4_000_000
"""Characters of documents and of the Python written of them that are kept."""

MAX_VARIANTS = 16
"""Plans of one operation: four variables that include or skip. Further ones are not compiled."""

COMPILED_FROM = 2
"""At which execution an operation is compiled: that takes longer than to interpret it once."""

Plan = tuple[Select, ...]


@dataclass(slots=True)
class _Known:
    """An operation that was seen. The node is held, so that its identity stays its own."""

    operation: OperationDefinitionNode
    size: int
    seen: int = 0
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
        self.characters = 0

    def __len__(self) -> int:
        return len(self._known)

    def plan(self, executor: Executor[Any]) -> Plan | None:
        """The plan of what the executor is to execute; None where it must do so itself."""
        known = self._seen(executor.operation)
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

    def _seen(self, operation: OperationDefinitionNode) -> _Known:
        known = self._known.get(id(operation))
        if known is None:
            size = len(operation.loc.source.body) if operation.loc else 1_000
            known = self._known[id(operation)] = _Known(operation, size)
            self._grown(size)
        else:
            self._known.move_to_end(id(operation))
        known.seen += 1
        return known

    def _compile(self, known: _Known, variant: tuple[Any, ...], executor: Executor[Any]) -> None:
        known.plans[variant], size = Writer(executor).compiled()
        known.size += size
        self._grown(size)

    def _grown(self, size: int) -> None:
        self.characters += size
        while self.characters > self._max_characters and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            self.characters -= oldest.size
