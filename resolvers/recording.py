"""Recording what happened, as clients report it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.errors import DomainError
from domain.events import ReportedEvent
from domain.reports import MAX_EVENTS, Report, reported_event
from domain.viewer import Role
from resolvers.context import Context
from store import campaigns, recording
from store.drafts import Refusal
from store.events import EventKey
from store.recording import RecordOutcome


class Outcome(NamedTuple):
    """What became of one reported event: its identity, or why it was refused."""

    outcome: RecordOutcome
    event: EventKey | None
    error: DomainError | None


def require_recorder(context: Context) -> None:
    """Refuse who may not write. Raises DomainError FORBIDDEN."""
    context.require(Role.INTEGRATION, Role.ADMIN)


async def record_engagement(
    context: Context, reports: Sequence[Report | DomainError]
) -> list[Outcome]:
    """Record the good ones durably and wake a worker; one outcome a report, in order.

    A report that could not even be read is passed as its error. Raises DomainError FORBIDDEN or
    TOO_MANY_EVENTS for the call as a whole.
    """
    require_recorder(context)
    if len(reports) > MAX_EVENTS:
        message = f"{len(reports)} events in one call: send at most {MAX_EVENTS}"
        raise DomainError("TOO_MANY_EVENTS", message, ("events",))
    read = [_read(report) for report in reports]
    good = [event for event in read if isinstance(event, ReportedEvent)]
    services = context.services
    if good:
        recorded = iter(await services.recorder.record(good, services.now()))
        await _declare_types(context, reports, read)
        await context.renew()
        await services.wake.ingest()
    return [
        Outcome(RecordOutcome.REJECTED, None, event)
        if isinstance(event, DomainError)
        else _outcome(next(recorded))
        for event in read
    ]


def _read(report: Report | DomainError) -> ReportedEvent | DomainError:
    if isinstance(report, DomainError):
        return report
    try:
        return reported_event(report)
    except DomainError as error:
        return error


def _outcome(recorded: recording.Recorded) -> Outcome:
    if recorded.refused is not None:
        return Outcome(recorded.outcome, None, _REFUSED[recorded.refused])
    return Outcome(recorded.outcome, (recorded.fact_on, recorded.key), None)


_REFUSED = {
    Refusal.ERASED: DomainError(
        "ERASED",
        "the person with this address was erased: nothing more is kept of them; stop sending it",
        ("address",),
    ),
    Refusal.TOO_OLD: DomainError(
        "TOO_OLD",
        "events of this day are no longer kept one by one (RETENTION_DAYS), so that it cannot be "
        "told from a duplicate: do not send it again",
        ("occurredAt",),
    ),
    Refusal.TOO_MANY: DomainError(
        "TOO_MANY",
        "more opens and clicks of this mail are stored already than our own doors keep of one "
        "(HITS_PER_MAIL): do not send it again",
        ("messageReference",),
    ),
}
"""Why a good event is not stored, in words for whoever sent it."""


async def _declare_types(
    context: Context,
    reports: Sequence[Report | DomainError],
    read: Sequence[ReportedEvent | DomainError],
) -> None:
    """Keep the campaign types that clients told, where none is known yet."""
    types: Mapping[tuple[str, str], str] = {
        (event.provider, event.campaign_id): str(report.campaign_type)
        for report, event in zip(reports, read, strict=True)
        if isinstance(report, Report)
        and isinstance(event, ReportedEvent)
        and report.campaign_type is not None
        and event.campaign_id is not None
    }
    if types:
        async with context.services.database.transaction() as connection:
            await campaigns.declare_types(connection, types)
