"""What each source sends: when it was last heard of, how much a day, and its pauses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.silence import REMEMBERED_DAYS
from domain.viewer import Viewer
from store.database import Connection

Received = tuple[str, datetime, int, int]
"""A payload: provider, when it came, events in it, those of them of unknown kind."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source that was ever heard of; `longest_pause` is of the days that are remembered."""

    provider: str
    last_received_at: datetime
    longest_pause: timedelta | None


@dataclass(frozen=True, slots=True)
class SourceDayRow:
    """What a source sent on one day (UTC)."""

    provider: str
    day: date
    payloads: int
    events: int
    unknown: int


async def note_received(connection: Connection, received: Sequence[Received]) -> None:
    """Count payloads for their sources, and the pauses before them.

    A pause is that between the last payload known and the first of these; sources whose payloads
    are worked off out of order may have it a little wrong.
    """
    by_source: dict[str, list[Received]] = {}
    for one in received:
        by_source.setdefault(one[0], []).append(one)
    names = sorted(by_source)
    before = dict(
        await connection.fetch(
            "SELECT provider, last_received_at FROM provider_seen WHERE provider = ANY($1::text[])",
            names,
        )
    )
    await connection.execute(
        "INSERT INTO provider_seen (provider, last_received_at) "
        "SELECT * FROM unnest($1::text[], $2::timestamptz[]) ON CONFLICT (provider) DO UPDATE "
        "SET last_received_at = excluded.last_received_at "
        "WHERE provider_seen.last_received_at < excluded.last_received_at - interval '1 second'",
        names,
        [max(at for _, at, _, _ in by_source[name]) for name in names],
    )
    await _count(connection, by_source, before)


async def _count(
    connection: Connection, by_source: dict[str, list[Received]], before: dict[str, datetime]
) -> None:
    days: dict[tuple[str, date], list[Received]] = {}
    for name, payloads in by_source.items():
        for one in payloads:
            days.setdefault((name, one[1].astimezone(UTC).date()), []).append(one)
    keys = sorted(days)
    pauses = [_pause(before.get(name), days[name, day]) for name, day in keys]
    await connection.execute(
        "INSERT INTO provider_day AS d (provider, day, payloads, events, unknown, longest_pause) "
        "SELECT * FROM unnest($1::text[], $2::date[], $3::int[], $4::int[], $5::int[], "
        "$6::interval[]) ON CONFLICT (provider, day) DO UPDATE SET "
        "payloads = d.payloads + excluded.payloads, events = d.events + excluded.events, "
        "unknown = d.unknown + excluded.unknown, "
        "longest_pause = greatest(d.longest_pause, excluded.longest_pause)",
        [name for name, _ in keys],
        [day for _, day in keys],
        [len(days[key]) for key in keys],
        [sum(one[2] for one in days[key]) for key in keys],
        [sum(one[3] for one in days[key]) for key in keys],
        pauses,
    )


def _pause(before: datetime | None, payloads: Sequence[Received]) -> timedelta | None:
    """How long the source was silent before these; None for its first ones."""
    if before is None:
        return None
    return max(timedelta(0), min(at for _, at, _, _ in payloads) - before)


async def sources(connection: Connection, today: date) -> list[SourceRow]:
    """Each source that was ever heard of, by name."""
    records = await connection.fetch(
        "SELECT s.provider, s.last_received_at, (SELECT max(d.longest_pause) FROM provider_day d "
        "WHERE d.provider = s.provider AND d.day > $1) FROM provider_seen s ORDER BY s.provider",
        today - timedelta(days=REMEMBERED_DAYS),
    )
    return [SourceRow(*record) for record in records]


async def days_of_sources(
    connection: Connection, _: Viewer, providers: Sequence[str], *, after: date
) -> dict[str, list[SourceDayRow]]:
    """What sources sent on the days after `after`, oldest first; for those who see all."""
    records = await connection.fetch(
        "SELECT provider, day, payloads, events, unknown FROM provider_day "
        "WHERE provider = ANY($1::text[]) AND day > $2 ORDER BY provider, day",
        providers,
        after,
    )
    found: dict[str, list[SourceDayRow]] = {}
    for record in records:
        found.setdefault(record[0], []).append(SourceDayRow(*record))
    return found
