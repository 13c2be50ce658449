"""The tree of a MIME message (RFC 2045, 2046), read within bounds whatever the bytes.

The standard library's parser is not used: docs/decisions/reading-mail-in-bounds.md.
Delimiters are searched for in the raw bytes, and nothing is copied on the way.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from intake.mail.charsets import decoded
from intake.mail.headers import LONGEST_BLOCK, Headers, read_headers

LONGEST_MAIL = 25 * 1_024 * 1_024
"""Bytes of a mail that are looked at: what mail services let through at most."""

LONGEST_BODY = 256 * 1_024
"""Bytes of one text part that are read: Gmail shows no more than the first 102 KB."""

DEEPEST = 10
"""Levels of parts within parts; a bounce of a journaled newsletter has seven."""

MOST_PARTS = 100
MOST_DELIMITERS = 1_000
"""Places that look like a delimiter and are tried."""

DELIMITER_LINE = 100
"""Characters in which a delimiter's line must end (RFC 2046 §5.1.1 allows 70 for a boundary)."""

_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\A[ \t]*\r?\n")
_GUESSED = re.compile(rb"^--([^\s-][^\r\n]{0,69}?)[ \t]*\r?$", re.MULTILINE)
_MBOX = re.compile(rb"\A\s*>?From [^\r\n]{0,300}\r?\n")


@dataclass(frozen=True, slots=True)
class Entity:
    """A message or a part: its headers, where its body stands in `raw`, and its own parts.

    A `message/rfc822` part has one part: the message in it.
    """

    headers: Headers
    media_type: str
    raw: bytes
    start: int
    end: int
    parts: tuple["Entity", ...] = ()

    @property
    def body(self) -> bytes:
        """The body's first bytes, its transfer encoding (RFC 2045 §6) undone."""
        return _untransferred(self.raw[self.start : min(self.end, self.start + LONGEST_BODY)], self)

    @property
    def text(self) -> str:
        """The body as text, lines ending in \\n."""
        charset = self.headers.parameter("content-type", "charset") or "ascii"
        return decoded(self.body, charset).replace("\r\n", "\n").replace("\r", "\n")

    def leaves(self) -> Iterator["Entity"]:
        """The parts that hold something themselves, without those of attached messages."""
        if not self.parts or self.media_type.startswith("message/"):
            yield self
        else:
            for part in self.parts:
                yield from part.leaves()

    def leaf(self, *media_types: str) -> "Entity | None":
        """The first leaf of one of those types."""
        return next((one for one in self.leaves() if one.media_type in media_types), None)


@dataclass(slots=True)
class _Budget:
    parts: int = MOST_PARTS
    delimiters: int = MOST_DELIMITERS


def read_entity(raw: bytes) -> Entity:
    """The tree of a whole message; whatever exceeds a limit is left out."""
    raw = raw[:LONGEST_MAIL]
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    mbox = _MBOX.match(raw)
    start = mbox.end() if mbox else len(raw) - len(raw.lstrip(b"\r\n"))
    return _entity(raw, start, len(raw), _Budget(), 0)


def _entity(raw: bytes, start: int, end: int, budget: _Budget, depth: int) -> Entity:
    budget.parts -= 1
    blank = _BLANK_LINE.search(raw[start : min(end, start + LONGEST_BLOCK)])
    body = start + blank.end() if blank else end
    headers = read_headers(raw[start : start + blank.start() if blank else end])
    media_type = _media_type(headers)
    entity = Entity(headers, media_type, raw, body, end)
    if depth >= DEEPEST or budget.parts <= 0:
        return entity
    if media_type.startswith("multipart/"):
        spans = _spans(raw, body, end, _boundary(headers, raw, body, end), budget)
        return _with_parts(
            entity,
            [_entity(raw, *span, budget, depth + 1) for span in spans if budget.parts > 0],
        )
    if media_type in ("message/rfc822", "message/global"):
        return _with_parts(entity, [_attached(entity, budget, depth)])
    return entity


def _with_parts(entity: Entity, parts: list[Entity]) -> Entity:
    e = entity
    return Entity(e.headers, e.media_type, e.raw, e.start, e.end, tuple(parts))


def _attached(entity: Entity, budget: _Budget, depth: int) -> Entity:
    """The message in a message/rfc822 part; some senders encode it, though RFC 2046 forbids it."""
    if _encoding(entity) in ("base64", "quoted-printable"):
        body = entity.body
        return _entity(body, 0, len(body), budget, depth + 1)
    return _entity(entity.raw, entity.start, entity.end, budget, depth + 1)


def _media_type(headers: Headers) -> str:
    found = headers.first("content-type").partition(";")[0].strip().lower()
    return found if "/" in found else "text/plain"


def _boundary(headers: Headers, raw: bytes, start: int, end: int) -> bytes:
    """The boundary as declared, else as the first line that looks like one has it."""
    found = headers.parameter("content-type", "boundary").encode("utf-8", "replace")
    if found:
        return found[:DELIMITER_LINE]
    guess = _GUESSED.search(raw[start : min(end, start + LONGEST_BODY)])
    return guess[1] if guess else b""


def _spans(
    raw: bytes, start: int, end: int, boundary: bytes, budget: _Budget
) -> list[tuple[int, int]]:
    """Where the parts between the delimiters begin and end."""
    mark = b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    at = start
    while boundary and budget.delimiters > 0 and len(spans) < MOST_PARTS:
        found = raw.find(mark, at, end)
        if found < 0:
            break
        budget.delimiters -= 1
        at = found + len(mark)
        line_end = raw.find(b"\n", at, min(end, at + DELIMITER_LINE))
        line_end = line_end if line_end >= 0 else min(end, at + DELIMITER_LINE)
        rest = raw[at:line_end].strip()
        if rest not in (b"", b"--") or (found > start and raw[found - 1] != 0x0A):
            continue
        if opened is not None:
            spans.append((opened, max(opened, found - 1)))
        opened = None if rest else min(line_end + 1, end)
        if rest:
            break
    if opened is not None:
        spans.append((opened, end))
    return spans


def _encoding(entity: Entity) -> str:
    return entity.headers.first("content-transfer-encoding").lower()


def _untransferred(body: bytes, entity: Entity) -> bytes:
    encoding = _encoding(entity)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding == "base64":
        for padding in (b"", b"=", b"=="):
            try:
                return binascii.a2b_base64(body + padding)
            except binascii.Error:
                continue
        return _salvaged(body)
    return body


def _salvaged(body: bytes) -> bytes:
    """What a base64 body that was cut or damaged still holds."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    return binascii.a2b_base64(kept[: len(kept) // 4 * 4])
