"""Finding the recipient an event is about: its message, else its campaign and address.

An event may come before the one that tells its message's campaign, or tell a better one than was
known. The outcome does not depend on the order: a message belongs to the campaign of the best
evidence among its events, and events without any wait (`orphan`) for their message.

Rows are locked and written in one order everywhere, so that workers do not deadlock: campaigns,
addresses, recipients, messages, events; within each, sorted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from domain.addresses import alias_key, domain_of
from domain.campaigns import Evidence, evidence
from domain.events import ReportedEvent
from domain.policy import Policy
from store.campaign_rows import (
    CampaignKey,
    CampaignRow,
    Named,
    ensure_campaigns,
    lock_provisional,
    note,
    promote,
)
from store.database import Connection
from store.matching import match_new
from store.messages import Message, learn_messages, lock_moves, move_messages


class Slot(NamedTuple):
    """What a recipient is known by to a provider: a message, or without one a campaign named."""

    provider: str
    reference: str
    named: str
    address: str


@dataclass(slots=True)
class Draft:
    """An event on its way into the table; `place` fills in the two ids where they can be known."""

    event: ReportedEvent
    key: bytes
    fact_on: date
    occurred_at: datetime
    received_at: datetime
    address: str | None
    address_id: int | None = None
    recipient_id: int | None = None


@dataclass(slots=True)
class _Place:
    """What is known of a slot: from the tables, and from the events at hand."""

    drafts: list[Draft]
    address_id: int = 0
    recipient_id: int | None = None
    known: str | None = None
    best: Evidence | None = None

    @property
    def news(self) -> Evidence | None:
        """Evidence at hand that tells more about the campaign than was known."""
        if self.best is None or (self.known is not None and self.known <= self.best.order):
            return None
        return self.best

    @property
    def is_moving(self) -> bool:
        """Whether the message is known, and now known to be of another campaign."""
        return self.known is not None and self.news is not None


async def place(connection: Connection, drafts: Sequence[Draft], policy: Policy) -> set[int]:
    """Set `address_id` and `recipient_id` of the drafts; makes what is missing on the way.

    Returns the ids of recipients that earlier events moved from or to: they must be projected anew.
    Raises `Conflict` when another transaction placed the same message meanwhile.
    """
    places, named = await _survey(connection, drafts)
    await _look_up(connection, places, policy)
    if any(found.is_moving for found in places.values()):
        await lock_moves(connection)
    needed = {(s.provider, p.news.external_id) for s, p in places.items() if p.news is not None}
    campaigns = await ensure_campaigns(connection, named, needed)
    moved = await _settle_recipients(connection, places, campaigns)
    for found in places.values():
        for draft in found.drafts:
            draft.address_id, draft.recipient_id = found.address_id, found.recipient_id
    return moved


async def _survey(
    connection: Connection, drafts: Iterable[Draft]
) -> tuple[dict[Slot, _Place], Named]:
    """The slots the drafts speak of, and what they say of each campaign."""
    declared = await _declared_tags(connection, drafts)
    nothing: frozenset[str] = frozenset()
    places: dict[Slot, _Place] = {}
    named: Named = {}
    for draft in drafts:
        event = draft.event
        if draft.address is None:
            continue
        found = evidence(event, declared.get(event.carried_by, nothing))
        if event.message_reference:
            slot = Slot(event.carried_by, event.message_reference, "", draft.address)
        else:
            slot = Slot(event.carried_by, "", found.order if found else "", draft.address)
        known = places.get(slot)
        if known is None:
            known = places[slot] = _Place([])
        known.drafts.append(draft)
        if found is not None:
            if known.best is None or found.order < known.best.order:
                known.best = found
            note(named, found, event)
    return places, named


async def _declared_tags(
    connection: Connection, drafts: Iterable[Draft]
) -> dict[str, frozenset[str]]:
    """Which of the tags at hand are the external id of a declared campaign, by provider."""
    tags = {(d.event.carried_by, tag) for d in drafts for tag in d.event.tags}
    if not tags:
        return {}
    rows = await connection.fetch(
        "SELECT c.provider, c.external_id FROM unnest($1::text[], $2::text[]) t(provider, tag) "
        "JOIN campaign c ON c.provider = t.provider AND c.external_id = t.tag AND c.is_declared",
        [provider for provider, _ in tags],
        [tag for _, tag in tags],
    )
    by_provider: dict[str, set[str]] = {}
    for provider, tag in rows:
        by_provider.setdefault(provider, set()).add(tag)
    return {provider: frozenset(found) for provider, found in by_provider.items()}


async def _look_up(connection: Connection, places: dict[Slot, _Place], policy: Policy) -> None:
    """Addresses (made where missing) and messages of all slots, in one statement."""
    slots = list(places)
    rows = await connection.fetch(
        """
        SELECT w.position, a.id, m.recipient_id, m.evidence
        FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
            w(provider, reference, address, position)
        JOIN address a ON a.address = w.address
        LEFT JOIN message m ON m.provider = w.provider AND m.reference = w.reference
            AND m.address_id = a.id
        """,
        [s.provider for s in slots],
        [s.reference for s in slots],
        [s.address for s in slots],
    )
    for position, address_id, recipient_id, known in rows:
        found = places[slots[position - 1]]
        found.address_id, found.recipient_id, found.known = address_id, recipient_id, known
    missing = {slot.address for slot, found in places.items() if not found.address_id}
    if missing:
        made = await ensure_addresses(connection, missing, policy)
        for slot, found in places.items():
            found.address_id = found.address_id or made[slot.address]


async def ensure_addresses(
    connection: Connection, addresses: Iterable[str], policy: Policy
) -> dict[str, int]:
    """The ids of normalised addresses; those not seen before are made and matched."""
    wanted = sorted(set(addresses))
    keys = {a: (a, alias_key(a), domain_of(a)) for a in wanted}
    rows = await connection.fetch(
        "INSERT INTO address (address, alias_key, domain) "
        "SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) "
        "ON CONFLICT (address) DO NOTHING RETURNING id, address",
        [keys[a][0] for a in wanted],
        [keys[a][1] for a in wanted],
        [keys[a][2] for a in wanted],
    )
    if rows:
        await match_new(connection, {id_: keys[address] for id_, address in rows}, policy)
    ids = {address: id_ for id_, address in rows}
    if len(ids) < len(wanted):
        known = await connection.fetch(
            "SELECT id, address FROM address WHERE address = ANY($1::text[])",
            [a for a in wanted if a not in ids],
        )
        ids.update({address: id_ for id_, address in known})
    return ids


async def _settle_recipients(
    connection: Connection, places: dict[Slot, _Place], campaigns: dict[CampaignKey, CampaignRow]
) -> set[int]:
    """Give every slot with new evidence its recipient; returns recipients whose events moved."""
    settled = [
        (slot, found, news, campaigns[slot.provider, news.external_id].id)
        for slot, found in places.items()
        if (news := found.news) is not None
    ]
    if not settled:
        return set()
    provisional = await lock_provisional(connection, {campaign for _, _, _, campaign in settled})
    recipients = await ensure_recipients(
        connection, {(campaign, found.address_id) for _, found, _, campaign in settled}, provisional
    )
    new: list[Message] = []
    better: list[tuple[Message, int, str]] = []
    for slot, found, news, campaign in settled:
        recipient_id = recipients[campaign, found.address_id]
        if slot.reference:
            message = Message(
                slot.provider, slot.reference, found.address_id, recipient_id, news.order
            )
            if found.recipient_id is None or found.known is None:
                new.append(message)
            else:
                better.append((message, found.recipient_id, found.known))
        found.recipient_id = recipient_id
    await learn_messages(connection, new)
    await promote(connection, provisional)
    return await move_messages(connection, better)


async def ensure_recipients(
    connection: Connection,
    wanted: Iterable[tuple[int, int]],
    provisional: frozenset[int],
    *,
    is_registered: bool = False,
) -> dict[tuple[int, int], int]:
    """The recipients of (campaign id, address id) pairs; those of provisional campaigns wait."""
    pairs = sorted(set(wanted))
    known = await connection.fetch(
        "SELECT r.campaign_id, r.address_id, r.id FROM unnest($1::bigint[], $2::bigint[]) "
        "w(campaign_id, address_id) JOIN recipient r USING (campaign_id, address_id)",
        [p[0] for p in pairs],
        [p[1] for p in pairs],
    )
    ids = {(row[0], row[1]): row[2] for row in known}
    missing = [p for p in pairs if p not in ids]
    if missing:
        # Another worker's uncommitted row makes this wait and then return nothing for it: the
        # update that changes nothing returns it, locked.
        rows = await connection.fetch(
            "INSERT INTO recipient (campaign_id, address_id, is_registered, is_announced) "
            "SELECT campaign_id, address_id, $3, announced "
            "FROM unnest($1::bigint[], $2::bigint[], $4::boolean[]) "
            "w(campaign_id, address_id, announced) "
            "ON CONFLICT (campaign_id, address_id) DO UPDATE "
            "SET is_registered = recipient.is_registered OR excluded.is_registered "
            "RETURNING campaign_id, address_id, id",
            [p[0] for p in missing],
            [p[1] for p in missing],
            is_registered,
            [p[0] not in provisional for p in missing],
        )
        ids.update({(row[0], row[1]): row[2] for row in rows})
    return ids
