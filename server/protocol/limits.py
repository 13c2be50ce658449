"""How much one client may ask for; every number is a setting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of requests, documents and live connections.

    `max_body_bytes`: an HTTP request's body. `max_document_characters` and `max_tokens`: a GraphQL
    document, checked before it is parsed (a megabyte of tokens parses for 23 s).
    `max_json_depth`: nesting of a body's JSON. `max_cost`: values an answer may hold, see `cost`.
    `max_depth`: fields within fields. `max_aliases`: aliases in one document.
    `cached_document_characters`: parsed documents kept, by the length of their text (a parsed
    document takes about sixty times that in memory).
    `max_frame_bytes`: one WebSocket message from a client. `max_operations`: running at a time on
    one socket. `init_timeout_seconds`: from the opened socket to `connection_init`.
    `send_timeout_seconds`: how long a reader may stall before its connection is dropped.
    `keep_alive_seconds`: between the comments that keep an event stream open.
    `recheck_seconds`: between the questions whether a live connection's viewer is still valid.
    """

    max_body_bytes: int = 1_048_576
    max_document_characters: int = 65_536
    max_tokens: int = 2_000
    max_json_depth: int = 64
    max_cost: int = 20_000
    max_depth: int = 15
    max_aliases: int = 50
    cached_document_characters: int = 1_048_576
    max_frame_bytes: int = 262_144
    max_operations: int = 100
    init_timeout_seconds: float = 10.0
    send_timeout_seconds: float = 15.0
    keep_alive_seconds: float = 12.0
    recheck_seconds: float = 30.0
