"""JWTs: signature, audience and expiry, by a shared secret or an identity provider's key set."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NoReturn

import httpx
import jwt
import structlog

from domain.errors import DomainError
from domain.viewer import Role

SECRET_ALGORITHMS = ["HS256"]
KEY_SET_ALGORITHMS = ["RS256", "ES256", "EdDSA"]
"""All that is accepted, whatever a token's header asks for (RFC 8725 §3.1)."""

LEEWAY_SECONDS = 10
"""How far the clock of whoever signs may be off."""

REFRESH_SECONDS = 600.0
"""Age at which a key set is fetched again, in the background."""

RETRY_SECONDS = 30.0
"""An unknown key makes us look for new ones at most this often."""

FETCH_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says of its bearer; `csm` is an email address."""

    role: Role
    name: str
    csm: str | None
    expires_at: datetime


FetchKeySet = Callable[[str], Awaitable[Any]]
"""From a URL to the JSON there."""


@cache
def certificates() -> ssl.SSLContext:
    """Whom we believe to be who they are; read once, since that takes a while."""
    return httpx.create_ssl_context()


async def fetch_json(url: str) -> Any:
    """The JSON at a URL. Raises httpx.HTTPError or ValueError."""
    async with httpx.AsyncClient(timeout=FETCH_SECONDS, verify=certificates()) as client:
        response = await client.get(url)
        response.raise_for_status()
        return response.json()


class KeySet:
    """An identity provider's public keys: fetched when first needed, then kept fresh."""

    def __init__(
        self,
        url: str,
        fetch: FetchKeySet = fetch_json,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._turn = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> jwt.PyJWK | None:
        """The key with that id; without an id the only key there is."""
        if kid not in self._keys and (kid is not None or len(self._keys) != 1):
            await self._look_again()
        elif self._monotonic() - self._fetched_at > REFRESH_SECONDS and (
            self._refresh is None or self._refresh.done()
        ):
            self._refresh = asyncio.create_task(self._look_again())
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    async def _look_again(self) -> None:
        async with self._turn:
            if self._monotonic() - self._tried_at < RETRY_SECONDS:
                return
            self._tried_at = self._monotonic()
            try:
                found = jwt.PyJWKSet.from_dict(await self._fetch(self.url))
            except (httpx.HTTPError, ValueError, AttributeError, jwt.PyJWTError) as error:
                # What we have stays good: the provider being away must lock nobody out.
                log.warning("jwks.fetch_failed", url=self.url, error=repr(error))
                return
            self._keys = {key.key_id: key for key in found.keys}
            self._fetched_at = self._tried_at


class JwtVerifier:
    """Verifies tokens by a shared secret or a key set; exactly one of the two."""

    def __init__(
        self, *, secret: str | None = None, key_set: KeySet | None = None, audience: str = ""
    ) -> None:
        if (secret is None) == (key_set is None):
            raise ValueError("give either a secret or a key set")
        self._secret = secret
        self._key_set = key_set
        self._audience = audience or None

    async def verify(self, token: str) -> Claims:
        """What a token says, if it may be believed. Raises DomainError UNAUTHENTICATED."""
        try:
            key: Any = self._secret or await self._public_key(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=SECRET_ALGORITHMS if self._secret else KEY_SET_ALGORITHMS,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp"], "verify_aud": self._audience is not None},
            )
            return _claims(claims)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            # Claims of absurd types and sizes get past the library's own checks.
            _refuse(_reason(error))

    async def _public_key(self, token: str) -> jwt.PyJWK:
        kid = jwt.get_unverified_header(token).get("kid")
        key = None if self._key_set is None else await self._key_set.find(kid)
        if key is None:
            _refuse("the token is signed with a key that the identity provider does not publish")
        return key


def _claims(claims: Mapping[str, Any]) -> Claims:
    role = claims.get("role")
    if not isinstance(role, str) or role.upper() not in set(Role):
        _refuse(f"the token's claim `role` is none of {', '.join(Role)}")
    csm = _text(claims, "csm") or _text(claims, "email")
    name = _text(claims, "name") or csm or _text(claims, "sub") or role.upper()
    try:
        expires_at = datetime.fromtimestamp(int(claims["exp"]) + LEEWAY_SECONDS, UTC)
    except (OverflowError, ValueError, OSError):
        _refuse("the token's claim `exp` is no time that a calendar holds")
    return Claims(role=Role(role.upper()), name=name[:200], csm=csm, expires_at=expires_at)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _reason(error: Exception) -> str:
    reasons: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
        (jwt.ExpiredSignatureError, "the token has expired: get a new one"),
        (jwt.InvalidAudienceError, "the token is made for another audience than this service"),
        (
            jwt.MissingRequiredClaimError,
            "the token lacks `exp`, or `aud`, which is asked for here",
        ),
        (jwt.ImmatureSignatureError, "the token is not valid yet: check the signer's clock"),
        (jwt.InvalidAlgorithmError, "the token is signed with an algorithm that is not accepted"),
        (jwt.InvalidSignatureError, "the token's signature is wrong"),
    )
    for kind, reason in reasons:
        if isinstance(error, kind):
            return reason
    return "the token is neither an API key of ours nor a valid JWT"


def _refuse(message: str) -> NoReturn:
    raise DomainError("UNAUTHENTICATED", message)
