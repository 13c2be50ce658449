"""What a customer's stakeholders did, newest first, without reading all that they ever did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from domain.viewer import Viewer
from store.database import Connection
from store.events import IS_PROJECTED, NEWEST, EventRow
from store.mailed import WHOLE, Reading, Rows, rows_of
from store.paging import Args, Page, Slice
from store.scope import scope


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Each member that is set narrows; `until` is exclusive."""

    kinds: tuple[str, ...] | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    campaign_id: int | None = None

    @property
    def is_by_event(self) -> bool:
        """Whether some of a recipient's events may pass and others not."""
        return (self.kinds, self.actor, self.since, self.until) != (None, None, None, None)


async def timelines(
    connection: Connection,
    viewer: Viewer,
    customer_ids: Sequence[int],
    *,
    chosen: EventFilter,
    page: Page,
    reading: Reading = WHOLE,
) -> Mapping[int, Slice[EventRow]]:
    """A page of each customer's events, newest first, in at most two statements.

    The newest n events are among those of the n recipients heard of last, so the first statement
    looks at no others. A recipient whose event is just being moved may break that rule: the rows
    tell, and those customers are read whole.
    """
    read = partial(_read, connection, viewer, chosen, page, reading)
    if chosen.is_by_event:
        found = await read(customer_ids, is_bounded=False)
        return _slices(found, page)
    found = await read(customer_ids, is_bounded=True)
    unsure = [i for i in customer_ids if i not in found or not is_whole(found[i], page)]
    if unsure:
        found |= await read(unsure, is_bounded=False)
    return _slices(found, page)


@dataclass(slots=True)
class Found:
    """The events of a customer, and of the last of them whether it is within the time of which all
    events are known; None where that is all time."""

    rows: list[EventRow]
    is_within: bool | None


def is_whole(found: Found, page: Page) -> bool:
    """Whether no event of another recipient can be missing among a page's rows and one more."""
    return found.is_within is None or (found.is_within and len(found.rows) > page.first)


def slice_of(found: Found, page: Page) -> Slice[EventRow]:
    """The page out of its rows and one more."""
    return Slice(found.rows[: page.first], len(found.rows) > page.first)


def _slices(found: Mapping[int, Found], page: Page) -> Mapping[int, Slice[EventRow]]:
    return {owner: slice_of(each, page) for owner, each in found.items()}


async def _read(
    connection: Connection,
    viewer: Viewer,
    chosen: EventFilter,
    page: Page,
    reading: Reading,
    customer_ids: Sequence[int],
    *,
    is_bounded: bool,
) -> dict[int, Found]:
    condition, value = scope(viewer, "c")
    args = Args(value)
    asked = _asked(args, customer_ids)
    newest = pages(args, condition, chosen, page, reading, is_bounded=is_bounded)
    records = await connection.fetch(
        f"SELECT asked.id, page.* FROM {asked} CROSS JOIN LATERAL ({newest}) page", *args
    )
    found: dict[int, Found] = {}
    for record, row in zip(records, rows_of(reading).made(records, 2), strict=True):
        each = found.setdefault(record[0], Found([], None))
        each.rows.append(row)
        each.is_within = record[1]
    return found


def pages(
    args: Args,
    condition: str | None,
    chosen: EventFilter,
    page: Page,
    reading: Reading,
    *,
    is_bounded: bool,
) -> str:
    """The statement of a page of the events of `asked.id`, newest first: of each whether it is
    within the bound, its columns, and those of its mail. `condition` scopes the customer `c`; None
    where `asked` holds customers in sight alone."""
    wanted = args.add(page.first + 1)
    near = _recipients(args, condition, chosen, page, wanted if is_bounded else None)
    passing = f"{_passes(args, chosen)} AND {NEWEST.beyond(args, page.after)}"
    newest = f"ORDER BY {NEWEST.sql} LIMIT {wanted}"
    build = _of_few if is_bounded else _of_many
    return build(rows_of(reading), near, passing, newest)


def _asked(args: Args, customer_ids: Sequence[int]) -> str:
    """The customers as rows. Of one the planner knows that it is one, whoever it is: the statement
    is then planned once for all."""
    if len(customer_ids) == 1:
        return f"(VALUES ({args.add(customer_ids[0])}::bigint)) asked(id)"
    return f"unnest({args.add(customer_ids)}::bigint[]) asked(id)"


def _of_few(rows: Rows, near: str, passing: str, newest: str) -> str:
    """The newest events of a few recipients: looked up all at once, in no month before the first of
    their facts. The plan does not depend on whose they are, so it is made once.

    One bound on the day alone: of two the planner would think that they leave so few days that it
    pays to read an index of days too. What waits for projection is read once, of these recipients
    alone: for each event it would be dear where the plan was made while nothing waited, and all of
    it is a hundred thousand events in a flood. OFFSET 0 keeps it from being asked in every month.
    """
    mail = "".join(f", mail_{n}" for n in range(rows.mail_size))
    return (
        f"WITH near (id, first_fact_on, last_fact_on, bound{mail}) AS MATERIALIZED (SELECT r.id, "
        f"r.first_fact_on, r.last_fact_on, r.bound{rows.mail_columns} FROM ({near}) r "
        f"{rows.mail}), waiting AS MATERIALIZED (SELECT q.fact_on, q.key FROM projection_queue q "
        "JOIN near ON near.id = q.recipient_id) "
        f"SELECT e.is_within, {rows.event.sql}{mail} FROM (SELECT e.occurred_at >= near.bound "
        f"AS is_within, {rows.event.sql}{mail} FROM event e JOIN near ON near.id = e.recipient_id "
        "AND e.fact_on BETWEEN near.first_fact_on AND near.last_fact_on "
        "WHERE e.recipient_id = ANY (ARRAY(SELECT near.id FROM near)) "
        f"AND e.fact_on >= (SELECT min(near.first_fact_on) FROM near) AND {passing} OFFSET 0) e "
        "WHERE (e.fact_on, e.key) NOT IN (SELECT waiting.fact_on, waiting.key FROM waiting) "
        f"{newest}"
    )


def _of_many(rows: Rows, near: str, passing: str, newest: str) -> str:
    """The newest events of however many recipients, each looked up in the months of its facts."""
    return (
        f"SELECT e.occurred_at >= e.bound, {rows.event.sql}{rows.mail_columns} "
        f"FROM (SELECT r.bound, e.* FROM ({near}) r "
        "CROSS JOIN LATERAL (SELECT e.* FROM event e WHERE e.recipient_id = r.id "
        "AND e.fact_on BETWEEN r.first_fact_on AND r.last_fact_on "
        # A limit for each recipient keeps the planner to their index, whatever it estimates.
        f"AND {passing} AND {IS_PROJECTED} {newest}) e {newest}) e "
        f"{rows.mail and 'JOIN recipient r ON r.id = e.recipient_id ' + rows.mail} "
        f"ORDER BY {NEWEST.sql}"
    )


def _recipients(
    args: Args, condition: str | None, chosen: EventFilter, page: Page, wanted: str | None
) -> str:
    """The recipients of `asked.id` whose events can be on the page, and down to when all are."""
    if wanted is None:
        inner = _of_customer(args, condition, chosen)
        return f"SELECT r.id, r.first_fact_on, r.last_fact_on, NULL::timestamptz AS bound {inner}"
    since = "'-infinity'::date" if chosen.campaign_id is not None else _since(args, page, wanted)
    inner = _of_customer(args, condition, chosen, f"(SELECT {since} AS since OFFSET 0) near")
    # Recipients heard of at the same time share a rank: none of them is left out alone.
    rank = "rank() OVER (ORDER BY r.last_event_at DESC)"
    if page.after is not None:
        at = args.add(page.after[0])
        rank = (
            f"CASE WHEN r.last_event_at >= {at} THEN 0 ELSE rank() OVER "
            f"(PARTITION BY r.last_event_at >= {at} ORDER BY r.last_event_at DESC) END"
        )
    return (
        "SELECT ranked.*, greatest(CASE WHEN count(*) FILTER (WHERE ranked.place > 0) OVER () "
        f">= {wanted} THEN min(ranked.last_event_at) FILTER (WHERE ranked.place > 0) OVER () END, "
        "CASE WHEN ranked.since > '-infinity' THEN ranked.since::timestamp AT TIME ZONE 'UTC' END) "
        f"AS bound FROM (SELECT near.since, r.*, {rank} AS place {inner}) ranked "
        f"WHERE ranked.place <= {wanted}"
    )


def _since(args: Args, page: Page, wanted: str) -> str:
    """The day from which on the customer's recipients, by the last day of their facts, are enough.

    An act is never dated after its fact's day: what the others did came before that day began. An
    index tells the days alone; when each recipient was heard of stands in thousands of rows.
    """
    until = "" if page.after is None else f"AND r.last_fact_on < {args.add(_day(page.after[0]))} "
    return (
        f"(SELECT CASE WHEN count(*) = {wanted} THEN min(d.day) ELSE '-infinity' END FROM ("
        "SELECT n.day FROM match m CROSS JOIN LATERAL (SELECT r.last_fact_on AS day "
        f"FROM recipient r WHERE r.address_id = m.address_id AND r.last_fact_on IS NOT NULL {until}"
        f"ORDER BY r.last_fact_on DESC LIMIT {wanted}) n WHERE m.customer_id = asked.id "
        f"ORDER BY n.day DESC LIMIT {wanted}) d)"
    )


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _of_customer(args: Args, condition: str | None, chosen: EventFilter, near: str = "") -> str:
    """With `near`, those only whose facts reach to its day `since`."""
    seen = f"JOIN customer c ON c.id = m.customer_id AND {condition} " if condition else ""
    campaign = "" if chosen.campaign_id is None else f"AND k.id = {args.add(chosen.campaign_id)} "
    since = "" if chosen.since is None else f"AND r.last_event_at >= {args.add(chosen.since)} "
    return (
        f"FROM {near and near + ' CROSS JOIN '}match m {seen}"
        # A recipient not announced yet is about to come on the feed with all that it did.
        "JOIN recipient r ON r.address_id = m.address_id AND r.is_announced "
        f"{near and 'AND r.last_fact_on >= near.since '}"
        "JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional "
        f"WHERE m.customer_id = asked.id AND r.last_event_at IS NOT NULL {campaign}{since}"
    )


def _passes(args: Args, chosen: EventFilter) -> str:
    terms = ["true"]
    if chosen.kinds is not None:
        terms.append(f"e.kind = ANY({args.add(list(chosen.kinds))}::text[])")
    if chosen.actor is not None:
        terms.append(f"e.actor = {args.add(chosen.actor)}")
    if chosen.since is not None:
        terms.append(f"e.occurred_at >= {args.add(chosen.since)}")
    if chosen.until is not None:
        terms.append(f"e.occurred_at < {args.add(chosen.until)}")
    return " AND ".join(terms)


async def count_timelines(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int], *, chosen: EventFilter
) -> Mapping[int, int]:
    """How many events each customer has that pass the filter."""
    condition, value = scope(viewer, "c")
    args = Args(value)
    owners = args.add(customer_ids)
    near = _recipients(args, condition, chosen, Page(), None)
    records = await connection.fetch(
        f"SELECT asked.id, (SELECT count(*) FROM ({near}) r "
        "JOIN event e ON e.recipient_id = r.id "
        "AND e.fact_on BETWEEN r.first_fact_on AND r.last_fact_on "
        f"WHERE {_passes(args, chosen)} AND {IS_PROJECTED}) "
        f"FROM unnest({owners}::bigint[]) asked(id)",
        *args,
    )
    return dict(records)
