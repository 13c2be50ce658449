"""Reading digests: kept as ids, they get their names from what the reader may see now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from domain.viewer import Viewer
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slice
from store.scope import scope


@dataclass(frozen=True, slots=True)
class DigestRow:
    """A digest; `sections` are [section, total, [[customer, stakeholder, address, recipient, count,
    time]]], all ids."""

    id: int
    csm_id: int
    day: date
    since: datetime
    until: datetime
    zone: str
    sections: Sequence[Any] = field(repr=False)
    recommendation_ids: Sequence[int] = field(repr=False)
    created_at: datetime
    mail_error: str | None
    sent_at: datetime | None


NEWEST: Order[DigestRow] = Order(
    "NEWEST", ("d.day", "d.id"), (date, int), lambda row: (row.day, row.id), True
)

_COLUMNS = columns(DigestRow, "d")


async def list_digests(
    connection: Connection, viewer: Viewer, csm_id: int | None, page: Page
) -> Slice[DigestRow]:
    """The viewer's digests, newest first; of one CSM where `csm_id` is given."""
    condition, args = _whose(viewer, csm_id)
    sql = (
        f"SELECT {_COLUMNS} FROM digest d WHERE {condition} "
        f"AND {NEWEST.beyond(args, page.after)} ORDER BY {NEWEST.sql}"
    )
    return await fetch_slice(connection, sql, args, row=DigestRow, first=page.first)


async def count_digests(connection: Connection, viewer: Viewer, csm_id: int | None) -> int:
    """How many there are."""
    condition, args = _whose(viewer, csm_id)
    return int(await connection.fetchval(f"SELECT count(*) FROM digest d WHERE {condition}", *args))


def _whose(viewer: Viewer, csm_id: int | None) -> tuple[str, Args]:
    condition, value = scope(viewer, "d")
    args = Args(value)
    if csm_id is not None:
        condition += f" AND d.csm_id = {args.add(csm_id)}::bigint"
    return condition, args


async def digest_by_id(connection: Connection, viewer: Viewer, digest_id: int) -> DigestRow | None:
    """A digest that the viewer may read."""
    condition, value = scope(viewer, "d")
    record = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM digest d WHERE {condition} AND d.id = $2", value, digest_id
    )
    return None if record is None else DigestRow(*record)


async def digest_of(
    connection: Connection, viewer: Viewer, csm_id: int, day: date | None
) -> DigestRow | None:
    """A CSM's digest of a day, or their newest, if the viewer may read it."""
    condition, value = scope(viewer, "d")
    record = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM digest d WHERE {condition} AND d.csm_id = $2 "
        "AND ($3::date IS NULL OR d.day = $3) ORDER BY d.day DESC LIMIT 1",
        value,
        csm_id,
        day,
    )
    return None if record is None else DigestRow(*record)


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """What a CSM has chosen; `timezone` None: the operator's default."""

    is_mailed: bool
    timezone: str | None


async def digest_settings(connection: Connection, csm_id: int) -> DigestSettings | None:
    """What a CSM has chosen; None if there is no such CSM."""
    row = await connection.fetchrow(
        "SELECT is_digest_mailed, timezone FROM csm WHERE id = $1", csm_id
    )
    return None if row is None else DigestSettings(*row)


async def set_digest(connection: Connection, csm_id: int, chosen: DigestSettings) -> bool:
    """Write down what a CSM has chosen; whether there is such a CSM."""
    done: str = await connection.execute(
        "UPDATE csm SET is_digest_mailed = $2, timezone = $3 WHERE id = $1",
        csm_id,
        chosen.is_mailed,
        chosen.timezone,
    )
    return done.endswith(" 1")


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called, for a viewer."""

    customers: dict[int, str]
    stakeholders: dict[int, str]
    addresses: dict[int, str]
    campaigns: dict[int, str]
    reasons: dict[int, tuple[str, str]]


async def names(connection: Connection, viewer: Viewer, row: DigestRow) -> Names:
    """What a digest's ids are called; what the viewer may not see any more has no name. Campaigns
    go by the id of the recipient, recommendations by theirs."""
    lines = [line for _, _, section in row.sections for line in section]
    condition, value = scope(viewer)
    customer_ids = sorted({line[0] for line in lines})

    async def named(sql: str, ids: Sequence[int]) -> dict[int, Any]:
        return {r[0]: r[1] for r in await connection.fetch(sql, value, ids)}

    customers = await named(
        f"SELECT c.id, c.name FROM customer c WHERE {condition} AND c.id = ANY($2::bigint[])",
        customer_ids,
    )
    lines = [line for line in lines if line[0] in customers]
    stakeholders = await named(
        "SELECT s.id, coalesce(s.name, (SELECT a.address FROM stakeholder_address a "
        "WHERE a.stakeholder_id = s.id ORDER BY a.is_primary DESC, a.id LIMIT 1), 'somebody') "
        f"FROM stakeholder s JOIN customer c ON c.id = s.customer_id WHERE {condition} "
        "AND s.id = ANY($2::bigint[])",
        sorted({line[1] for line in lines if line[1]}),
    )
    addresses = await named(
        "SELECT a.id, a.address FROM address a WHERE a.id = ANY($2::bigint[]) AND EXISTS (SELECT "
        f"FROM match m JOIN customer c ON c.id = m.customer_id WHERE m.address_id = a.id "
        f"AND {condition})",
        sorted({line[2] for line in lines if line[2]}),
    )
    campaigns = await named(
        "SELECT r.id, coalesce(k.subject, k.name) FROM recipient r JOIN campaign k ON "
        "k.id = r.campaign_id WHERE r.id = ANY($2::bigint[]) AND EXISTS (SELECT FROM match m JOIN "
        f"customer c ON c.id = m.customer_id WHERE m.address_id = r.address_id AND {condition})",
        sorted({line[3] for line in lines if line[3]}),
    )
    return Names(
        customers, stakeholders, addresses, campaigns, await _reasons(connection, viewer, row)
    )


async def _reasons(
    connection: Connection, viewer: Viewer, row: DigestRow
) -> dict[int, tuple[str, str]]:
    """Customer and reason of those of the digest's recommendations that are still open."""
    condition, value = scope(viewer)
    rows = await connection.fetch(
        "SELECT r.id, c.name, r.reason FROM recommendation r JOIN customer c "
        f"ON c.id = r.customer_id WHERE {condition} AND r.id = ANY($2::bigint[]) "
        "AND NOT r.is_held_out AND r.status IN ('OPEN','STARTED')",
        value,
        row.recommendation_ids,
    )
    return {id_: (customer, reason) for id_, customer, reason in rows}
