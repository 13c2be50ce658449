"""OpenID Connect, as a relying party: the authorization code flow with PKCE.

OpenID Connect Core 1.0 §3.1 and Discovery 1.0 §4, RFC 7636 (S256), RFC 9207 (`iss` in the answer)
and RFC 9700. Who comes back is believed only by an ID token whose signature, algorithm, issuer,
audience, times and nonce are right.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx
import jwt
import structlog

from domain.errors import DomainError
from server.jwts import (
    FETCH_SECONDS,
    KEY_SET_ALGORITHMS,
    LEEWAY_SECONDS,
    KeySet,
    certificates,
    fetch_json,
)
from server.setting_types import is_safe_transport

METADATA_SECONDS = 3_600.0
"""Age at which the provider's description is read again."""

REFUSED = "SIGN_IN_REFUSED"
AWAY = "PROVIDER_UNAVAILABLE"

log = structlog.get_logger(__name__)

Claims = Mapping[str, Any]
"""What the provider says of whoever signed in, by name of the claim."""


@dataclass(frozen=True, slots=True)
class Client:
    """How the provider knows us; without a secret a public client, which PKCE alone protects."""

    id: str
    secret: str
    scopes: str
    redirect_uri: str
    wanted: tuple[str, ...] = ("email",)
    """Claims that the UserInfo endpoint is asked for, where the ID token has one of them not."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a sign-in was begun with, kept by the browser that began it."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What we need of the provider's description of itself (Discovery 1.0 §3)."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    keys: KeySet
    takes_basic: bool
    names_itself: bool


class OpenIdProvider:
    """An identity provider, described by itself when first needed."""

    def __init__(
        self, issuer: str, client: Client, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.issuer = issuer
        self._client = client
        self._monotonic = monotonic
        self._metadata: Metadata | None = None
        self._read_at = float("-inf")

    async def authorization_url(self, begun: Begun) -> str:
        """Where to send the browser. Raises DomainError PROVIDER_UNAVAILABLE."""
        endpoint = urlsplit((await self.metadata()).authorization_endpoint)
        digest = hashlib.sha256(begun.verifier.encode()).digest()
        asked = urlencode(
            {
                "response_type": "code",
                "client_id": self._client.id,
                "redirect_uri": self._client.redirect_uri,
                "scope": self._client.scopes,
                "state": begun.state,
                "nonce": begun.nonce,
                "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            }
        )
        query = f"{endpoint.query}&{asked}" if endpoint.query else asked
        return urlunsplit(endpoint._replace(query=query))

    async def claims(self, answer: Mapping[str, str], begun: Begun) -> Claims:
        """Who signed in, from the query that the browser came back with.

        Raises DomainError SIGN_IN_REFUSED or PROVIDER_UNAVAILABLE, in words for that person.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            _refuse("The answer belongs to another sign-in than the one begun in this browser")
        metadata = await self.metadata()
        if answer.get("iss", self.issuer if not metadata.names_itself else "") != self.issuer:
            _refuse("The answer comes from another identity provider than the one asked")
        if "error" in answer or not answer.get("code"):
            _refuse(_said(answer.get("error", "")))
        tokens = await self._exchange(metadata, answer["code"], begun)
        claims = await self._verified(metadata, tokens.get("id_token"), begun.nonce)
        return await self._completed(metadata, claims, tokens.get("access_token"))

    async def metadata(self) -> Metadata:
        """The provider's description; the last good one where it cannot be read now."""
        if self._metadata is None or self._monotonic() - self._read_at > METADATA_SECONDS:
            try:
                self._metadata = self._described(
                    await fetch_json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                )
                self._read_at = self._monotonic()
            except (httpx.HTTPError, ValueError, TypeError, AttributeError, KeyError) as error:
                log.warning("openid.metadata_failed", issuer=self.issuer, error=repr(error))
                if self._metadata is None:
                    _away(error)
        return self._metadata

    def _described(self, told: Mapping[str, Any]) -> Metadata:
        if told["issuer"] != self.issuer:
            raise ValueError(
                f"the provider at OIDC_ISSUER calls itself {told['issuer']!r:.200}: set that"
            )
        urls = [told[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        userinfo = told.get("userinfo_endpoint")
        for url in [*urls, userinfo] if userinfo else urls:
            if not isinstance(url, str) or not is_safe_transport(url):
                raise ValueError(f"the provider names {str(url)!r:.200}, which is no https URL")
        before = self._metadata
        keys = before.keys if before is not None and before.keys.url == urls[2] else KeySet(urls[2])
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Metadata(
            authorization_endpoint=urls[0],
            token_endpoint=urls[1],
            userinfo_endpoint=userinfo or "",
            keys=keys,
            takes_basic="client_secret_basic" in methods,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        )

    async def _exchange(self, metadata: Metadata, code: str, begun: Begun) -> Mapping[str, Any]:
        """The tokens for a code (RFC 6749 §4.1.3)."""
        client = self._client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": begun.verifier,
        }
        headers = {"accept": "application/json"}
        if client.secret and metadata.takes_basic:
            pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client.id}
            form |= {"client_secret": client.secret} if client.secret else {}
        answer = await _ask("POST", metadata.token_endpoint, headers, form)
        told = _object(answer)
        if answer.status_code != 200:
            log.warning("openid.code_refused", issuer=self.issuer, error=told.get("error"))
            _refuse(_said(str(told.get("error", ""))))
        return told

    async def _verified(self, metadata: Metadata, token: object, nonce: str) -> Claims:
        """The claims of an ID token (OpenID Connect Core §3.1.3.7)."""
        try:
            if not isinstance(token, str):
                raise jwt.DecodeError("there is none")
            key = await metadata.keys.find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise jwt.InvalidKeyError("signed with a key that the provider does not publish")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=KEY_SET_ALGORITHMS,
                audience=self._client.id,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
            self._check(claims, nonce)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            log.warning("openid.token_refused", issuer=self.issuer, error=repr(error))
            _refuse(f"What the identity provider signed cannot be believed: {error}")
        return claims

    def _check(self, claims: Claims, nonce: str) -> None:
        """What PyJWT leaves out: the nonce, and for whom a token of several audiences was made."""
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise jwt.InvalidTokenError("it was made for another sign-in (nonce)")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", "" if several else self._client.id) != self._client.id:
            raise jwt.InvalidTokenError("it was made for another client (azp)")

    async def _completed(self, metadata: Metadata, claims: Claims, token: object) -> Claims:
        """With what only the UserInfo endpoint tells; the ID token has the last word."""
        is_whole = all(name in claims for name in self._client.wanted)
        if is_whole or not metadata.userinfo_endpoint or not isinstance(token, str):
            return claims
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        answer = await _ask("GET", metadata.userinfo_endpoint, headers)
        told = _object(answer) if answer.status_code == 200 else {}
        # OpenID Connect Core §5.3.2: without the same subject it may be anybody's.
        return {**told, **claims} if told.get("sub") == claims["sub"] else claims


async def _ask(
    method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> httpx.Response:
    """One answer of the provider. Raises DomainError PROVIDER_UNAVAILABLE."""
    try:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, verify=certificates()) as http:
            answer = await http.request(method, url, headers=dict(headers), data=form)
        if answer.status_code < 500 and answer.status_code != 429:
            return answer
        error: object = answer.status_code
    except httpx.HTTPError as failure:
        error = failure
    log.warning("openid.provider_failed", url=url, error=repr(error))
    _away(error)


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of an answer; an empty one where it is none."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


SAID = {
    "access_denied": "The identity provider did not let you in, or you said no there",
    "invalid_grant": "The code was used before, or is too old: begin again",
    "invalid_client": "The identity provider does not know this service: ask an operator to check "
    "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET",
    "unauthorized_client": "The identity provider does not let this service sign people in: ask an "
    "operator to check what OIDC_CLIENT_ID is registered for",
    "invalid_scope": "The identity provider does not know a scope: ask an operator to check "
    "OIDC_SCOPES",
}
"""Errors of RFC 6749 §4.1.2.1 and §5.2, in words."""


def _said(error: str) -> str:
    return SAID.get(error, "The identity provider did not say who you are: begin again")


def _refuse(message: str) -> NoReturn:
    raise DomainError(REFUSED, message)


def _away(error: object) -> NoReturn:
    words = "The identity provider cannot be reached, or is set up wrongly: try again in a moment"
    raise DomainError(AWAY, words) from error if isinstance(error, Exception) else None
