"""From an operation as asked to one that may run."""

from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, OperationType

from server.protocol.documents import Documents
from server.protocol.errors import Formatted, request_error
from server.protocol.operation import Operation
from server.protocol.trusted import TrustedDocuments


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may run: its document is valid and its cost within the limit.

    `extensions` go into its answer: the cost that was found, and the limit.
    """

    document: DocumentNode
    kind: OperationType
    name: str | None
    variables: dict[str, Any]
    extensions: Formatted


def prepare(documents: Documents, trusted: TrustedDocuments, operation: Operation) -> Prepared:
    """Look up, parse, validate and price an operation. Raises RequestError."""
    source, is_trusted = trusted.source(operation)
    checked = documents.trusted(source) if is_trusted else documents.checked(source)
    chosen = checked.operation(operation.name)
    requested, limit = chosen.cost(operation.variables), documents.limits.max_cost
    extensions: Formatted = {"cost": {"requested": requested, "limit": limit}}
    if requested > limit and not is_trusted:
        raise request_error(
            "QUERY_TOO_COSTLY",
            f"The answer could hold {requested} values; {limit} are allowed: "
            "ask for shorter pages (`first`) or fewer fields",
            extensions,
        )
    return Prepared(checked.document, chosen.kind, operation.name, operation.variables, extensions)
