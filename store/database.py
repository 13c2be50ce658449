"""Our own connection pool to PostgreSQL: the hot paths' way in, with bounded waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import asyncpg
import orjson

ACQUIRE_TIMEOUT_SECONDS = 5.0
"""How long a caller waits for a connection before the database counts as unavailable."""

STATEMENT_TIMEOUT_SECONDS = 30
"""A backstop, not a target: writing transactions stay under half a second."""

TURN_SECONDS = 0.5
"""As long as a transaction takes at most: whoever waits longer does not wait for a slow one."""

T = TypeVar("T")

Connection = Any
"""An asyncpg connection (the library ships no usable type for pooled ones)."""

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, a statement's time is over
    asyncpg.InsufficientResourcesError,  # too many connections, a full disk
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,  # what was the primary is a replica now
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection broke while a statement was being prepared
    ConnectionError,
    TimeoutError,
    OSError,
)


def is_lost(error: Exception) -> bool:
    """Whether an error means that PostgreSQL cannot be reached now, or has no room."""
    is_ours = "another operation is in progress" in str(error)
    return isinstance(error, _LOST) and not is_ours


class Unavailable(Exception):  # noqa: N818 - says what is so, not that it is an error of ours
    """PostgreSQL cannot be reached now; the caller should try again later (503, Retry-After)."""


class Conflict(Exception):  # noqa: N818 - what happened, for whoever runs the transaction again
    """Another transaction did the same work meanwhile: do this one again."""


RETRIED = (Conflict, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""What the same transaction, run again, may well survive."""

TRIES = 5
"""How often a transaction is run before its conflict is passed on."""


async def retried(work: Callable[[], Awaitable[T]]) -> T:
    """Run a transaction until it meets no other in its way; the last conflict is raised."""
    for attempt in range(1, TRIES + 1):
        try:
            return await work()
        except RETRIED:
            if attempt == TRIES:
                raise
            await asyncio.sleep(0.01 * 2**attempt)
    raise AssertionError("unreachable")


class Database:
    """A pool of connections; `connect` first, `close` last."""

    def __init__(self, dsn: str, *, max_size: int = 10) -> None:
        self.dsn = dsn
        self._max_size = max_size
        self._pool: Any = None
        self._turn = asyncio.Lock()
        self._whole: set[int] = set()  # processes of PostgreSQL whose last statement was answered

    async def connect(self) -> None:
        """Open the pool and prove it with a statement. Raises Unavailable."""
        try:
            self._pool = await asyncpg.create_pool(
                self.dsn,
                min_size=1,
                max_size=self._max_size,
                init=_prepare,
                reset=self._as_it_was,
                timeout=ACQUIRE_TIMEOUT_SECONDS,
                command_timeout=STATEMENT_TIMEOUT_SECONDS,
                server_settings={"application_name": "campaign-engagement", "timezone": "UTC"},
            )
            async with self.connection() as connection:
                await connection.fetchval("SELECT 1")
        except (*_LOST, asyncpg.PostgresError) as error:
            raise Unavailable(f"PostgreSQL cannot be reached: {error}") from error

    async def close(self) -> None:
        """Close every connection; waits at most a second for those in use."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside a transaction. Raises Unavailable when PostgreSQL is away."""
        if self._pool is None:
            raise Unavailable("PostgreSQL is not connected")
        try:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_SECONDS) as connection:
                yield connection
        except _LOST as error:
            if not is_lost(error):
                raise
            # What lies idle in the pool was most likely lost as well.
            await self._pool.expire_connections()
            raise Unavailable(f"PostgreSQL cannot be reached: {error!r}") from error

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """A connection for a single statement, which sees one state by itself. Where that was
        answered nothing is left to be ended. Raises Unavailable when PostgreSQL is away."""
        async with self.connection() as connection:
            yield connection
            self._whole.add(connection.get_server_pid())

    @asynccontextmanager
    async def transaction(self, held: Connection | None = None) -> AsyncIterator[Connection]:
        """A READ COMMITTED transaction, on a connection that the caller holds or one of the pool.
        Raises Unavailable when PostgreSQL is away."""
        if held is not None:
            async with held.transaction():
                yield held
            return
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[Connection]:
        """A transaction that waits until no other of these is under way in this process, for
        TURN_SECONDS at most: work that nobody has asked for keeps one core busy then, not all, and
        whoever asks meanwhile finds another free. Raises Unavailable when PostgreSQL is away."""
        is_ours = await self._take_turn()
        try:
            async with self.transaction() as connection:
                yield connection
        finally:
            if is_ours:
                self._turn.release()

    async def _take_turn(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_SECONDS):
                return await self._turn.acquire()
        return False

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A read-only transaction in which every statement sees the same state."""
        async with (
            self.statement() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    async def _as_it_was(self, connection: Connection) -> None:
        """Ask nothing, which ends what a statement began that was prepared and, its reader gone,
        never run: a snapshot could not begin after it. Nothing else is there to undo: transactions
        have ended, and nothing else of a session's state (settings, cursors, LISTEN) is used.
        Whoever takes a session's lock gives it back. To reset all that regardless would be work
        for every use. After what was answered whole there is nothing to end either."""
        process = connection.get_server_pid()
        if process in self._whole:
            self._whole.discard(process)
        else:
            await connection.execute("SELECT")


async def _prepare(connection: Connection) -> None:
    """Give jsonb its Python shape on every new connection."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
        format="binary",
    )
