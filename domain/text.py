"""Text: what a database can keep, and how a message repeats it."""

SHOWN = 60
"""Characters of a refused value that a message repeats."""


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL and no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def shown(value: object) -> str:
    """A refused value as a message repeats it: quoted, in one line, cut short.

    Half a character, which UTF-8 cannot tell back, is written out.
    """
    text = " ".join(str(value).encode("utf-8", "backslashreplace").decode().split())
    return f"“{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}”"
