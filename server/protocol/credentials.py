"""What a request says of who sends it: a bearer token, or the cookie of a browser's session."""

from collections.abc import Mapping

from starlette.requests import cookie_parser

from server.protocol.origins import is_own

SESSION_COOKIES = ("__Host-engagement", "engagement")
"""The cookie of a session over https, and that over http on one's own machine. The first can be
set by no neighbouring host (RFC 6265bis §4.1.3.2)."""


def bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """The token of `Authorization: Bearer …` (RFC 6750, 2.1); None without one."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def credential(headers: Mapping[bytes, bytes]) -> str | None:
    """The bearer token; without one the session cookie, as `name=value`, of a page of our own.

    The name goes with the value: a session made for one name does not count under the other.
    """
    if b"authorization" in headers:
        return bearer(headers)
    if b"cookie" not in headers or not is_own(headers):
        return None
    cookies = cookie_parser(headers[b"cookie"].decode("latin-1"))
    found = ((name, cookies.get(name)) for name in SESSION_COOKIES)
    return next((f"{name}={value}" for name, value in found if value), None)
