"""What a GraphQL operation may cost, known before it runs and in time linear to its text.

The cost is the number of values that the answer can hold: each field counts once, times the length
of the lists it stands in. A list or connection is as long as its `first` or `last` argument says
(given, by variable, or by default); one without counts as `ASSUMED_LENGTH` items. Introspection is
measured against the schema itself and comes cheap, since it only reads memory.

Every fragment is priced once, however often and however deeply it is spread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
)

from server.protocol.introspection import AverageLengths

ASSUMED_LENGTH = 10.0
"""Items of a list without a page size: topics, reasons, addresses (what grows is a connection)."""

INTROSPECTION_SHARE = 0.25
"""The price of an introspection value beside a stored one: no resolver of ours, no database."""

CEILING = 1_000_000_000
"""Where counting stops; every limit is far below."""

MAX_NESTING = 100
"""Selection sets within one another, fragments included; keeps recursion far from Python's end."""

PAGE_ARGUMENTS = ("first", "last")
CONNECTION_SUFFIX = "Connection"
"""Types of this name hold one page, whose length is counted where the connection is asked for."""


class TooNested(Exception):  # noqa: N818 - names the document's fault
    """The document nests selections or spreads deeper than `MAX_NESTING`."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """The length of a list as a variable gives it; `default` where the variable is absent."""

    variable: str
    default: float

    def given(self, variables: Mapping[str, object]) -> float:
        """The length for these variables; what is no natural number counts as the default."""
        value = variables.get(self.variable)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return min(float(value), CEILING)
        return self.default


@dataclass(slots=True)
class Price:
    """A priced selection set: what is known already, and the parts that wait for variables.

    `depth` counts fields within fields; a leaf's is 1.
    """

    known: float = 0.0
    depth: int = 0
    parts: "list[Part]" = field(default_factory=list)

    def total(self, variables: Mapping[str, object]) -> int:
        """The number of values for these variables, at most `CEILING`."""
        return ceil(_total(self, variables, {}))


@dataclass(frozen=True, slots=True)
class Part:
    """`length` times (`own` + the price of what is within)."""

    length: float | PageSize
    own: float
    within: Price


@dataclass(frozen=True, slots=True)
class DocumentPrice:
    """What a document's operations cost, by their place among its definitions.

    `aliases` are counted in the document's text. `visited` selections were looked at: each once.
    """

    operations: Mapping[int, Price]
    aliases: int
    visited: int


def price(schema: GraphQLSchema, document: DocumentNode, lengths: AverageLengths) -> DocumentPrice:
    """Price every operation of a document, which need not be valid. Raises TooNested."""
    pricing = _Pricing(schema, document, lengths)
    operations = {
        index: pricing.selections(
            definition.selection_set, schema.get_root_type(definition.operation), 0
        )
        for index, definition in enumerate(document.definitions)
        if isinstance(definition, OperationDefinitionNode)
    }
    return DocumentPrice(operations, pricing.aliases, pricing.visited)


def variable_defaults(operation: OperationDefinitionNode) -> dict[str, object]:
    """The whole numbers that an operation's variables have by default."""
    return {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }


def _total(price: Price, variables: Mapping[str, object], totals: dict[int, float]) -> float:
    """Evaluate a price, each shared fragment once."""
    if not price.parts:
        return price.known
    if (done := totals.get(id(price))) is not None:
        return done
    total = price.known
    for part in price.parts:
        length = part.length.given(variables) if isinstance(part.length, PageSize) else part.length
        total += length * (part.own + _total(part.within, variables, totals))
    totals[id(price)] = total = min(total, CEILING)
    return total


def _add(price: Price, part: Part, depth: int) -> None:
    """Count a part at once where it can be known, else keep it for the variables."""
    price.depth = max(price.depth, depth)
    if isinstance(part.length, PageSize) or part.within.parts:
        price.parts.append(part)
    else:
        known = part.length * (part.own + part.within.known)
        price.known = min(price.known + known, CEILING)


class _Pricing:
    """One walk over one document; fragments remember their price."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, lengths: AverageLengths
    ) -> None:
        self.schema = schema
        self.lengths = lengths
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.priced: dict[str, Price] = {}
        self.aliases = 0
        self.visited = 0

    def selections(
        self, node: SelectionSetNode, parent: GraphQLCompositeType | None, level: int
    ) -> Price:
        """The price of a selection set on `parent` (None where the type is unknown)."""
        if level > MAX_NESTING:
            raise TooNested
        price = Price()
        for selection in node.selections:
            self.visited += 1
            if isinstance(selection, FieldNode):
                self.field(price, selection, parent, level)
            else:
                within = self.spread(selection, parent, level + 1)
                _add(price, Part(1.0, 0.0, within), within.depth)
        return price

    def field(
        self, price: Price, node: FieldNode, parent: GraphQLCompositeType | None, level: int
    ) -> None:
        """Add a field, with what is selected on it, to its selection set's price."""
        self.aliases += node.alias is not None
        own = INTROSPECTION_SHARE if parent and is_introspection_type(parent) else 1.0
        if node.selection_set is None:
            _add(price, Part(1.0, own, Price()), 1)
            return
        definition = self.schema.get_field(parent, node.name.value) if parent else None
        named = get_named_type(definition.type) if definition else None
        within = self.selections(
            node.selection_set, named if is_composite_type(named) else None, level + 1
        )
        length = self.length(node, definition, parent) if definition and parent else 1.0
        _add(price, Part(length, own, within), within.depth + 1)

    def spread(self, node: SelectionNode, parent: GraphQLCompositeType | None, level: int) -> Price:
        """The price of a fragment, inline or by name."""
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value, level)
        condition = getattr(node, "type_condition", None)
        return self.selections(
            getattr(node, "selection_set"),  # noqa: B009 - the union has just two members left
            self.type_of(condition) if condition else parent,
            level,
        )

    def fragment(self, name: str, level: int) -> Price:
        """The price of a named fragment; unknown and cyclic ones cost nothing: they are invalid."""
        if (known := self.priced.get(name)) is not None:
            return known
        self.priced[name] = Price()
        if (definition := self.fragments.get(name)) is not None:
            condition = self.type_of(definition.type_condition)
            self.priced[name] = self.selections(definition.selection_set, condition, level)
        return self.priced[name]

    def type_of(self, node: NamedTypeNode) -> GraphQLCompositeType | None:
        """The composite type of that name, if there is one."""
        named = self.schema.type_map.get(node.name.value)
        return named if is_composite_type(named) else None

    def length(
        self, node: FieldNode, definition: GraphQLField, parent: GraphQLCompositeType
    ) -> float | PageSize:
        """How many items stand behind a field."""
        if (known := self.lengths.get((parent.name, node.name.value))) is not None:
            return known
        is_list = is_list_type(get_nullable_type(definition.type))
        is_connection = get_named_type(definition.type).name.endswith(CONNECTION_SUFFIX)
        if not is_list and not is_connection:
            return 1.0
        for argument in PAGE_ARGUMENTS:
            if argument in definition.args:
                return page_size(node, argument, definition.args[argument].default_value)
        return 1.0 if parent.name.endswith(CONNECTION_SUFFIX) else ASSUMED_LENGTH


def page_size(node: FieldNode, argument: str, default: object) -> float | PageSize:
    """The page size that a field's argument gives: a number, a variable's, or the default's."""
    usual = float(default) if isinstance(default, int) else ASSUMED_LENGTH
    for given in node.arguments or ():
        if given.name.value == argument:
            if isinstance(given.value, IntValueNode):
                return min(max(float(given.value.value), 0.0), CEILING)
            if isinstance(given.value, VariableNode):
                return PageSize(given.value.name.value, usual)
    return usual
