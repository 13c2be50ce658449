"""Reading recipients. Whoever sees a customer sees the recipients matched to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.viewer import Viewer
from store.campaigns import STEPS
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slices
from store.scope import scope, scope_address


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A row of `recipient` with its address.

    Times of opens and clicks are of human ones; `links` holds objects of url, human, machine,
    first_at, last_at, sorted by url.
    """

    id: int
    campaign_id: int
    address_id: int
    address: str = field(metadata={"sql": "a.address"})
    unmatched_reason: str | None = field(metadata={"sql": "a.unmatched_reason"})
    status: str
    sent_at: datetime | None
    delivered_at: datetime | None
    bounced_at: datetime | None
    bounce_hard: bool | None
    bounce_reason: str | None
    opens_human: int
    opens_machine: int
    first_open_at: datetime | None
    last_open_at: datetime | None
    clicks_human: int
    clicks_machine: int
    first_click_at: datetime | None
    last_click_at: datetime | None
    links: list[dict[str, Any]] | None
    replied_at: datetime | None
    forwarded_at: datetime | None
    forward_probable_at: datetime | None
    unsubscribed_at: datetime | None
    unsubscribe_unconfirmed_at: datetime | None
    complained_at: datetime | None
    engaged: bool


@dataclass(frozen=True, slots=True)
class MatchRow:
    """An address is a customer's, and where known a stakeholder's."""

    address_id: int
    customer_id: int
    stakeholder_id: int | None
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class RecipientFilter:
    """Each member that is set narrows; `opened` and `clicked` are about people, not machines.

    `segment` is "" for customers without one; `opened_hour` and `clicked_hour` are hours of the
    recipient's week (0 to 167, from Monday 0:00), as counted.
    """

    engaged: bool | None = None
    opened: bool | None = None
    clicked: bool | None = None
    replied: bool | None = None
    bounced: bool | None = None
    unsubscribed: bool | None = None
    matched: bool | None = None
    customer_id: int | None = None
    internal: bool | None = None
    delivered: bool | None = None
    hard_bounced: bool | None = None
    soft_bounced: bool | None = None
    rejected: bool | None = None
    complained: bool | None = None
    forwarded: bool | None = None
    opened_by_machine: bool | None = None
    clicked_by_machine: bool | None = None
    clicked_url: str | None = None
    segment: str | None = None
    csm_id: int | None = None
    opened_hour: int | None = None
    clicked_hour: int | None = None


_CONDITIONS = {
    "engaged": STEPS["engaged"],
    "opened": STEPS["openers_human"],
    "clicked": STEPS["clickers_human"],
    "replied": STEPS["repliers"],
    "bounced": f"({STEPS['bounced_hard']} OR {STEPS['bounced_soft']})",
    "unsubscribed": STEPS["unsubscribers"],
    "matched": "a.unmatched_reason IS NULL",
    "internal": f"coalesce({STEPS['internal']}, false)",
    "delivered": STEPS["delivered"],
    "hard_bounced": STEPS["bounced_hard"],
    "soft_bounced": STEPS["bounced_soft"],
    "rejected": STEPS["rejected"],
    "complained": STEPS["complained"],
    "forwarded": STEPS["forwarders"],
    "opened_by_machine": STEPS["openers_machine"],
    "clicked_by_machine": STEPS["clickers_machine"],
}
"""As in the funnel, so that each figure can be followed to its recipients."""

_COUNTED = "EXISTS (SELECT FROM counted n WHERE n.recipient_id = r.id AND n.{column} = {value})"

BY_ADDRESS: Order[RecipientRow] = Order(
    "ADDRESS", ("r.address_id",), (int,), lambda row: (row.address_id,)
)
"""Within a campaign: the order of its unique index, so that a million recipients page as fast."""

NEWEST: Order[RecipientRow] = Order("NEWEST", ("r.id",), (int,), lambda row: (row.id,), True)

_COLUMNS = columns(RecipientRow, "r")

RECIPIENT = (
    "recipient r LEFT JOIN address a ON a.id = r.address_id "
    "JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional"
)
"""Every recipient has an address; where nothing is asked of it, a left join costs nothing."""


async def recipients_by_ids(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> Sequence[RecipientRow]:
    """Those of the recipients that the viewer sees."""
    condition, value = scope_address(viewer, "r.address_id")
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM {RECIPIENT} WHERE {condition} AND r.id = ANY($2::bigint[])",
        value,
        ids,
    )
    return [RecipientRow(*record) for record in records]


async def count_of_campaigns(
    connection: Connection, viewer: Viewer, campaign_ids: Sequence[int], *, chosen: RecipientFilter
) -> Mapping[int, int]:
    """How many recipients each campaign has, of those that the viewer sees."""
    condition, args = where(viewer, chosen)
    records = await connection.fetch(
        f"SELECT r.campaign_id, count(*) FROM {RECIPIENT} WHERE {condition} "
        f"AND r.campaign_id = ANY({args.add(campaign_ids)}::bigint[]) GROUP BY r.campaign_id",
        *args,
    )
    return dict(records)


def where(viewer: Viewer, chosen: RecipientFilter) -> tuple[str, Args]:
    """The condition on recipients that the viewer sees and that pass the filter."""
    condition, value = scope_address(viewer, "r.address_id")
    args = Args(value)
    terms = [condition]
    for name, sql in _CONDITIONS.items():
        wanted = getattr(chosen, name)
        if wanted is not None:
            terms.append(sql if wanted else f"NOT ({sql})")
    terms += _of_owners(viewer, chosen, args)
    if chosen.clicked_url is not None:
        wanted = args.add([{"url": chosen.clicked_url}])
        terms.append(f"r.links @> {wanted}::jsonb")
    for column, hour in (("open_hour", chosen.opened_hour), ("click_hour", chosen.clicked_hour)):
        if hour is not None:
            terms.append(_COUNTED.format(column=column, value=args.add(hour)))
    return " AND ".join(terms), args


def _of_owners(viewer: Viewer, chosen: RecipientFilter, args: Args) -> list[str]:
    """That one customer is what is asked for; scoped by itself: that an address is also another
    portfolio's is not for the viewer."""
    terms = []
    if chosen.customer_id is not None:
        terms.append(f"theirs.id = {args.add(chosen.customer_id)}")
    if chosen.csm_id is not None:
        terms.append(f"theirs.csm_id = {args.add(chosen.csm_id)}")
    if chosen.segment is not None:
        terms.append(f"coalesce(theirs.segment, '') = {args.add(chosen.segment)}")
    if not terms:
        return []
    owner, _ = scope(viewer, "theirs")
    return [
        "EXISTS (SELECT FROM match ours JOIN customer theirs ON theirs.id = ours.customer_id "
        f"WHERE ours.address_id = r.address_id AND {owner} AND {' AND '.join(terms)})"
    ]


OWNERS = {"customer": "m.customer_id", "stakeholder": "m.stakeholder_id"}
"""Whose recipients may be asked for, and the column of a match that says so."""


async def recipients_of(
    connection: Connection, viewer: Viewer, ids: Sequence[int], *, owners: str, page: Page
) -> Mapping[int, Slice[RecipientRow]]:
    """A page of each customer's (or stakeholder's) recipients, newest first."""
    condition, value = scope(viewer, "c")
    args = Args(value)
    sql = (
        "SELECT asked.id, found.* FROM unnest("
        f"{args.add(ids)}::bigint[]) asked(id) CROSS JOIN LATERAL (SELECT {_COLUMNS} "
        f"FROM match m JOIN customer c ON c.id = m.customer_id AND {condition} "
        "JOIN recipient r ON r.address_id = m.address_id JOIN address a ON a.id = r.address_id "
        "JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional "
        f"WHERE {OWNERS[owners]} = asked.id AND {NEWEST.beyond(args, page.after)} "
        f"ORDER BY {NEWEST.sql} LIMIT {args.add(page.first + 1)}) found"
    )
    return await fetch_slices(connection, sql, args, row=RecipientRow, first=page.first)


async def count_of(
    connection: Connection, viewer: Viewer, ids: Sequence[int], *, owners: str
) -> Mapping[int, int]:
    """How many recipients each customer (or stakeholder) has."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        f"SELECT {OWNERS[owners]}, count(*) FROM match m "
        f"JOIN customer c ON c.id = m.customer_id AND {condition} "
        "JOIN recipient r ON r.address_id = m.address_id "
        "JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional "
        f"WHERE {OWNERS[owners]} = ANY($2::bigint[]) GROUP BY 1",
        value,
        ids,
    )
    return dict(records)


async def matches_of_addresses(
    connection: Connection, viewer: Viewer, address_ids: Sequence[int]
) -> Mapping[int, list[MatchRow]]:
    """The customers that the viewer sees of each address, the surest first."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        f"SELECT {columns(MatchRow, 'm')} FROM match m "
        f"JOIN customer c ON c.id = m.customer_id WHERE {condition} "
        "AND m.address_id = ANY($2::bigint[]) ORDER BY m.confidence DESC, m.customer_id",
        value,
        address_ids,
    )
    found: dict[int, list[MatchRow]] = {}
    for record in records:
        found.setdefault(record["address_id"], []).append(MatchRow(*record))
    return found
