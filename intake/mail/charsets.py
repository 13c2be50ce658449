"""Bytes in whatever charset they claim → text that PostgreSQL can keep."""

import codecs
from functools import lru_cache

FALLBACK = "cp1252"
"""What mail without a charset, or with a wrong one, is mostly written in (Windows-1252)."""

SLOW = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
"""Codecs of Python's that are no charsets of mail; the first two take quadratic time."""


def decoded(raw: bytes, charset: str) -> str:
    """The text; what cannot be read becomes U+FFFD, U+0000 is dropped."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    name = _codec(charset)
    if not text or name not in ("utf-8", "ascii"):
        text = _decoded(raw, name if name != "ascii" else FALLBACK)
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return raw.decode(FALLBACK if name == "utf-8" else "utf-8", "replace")


@lru_cache(maxsize=256)
def _codec(charset: str) -> str:
    """Python's name of the charset; UTF-8 for one that is unknown or no charset at all."""
    try:
        name = codecs.lookup(charset.strip().strip("'\"")[:40]).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in SLOW else name
