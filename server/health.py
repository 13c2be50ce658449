"""`/healthz`, `/readyz` and `/metrics`: what a load balancer, an operator and Prometheus ask."""

from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.silence import silent_since
from store.capture import count_payloads, oldest_pending
from store.database import Database, Unavailable
from store.migrate import is_migrated, latest_migration
from store.sources import sources

RETRY_AFTER_SECONDS = 2
"""When to ask again: PostgreSQL restarts in about this time."""

DATABASE_UP = Gauge("engagement_database_up", "Whether PostgreSQL could be reached just now")
PAYLOADS = Gauge("engagement_payloads", "Payloads that wait or were set aside", ["status"])
OLDEST_SECONDS = Gauge(
    "engagement_oldest_pending_payload_seconds", "How long the oldest payload has waited"
)
SOURCE_SECONDS = Gauge(
    "engagement_provider_last_received_seconds",
    "Seconds since a provider's last payload",
    ["provider"],
)
SOURCE_SILENT = Gauge(
    "engagement_provider_silent",
    "Whether a provider has been silent for unusually long",
    ["provider"],
)


async def healthz(_request: Request) -> Response:
    """200 while this process answers at all."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """200 once PostgreSQL is reachable and migrated; else 503 with Retry-After and the reason."""
    database: Database = request.app.state.database
    try:
        async with database.connection() as connection:
            is_current = await is_migrated(connection)
    except Unavailable:
        return _not_ready("DATABASE_UNAVAILABLE", "PostgreSQL cannot be reached")
    if not is_current:
        return _not_ready(
            "NOT_MIGRATED",
            f"the database is not at {latest_migration()}: run `python -m server migrate`",
        )
    return JSONResponse({"status": "ready"})


def _not_ready(code: str, message: str) -> Response:
    return JSONResponse(
        {"error": {"code": code, "message": message, "field": None}},
        status_code=503,
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


async def metrics(request: Request) -> Response:
    """This process's counters and the state of the queue, as Prometheus reads them."""
    await _observe(request.app.state.database, datetime.now(UTC))
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _observe(database: Database, now: datetime) -> None:
    try:
        async with database.connection() as connection:
            pending = await count_payloads(connection, "PENDING")
            failed = await count_payloads(connection, "FAILED")
            since = await oldest_pending(connection)
            heard = await sources(connection, now.date())
    except Unavailable:
        DATABASE_UP.set(0)
        return
    DATABASE_UP.set(1)
    PAYLOADS.labels("pending").set(pending)
    PAYLOADS.labels("failed").set(failed)
    OLDEST_SECONDS.set((now - since).total_seconds() if since else 0)
    for source in heard:
        last = source.last_received_at
        SOURCE_SECONDS.labels(source.provider).set((now - last).total_seconds())
        is_silent = silent_since(last, source.longest_pause, now) is not None
        SOURCE_SILENT.labels(source.provider).set(is_silent)


routes = [
    Route("/healthz", healthz, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
]
