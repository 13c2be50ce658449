"""What a browser that signed in with OpenID Connect keeps: cookies that only we can write.

Both hold a JWT signed with a key of their own. That of the session goes with every request of our
pages and is read by no script; that of a sign-in on its way lives for minutes.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.responses import Response

from server.jwts import SECRET_ALGORITHMS, Claims, JwtVerifier
from server.openid import Begun
from server.openid_people import Person
from server.protocol.credentials import SESSION_COOKIES

SIGN_IN_SECONDS = 600
"""What somebody has to sign in at the provider."""

KEY_BYTES = 32
RANDOM_BYTES = 32
"""Of a state, a nonce and a verifier: 43 characters, as RFC 7636 §4.1 asks for at least."""


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A sign-in that was begun, and where in the dashboard it leads."""

    begun: Begun
    to: str


class BrowserSessions:
    """Writes and reads the two cookies; over https their names keep neighbouring hosts out."""

    def __init__(self, secret_key: str, *, is_https: bool, lifetime: timedelta) -> None:
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"browser sessions")
        self._key = derive.derive(secret_key.encode()).hex()
        self._is_https = is_https
        self._lifetime = lifetime
        self._cookie = SESSION_COOKIES[0 if is_https else 1]
        self.sign_in_cookie = f"{self._cookie}-sign-in"
        # The audience is the cookie's name: what was made for one counts in no other.
        self._verifier = JwtVerifier(secret=self._key, audience=self._cookie)

    def is_session(self, credential: str) -> bool:
        """Whether a credential claims to be a session of ours (`name=value`)."""
        return credential.startswith(f"{self._cookie}=")

    async def verify(self, credential: str) -> Claims:
        """Who a session is. Raises DomainError UNAUTHENTICATED."""
        return await self._verifier.verify(credential.removeprefix(f"{self._cookie}="))

    def begin(self, response: Response, begun: Begun, to: str) -> None:
        """Have the browser keep what a sign-in begins with. Lax: the provider sends it back."""
        claims = {**asdict(begun), "to": to}
        lifetime = timedelta(seconds=SIGN_IN_SECONDS)
        self._set(response, self.sign_in_cookie, claims, lifetime, "lax")

    def begun(self, cookie: str) -> OnItsWay | None:
        """What a sign-in began with; None for what is over or none of ours."""
        try:
            told = jwt.decode(
                cookie, self._key, algorithms=SECRET_ALGORITHMS, audience=self.sign_in_cookie
            )
        except jwt.PyJWTError:
            return None
        return OnItsWay(Begun(told["state"], told["nonce"], told["verifier"]), told["to"])

    def let_in(self, response: Response, person: Person) -> None:
        """Begin the session, and end the sign-in that led to it."""
        claims = {"role": person.role.value, "name": person.name, "csm": person.csm}
        self._set(response, self._cookie, claims, self._lifetime, "strict")
        self.give_up(response)

    def give_up(self, response: Response) -> None:
        """End the sign-in alone: anybody's link can have a browser come back without one."""
        self._drop(response, self.sign_in_cookie)

    def leave(self, response: Response) -> None:
        """End both."""
        self._drop(response, self._cookie)
        self.give_up(response)

    def _set(
        self,
        response: Response,
        name: str,
        claims: dict[str, Any],
        lifetime: timedelta,
        same_site: Any,
    ) -> None:
        signed = jwt.encode(
            {**claims, "aud": name, "exp": datetime.now(UTC) + lifetime},
            self._key,
            algorithm=SECRET_ALGORITHMS[0],
        )
        seconds = int(lifetime.total_seconds())
        self._write(response, name, signed, seconds, same_site)

    def _drop(self, response: Response, name: str) -> None:
        self._write(response, name, "", 0, "strict")

    def _write(
        self, response: Response, name: str, value: str, seconds: int, same_site: Any
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite=same_site,
        )


def fresh() -> Begun:
    """Three values that nobody can guess."""
    return Begun(*(secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3)))
