"""What text a database can keep."""

import re

_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL and no lone surrogate."""
    return "\x00" not in text and (text.isascii() or not _LONE_SURROGATE.search(text))
