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


_NOTE = """
WITH came AS (
    SELECT * FROM unnest($1::text[], $2::date[], $3::int[], $4::int[], $5::int[],
        $6::timestamptz[], $7::timestamptz[])
        n(provider, day, payloads, events, unknown, first_at, last_at)
), seen AS (
    INSERT INTO provider_seen AS s (provider, last_received_at)
    SELECT provider, max(last_at) FROM came GROUP BY 1 ORDER BY 1
    ON CONFLICT (provider) DO UPDATE SET last_received_at = excluded.last_received_at
    WHERE s.last_received_at < excluded.last_received_at - interval '1 second'
)
INSERT INTO provider_day AS d (provider, day, payloads, events, unknown, longest_pause)
SELECT n.provider, n.day, n.payloads, n.events, n.unknown,
    CASE WHEN before.provider IS NOT NULL
        THEN greatest(n.first_at - before.last_received_at, interval '0') END
FROM came n LEFT JOIN provider_seen before ON before.provider = n.provider ORDER BY 1, 2
ON CONFLICT (provider, day) DO UPDATE SET
    payloads = d.payloads + excluded.payloads, events = d.events + excluded.events,
    unknown = d.unknown + excluded.unknown,
    longest_pause = greatest(d.longest_pause, excluded.longest_pause)
"""


async def note_received(connection: Connection, received: Sequence[Received]) -> None:
    """Count payloads for their sources, and the pauses before them; none before a source's first.

    A pause is that between the last payload known and the first of these; sources whose payloads
    are worked off out of order may have it a little wrong.
    """
    days: dict[tuple[str, date], list[Received]] = {}
    for one in received:
        days.setdefault((one[0], one[1].astimezone(UTC).date()), []).append(one)
    keys = sorted(days)
    await connection.execute(
        _NOTE,
        [name for name, _ in keys],
        [day for _, day in keys],
        [len(days[key]) for key in keys],
        [sum(one[2] for one in days[key]) for key in keys],
        [sum(one[3] for one in days[key]) for key in keys],
        [min(one[1] for one in days[key]) for key in keys],
        [max(one[1] for one in days[key]) for key in keys],
    )


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
