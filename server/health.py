"""`/healthz`, `/readyz` and `/metrics`: what a load balancer, an operator and Prometheus ask."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from store.database import Database, Unavailable
from store.migrate import is_migrated, latest_migration

RETRY_AFTER_SECONDS = 2
"""When to ask again: PostgreSQL restarts in about this time."""


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


async def metrics(_request: Request) -> Response:
    """This process's counters, as Prometheus reads them."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


routes = [
    Route("/healthz", healthz, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
]
