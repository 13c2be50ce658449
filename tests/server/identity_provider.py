"""An OpenID Connect provider of ours: codes, PKCE, signed ID tokens, a key set that may change."""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.server.listening import listening

CLIENT_ID = "campaign engagement"
CLIENT_SECRET = "a secret: with / signs %"
REDIRECT_PATH = "/auth/callback"

MIA = {"sub": "u-1", "name": "Mia", "email": "mia@us.example", "email_verified": True}

FIRST_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

Tamper = Callable[[dict[str, Any]], None]


@dataclass
class IdentityProvider:
    """`person` is whoever is signed in there. `tamper` changes an ID token's claims before it is
    signed, `forge` signs in the provider's place; `hidden` claims are told at UserInfo alone."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(MIA))
    tamper: Tamper = lambda _: None
    forge: Callable[[dict[str, Any]], str] | None = None
    hidden: tuple[str, ...] = ()
    userinfo_sub: str = ""
    secret: str = CLIENT_SECRET
    error: str = ""
    described: dict[str, Any] = field(default_factory=dict)
    names_itself: str = ""
    is_away: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _tokens: set[str] = field(default_factory=set)
    _key: rsa.RSAPrivateKey = FIRST_KEY
    _kid: str = "k1"

    def rotate(self) -> None:
        """Sign with another key from now on, and publish no other."""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._kid = f"k{secrets.token_hex(4)}"

    def sign(self, claims: dict[str, Any]) -> str:
        """An ID token by the present key."""
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid})

    async def describe(self, _: Request) -> Response:
        if self.is_away:
            return Response(status_code=503)
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize?tenant=1",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                **self.described,
            }
        )

    async def keys(self, _: Request) -> Response:
        key = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return JSONResponse({"keys": [{**key, "kid": self._kid, "use": "sig", "alg": "RS256"}]})

    async def authorize(self, request: Request) -> Response:
        """Nobody is asked: whoever comes is `person`."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        told = {"error": self.error} if self.error else {"code": code}
        told |= {"state": asked["state"]} | (
            {"iss": self.names_itself} if self.names_itself else {}
        )
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}", status_code=303)

    async def token(self, request: Request) -> Response:
        """RFC 6749 §4.1.3 and RFC 7636 §4.6; a code is good once."""
        if self.is_away:
            return Response(status_code=502)
        form = dict(parse_qsl((await request.body()).decode()))
        if not self._knows(request.headers.get("authorization", ""), form):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["code_challenge_method"] != "S256"
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self._tokens.add(access)
        return JSONResponse(
            {"access_token": access, "token_type": "Bearer", "id_token": self._id_token(asked)}
        )

    def _knows(self, authorization: str, form: dict[str, str]) -> bool:
        if not self.secret:
            return form.get("client_id") == CLIENT_ID and not authorization
        pair = f"{quote(CLIENT_ID, safe='')}:{quote(self.secret, safe='')}"
        expected = base64.b64encode(pair.encode()).decode()
        is_posted = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, self.secret)
        return authorization == f"Basic {expected}" or is_posted

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **{name: value for name, value in self.person.items() if name not in self.hidden},
        }
        self.tamper(claims)
        return self.forge(claims) if self.forge is not None else self.sign(claims)

    async def userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return Response(status_code=401)
        return JSONResponse({**self.person, "sub": self.userinfo_sub or self.person["sub"]})


@asynccontextmanager
async def identity_provider() -> AsyncIterator[IdentityProvider]:
    """It listens on a port of its own."""
    provider = IdentityProvider()
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", provider.describe),
            Route("/keys", provider.keys),
            Route("/authorize", provider.authorize),
            Route("/token", provider.token, methods=["POST"]),
            Route("/userinfo", provider.userinfo),
        ]
    )
    async with listening(app) as provider.url:
        yield provider
