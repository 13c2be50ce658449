"""What text a database can keep."""


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL and no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
