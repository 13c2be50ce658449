"""Which pages may open a socket: browsers send no CORS question before a WebSocket."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit


def is_allowed(headers: Mapping[bytes, bytes], allowed_origins: Collection[str]) -> bool:
    """Whether a handshake comes from a page of ours, a listed origin, or no page at all."""
    origin = headers.get(b"origin")
    if origin is None or headers.get(b"sec-fetch-site") == b"same-origin":
        return True
    text = origin.decode("latin-1").lower()
    if "*" in allowed_origins or text in allowed_origins:
        return True
    host = headers.get(b"host", b"").decode("latin-1").lower()
    return bool(host) and _authority(text) == host


def is_own(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request comes from our own pages alone; what no page sent counts as such too.

    Over plain http browsers say nothing of a page's own GET: cookies are SameSite=Strict besides.
    """
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None:
        return site == b"same-origin"
    host = headers.get(b"host", b"").decode("latin-1").lower()
    return origin is None or _authority(origin.decode("latin-1").lower()) == host


def checked(allowed_origins: Collection[str]) -> frozenset[str]:
    """The setting as browsers write origins. Raises ValueError naming what is no origin."""
    return frozenset(map(_checked, allowed_origins))


def _checked(origin: str) -> str:
    if origin == "*":
        return origin
    bare = origin.strip().rstrip("/").lower()
    if bare != f"{urlsplit(bare).scheme}://{_authority(bare)}" or not _authority(bare):
        raise ValueError(
            f"ALLOWED_ORIGINS: {origin!r} is no origin: write it like https://app.example.com"
        )
    return bare


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
