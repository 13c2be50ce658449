"""The doors of signing in with OpenID Connect; without OIDC_ISSUER they say that there is none.

| door | what |
|---|---|
| `GET /auth/provider` | what the sign-in page offers: its name and where it begins, or null |
| `GET /auth/sign-in?to=/path` | to the provider |
| `GET /auth/callback` | back from it: a session, then `to`; or a page that says why not |
| `POST /auth/sign-out` | the session's end here; the provider's own goes on |
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from domain.errors import DomainError
from domain.viewer import Role
from server.browser_sessions import BrowserSessions, fresh
from server.openid import AWAY, Client, OpenIdProvider
from server.openid_people import Admission, Person, person_of, unknown
from server.protocol.origins import is_own
from server.settings import Settings
from server.signing_in_pages import refused_page
from store import access
from store.database import Database

CALLBACK = "/auth/callback"

FRESH = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Neither a code nor a session is kept on the way, or told to where one goes next."""

MAX_PATH = 2_000
"""Characters of a path to return to."""

SIGNED_IN = "#signed-in"
"""Tells the dashboard that there is a session, whose cookie it cannot see."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignInDoor:
    """What signing in takes."""

    name: str
    begin_url: str
    provider: OpenIdProvider
    admission: Admission
    sessions: BrowserSessions
    database: Database


def sign_in_door(settings: Settings, database: Database) -> SignInDoor | None:
    """The door as the settings have it; None without a provider."""
    if not settings.oidc_issuer:
        return None
    has_groups = bool(settings.oidc_manager_groups or settings.oidc_admin_groups)
    client = Client(
        id=settings.oidc_client_id,
        secret=settings.oidc_client_secret.get_secret_value(),
        scopes=settings.oidc_scopes,
        redirect_uri=f"{settings.base_url}{CALLBACK}",
        wanted=("email", settings.oidc_groups_claim) if has_groups else ("email",),
    )
    return SignInDoor(
        name=settings.oidc_name,
        begin_url=f"{settings.base_url}/auth/sign-in",
        provider=OpenIdProvider(settings.oidc_issuer, client),
        admission=Admission(
            admin_groups=settings.oidc_admin_groups,
            manager_groups=settings.oidc_manager_groups,
            groups_claim=settings.oidc_groups_claim,
            trusts_addresses=settings.oidc_trust_addresses,
        ),
        sessions=BrowserSessions(
            settings.secret_key.get_secret_value(),
            is_https=settings.base_url.startswith("https:"),
            lifetime=timedelta(hours=settings.oidc_session_hours),
        ),
        database=database,
    )


async def offered(request: Request) -> Response:
    """What the sign-in page offers besides a token."""
    door = _door(request)
    offer = None if door is None else {"name": door.name, "signIn": door.begin_url}
    return JSONResponse({"provider": offer}, headers={"Cache-Control": "no-cache"})


async def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    door = _door(request)
    if door is None:
        return _none()
    begun = fresh()
    try:
        response = RedirectResponse(
            await door.provider.authorization_url(begun), status_code=303, headers=FRESH
        )
    except DomainError as error:
        return _refused(error)
    door.sessions.begin(response, begun, local_path(request.query_params.get("to", "/")))
    return response


async def come_back(request: Request) -> Response:
    """Find out who came back, and let them in."""
    door = _door(request)
    if door is None:
        return _none()
    cookie = request.cookies.get(door.sessions.sign_in_cookie, "")
    on_its_way = door.sessions.begun(cookie)
    try:
        if on_its_way is None:
            message = "No sign-in was begun in this browser within the last ten minutes"
            raise DomainError("SIGN_IN_REFUSED", message)
        claims = await door.provider.claims(request.query_params, on_its_way.begun)
        person = person_of(claims, door.admission)
        await _require_known(door.database, person)
    except DomainError as error:
        response = _refused(error)
        door.sessions.give_up(response)
        return response
    log.info("signed in", role=person.role.value, subject=str(claims["sub"])[:200])
    response = RedirectResponse(f"{on_its_way.to}{SIGNED_IN}", status_code=303, headers=FRESH)
    door.sessions.let_in(response, person)
    return response


async def leave(request: Request) -> Response:
    """End the session of this browser; only our own page may."""
    response = Response(status_code=204, headers=FRESH)
    door = _door(request)
    if door is not None and is_own(dict(request.scope["headers"])):
        door.sessions.leave(response)
    return response


def local_path(given: str) -> str:
    """A path of the dashboard to return to; `/` for anything that could lead elsewhere."""
    is_local = given.startswith("/") and not given.startswith(("//", "/\\"))
    is_plain = len(given) <= MAX_PATH and given.isprintable()
    return given.partition("#")[0] if is_local and is_plain else "/"


async def _require_known(database: Database, person: Person) -> None:
    """Raises DomainError for a CSM who is none here."""
    if person.role is not Role.CSM or person.csm is None:
        return
    async with database.connection() as connection:
        if await access.csm_by_email(connection, person.csm) is None:
            raise unknown(person)


def _door(request: Request) -> SignInDoor | None:
    door: SignInDoor | None = request.app.state.sign_in
    return door


def _none() -> Response:
    message = "nobody signs in with OpenID Connect here: OIDC_ISSUER is not set"
    return JSONResponse(
        {"error": {"code": "NOT_FOUND", "message": message, "field": None}}, status_code=404
    )


def _refused(error: DomainError) -> Response:
    log.info("sign-in refused", reason=error.message)
    return refused_page(503 if error.code == AWAY else 403, error.message)


routes = [
    Route("/auth/provider", offered, methods=["GET"]),
    Route("/auth/sign-in", begin, methods=["GET"]),
    Route(CALLBACK, come_back, methods=["GET"]),
    Route("/auth/sign-out", leave, methods=["POST"]),
]
