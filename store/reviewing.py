"""What people decide about matches: facts, written down with who said so, and true at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.claims import claimable_domain
from domain.directory import ImportedAddress, ImportedStakeholder
from domain.errors import DomainError
from domain.policy import Policy
from domain.text import shown
from domain.viewer import Viewer
from store.database import Connection, Database, retried
from store.directory import AddressRow, change_domains, create_stakeholders, stored_domains
from store.directory_changes import change_addresses
from store.matching import enqueue_rematch, rematch_addresses
from store.scope import scope


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A recipient's address is this customer's.

    It is the given stakeholder's, else that of whoever has it there already, else a new one's with
    this name and title.
    """

    recipient_id: int
    customer_id: int
    stakeholder_id: int | None = None
    name: str | None = None
    title: str | None = None
    is_domain_theirs: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """The address that a decision is about."""

    address_id: int
    address: str
    alias_key: str
    domain: str


async def confirm_match(
    database: Database, viewer: Viewer, confirmed: Confirmation, *, now: datetime, policy: Policy
) -> None:
    """Match an address to a customer by a person's word; its history moves in the same transaction.

    With `is_domain_theirs` the customer declares the address's domain, and the worker re-matches
    the others there. Repeating changes nothing. Raises DomainError NOT_FOUND, ADDRESS_TAKEN, and
    those of `claimable_domain`, with the field that is to blame.
    """

    async def work() -> None:
        async with database.transaction() as connection:
            case = await _open(connection, viewer, confirmed.recipient_id, confirmed.customer_id)
            if confirmed.is_domain_theirs:
                domain = _claim(case, policy)
                if await _declare_domain(connection, confirmed.customer_id, domain):
                    act = ("DECLARE_DOMAIN", confirmed.customer_id, {"domain": domain})
                    await _audit(connection, viewer, case, act, now)
            stakeholder_id = await _settle_stakeholder(connection, confirmed, case, now)
            is_new = await _decide(
                connection, viewer, case, (confirmed.customer_id, stakeholder_id, True), now
            )
            if is_new:
                await rematch_addresses(connection, [case.address_id], policy)

    await retried(work)


async def reject_match(
    database: Database,
    viewer: Viewer,
    recipient_id: int,
    customer_id: int,
    *,
    now: datetime,
    policy: Policy,
) -> None:
    """An address is not this customer's: no rung of the ladder matches the two again.

    Repeating changes nothing. Raises DomainError NOT_FOUND.
    """

    async def work() -> None:
        async with database.transaction() as connection:
            case = await _open(connection, viewer, recipient_id, customer_id)
            if await _decide(connection, viewer, case, (customer_id, None, False), now):
                await rematch_addresses(connection, [case.address_id], policy)

    await retried(work)


async def _open(
    connection: Connection, viewer: Viewer, recipient_id: int, customer_id: int
) -> _Case:
    """The recipient's address, locked with its recipients and the customer, in this order.

    Whoever does not see all may decide what is proposed to their own customers by domain, and
    think again about what was decided.
    """
    condition, value = scope(viewer)
    customer = await connection.fetchval(
        f"SELECT c.id FROM customer c WHERE {condition} AND c.id = $2",
        value,
        customer_id,
    )
    if customer is None:
        raise _not_found("customer", "customerId")
    row = await connection.fetchrow(
        "SELECT a.id, a.address, a.alias_key, a.domain FROM recipient r "
        "JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional "
        "JOIN address a ON a.id = r.address_id WHERE r.id = $1 AND ($2 "
        "OR EXISTS (SELECT FROM match m WHERE m.address_id = a.id AND m.customer_id = $3 "
        "AND m.method = 'DOMAIN') "
        "OR EXISTS (SELECT FROM match_decision d WHERE d.address = a.address "
        "AND d.customer_id = $3)) FOR UPDATE OF a",
        recipient_id,
        viewer.may_read_all,
        customer_id,
    )
    if row is None:
        raise _not_found("recipient", "recipientId")
    await connection.execute(
        "SELECT FROM recipient WHERE address_id = $1 ORDER BY id FOR NO KEY UPDATE", row["id"]
    )
    await connection.execute("SELECT FROM customer WHERE id = $1 FOR NO KEY UPDATE", customer_id)
    return _Case(*row)


def _not_found(what: str, field: str) -> DomainError:
    return DomainError(
        "NOT_FOUND", f"there is no such {what}, or not for you to decide about", (field,)
    )


def _claim(case: _Case, policy: Policy) -> str:
    try:
        return claimable_domain(case.domain, policy.internal_domains)
    except DomainError as error:
        raise DomainError(error.code, error.message, ("domainIsTheirs",)) from error


async def _declare_domain(connection: Connection, customer_id: int, domain: str) -> bool:
    if domain in (await stored_domains(connection, [customer_id]))[customer_id]:
        return False
    await change_domains(connection, [], [(customer_id, domain)])
    await enqueue_rematch(connection, domains=[domain])
    return True


async def _settle_stakeholder(
    connection: Connection, confirmed: Confirmation, case: _Case, now: datetime
) -> int:
    """Whose address it is at the customer; recorded in the directory where it was not yet."""
    customer_id = confirmed.customer_id
    if confirmed.stakeholder_id is not None:
        await _check_stakeholder(connection, confirmed.stakeholder_id, customer_id)
    holder = await connection.fetchrow(
        "SELECT s.id, coalesce(s.name, s.external_id, '') FROM stakeholder_address a "
        "JOIN stakeholder s ON s.id = a.stakeholder_id "
        "WHERE a.customer_id = $1 AND a.address = $2",
        customer_id,
        case.address,
    )
    if holder is not None:
        if confirmed.stakeholder_id not in (None, holder[0]):
            raise DomainError(
                "ADDRESS_TAKEN",
                f"{shown(case.address)} is the address of stakeholder {shown(holder[1])} of this "
                "customer: leave stakeholderId out, or change the stakeholder by an import",
                ("stakeholderId",),
            )
        return int(holder[0])
    stakeholder_id = confirmed.stakeholder_id
    if stakeholder_id is None:
        entry = ImportedStakeholder(name=confirmed.name, title=confirmed.title)
        (stakeholder_id,) = await create_stakeholders(connection, [(customer_id, entry)], now)
    is_first = await connection.fetchval(
        "SELECT NOT EXISTS (SELECT FROM stakeholder_address WHERE stakeholder_id = $1)",
        stakeholder_id,
    )
    found = ImportedAddress(case.address, case.alias_key, case.domain)
    row = AddressRow(customer_id, stakeholder_id, found, is_primary=is_first)
    await change_addresses(connection, [], [row])
    return stakeholder_id


async def _check_stakeholder(connection: Connection, stakeholder_id: int, customer_id: int) -> None:
    found = await connection.fetchval(
        "SELECT true FROM stakeholder WHERE id = $1 AND customer_id = $2",
        stakeholder_id,
        customer_id,
    )
    if not found:
        raise _not_found("stakeholder of this customer", "stakeholderId")


async def _decide(
    connection: Connection,
    viewer: Viewer,
    case: _Case,
    said: tuple[int, int | None, bool],
    now: datetime,
) -> bool:
    """Write (customer id, stakeholder id, whether confirmed) down; False if that was known."""
    known = await connection.fetchrow(
        "SELECT customer_id, stakeholder_id, is_confirmed FROM match_decision "
        "WHERE address = $1 AND customer_id = $2",
        case.address,
        said[0],
    )
    if known is not None and tuple(known) == said:
        return False
    await connection.execute(
        "INSERT INTO match_decision "
        "(address, customer_id, stakeholder_id, is_confirmed, decided_by, decided_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (address, customer_id) DO UPDATE SET "
        "stakeholder_id = excluded.stakeholder_id, is_confirmed = excluded.is_confirmed, "
        "decided_by = excluded.decided_by, decided_at = excluded.decided_at",
        case.address,
        *said,
        viewer.name,
        now,
    )
    action = "CONFIRM_MATCH" if said[2] else "REJECT_MATCH"
    await _audit(connection, viewer, case, (action, said[0], {"stakeholder_id": said[1]}), now)
    return True


async def _audit(
    connection: Connection,
    viewer: Viewer,
    case: _Case,
    act: tuple[str, int, Mapping[str, object]],
    now: datetime,
) -> None:
    """Write (action, customer id, detail) down; the address itself stays out, so that erasing a
    person need not look here."""
    action, customer_id, detail = act
    await connection.execute(
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        now,
        viewer.name,
        action,
        f"Customer:{customer_id}",
        {"address_id": case.address_id, **detail},
    )
