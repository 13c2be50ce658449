"""Text: what a database can keep, and how a message repeats it."""

import re
import reprlib

SHOWN = 60
"""Characters of a refused value that a message repeats."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a character that UTF-16 writes in two: a lone surrogate."""

LOOKED_AT = 1_000
"""Characters of it that are looked at: it may be as long as a request."""


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL and no lone surrogate."""
    return "\x00" not in text and (text.isascii() or _HALF.search(text) is None)


def shown(value: object) -> str:
    """A refused value as a message repeats it: quoted, in one line, cut short.

    Half a character, which UTF-8 cannot tell back, is written out.
    """
    # Python fails to write out what is nested deeply; this writes no more than the beginning.
    text = reprlib.repr(value) if isinstance(value, list | dict) else str(value)
    text = " ".join(text[:LOOKED_AT].encode("utf-8", "backslashreplace").decode().split())
    return f"“{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}”"
