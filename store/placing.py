"""Finding the recipient an event is about: its message, else its campaign and address.

An event may come before the one that tells its message's campaign, or tell a better one than was
known. The outcome does not depend on the order: a message belongs to the campaign of the best
evidence among its events, and events without any wait (`orphan`) for their message.

Rows are locked and written in one order everywhere, so that workers do not deadlock: campaigns,
addresses, recipients, messages, events; within each, sorted.
"""

from collections.abc import Iterable, Sequence

from domain.campaigns import evidence, shown_subject
from domain.policy import Policy
from domain.threads import MAIL
from store.campaign_rows import (
    CampaignKey,
    CampaignRow,
    Named,
    better_subjects,
    ensure_campaigns,
    least,
    lock_provisional,
    note,
)
from store.database import Connection
from store.deciding import promote
from store.drafts import Draft, Place, Slot
from store.messages import (
    Message,
    check_held,
    learn_messages,
    lock_moves,
    move_messages,
    tell_messages,
)
from store.recipient_rows import ensure_addresses, ensure_recipients
from store.recounting import queue_recount
from store.statements import Said, StatementKey, associate, keep, key_of, said_by


async def place(connection: Connection, drafts: Sequence[Draft], policy: Policy) -> set[int]:
    """Set `address_id` and `recipient_id` of the drafts; makes what is missing on the way.

    Returns the ids of recipients that earlier events moved from or to: they must be projected anew.
    Raises `Conflict` when another transaction placed the same message meanwhile.
    """
    places, named = await _survey(connection, drafts)
    await _look_up(connection, places, policy)
    if any(found.is_moving for found in places.values()):
        await lock_moves(connection)
    statements = await keep(connection, _said(places.values()))
    _note_subjects(named, places)
    needed = {(s.provider, p.news.external_id) for s, p in places.items() if p.news is not None}
    campaigns = await ensure_campaigns(connection, named, needed)
    told = {slot: found for slot, found in places.items() if found.is_told}
    await better_subjects(
        connection,
        [
            (found.recipient_id, found.subject)
            for found in told.values()
            if found.recipient_id is not None and found.subject is not None
        ],
    )
    moved = await _settle_recipients(connection, places, campaigns, statements, policy)
    await tell_messages(
        connection, [_message(slot, found, statements) for slot, found in told.items()]
    )
    await associate(
        connection,
        [
            (found.recipient_id, statements[found.statement])
            for found in places.values()
            if found.statement is not None and found.recipient_id is not None
        ],
    )
    for found in places.values():
        for draft in found.drafts:
            draft.address_id, draft.recipient_id = found.address_id, found.recipient_id
    return moved


def _said(places: Iterable[Place]) -> dict[StatementKey, Said]:
    """The statements of the raw mails at hand."""
    said: dict[StatementKey, Said] = {}
    for found in places:
        if found.statement is not None and found.said is not None:
            before = said.get(found.statement)
            said[found.statement] = found.said if before is None else before.with_(found.said)
    return said


def _note_subjects(named: Named, places: dict[Slot, Place]) -> None:
    """Add the subjects of messages to what is said of the campaigns that they are placed at now."""
    for slot, found in places.items():
        subject = least(found.known_subject, found.subject)
        if subject is not None and found.news is not None and slot.reference:
            words = named[slot.provider, found.news.external_id].words
            words.mail_subject = least(words.mail_subject, subject)


def _message(slot: Slot, found: Place, statements: dict[StatementKey, int]) -> Message:
    """A slot's message as it is known now, at the recipient it is placed at."""
    order = found.news.order if found.news is not None else found.known
    return Message(
        slot.provider,
        slot.reference,
        found.address_id,
        found.recipient_id or 0,
        order or "",
        found.subject,
        None if found.statement is None else statements[found.statement],
        found.sent_at,
    )


async def _survey(
    connection: Connection, drafts: Iterable[Draft]
) -> tuple[dict[Slot, Place], Named]:
    """The slots the drafts speak of, and what they say of each campaign."""
    declared = await _declared_tags(connection, drafts)
    nothing: frozenset[str] = frozenset()
    places: dict[Slot, Place] = {}
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
            known = places[slot] = Place([])
        known.drafts.append(draft)
        if found is not None:
            if known.best is None or found.order < known.best.order:
                known.best = found
            note(named, found, event)
        if event.subject and event.message_reference and (found is None or found.is_weak):
            known.subject = least(known.subject, shown_subject(event))
        if event.sent is not None and event.message_reference:
            _add_statement(known, key_of(event, found), said_by(event.sent))
            at = event.sent_at or event.occurred_at
            known.sent_at = min(known.sent_at or at, at)
    return places, named


def _add_statement(found: Place, key: StatementKey, said: Said) -> None:
    """Of two statements about one message the first by alphabet."""
    if found.statement == key and found.said is not None:
        found.said = found.said.with_(said)
    elif found.statement is None or key < found.statement:
        found.statement, found.said = key, said


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


async def _look_up(connection: Connection, places: dict[Slot, Place], policy: Policy) -> None:
    """Addresses (made where missing) and messages of all slots, in one statement."""
    slots = list(places)
    rows = await connection.fetch(
        """
        SELECT w.position, a.id, m.recipient_id, m.evidence, m.subject
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
    for position, address_id, recipient_id, known, subject in rows:
        found = places[slots[position - 1]]
        found.address_id, found.recipient_id, found.known = address_id, recipient_id, known
        found.known_subject = subject
    missing = {slot.address for slot, found in places.items() if not found.address_id}
    if missing:
        made = await ensure_addresses(connection, missing, policy)
        for slot, found in places.items():
            found.address_id = found.address_id or made[slot.address]


async def _settle_recipients(
    connection: Connection,
    places: dict[Slot, Place],
    campaigns: dict[CampaignKey, CampaignRow],
    statements: dict[StatementKey, int],
    policy: Policy,
) -> set[int]:
    """Give every slot with new evidence its recipient; returns recipients whose events moved.

    All recipients are held, in one order, before any message or event is written: whoever moves
    those waits for us, or we for them, and not both.
    """
    settled = [
        (slot, found, campaigns[slot.provider, news.external_id].id)
        for slot, found in places.items()
        if (news := found.news) is not None
    ]
    before = {found.recipient_id for found in places.values() if found.recipient_id is not None}
    if not settled:
        await check_held(connection, before)
        return set()
    provisional = await lock_provisional(connection, {campaign for _, _, campaign in settled})
    recipients = await ensure_recipients(
        connection, {(campaign, found.address_id) for _, found, campaign in settled}, provisional
    )
    await check_held(connection, before.union(recipients.values()))
    new: list[Message] = []
    better: list[tuple[Message, int, str]] = []
    for slot, found, campaign in settled:
        old, found.recipient_id = found.recipient_id, recipients[campaign, found.address_id]
        if slot.reference:
            message = _message(slot, found, statements)
            if old is None or found.known is None:
                new.append(message)
            else:
                better.append((message, old, found.known))
    await learn_messages(connection, new)
    await promote(connection, provisional, policy)
    # What parts of a merge are bulk depends on both sides of the quiet hour, and whoever adds to
    # the other side just now is not seen here.
    await queue_recount(
        connection, {campaign for slot, _, campaign in settled if slot.provider == MAIL}
    )
    return await move_messages(connection, better)
