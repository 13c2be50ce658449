"""From a credential to a viewer: API keys by their hash, JWTs and sessions by their signature."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NoReturn

from domain.errors import DomainError
from domain.text import is_storable
from domain.viewer import Role, Viewer
from server.browser_sessions import BrowserSessions
from server.jwts import Claims, JwtVerifier
from store import access
from store.database import Database

CACHE_SECONDS = 3.0
"""How long an answer about a token is trusted: requests in a row cost no statement each, and a
revoked key is refused within five seconds."""

CACHED_TOKENS = 10_000
"""Tokens remembered at most, by their hash."""

MAX_TOKEN = 8_192
"""Characters of a token that is looked at; larger ones do not fit a header either."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found about a token, and until when (monotonic seconds) that is trusted."""

    found: Viewer | DomainError
    until: float


class Access:
    """Tells whom a token stands for. Tokens are neither kept nor logged."""

    def __init__(
        self,
        database: Database,
        jwts: JwtVerifier | None = None,
        *,
        sessions: BrowserSessions | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._jwts = jwts
        self._sessions = sessions
        self._now = now
        self._monotonic = monotonic
        self._answers: dict[bytes, _Answer] = {}

    async def authenticate(self, token: str | None) -> Viewer:
        """Whom a token stands for. Raises DomainError UNAUTHENTICATED with the reason."""
        if not token:
            _refuse("there is no token: send Authorization: Bearer with an API key or a JWT")
        if len(token) > MAX_TOKEN:
            _refuse(f"the token has more than {MAX_TOKEN} characters: it is none of ours")
        key = access.digest(token)
        answer = self._answers.get(key)
        if answer is None or answer.until <= self._monotonic():
            answer = _Answer(await self._look_up(token, key), self._monotonic() + CACHE_SECONDS)
            self._remember(key, answer)
        if isinstance(answer.found, DomainError):
            raise DomainError(answer.found.code, answer.found.message)
        self._check_expiry(answer.found)
        return answer.found

    async def still_valid(self, viewer: Viewer) -> bool:
        """Whether a viewer who came in earlier may stay: neither expired nor revoked."""
        if viewer.expires_at is not None and viewer.expires_at <= self._now():
            return False
        if viewer.api_key_id is None:
            return True
        async with self._database.connection() as connection:
            row = await access.key_by_id(connection, viewer.api_key_id)
        return row is not None and row.revoked_at is None

    def _remember(self, key: bytes, answer: _Answer) -> None:
        if len(self._answers) >= CACHED_TOKENS:
            # Begin again: who comes back costs one statement, and nobody can make it grow.
            self._answers.clear()
        self._answers[key] = answer

    def _check_expiry(self, viewer: Viewer) -> None:
        if viewer.expires_at is not None and viewer.expires_at <= self._now():
            _refuse(f"the token ended at {viewer.expires_at.isoformat()}: get a new one")

    async def _look_up(self, token: str, digest: bytes) -> Viewer | DomainError:
        try:
            prefix = access.prefix_of(token)
            if prefix is not None:
                return await self._by_key(prefix, digest)
            if self._sessions is not None and self._sessions.is_session(token):
                return await self._by_claims(await self._sessions.verify(token))
            if self._jwts is None:
                _refuse("the token is no API key, and JWTs are not set up here")
            return await self._by_claims(await self._jwts.verify(token))
        except DomainError as error:
            return error

    async def _by_key(self, prefix: str, digest: bytes) -> Viewer:
        async with self._database.connection() as connection:
            found = await access.key_by_prefix(connection, prefix)
        row, kept = found or (None, bytes(len(digest)))
        if not hmac.compare_digest(kept, digest) or row is None:
            _refuse("the API key is not known here: check that it was copied whole")
        if row.revoked_at is not None:
            _refuse(f"the API key {row.prefix}… was revoked: ask an admin for a new one")
        return Viewer(
            role=Role(row.role),
            name=row.name,
            csm_id=row.csm_id,
            expires_at=row.expires_at,
            api_key_id=row.id,
        )

    async def _by_claims(self, claims: Claims) -> Viewer:
        viewer = Viewer(role=claims.role, name=claims.name, expires_at=claims.expires_at)
        if claims.role is not Role.CSM:
            return viewer
        email = claims.csm
        if email is None or not is_storable(email):
            _refuse("the token's role is CSM, but no claim `csm` or `email` says which one")
        async with self._database.connection() as connection:
            csm_id = await access.csm_by_email(connection, email)
        if csm_id is None:
            _refuse(f"no CSM here has the address “{email:.80}” that the token names")
        return replace(viewer, csm_id=csm_id)


def _refuse(message: str) -> NoReturn:
    raise DomainError("UNAUTHENTICATED", message)
