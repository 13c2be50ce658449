"""What one operation works with: the viewer, one consistent view of the database, the loaders."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from domain.errors import DomainError
from domain.policy import Policy
from domain.tracking import Tracker
from domain.viewer import Role, Viewer
from resolvers.loaders import Loaders
from store.database import Connection, Database
from store.recorder import Recorder

if TYPE_CHECKING:
    from jobs.queue import Wake
    from store.feed import Cursor
    from store.live import Live, Until


class Following:
    """The loaders of subscriptions: one set for all viewers of the same rights.

    What a thousand followers ask about one event in the same moment is one statement.
    """

    def __init__(self) -> None:
        self._loaders: WeakValueDictionary[tuple[object, ...], Loaders] = WeakValueDictionary()

    def loaders(self, viewer: Viewer, database: Database) -> Loaders:
        """Loaders that read the present and keep nothing; they live as long as someone follows."""
        found = self._loaders.get(viewer.rights)
        if found is None:
            found = self._loaders[viewer.rights] = Loaders(
                database.connection, viewer, is_caching=False
            )
        return found


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests of a process share; `now` is the clock (aware, UTC)."""

    database: Database
    policy: Policy
    wake: "Wake"
    live: "Live"
    now: Callable[[], datetime]
    tracker: Tracker
    recorder: Recorder
    following: Following = field(default_factory=Following)


class Context:
    """One operation's context: make a new one for each, and `close` it at its end.

    All reads of a query see one snapshot, taken at the first of them. A subscription calls
    `follow` first and then reads the present, on a connection held for one statement at a time.

    `place` is where a subscription stands in its log: one that is given a place before it begins
    goes on from there, whatever its `after` says. `until` is asked whether it ends at a place.
    """

    def __init__(self, viewer: Viewer, services: Services) -> None:
        self.viewer = viewer
        self.services = services
        self.place: Cursor | None = None
        self.until: Until | None = None
        self._is_following = False
        self._snapshot: tuple[AsyncExitStack, Connection] | None = None
        # asyncpg refuses a second statement while one runs, and resolvers run side by side.
        self._turn = asyncio.Lock()
        self._loaders: Loaders | None = None
        self._now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The moment that all answers of the operation are as of; a follower's is the present."""
        if self._is_following:
            return self.services.now()
        if self._now is None:
            self._now = self.services.now()
        return self._now

    @property
    def loaders(self) -> Loaders:
        """Batching readers of nested objects, made when first asked for."""
        if self._loaders is None:
            self._loaders = Loaders(self.read, self.viewer, is_caching=True)
        return self._loaders

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """The connection to read from, for one statement. Raises Unavailable."""
        if self._is_following:
            async with self.services.database.connection() as connection:
                yield connection
            return
        async with self._turn:
            if self._snapshot is None:
                stack = AsyncExitStack()
                connection = await stack.enter_async_context(self.services.database.snapshot())
                self._snapshot = stack, connection
            yield self._snapshot[1]

    def read_at_once(self) -> AbstractAsyncContextManager[Connection]:
        """The connection for the one statement that answers all of a query, which sees one state
        without a snapshot. Raises Unavailable."""
        return self.services.database.statement()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """A transaction. What was read before is forgotten, so that what is read afterwards shows
        what it has changed; and no second connection is held beside its own. Raises Unavailable."""
        await self.renew()
        async with self.services.database.transaction() as connection:
            yield connection

    def follow(self) -> None:
        """Read the present from now on: nothing is cached, no connection is kept."""
        self._is_following = True
        self._loaders = self.services.following.loaders(self.viewer, self.services.database)

    async def renew(self) -> None:
        """Forget what was read, so that a mutation's payload shows what it has changed."""
        await self.close()
        self._loaders = None

    async def close(self) -> None:
        """Give the snapshot's connection back."""
        async with self._turn:
            if self._snapshot is not None:
                (stack, _), self._snapshot = self._snapshot, None
                await stack.aclose()

    def require(self, *roles: Role) -> None:
        """Refuse viewers of other roles. Raises DomainError FORBIDDEN."""
        if self.viewer.role not in roles:
            wanted = " or ".join(role.value for role in roles)
            raise DomainError(
                "FORBIDDEN",
                f"a token of role {self.viewer.role.value} may not do this: use one of {wanted}",
            )


def make_context(viewer: Viewer, services: Services) -> Context:
    """A context for one operation of a viewer."""
    return Context(viewer, services)
