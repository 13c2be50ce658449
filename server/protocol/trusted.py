"""Trusted documents: the queries that our own clients were built with, named by their hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import orjson

from server.protocol.errors import request_error
from server.protocol.operation import Operation


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """A manifest: SHA-256 in hex → document. `only` refuses every document that is not in it."""

    documents: Mapping[str, str] = field(default_factory=dict)
    only: bool = False

    def source(self, operation: Operation) -> tuple[str, bool]:
        """The document to execute and whether it is trusted. Raises RequestError.

        A hash alone is looked up and never stored: what `PersistedQueryNotFound` says is Apollo's
        word for "send the text too".
        """
        query, digest = operation.query, operation.document_hash
        if digest is not None:
            if query is not None and _hash(query) != digest.lower():
                raise request_error(
                    "PERSISTED_QUERY_HASH_MISMATCH", "The hash is not that of the query"
                )
            if (known := self.documents.get(digest.lower())) is not None:
                return known, True
        if self.only:
            return self._only_trusted(query), True
        if query is None:
            raise request_error("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        return query, False

    def _only_trusted(self, query: str | None) -> str:
        if query is not None and _hash(query) in self.documents:
            return query
        raise request_error(
            "DOCUMENT_NOT_TRUSTED",
            "Only trusted documents are executed here (TRUSTED_DOCUMENTS_ONLY), and this is none",
        )


def load(path: Path, *, only: bool) -> TrustedDocuments:
    """Read a manifest `{"<sha256>": "<document>", …}`. Raises ValueError naming what is wrong."""
    try:
        manifest = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ValueError(f"The trusted documents in {path} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise ValueError(f"The trusted documents in {path} must be an object of hash → document")
    for digest, document in manifest.items():
        if not isinstance(document, str) or _hash(document) != digest:
            raise ValueError(f"{path}: {digest} is not the SHA-256 (hex) of its document")
    return TrustedDocuments(manifest, only)


def _hash(document: str) -> str:
    return sha256(document.encode("utf-8", "surrogatepass")).hexdigest()
