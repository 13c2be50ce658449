"""Documents parsed, checked and priced once, then kept while there is room."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
)

from server.protocol import cost
from server.protocol.errors import BAD_USER_INPUT, RequestError, request_error
from server.protocol.introspection import average_lengths
from server.protocol.limits import Limits

_NUL_ESCAPE = re.compile(r"\\u(0000|\{0+\})")
"""NUL as a GraphQL string may write it (GraphQL specification, 2.9.4)."""

Validate = Callable[[DocumentNode], Sequence[GraphQLError]]


@dataclass(frozen=True, slots=True)
class CheckedOperation:
    """One operation of a valid document, with its price."""

    kind: OperationType
    price: cost.Price
    defaults: Mapping[str, object]

    def cost(self, variables: Mapping[str, object]) -> int:
        """The number of values its answer can hold."""
        if not self.price.parts:
            return self.price.total({})
        return self.price.total({**self.defaults, **variables})


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A valid document within the limits. `operations` are by name; None is an unnamed one's."""

    document: DocumentNode
    operations: Mapping[str | None, CheckedOperation]

    def operation(self, name: str | None) -> CheckedOperation:
        """The operation to run. Raises RequestError when it cannot be told."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if (found := self.operations.get(name)) is not None:
            return found
        names = ", ".join(sorted(str(known) for known in self.operations))
        message = (
            f'There is no operation "{name}" in the document; it has: {names}'
            if name is not None
            else f"operationName is needed, the document has several operations: {names}"
        )
        raise request_error("OPERATION_RESOLUTION_FAILURE", message)


class Documents:
    """Checks documents and keeps the valid ones, least recently used first out."""

    def __init__(self, schema: GraphQLSchema, validate: Validate, limits: Limits) -> None:
        self.limits = limits
        self._schema = schema
        self._validate = validate
        self._lengths = average_lengths(schema)
        self._kept: OrderedDict[str, CheckedDocument] = OrderedDict()
        self._kept_characters = 0
        self._trusted: dict[str, CheckedDocument] = {}

    def checked(self, source: str) -> CheckedDocument:
        """A client's document, within the limits. Raises RequestError."""
        if (known := self._kept.get(source)) is not None:
            self._kept.move_to_end(source)
            return known
        if len(source) > self.limits.max_document_characters:
            raise request_error(
                "DOCUMENT_TOO_LONG",
                f"The document has {len(source)} characters; "
                f"{self.limits.max_document_characters} are allowed",
            )
        if _NUL_ESCAPE.search(source):
            raise request_error(
                BAD_USER_INPUT, "A string contains the NUL character, which cannot be stored"
            )
        checked = self._check(source, self.limits)
        self._keep(source, checked)
        return checked

    def trusted(self, source: str) -> CheckedDocument:
        """A trusted document: no limits, and never forgotten. Raises RequestError."""
        if (known := self._trusted.get(source)) is None:
            known = self._trusted[source] = self._check(source, None)
        return known

    def _check(self, source: str, limits: Limits | None) -> CheckedDocument:
        document = _parsed(source, limits.max_tokens if limits else None)
        price = self._priced(document, limits)
        if errors := self._validate(document):
            raise RequestError(errors)
        operations = {
            definition.name.value if definition.name else None: CheckedOperation(
                definition.operation, price.operations[index], cost.variable_defaults(definition)
            )
            for index, definition in enumerate(document.definitions)
            if isinstance(definition, OperationDefinitionNode)
        }
        if not operations:
            raise request_error("OPERATION_RESOLUTION_FAILURE", "The document has no operation")
        return CheckedDocument(document, operations)

    def _priced(self, document: DocumentNode, limits: Limits | None) -> cost.DocumentPrice:
        """Before validation, which takes long for some documents that this refuses."""
        try:
            price = cost.price(self._schema, document, self._lengths)
        except cost.TooNested:
            raise request_error(
                "DOCUMENT_TOO_DEEP", f"Selections are nested more than {cost.MAX_NESTING} deep"
            ) from None
        if limits is not None:
            _refuse_deep(max((p.depth for p in price.operations.values()), default=0), limits)
            _refuse_aliases(price.aliases, limits)
        return price

    def _keep(self, source: str, checked: CheckedDocument) -> None:
        self._kept[source] = checked
        self._kept_characters += len(source)
        while self._kept_characters > self.limits.cached_document_characters:
            oldest, _ = self._kept.popitem(last=False)
            self._kept_characters -= len(oldest)


def _parsed(source: str, max_tokens: int | None) -> DocumentNode:
    try:
        return parse(source, max_tokens=max_tokens)
    except GraphQLError as error:
        raise RequestError([error]) from None


def _refuse_deep(depth: int, limits: Limits) -> None:
    if depth > limits.max_depth:
        raise request_error(
            "DOCUMENT_TOO_DEEP",
            f"Fields are nested {depth} deep; {limits.max_depth} are allowed",
        )


def _refuse_aliases(aliases: int, limits: Limits) -> None:
    if aliases > limits.max_aliases:
        raise request_error(
            "TOO_MANY_ALIASES",
            f"The document has {aliases} aliases; {limits.max_aliases} are allowed",
        )
