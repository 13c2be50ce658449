"""What all transports share: who asks, what for, and the one way to have it executed."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.requests import HTTPConnection

from domain.viewer import Viewer
from server.protocol.answer import Answer, answer, refusal
from server.protocol.documents import Documents
from server.protocol.errors import RequestError
from server.protocol.limits import Limits
from server.protocol.operation import Operation
from server.protocol.prepared import Prepared, prepare
from server.protocol.sessions import Sessions
from server.protocol.sharing import Listener, Sharing
from server.protocol.trusted import TrustedDocuments
from store.feed import Cursor
from store.live import Until

Authenticate = Callable[[str | None], Awaitable[Viewer]]
"""From a token to a viewer; raises DomainError UNAUTHENTICATED."""


class Context(Protocol):
    """What resolvers find as `info.context`.

    `place` is where a subscription stands, if it can be resumed: set before it begins, it goes on
    from there. `until` is asked whether it ends at a place; see `sharing`.
    """

    place: Cursor | None
    until: Until | None

    async def close(self) -> None:
        """Give back what the operation held."""


MakeContext = Callable[[Viewer, HTTPConnection], Context]
"""A new context for one operation, with loaders that have cached nothing yet."""

Results = AsyncGenerator[ExecutionResult, None]
Answers = AsyncGenerator[Answer, None]


Run = Callable[[Prepared, Context], Awaitable[ExecutionResult | Results]]
"""Executes: a result, or for a subscription its results."""


@dataclass(frozen=True, slots=True)
class Service:
    """A schema behind its guards, with what the server knows of viewers and contexts."""

    run: Run
    documents: Documents
    trusted: TrustedDocuments
    authenticate: Authenticate
    make_context: MakeContext
    sessions: Sessions
    limits: Limits
    sharing: Sharing = field(default_factory=Sharing)

    def prepare(self, operation: Operation) -> Prepared:
        """Look up, parse, validate and price an operation. Raises RequestError."""
        return prepare(self.documents, self.trusted, operation)

    async def execute(
        self,
        prepared: Prepared,
        viewer: Viewer,
        connection: HTTPConnection,
        *,
        place: Cursor | None = None,
        until: Until | None = None,
    ) -> Answer | Answers:
        """Execute: one answer, or a subscription's answers, which must be iterated."""
        try:
            context = self.make_context(viewer, connection)
            context.place, context.until = place, until
            result = await _closing_unless_streaming(context, self.run(prepared, context))
        except Exception as error:
            return refusal(RequestError([as_graphql_error(error)], prepared.extensions))
        if not isinstance(result, ExecutionResult):
            return _answers(result, context)
        if prepared.kind is OperationType.SUBSCRIPTION:
            return refusal(RequestError(result.errors or [], prepared.extensions))
        return answer(result, prepared.extensions)

    def follow(
        self, prepared: Prepared, viewer: Viewer, connection: HTTPConnection, listener: Listener
    ) -> Awaitable[Answer | None]:
        """Tell a listener a subscription to its end; the refusal that ended it, or None.

        Executed once for all who ask the same with the same rights. Raises what the listener does.
        """

        async def begin(place: Cursor | None, until: Until | None) -> Answer | Answers:
            return await self.execute(prepared, viewer, connection, place=place, until=until)

        return self.sharing.follow(prepared, viewer, begin, listener)


async def _closing_unless_streaming(
    context: Context, running: Awaitable[ExecutionResult | Results]
) -> ExecutionResult | Results:
    """Close the context with the execution, but for a subscription, which goes on with it."""
    result: ExecutionResult | Results | None = None
    try:
        result = await running
        return result
    finally:
        if result is None or isinstance(result, ExecutionResult):
            await context.close()


async def _answers(results: Results, context: Context) -> AsyncGenerator[Answer, None]:
    """A subscription's answers; when its source fails, the last one says so and has no data."""
    try:
        async with aclosing(results):
            async for result in results:
                yield answer(result, place=context.place)
    except Exception as error:
        yield refusal(RequestError([as_graphql_error(error)]))
    finally:
        await context.close()


def as_graphql_error(error: Exception) -> GraphQLError:
    """An exception from outside any field, for `errors` to mask or to pass on."""
    return error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error)
