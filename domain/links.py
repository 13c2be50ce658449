"""Links as they are compared: one page is one link, however it was written."""

from functools import lru_cache
from urllib.parse import urlsplit

ADDED = ("utm_",)
"""Beginnings of the query parameters that senders add on the way to a click."""


@lru_cache(maxsize=65_536)
def link_key(url: str) -> str:
    """What two spellings of one link share: no fragment, no closing slash, nothing that providers
    add for their statistics. A text that is no URL stands for itself."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    kept = [p for p in parts.query.split("&") if p and not p.lower().startswith(ADDED)]
    place = f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
    return f"{place}?{'&'.join(kept)}" if kept else place
