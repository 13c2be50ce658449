"""The toy schema behind the real protocols: in process for HTTP, under uvicorn for the rest."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from starlette.applications import Starlette

from server.graphql import Schema, graphql_app, make_schema
from server.protocol.compiled.plans import Plans
from server.protocol.limits import Limits
from server.protocol.trusted import TrustedDocuments
from server.sockets import ChanneledWebSocket
from tests.server.protocol import toy

QUICK = Limits(
    init_timeout_seconds=0.5,
    send_timeout_seconds=0.5,
    keep_alive_seconds=0.1,
    recheck_seconds=0.1,
    max_operations=3,
)
"""Limits that tests need not wait for."""


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The toy schema."""
    return make_schema(toy.Query, toy.Mutation, toy.Subscription)


def application(
    schema: Schema,
    limits: Limits = QUICK,
    trusted: TrustedDocuments | None = None,
    plans: Plans | None = None,
) -> Starlette:
    """The toy schema's application."""
    routes = graphql_app(
        schema,
        authenticate=toy.authenticate,
        still_valid=toy.still_valid,
        make_context=toy.make_context,
        limits=limits,
        allowed_origins=["https://app.example.com"],
        trusted=trusted,
        plans=plans,
    )
    return Starlette(routes=routes)


def client_of(app: Starlette) -> httpx.AsyncClient:
    """A client with a good token."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://server",
        headers={"authorization": "Bearer good"},
    )


@pytest.fixture(scope="session")
async def interpreting(schema: Schema) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the toy application without COMPILED_EXECUTION."""
    async with client_of(application(schema)) as client:
        yield client


@pytest.fixture(scope="session")
async def compiling(schema: Schema) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the toy application that compiles operations at once."""
    async with client_of(application(schema, plans=Plans(compiled_from=1))) as client:
        yield client


@pytest.fixture(params=["compiled", "interpreted"])
def client(
    request: pytest.FixtureRequest, compiling: httpx.AsyncClient, interpreting: httpx.AsyncClient
) -> httpx.AsyncClient:
    """A client of the toy application, in process: guards hold however operations are executed."""
    return compiling if request.param == "compiled" else interpreting


class Served:
    """An application under a real uvicorn on a port of loopback."""

    def __init__(self, app: Starlette) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1_000)
        self.socket.bind(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws=ChanneledWebSocket,
            ws_max_size=QUICK.max_frame_bytes,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[Served]:
    """Serve an application while the block runs."""
    running = Served(app)
    task = asyncio.create_task(running.server.serve(sockets=[running.socket]))
    while not running.server.started:
        await asyncio.sleep(0.01)
    try:
        yield running
    finally:
        running.server.should_exit = True
        await task
        running.socket.close()


@pytest.fixture(scope="session")
async def served(schema: Schema) -> AsyncIterator[Served]:
    """The toy application, listening."""
    async with serving(application(schema)) as running:
        yield running


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged while the test runs."""
    with structlog.testing.capture_logs() as entries:
        yield entries
