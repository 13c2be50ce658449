"""The web process: every door, over one pool, one bell and one reader of the feed."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import structlog
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from domain.threads import MAIL
from domain.tracking import PROVIDER
from domain.viewer import Viewer
from intake.certificates import Certificates
from intake.outgoing import Outgoing
from intake.tokens import Tokens
from jobs.queue import Wake
from resolvers.context import Context, Services, make_context
from schema import build
from server import (
    analysis,
    graphiql,
    health,
    home,
    mail,
    recommendations,
    rest,
    signing_in,
    tables,
    tracking,
    unsubscribing,
    webhooks,
)
from server.access import Access
from server.dashboard import DIST, Dashboard
from server.graphql import graphql_app, make_schema
from server.jwts import JwtVerifier, KeySet
from server.policy import policy_of
from server.protocol import trusted
from server.protocol.compiled.plans import Plans
from server.protocol.limits import Limits
from server.provider_secrets import revealed
from server.settings import Settings
from store.bell import Bell
from store.database import Database, Unavailable
from store.hits import Hits
from store.live import Live
from store.payloads import accept
from store.recorder import Recorder

CONNECT_SECONDS = 1.0
"""Pause between attempts to reach PostgreSQL at the start; doors answer 503 meanwhile."""

STOP_SECONDS = 2.0
"""What our own loops get to end."""

log = structlog.get_logger(__name__)


def create_app(settings: Settings, dashboard: Dashboard | None = None) -> Starlette:
    """The application; it connects when it starts, not when it is made."""
    dashboard = dashboard or Dashboard(settings.dashboard_dir or DIST)
    database = Database(settings.database_url, max_size=settings.database_pool_size)
    bell = Bell(settings.redis_url)
    wake = Wake(settings.redis_url, bell)
    live = Live(database, bell)
    sign_in = signing_in.sign_in_door(settings, database)
    access = Access(database, _jwts(settings), sessions=sign_in.sessions if sign_in else None)
    tokens = Tokens(settings.secret_key.get_secret_value())
    doors = _tracking_doors(settings, tokens, database, wake)
    policy = policy_of(settings)
    services = Services(
        database=database,
        policy=policy,
        recorder=Recorder(database, policy),
        wake=wake,
        live=live,
        now=lambda: datetime.now(UTC),
        tracker=Outgoing(
            tokens, settings.base_url, settings.unsubscribe_mailbox, lambda: uuid4().hex
        ),
    )
    app = Starlette(
        routes=[  # the busiest first: they are tried in this order
            *(graphiql.routes(dashboard.folder) if settings.graphiql else ()),
            *_graphql(settings, services, access, dashboard),
            *health.routes,
            *tracking.routes,
            *unsubscribing.routes,
            *webhooks.routes,
            *mail.routes,
            *rest.routes,
            *analysis.routes,
            *recommendations.routes,
            *tables.routes,
            *signing_in.routes,
            *dashboard.routes(),
            *home.routes,
        ],
        lifespan=partial(_lifespan, database, bell, live, wake, doors.hits),
        exception_handlers={Exception: _failed, 404: _not_found, 405: _not_allowed},
    )
    app.state.database = database
    app.state.services = services
    app.state.dashboard = dashboard
    app.state.access = access
    app.state.sign_in = sign_in
    app.state.tracking = doors
    app.state.webhooks = _webhook_door(settings, database, wake)
    app.state.mail = _mail_door(settings, database, wake)
    return app


def _graphql(
    settings: Settings, services: Services, access: Access, dashboard: Dashboard
) -> list[BaseRoute]:
    def context_of(viewer: Viewer, _: HTTPConnection) -> Context:
        return make_context(viewer, services)

    limits = Limits(max_body_bytes=settings.graphql_body_limit_bytes)
    schema = make_schema(
        build.QUERY, build.MUTATION, build.SUBSCRIPTION, limits=limits, config=build.CONFIG
    )
    return graphql_app(
        schema,
        authenticate=access.authenticate,
        still_valid=access.still_valid,
        make_context=context_of,
        limits=limits,
        allowed_origins=settings.allowed_origins,
        trusted=dashboard.documents(_trusted_documents(settings)),
        plans=Plans() if settings.compiled_execution else None,
    )


@asynccontextmanager
async def _lifespan(
    database: Database, bell: Bell, live: Live, wake: Wake, hits: Hits, _: Starlette
) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(loop) for loop in (_connect(database), bell.run(), live.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=STOP_SECONDS)
        await hits.close()
        await wake.close()
        await database.close()


async def _connect(database: Database) -> None:
    """Connect as soon as PostgreSQL can be reached."""
    while True:
        try:
            await database.connect()
        except Unavailable as error:
            log.warning("waiting for PostgreSQL", error=str(error))
            await asyncio.sleep(CONNECT_SECONDS)
        else:
            return


def _jwts(settings: Settings) -> JwtVerifier | None:
    if settings.jwt_jwks_url:
        return JwtVerifier(key_set=KeySet(settings.jwt_jwks_url), audience=settings.jwt_audience)
    secret = settings.jwt_secret.get_secret_value()
    return JwtVerifier(secret=secret, audience=settings.jwt_audience) if secret else None


def _trusted_documents(settings: Settings) -> trusted.TrustedDocuments:
    only = settings.trusted_documents_only
    if settings.trusted_documents is None:
        return trusted.TrustedDocuments(only=only)
    return trusted.load(settings.trusted_documents, only=only)


def _webhook_door(settings: Settings, database: Database, wake: Wake) -> webhooks.WebhookDoor:
    async def take(provider: str, **payload: object) -> None:
        await accept(database, provider, **payload)  # type: ignore[arg-type]
        await wake.ingest()

    return webhooks.WebhookDoor(
        accept=take,
        providers=revealed(settings.providers),
        certificates=Certificates(webhooks.fetch_certificate),
        confirm=webhooks.confirm_subscription,
        body_limit_bytes=settings.webhook_body_limit_bytes,
        public_url=settings.public_url,
    )


def _tracking_doors(
    settings: Settings, tokens: Tokens, database: Database, wake: Wake
) -> tracking.TrackingDoors:
    async def store(lines: Sequence[bytes]) -> None:
        await accept(
            database,
            PROVIDER,
            headers={},
            query="",
            body=b"\n".join(lines),
            received_at=datetime.now(UTC),
        )
        await wake.soon()  # they are gathered anyway

    numbers = itertools.count()
    ours = uuid4().hex
    return tracking.TrackingDoors(
        tokens=tokens,
        hits=Hits(store, lost=tracking.LOST.inc),
        forwarding=settings.forwarding,
        now=lambda: datetime.now(UTC),
        # A number of this process's life: as unique as its name, without a look at the entropy.
        mint=lambda: f"{ours}-{next(numbers):x}",
    )


def _mail_door(settings: Settings, database: Database, wake: Wake) -> mail.MailDoor:
    async def take(raw: bytes, received_at: datetime) -> None:
        await accept(database, MAIL, headers={}, query="", body=raw, received_at=received_at)
        await wake.ingest()

    return mail.MailDoor(accept=take, limit_bytes=settings.mail_body_limit_bytes)


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse(
        {"error": {"code": code, "message": message, "field": None}}, status_code=status
    )


async def _not_found(request: Request, _: Exception) -> Response:
    dashboard: Dashboard = request.app.state.dashboard
    if page := dashboard.page_for(request):
        return page
    return _error(404, "NOT_FOUND", f"there is nothing at {request.url.path}")


async def _not_allowed(request: Request, error: Exception) -> Response:
    answer = _error(
        405, "METHOD_NOT_ALLOWED", f"{request.method} does not go with {request.url.path}"
    )
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _failed(request: Request, error: Exception) -> Response:
    """What nobody expected: logged whole, told with a reference."""
    if isinstance(error, Unavailable):
        answer = _error(503, "DATABASE_UNAVAILABLE", "the database cannot be reached now")
        answer.headers["Retry-After"] = str(health.RETRY_AFTER_SECONDS)
        return answer
    reference = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
    with suppress(Exception):
        log.error("request failed", path=request.url.path, reference=reference, exc_info=error)
    return _error(500, "INTERNAL_ERROR", f"internal error, reference {reference}")
