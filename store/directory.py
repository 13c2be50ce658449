"""Reading and writing customers, their domains, stakeholders and addresses, a set at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.directory import ImportedAddress, ImportedStakeholder
from domain.merging import StoredStakeholder
from store.database import Connection


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as it is stored."""

    id: int
    external_id: str
    name: str
    segment: str | None
    timezone: str | None
    renews_on: date | None
    csm_id: int | None


async def known_external_ids(connection: Connection, external_ids: Sequence[str]) -> set[str]:
    """Which of these customers exist."""
    rows = await connection.fetch(
        "SELECT external_id FROM customer WHERE external_id = ANY($1::text[])", external_ids
    )
    return {row[0] for row in rows}


async def create_customers(
    connection: Connection, names: Mapping[str, str], now: datetime
) -> set[str]:
    """Make customers by external id, where another transaction has not; returns those made."""
    rows = await connection.fetch(
        "INSERT INTO customer (external_id, name, created_at) "
        "SELECT external_id, name, $3 FROM unnest($1::text[], $2::text[]) c(external_id, name) "
        'ORDER BY external_id COLLATE "C" '
        "ON CONFLICT (external_id) DO NOTHING RETURNING external_id",
        list(names),
        list(names.values()),
        now,
    )
    return {row[0] for row in rows}


async def lock_customers(
    connection: Connection, external_ids: Sequence[str]
) -> dict[str, CustomerRow]:
    """The customers by external id, locked: whoever changes what belongs to one waits in line.

    In one order everywhere, and without hindering those who only refer to them.
    """
    rows = await connection.fetch(
        "SELECT id, external_id, name, segment, timezone, renews_on, csm_id FROM customer "
        'WHERE external_id = ANY($1::text[]) ORDER BY external_id COLLATE "C" FOR NO KEY UPDATE',
        external_ids,
    )
    return {row["external_id"]: CustomerRow(*row) for row in rows}


async def update_customers(connection: Connection, customers: Sequence[CustomerRow]) -> None:
    """Write these customers as they are given; the caller holds their locks."""
    if customers:
        await connection.execute(
            "UPDATE customer c SET name = n.name, segment = n.segment, timezone = n.timezone, "
            "renews_on = n.renews_on, csm_id = n.csm_id "
            "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::date[], "
            "$6::bigint[]) n(id, name, segment, timezone, renews_on, csm_id) WHERE c.id = n.id",
            [c.id for c in customers],
            [c.name for c in customers],
            [c.segment for c in customers],
            [c.timezone for c in customers],
            [c.renews_on for c in customers],
            [c.csm_id for c in customers],
        )


async def settle_csms(connection: Connection, names: Mapping[str, str | None]) -> dict[str, int]:
    """The ids of CSMs by address; made where missing, renamed where a name is given."""
    if not names:
        return {}
    known = await _csms(connection, names)
    missing = sorted(set(names) - set(known))
    if missing:
        await connection.execute(
            "INSERT INTO csm (email, name) SELECT * FROM unnest($1::text[], $2::text[]) "
            "ON CONFLICT (email) DO NOTHING",
            missing,
            [names[email] or email for email in missing],
        )
        known = await _csms(connection, names)
    renamed = {e: name for e, name in names.items() if name is not None and name != known[e][1]}
    await _rename_csms(connection, renamed)
    return {email: id_ for email, (id_, _) in known.items()}


async def _csms(connection: Connection, emails: Iterable[str]) -> dict[str, tuple[int, str]]:
    rows = await connection.fetch(
        "SELECT id, email, name FROM csm WHERE email = ANY($1::text[])", list(emails)
    )
    return {email: (id_, name) for id_, email, name in rows}


async def _rename_csms(connection: Connection, names: Mapping[str, str]) -> None:
    """Rename CSMs by address; whoever locks several does so in the order of their addresses."""
    if names:
        await connection.execute(
            "WITH locked AS MATERIALIZED (SELECT id, email FROM csm "
            'WHERE email = ANY($1::text[]) ORDER BY email COLLATE "C" FOR NO KEY UPDATE) '
            "UPDATE csm SET name = n.name FROM locked "
            "JOIN unnest($1::text[], $2::text[]) n(email, name) USING (email) "
            "WHERE csm.id = locked.id",
            list(names),
            list(names.values()),
        )


async def stored_domains(
    connection: Connection, customer_ids: Sequence[int]
) -> dict[int, set[str]]:
    """The declared domains of each customer."""
    rows = await connection.fetch(
        "SELECT customer_id, domain FROM customer_domain WHERE customer_id = ANY($1::bigint[])",
        customer_ids,
    )
    found: dict[int, set[str]] = {customer_id: set() for customer_id in customer_ids}
    for customer_id, domain in rows:
        found[customer_id].add(domain)
    return found


async def change_domains(
    connection: Connection, removed: Sequence[tuple[int, str]], added: Sequence[tuple[int, str]]
) -> None:
    """Take (customer id, domain) pairs away, and declare others."""
    if removed:
        await connection.execute(
            "DELETE FROM customer_domain d USING unnest($1::bigint[], $2::text[]) r(id, domain) "
            "WHERE d.customer_id = r.id AND d.domain = r.domain",
            [id_ for id_, _ in removed],
            [domain for _, domain in removed],
        )
    if added:
        await connection.execute(
            "INSERT INTO customer_domain (customer_id, domain) "
            "SELECT * FROM unnest($1::bigint[], $2::text[]) "
            "ON CONFLICT (customer_id, domain) DO NOTHING",
            [id_ for id_, _ in added],
            [domain for _, domain in added],
        )


async def stored_stakeholders(
    connection: Connection,
    external_ids: Sequence[tuple[int, str]],
    addresses: Sequence[tuple[int, str]],
) -> dict[int, list[StoredStakeholder]]:
    """Stakeholders by (customer id, external id) or (customer id, address), by customer."""
    rows = await connection.fetch(
        """
        WITH wanted AS (
            SELECT s.id FROM unnest($1::bigint[], $2::text[]) w(customer_id, external_id)
            JOIN stakeholder s USING (customer_id, external_id)
            UNION
            SELECT a.stakeholder_id FROM unnest($3::bigint[], $4::text[]) w(customer_id, address)
            JOIN stakeholder_address a USING (customer_id, address)
        )
        SELECT s.customer_id, s.id, s.external_id, s.name, s.title, s.timezone,
            s.tracking_consent,
            array(SELECT a.address FROM stakeholder_address a
                WHERE a.stakeholder_id = s.id ORDER BY a.id),
            array(SELECT a.address FROM stakeholder_address a
                WHERE a.stakeholder_id = s.id AND a.is_primary)
        FROM wanted JOIN stakeholder s ON s.id = wanted.id
        """,
        [customer_id for customer_id, _ in external_ids],
        [external_id for _, external_id in external_ids],
        [customer_id for customer_id, _ in addresses],
        [address for _, address in addresses],
    )
    found: dict[int, list[StoredStakeholder]] = defaultdict(list)
    for customer_id, id_, external_id, name, title, timezone, consent, held, primary in rows:
        ranks = {address: address in primary for address in held}
        found[customer_id].append(
            StoredStakeholder(id_, external_id, name, title, timezone, consent, ranks)
        )
    return found


async def create_stakeholders(
    connection: Connection,
    entries: Sequence[tuple[int, ImportedStakeholder]],
    now: datetime,
) -> list[int]:
    """Make a stakeholder for each (customer id, entry); returns their ids in that order."""
    if not entries:
        return []
    # Which row a returned id belongs to is not promised, so the ids are drawn first.
    rows = await connection.fetch(
        "SELECT nextval(pg_get_serial_sequence('stakeholder', 'id')) FROM generate_series(1, $1)",
        len(entries),
    )
    ids: list[int] = [row[0] for row in rows]
    await connection.execute(
        "INSERT INTO stakeholder (id, customer_id, external_id, name, title, timezone, "
        "tracking_consent, created_at) OVERRIDING SYSTEM VALUE SELECT n.*, $8 FROM "
        "unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], "
        "$7::text[]) n",
        ids,
        [customer_id for customer_id, _ in entries],
        [entry.external_id for _, entry in entries],
        [entry.name or None for _, entry in entries],
        [entry.title or None for _, entry in entries],
        [entry.timezone or None for _, entry in entries],
        [entry.tracking_consent or "UNKNOWN" for _, entry in entries],
        now,
    )
    return ids


async def update_stakeholders(
    connection: Connection, stakeholders: Sequence[StoredStakeholder]
) -> None:
    """Write these stakeholders as they are given; the caller holds their customers' locks."""
    if stakeholders:
        await connection.execute(
            "UPDATE stakeholder s SET external_id = n.external_id, name = n.name, "
            "title = n.title, timezone = n.timezone, tracking_consent = n.consent "
            "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], "
            "$6::text[]) n(id, external_id, name, title, timezone, consent) WHERE s.id = n.id",
            [s.id for s in stakeholders],
            [s.external_id for s in stakeholders],
            [s.name for s in stakeholders],
            [s.title for s in stakeholders],
            [s.timezone for s in stakeholders],
            [s.tracking_consent for s in stakeholders],
        )


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address of a stakeholder, to be stored."""

    customer_id: int
    stakeholder_id: int
    found: ImportedAddress
    is_primary: bool


async def remove_addresses(connection: Connection, removed: Sequence[tuple[int, str]]) -> None:
    """Take (customer id, address) pairs away."""
    if removed:
        await connection.execute(
            "DELETE FROM stakeholder_address a USING unnest($1::bigint[], $2::text[]) "
            "r(customer_id, address) "
            "WHERE a.customer_id = r.customer_id AND a.address = r.address",
            [customer_id for customer_id, _ in removed],
            [address for _, address in removed],
        )


async def put_addresses(connection: Connection, rows: Sequence[AddressRow]) -> None:
    """Store addresses; one that its stakeholder has already takes the rank that is given."""
    if rows:
        await connection.execute(
            "INSERT INTO stakeholder_address "
            "(customer_id, stakeholder_id, address, alias_key, domain, is_primary) "
            "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], "
            "$6::boolean[]) ON CONFLICT (customer_id, address) "
            "DO UPDATE SET is_primary = excluded.is_primary",
            [row.customer_id for row in rows],
            [row.stakeholder_id for row in rows],
            [row.found.address for row in rows],
            [row.found.alias_key for row in rows],
            [row.found.domain for row in rows],
            [row.is_primary for row in rows],
        )
