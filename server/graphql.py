"""Strawberry's schema behind our own protocols: how it is built, executed and served."""

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from functools import partial
from inspect import isawaitable
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    default_field_resolver,
    default_type_resolver,
    subscribe,
)
from graphql import ExecutionResult as Result
from graphql.execution import Executor
from graphql.pyutils import RefMap
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry import Schema as StrawberrySchema
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext, validate_document
from strawberry.types.execution import ExecutionResult, PreExecutionError

from server.protocol import origins
from server.protocol.answer import as_json
from server.protocol.compiled.arguments import read_by_core
from server.protocol.compiled.execution import Execution
from server.protocol.compiled.plans import Plans
from server.protocol.documents import Documents
from server.protocol.errors import RequestError
from server.protocol.http import GraphQLOverHTTP
from server.protocol.limits import Limits
from server.protocol.operation import Operation
from server.protocol.prepared import Prepared, prepare
from server.protocol.service import Authenticate, MakeContext, Results, Service, as_graphql_error
from server.protocol.sessions import Sessions, StillValid
from server.protocol.sharing import Sharing
from server.protocol.trusted import TrustedDocuments
from server.protocol.validation import RULES
from server.protocol.websocket import GraphQLOverWebSocket

PATH = "/graphql"

_ANY_DOCUMENT = TrustedDocuments()


class EventExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, without what it forgets to forget between a subscription's events.

    graphql-core 3.3.2 keeps the sub-fields that it collects in a dict that all events share, under
    keys of which each event makes new ones: about 1 KB an event and object level, for ever.

    What `plans` has a plan for runs compiled (see `server/protocol/compiled`).
    """

    def __init__(
        self,
        *args: Any,
        plans: Plans | None = None,
        objects: frozenset[str] = frozenset(),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._plans = plans
        self.objects = objects

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *args: Any,
        plans: Plans | None = None,
        **options: Any,
    ) -> list[GraphQLError] | Executor[Any]:
        """An executor; of an operation that comes again from what is known of it."""
        raw = raw_variable_values or {}
        given = plans.given(schema, document, operation_name, raw) if plans is not None else None
        if given is None:
            return super().build(
                schema, document, root_value, context_value, raw, operation_name,
                *args, plans=plans, **options,
            )  # fmt: skip
        return cls(
            schema, given.definitions, given.fragments, root_value, context_value,
            given.operation, given.values, default_field_resolver, default_type_resolver,
            default_field_resolver, is_awaitable=optimized_is_awaitable,
            plans=plans, objects=given.objects,
        )  # fmt: skip

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute a query, a mutation, or a subscription for one event."""
        plan = self._plans.plan(self) if self._plans is not None else None
        if plan is None:
            if self.objects:
                self.variable_values, self.objects = read_by_core(self), frozenset()
            return super().execute_operation(serially)
        return Execution(self).run(plan)

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """An executor of one event, with a memory of its own."""
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}
        executor._stream_usages = RefMap()
        return executor


async def run(
    schema: StrawberrySchema, plans: Plans | None, prepared: Prepared, context: object
) -> Result | Results:
    """Execute an operation, compiled where it can be: the one place where that is done."""
    if prepared.kind is OperationType.SUBSCRIPTION:
        outcome: Any = subscribe(
            schema._schema,
            prepared.document,
            variable_values=prepared.variables,
            operation_name=prepared.name,
            context_value=context,
            is_awaitable=optimized_is_awaitable,
            executor_class=EventExecutor,
            plans=plans,
        )
    else:
        outcome = _executed(schema._schema, plans, prepared, context)
    result: Result | Results = await outcome if isawaitable(outcome) else outcome
    return result


def _executed(
    schema: GraphQLSchema, plans: Plans | None, prepared: Prepared, context: object
) -> Any:
    """What graphql-core's `execute` returns, without its precautions for answers in parts: no
    schema of ours has `@defer` or `@stream`."""
    executor = EventExecutor.build(
        schema,
        prepared.document,
        context_value=context,
        raw_variable_values=prepared.variables,
        operation_name=prepared.name,
        is_awaitable=optimized_is_awaitable,
        plans=plans,
    )
    return Result(None, executor) if isinstance(executor, list) else executor.execute_operation()


def documents_of(schema: StrawberrySchema, limits: Limits) -> Documents:
    """The checked documents of a schema, under Strawberry's own validation rules."""

    def validate(document: DocumentNode) -> Sequence[GraphQLError]:
        return validate_document(schema._schema, document, RULES)

    return Documents(schema._schema, validate, limits)


class Schema(StrawberrySchema):
    """A schema that executes only what is within the limits, also when called directly.

    Extensions of Strawberry do not run: what they would do happens in `server/protocol`.
    """

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        *,
        limits: Limits | None = None,
        plans: Plans | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            query, mutation, subscription, execution_context_class=EventExecutor, **options
        )
        self.documents = documents_of(self, limits or Limits())
        self.plans = plans

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[Any] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute a query or mutation; errors are raw, neither masked nor logged."""
        started = await self._started(query, variable_values, context_value, operation_name)
        if isinstance(started, ExecutionResult):
            return started
        await started.aclose()
        error = GraphQLError("A subscription has no single result: use `stream`")
        return PreExecutionError(None, [error])

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[Any] | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Execute any operation and stream its results; no error is lost on the way."""
        started = await self._started(query, variable_values, context_value, operation_name)
        return _one(started) if isinstance(started, ExecutionResult) else _several(started)

    async def _started(
        self,
        query: str | None,
        variables: dict[str, Any] | None,
        context: object,
        operation_name: str | None,
    ) -> ExecutionResult | Results:
        operation = Operation(query or "", None, variables or {}, operation_name)
        try:
            prepared = prepare(self.documents, _ANY_DOCUMENT, operation)
        except RequestError as error:
            return PreExecutionError(None, list(error.errors), error.extensions)
        result = await run(self, self.plans, prepared, context)
        if not isinstance(result, Result):
            return result
        kind = PreExecutionError if prepared.kind is OperationType.SUBSCRIPTION else ExecutionResult
        return kind(as_json(result.data), result.errors, prepared.extensions)


async def _one(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    yield result


async def _several(results: Results) -> AsyncGenerator[ExecutionResult, None]:
    try:
        async for result in results:
            yield ExecutionResult(as_json(result.data), result.errors)
    except Exception as error:
        yield PreExecutionError(None, [as_graphql_error(error)])
    finally:
        await results.aclose()


def make_schema(
    query: type,
    mutation: type | None = None,
    subscription: type | None = None,
    *,
    types: Iterable[Any] = (),
    limits: Limits | None = None,
    plans: Plans | None = None,
    config: StrawberryConfig | None = None,
) -> Schema:
    """Build the schema, sorted, so that its SDL does not depend on the order of definitions."""
    config = config or StrawberryConfig(sort_schema=True)
    return Schema(
        query, mutation, subscription, types=types, limits=limits, plans=plans, config=config
    )


def graphql_app(
    schema: StrawberrySchema,
    *,
    authenticate: Authenticate,
    still_valid: StillValid,
    make_context: MakeContext,
    limits: Limits | None = None,
    allowed_origins: Collection[str] = (),
    trusted: TrustedDocuments | None = None,
    plans: Plans | None = None,
    is_sharing: bool = True,
) -> list[BaseRoute]:
    """The routes of `/graphql`, HTTP and WebSocket. Raises ValueError for what is no origin.

    `authenticate` turns a bearer token (None without one) into a viewer or raises DomainError
    UNAUTHENTICATED; `still_valid` says of a live connection's viewer whether it still is;
    `make_context` makes the context of one operation, which is closed at its end. Operations run
    compiled where `plans` are given, and subscriptions shared where `is_sharing`.
    """
    limits = limits or Limits()

    service = Service(
        run=partial(run, schema, plans),
        documents=documents_of(schema, limits),
        trusted=trusted or TrustedDocuments(),
        authenticate=authenticate,
        make_context=make_context,
        sessions=Sessions(still_valid, limits.recheck_seconds),
        limits=limits,
        sharing=Sharing(is_on=is_sharing),
    )
    allowed = origins.checked(allowed_origins)
    http = GraphQLOverHTTP(service)
    return [
        Route(PATH, _with_cors(http, allowed) if allowed else http),
        WebSocketRoute(PATH, GraphQLOverWebSocket(service, allowed)),
    ]


def _with_cors(app: GraphQLOverHTTP, allowed: Collection[str]) -> CORSMiddleware:
    """Let pages of the allowed origins read the answers."""
    return CORSMiddleware(
        app,
        allow_origins=allowed,
        allow_methods=("GET", "POST"),
        allow_headers=("authorization", "content-type"),
        expose_headers=("retry-after", "www-authenticate"),
    )
