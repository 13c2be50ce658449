"""Signing in with OpenID Connect, against a provider that signs, rotates and sometimes lies."""

import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resolvers.context import Context
from server import openid, signing_in
from server.access import Access
from server.answering import door, json
from server.jwts import certificates
from server.settings import Settings, SettingsError, load
from server.signing_in import local_path, sign_in_door
from store.database import Database
from tests.seeding import Seed, services
from tests.server.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    IdentityProvider,
    identity_provider,
)

SECRET_KEY = "not a secret, only long enough to be taken for one"
BASE = "http://127.0.0.1:8000"
STRANGER = {"sub": "u-9", "name": "Eve", "email": "eve@us.example", "email_verified": True}


@pytest.fixture(scope="module")
async def served() -> AsyncIterator[IdentityProvider]:
    async with identity_provider() as found:
        yield found


@pytest.fixture
def provider(served: IdentityProvider) -> IdentityProvider:
    """As it was before any test changed it."""
    served.__init__(served.url)  # type: ignore[misc]
    return served


@pytest.fixture
async def mia(database: Database) -> int:
    """A CSM whose address the provider knows."""
    async with database.transaction() as connection:
        return await Seed(connection).csm("Mia")


@dataclass
class Browser:
    """A browser in front of the service, which follows redirects to the provider and back."""

    client: httpx.AsyncClient

    async def to_provider(self, path: str = "/auth/sign-in") -> str:
        """Begin; where the provider is asked."""
        answer = await self.client.get(path)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def at_provider(self, url: str) -> str:
        """Ask it; where it sends the browser back to."""
        async with httpx.AsyncClient(verify=certificates()) as http:
            answer = await http.get(url)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def sign_in(self, path: str = "/auth/sign-in") -> httpx.Response:
        return await self.client.get(await self.at_provider(await self.to_provider(path)))

    async def who(self, **headers: str) -> Any:
        """Whom the service takes the browser for, or why not."""
        return (await self.client.get("/api/who", headers=headers)).json()


async def who(_: Request, context: Context) -> Response:
    viewer = context.viewer
    return json({"role": viewer.role, "name": viewer.name, "csm": viewer.csm_id})


def settings(provider: IdentityProvider, **more: object) -> Settings:
    values = {
        "database_url": "postgresql://nobody@127.0.0.1:1/none",
        "secret_key": SECRET_KEY,
        "oidc_issuer": provider.url,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Example ID",
        "oidc_manager_groups": "cs-leads, CS Ops",
        "oidc_admin_groups": "root",
    }
    return Settings.model_validate(values | more)


def service(database: Database, given: Settings) -> Browser:
    app = Starlette(routes=[*signing_in.routes, Route("/api/who", door(who))])
    opened = sign_in_door(given, database)
    app.state.services = services(database)
    app.state.sign_in = opened
    app.state.access = Access(database, sessions=opened.sessions if opened else None)
    transport = httpx.ASGITransport(app)
    return Browser(httpx.AsyncClient(transport=transport, base_url=given.base_url))


@pytest.fixture
def browser(database: Database, provider: IdentityProvider) -> Browser:
    return service(database, settings(provider))


def words(answer: httpx.Response) -> str:
    """What the page says to the person."""
    found = re.search(r"<p>(.*?)\.</p>", answer.text, re.DOTALL)
    assert found is not None
    return found[1]


async def refused(browser: Browser, answer: httpx.Response, status: int = 403) -> str:
    """The words of a refusal, after which there is no session."""
    assert answer.status_code == status
    assert "engagement" not in dict(browser.client.cookies)
    assert (await browser.who())["error"]["code"] == "UNAUTHENTICATED"
    return words(answer)


async def test_a_csm_signs_in_by_a_verified_address_and_comes_back_where_they_were(
    browser: Browser, provider: IdentityProvider, mia: int
) -> None:
    answer = await browser.sign_in("/auth/sign-in?to=/customers/7%3Fstakeholder=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/customers/7?stakeholder=2#signed-in"
    assert await browser.who() == {"role": "CSM", "name": "Mia", "csm": mia}
    [asked] = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{BASE}/auth/callback"
    assert asked["scope"] == "openid email profile"
    assert asked["tenant"] == "1"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


async def test_neither_cookie_is_for_scripts_and_the_session_goes_to_our_pages_alone(
    browser: Browser, provider: IdentityProvider, mia: int
) -> None:
    begun = await browser.client.get("/auth/sign-in")
    [cookie] = begun.headers.get_list("set-cookie")
    assert cookie.startswith("engagement-sign-in=ey")
    assert cookie.endswith("; HttpOnly; Max-Age=600; Path=/; SameSite=lax")
    back = await browser.client.get(await browser.at_provider(begun.headers["location"]))
    kept, gone = back.headers.get_list("set-cookie")
    assert kept.startswith("engagement=ey")
    assert kept.endswith("; HttpOnly; Max-Age=36000; Path=/; SameSite=strict")
    assert gone.startswith('engagement-sign-in=""; HttpOnly; Max-Age=0;')
    assert back.headers["cache-control"] == "no-store"
    assert (await browser.who(**{"sec-fetch-site": "same-origin"}))["name"] == "Mia"
    for site in ("same-site", "cross-site", "none"):
        assert "error" in await browser.who(**{"sec-fetch-site": site})
    assert "error" in await browser.who(origin="http://evil.example")
    assert (await browser.who(origin=BASE))["name"] == "Mia"


async def test_over_https_the_cookies_are_secure_and_bound_to_the_host(
    database: Database, provider: IdentityProvider, mia: int
) -> None:
    browser = service(database, settings(provider, public_url="https://us.example"))
    answer = await browser.sign_in()
    kept = answer.headers.get_list("set-cookie")[0]
    assert kept.startswith("__Host-engagement=ey")
    assert "; Secure" in kept
    value = kept.partition("=")[2].partition(";")[0]
    browser.client.cookies.clear()
    # A neighbouring host can set a cookie of this name, but nobody looks at it.
    assert "error" in await browser.who(cookie=f"engagement={value}")
    assert "csm" in await browser.who(cookie=f"__Host-engagement={value}")


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["staff", "cs-leads"], "MANAGER"),
        (["CS Ops", "root"], "ADMIN"),
        ("root", "ADMIN"),
    ],
)
async def test_groups_make_managers_and_admins(
    browser: Browser, provider: IdentityProvider, groups: object, role: str
) -> None:
    provider.person = {"sub": "u-2", "name": "Max", "groups": groups}
    assert (await browser.sign_in()).status_code == 303
    assert await browser.who() == {"role": role, "name": "Max", "csm": None}


async def test_what_only_userinfo_tells_counts_where_it_is_of_the_same_subject(
    browser: Browser, provider: IdentityProvider, mia: int
) -> None:
    provider.hidden = ("email", "email_verified")
    provider.userinfo_sub = "somebody-else"
    assert "told no email address" in await refused(browser, await browser.sign_in())
    provider.userinfo_sub = ""
    assert (await browser.sign_in()).status_code == 303
    assert (await browser.who())["csm"] == mia


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (STRANGER, "You are eve@us.example, and no CSM here has that address"),
        (STRANGER | {"groups": ["Root", 7, None]}, "You are eve@us.example"),
        (STRANGER | {"email_verified": False}, "has not verified that eve@us.example is yours"),
        (STRANGER | {"email_verified": "false"}, "has not verified that eve@us.example is yours"),
        ({"sub": "u", "email": "mia@us.example"}, "has not verified that mia@us.example is yours"),
        ({"sub": "u", "email": 7}, "told no email address"),
        ({"sub": "u", "email": "<b>x</b>", "email_verified": True}, "told no email address"),
        ({"sub": "u", "email": "Mia <mia@us.example>", "email_verified": True}, "told no email"),
    ],
)
async def test_whom_nobody_here_knows_is_told_so(
    browser: Browser, provider: IdentityProvider, mia: int, person: dict[str, Any], said: str
) -> None:
    provider.person = person
    assert said in await refused(browser, await browser.sign_in())


async def test_a_provider_of_ones_own_may_be_believed_where_it_says_nothing_of_verifying(
    database: Database, provider: IdentityProvider, mia: int
) -> None:
    browser = service(database, settings(provider, oidc_trust_addresses=True))
    provider.person = {"sub": "u", "email": "MIA@us.example", "email_verified": False}
    await refused(browser, await browser.sign_in())
    del provider.person["email_verified"]
    assert (await browser.sign_in()).status_code == 303
    assert (await browser.who())["csm"] == mia


def set_to(**claims: Any) -> Callable[[dict[str, Any]], None]:
    return lambda given: given.update(claims)


def without(name: str) -> Callable[[dict[str, Any]], None]:
    def tamper(given: dict[str, Any]) -> None:
        del given[name]

    return tamper


@pytest.mark.parametrize(
    "tamper",
    [
        set_to(nonce="of another sign-in"),
        without("nonce"),
        set_to(aud="another client"),
        set_to(aud=[CLIENT_ID, "another client"]),
        set_to(aud=[CLIENT_ID, "another client"], azp="another client"),
        set_to(azp="another client"),
        set_to(iss="https://evil.example"),
        without("iss"),
        set_to(exp=int(time.time()) - 60),
        without("exp"),
        set_to(iat=int(time.time()) + 600),
        set_to(exp="never"),
        set_to(nbf=int(time.time()) + 600),
        without("sub"),
        set_to(sub=7),
    ],
)
async def test_an_id_token_that_says_something_wrong_lets_nobody_in(
    browser: Browser,
    provider: IdentityProvider,
    mia: int,
    tamper: Callable[[dict[str, Any]], None],
) -> None:
    provider.tamper = tamper
    said = await refused(browser, await browser.sign_in())
    assert said.startswith("What the identity provider signed cannot be believed: ")


async def test_an_id_token_for_several_audiences_names_us_as_the_one_it_was_made_for(
    browser: Browser, provider: IdentityProvider, mia: int
) -> None:
    provider.tamper = set_to(aud=[CLIENT_ID, "another client"], azp=CLIENT_ID)
    assert (await browser.sign_in()).status_code == 303


def unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"})


def by_the_client_secret(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, CLIENT_SECRET * 2, algorithm="HS256", headers={"kid": "k1"})


def by_another_key(claims: dict[str, Any]) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})


def by_an_unpublished_key(claims: dict[str, Any]) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k2"})


@pytest.mark.parametrize(
    "forge",
    [unsigned, by_the_client_secret, by_another_key, by_an_unpublished_key, lambda _: "no.jwt.é"],
)
async def test_an_id_token_that_the_provider_did_not_sign_lets_nobody_in(
    browser: Browser, provider: IdentityProvider, mia: int, forge: Callable[[dict[str, Any]], str]
) -> None:
    provider.forge = forge
    assert "cannot be believed" in await refused(browser, await browser.sign_in())


async def test_a_new_key_of_the_provider_is_looked_up(
    database: Database, provider: IdentityProvider, mia: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.jwts.RETRY_SECONDS", 0.0)
    browser = service(database, settings(provider))
    assert (await browser.sign_in()).status_code == 303
    provider.rotate()
    assert (await browser.sign_in()).status_code == 303


async def test_a_code_is_good_once_and_an_answer_only_in_the_browser_that_asked(
    browser: Browser, database: Database, provider: IdentityProvider, mia: int
) -> None:
    back = await browser.at_provider(await browser.to_provider())
    other = service(database, settings(provider))
    said = await refused(other, await other.client.get(back))
    assert said.startswith("No sign-in was begun in this browser")

    kept = dict(browser.client.cookies)
    assert (await browser.client.get(back)).status_code == 303
    browser.client.cookies.clear()
    said = await refused(browser, await browser.client.get(back))
    assert said.startswith("No sign-in was begun in this browser")
    # Whoever kept the cookie against our word has a code that the provider takes once.
    browser.client.cookies.update(kept)
    assert "The code was used before" in await refused(browser, await browser.client.get(back))


async def test_a_code_of_somebody_elses_sign_in_is_refused(
    browser: Browser, database: Database, provider: IdentityProvider, mia: int
) -> None:
    attacker = service(database, settings(provider))
    theirs = await attacker.at_provider(await attacker.to_provider())
    await browser.to_provider()
    said = await refused(browser, await browser.client.get(theirs))
    assert said.startswith("The answer belongs to another sign-in")
    # Also with the state of ours: the code is bound to another verifier.
    mine = await browser.at_provider(await browser.to_provider())
    state = parse_qs(urlsplit(mine).query)["state"][0]
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    answer = await browser.client.get("/auth/callback", params={"state": state, "code": code})
    assert "The code was used before" in await refused(browser, answer)


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?code=x", "?state=%FF%00&code=%C3", "?error=x&error=y&state="]
)
async def test_nonsense_at_the_callback_is_refused_in_words(browser: Browser, query: str) -> None:
    await browser.to_provider()
    assert await refused(browser, await browser.client.get(f"/auth/callback{query}"))
    browser.client.cookies.set("engagement-sign-in", "nonsense", domain="127.0.0.1")
    assert await refused(browser, await browser.client.get(f"/auth/callback{query}"))


@pytest.mark.parametrize("query", ["", "?state=x&code=y"])
async def test_a_refused_sign_in_leaves_the_session_of_before_as_it_was(
    browser: Browser, mia: int, query: str
) -> None:
    await browser.sign_in()
    session = browser.client.cookies["engagement"]
    await browser.to_provider()
    # Also a link of somebody else's: a browser follows it without asking anybody.
    answer = await browser.client.get(f"/auth/callback{query}")
    assert answer.status_code == 403
    assert dict(browser.client.cookies) == {"engagement": session}
    assert await browser.who() == {"role": "CSM", "name": "Mia", "csm": mia}


async def test_who_says_no_at_the_provider_is_not_signed_in(
    browser: Browser, provider: IdentityProvider
) -> None:
    provider.error = "access_denied"
    said = await refused(browser, await browser.sign_in())
    assert said == "The identity provider did not let you in, or you said no there"


async def test_an_answer_that_names_another_provider_is_refused(
    browser: Browser, provider: IdentityProvider, mia: int
) -> None:
    provider.names_itself = "https://evil.example"
    assert "another identity provider" in await refused(browser, await browser.sign_in())
    provider.names_itself = provider.url
    assert (await browser.sign_in()).status_code == 303


async def test_a_provider_that_promises_to_name_itself_must(
    browser: Browser, provider: IdentityProvider, mia: int
) -> None:
    provider.described = {"authorization_response_iss_parameter_supported": True}
    assert "another identity provider" in await refused(browser, await browser.sign_in())


async def test_a_client_without_a_secret_and_one_that_posts_it_are_known_too(
    database: Database, provider: IdentityProvider, mia: int
) -> None:
    provider.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await service(database, settings(provider)).sign_in()).status_code == 303
    provider.secret = ""
    public = service(database, settings(provider, oidc_client_secret=""))
    assert (await public.sign_in()).status_code == 303
    provider.secret = "another"
    public.client.cookies.clear()
    said = await refused(public, await public.sign_in())
    assert "OIDC_CLIENT_SECRET" in said


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://id.example/token"},
        {"jwks_uri": "javascript:alert(1)"},
        {"authorization_endpoint": 7},
        {"token_endpoint": None},
    ],
)
async def test_a_provider_that_describes_itself_wrongly_is_not_gone_to(
    browser: Browser, provider: IdentityProvider, described: dict[str, Any]
) -> None:
    provider.described = described
    answer = await browser.client.get("/auth/sign-in")
    assert answer.status_code == 503
    assert "cannot be reached, or is set up wrongly" in words(answer)


async def test_a_provider_that_is_away_is_told_and_its_return_too(
    browser: Browser, provider: IdentityProvider, mia: int
) -> None:
    provider.is_away = True
    assert (await browser.client.get("/auth/sign-in")).status_code == 503
    provider.is_away = False
    back = await browser.at_provider(await browser.to_provider())
    provider.is_away = True
    assert "cannot be reached" in await refused(browser, await browser.client.get(back), 503)
    provider.is_away = False
    assert (await browser.sign_in()).status_code == 303


async def test_a_description_is_read_again_after_an_hour_and_kept_where_it_cannot_be(
    provider: IdentityProvider,
) -> None:
    now = [0.0]
    client = openid.Client(CLIENT_ID, "", "openid", BASE)
    asked = openid.OpenIdProvider(provider.url, client, lambda: now[0])
    first = await asked.metadata()
    provider.described = {"token_endpoint": f"{provider.url}/token2"}
    assert await asked.metadata() is first
    now[0] += openid.METADATA_SECONDS + 1
    again = await asked.metadata()
    assert again.token_endpoint == f"{provider.url}/token2"
    assert again.keys is first.keys
    provider.is_away = True
    now[0] += openid.METADATA_SECONDS + 1
    assert await asked.metadata() is again


async def test_a_session_ends_by_signing_out_by_time_and_with_the_csm(
    browser: Browser, database: Database, provider: IdentityProvider, mia: int
) -> None:
    await browser.sign_in()
    session = browser.client.cookies["engagement"]
    claims = jwt.decode(session, options={"verify_signature": False})
    assert claims["exp"] - time.time() == pytest.approx(10 * 3600, abs=5)
    answer = await browser.client.post("/auth/sign-out", headers={"origin": "http://evil.example"})
    assert answer.headers.get_list("set-cookie") == []
    assert (await browser.client.post("/auth/sign-out")).status_code == 204
    assert dict(browser.client.cookies) == {}
    assert "error" in await browser.who()
    # Somebody who is no CSM any more: what was signed before counts for nobody.
    async with database.transaction() as connection:
        await connection.execute("UPDATE csm SET email = 'gone@us.example'")
    later = service(database, settings(provider))
    found = await later.who(cookie=f"engagement={session}")
    assert "no CSM here has the address" in found["error"]["message"]


async def test_what_others_sign_is_no_session(browser: Browser, mia: int) -> None:
    await browser.sign_in()
    good = browser.client.cookies["engagement"]
    begun = await browser.client.get("/auth/sign-in")
    on_its_way = begun.cookies["engagement-sign-in"]
    forged = jwt.encode(
        {"role": "ADMIN", "aud": "engagement", "exp": 2**40}, SECRET_KEY, algorithm="HS256"
    )
    for value in (f"{good[:-4]}AAAA", on_its_way, forged, "x", "%00"):
        browser.client.cookies.clear()
        found = await browser.who(cookie=f"engagement={value}")
        assert found["error"]["code"] == "UNAUTHENTICATED"
    assert "error" in await browser.who(authorization=f"Bearer {good}")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/customers/7?a=b", "/customers/7?a=b"),
        ("/customers#token=x", "/customers"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("http://[", "/"),
        ("//[", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("customers", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("/" + "a" * 3_000, "/"),
        ("", "/"),
    ],
)
def test_one_returns_to_a_page_of_ours_alone(given: str, path: str) -> None:
    assert local_path(given) == path


async def test_without_a_provider_there_is_none(database: Database) -> None:
    given = Settings.model_validate(
        {"database_url": "postgresql://nobody@127.0.0.1:1/none", "secret_key": SECRET_KEY}
    )
    browser = service(database, given)
    assert (await browser.client.get("/auth/provider")).json() == {"provider": None}
    assert (await browser.client.get("/auth/sign-in")).status_code == 404
    assert (await browser.client.get("/auth/callback")).status_code == 404


async def test_the_sign_in_page_is_told_what_the_provider_is_called(browser: Browser) -> None:
    assert (await browser.client.get("/auth/provider")).json() == {
        "provider": {"name": "Example ID", "signIn": f"{BASE}/auth/sign-in"}
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_client_id": "x"}, "OIDC_ISSUER and OIDC_CLIENT_ID go together"),
        ({"oidc_issuer": "https://id.example"}, "OIDC_ISSUER and OIDC_CLIENT_ID go together"),
        ({"oidc_issuer": "http://id.example", "oidc_client_id": "x"}, "must be https://"),
        ({"oidc_issuer": "https://id.example?x", "oidc_client_id": "x"}, "the issuer alone"),
        (
            {
                "oidc_issuer": "https://id.example",
                "oidc_client_id": "x",
                "public_url": "http://us.example",
            },
            "set PUBLIC_URL to an https:// address",
        ),
        ({"oidc_scopes": "email"}, "OIDC_SCOPES"),
    ],
)
def test_settings_that_would_not_be_safe_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        load(_env_file=None, secret_key=SECRET_KEY, **given)
