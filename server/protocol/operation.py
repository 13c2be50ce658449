"""From a request's bytes to the operation that it asks for, or a clear refusal."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from server.protocol.errors import BAD_REQUEST, Refusal

HASH_PREFIX = "sha256:"
"""How a trusted document is named: `documentId`, or in place of the query's text."""

_MEMBERS = (b'"query"', b'"variables"', b'"operationName"', b'"extensions"', b'"documentId"')


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks to be executed.

    `query` is the document's text, `document_hash` the SHA-256 (hex) of a trusted document; either
    or both are given.
    """

    query: str | None
    document_hash: str | None
    variables: dict[str, Any]
    name: str | None


def decode(body: bytes, max_depth: int) -> object:
    """A request's JSON. Raises Refusal for broken, ambiguous or too deep JSON, and for NUL."""
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        refuse(f"This is not valid JSON: {error}", "INVALID_JSON")
    if body.count(b"[") + body.count(b"{") > max_depth and _is_deeper(value, max_depth):
        refuse(f"The JSON is nested deeper than {max_depth} levels", "INVALID_JSON")
    if b"\\u0000" in body and _has_nul(value):
        refuse("A string contains the NUL character, which cannot be stored", "INVALID_JSON")
    if any(body.count(member) > 1 for member in _MEMBERS):
        _refuse_repeated(body)
    return value


def operation(members: object) -> Operation:
    """The operation in a decoded request. Raises Refusal naming the member that is wrong."""
    if isinstance(members, list):
        refuse("Batches are not supported: send one operation a request", "BATCHING_NOT_SUPPORTED")
    if not isinstance(members, dict):
        refuse(f"The body must be a JSON object with `query`, not {_kind(members)}")
    query = _member(members, "query", str)
    variables = _member(members, "variables", dict) or {}
    name = _member(members, "operationName", str)
    extensions = _member(members, "extensions", dict) or {}
    document_hash = _document_hash(members, extensions)
    if query is not None and query.startswith(HASH_PREFIX):
        document_hash = query.removeprefix(HASH_PREFIX)
        query = None
    if not query and document_hash is None:
        refuse('There is no query: send {"query": "…", "variables": {…}}', "NO_QUERY")
    return Operation(query, document_hash, variables, name)


def refuse(message: str, code: str = BAD_REQUEST) -> NoReturn:
    """Refuse with 400."""
    raise Refusal(400, code, message)


def _member(members: Mapping[str, Any], name: str, kind: type) -> Any:
    value = members.get(name)
    if value is not None and not isinstance(value, kind):
        refuse(f"`{name}` must be {_KINDS[kind]} or null, not {_kind(value)}")
    return value


def _document_hash(members: Mapping[str, Any], extensions: Mapping[str, Any]) -> str | None:
    identifier: str | None = _member(members, "documentId", str)
    if identifier is not None:
        if not identifier.startswith(HASH_PREFIX):
            refuse(f"`documentId` must begin with {HASH_PREFIX}")
        return identifier.removeprefix(HASH_PREFIX)
    persisted = _member(extensions, "persistedQuery", dict)
    if persisted is None:
        return None
    digest = _member(persisted, "sha256Hash", str)
    if digest is None:
        refuse("`extensions.persistedQuery` needs `sha256Hash`")
    return str(digest)


_KINDS: Mapping[type, str] = {
    str: "a string",
    dict: "an object",
    list: "a list",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "null")


def _is_deeper(value: object, max_depth: int) -> bool:
    level = [value]
    for _ in range(max_depth):
        level = [inner for outer in level for inner in _inner(outer) if type(inner) in (dict, list)]
        if not level:
            return False
    return True


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _has_nul(value: object) -> bool:
    """Whether any string holds NUL; keys too. The depth is bounded by now."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _refuse_repeated(body: bytes) -> None:
    """Refuse a name that stands twice in one object: its readers would differ on which counts."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) < len(pairs):
            names = [name for name, _ in pairs]
            twice = sorted({name for name in names if names.count(name) > 1})
            refuse(f"Names stand twice in one object: {', '.join(twice)}", "INVALID_JSON")
        return members

    json.loads(body, object_pairs_hook=once)
