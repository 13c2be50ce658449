"""Hits of people who do not want to be tracked go no further than this."""

from collections.abc import Sequence

import structlog

from domain.events import EventKind
from domain.policy import Policy
from domain.tracking import PROVIDER
from intake.webhooks import ParsedPayload
from store.consent import denied_addresses
from store.database import Database
from store.payloads import StoredPayload

WATCHED = frozenset({EventKind.OPENED, EventKind.CLICKED})
"""What needs consent. Unsubscribing is a right: it is recorded whoever does it."""

Parsed = Sequence[tuple[StoredPayload, ParsedPayload]]
"""Payloads with what was read from them."""

logger = structlog.get_logger(__name__)


async def without_denied(database: Database, parsed: Parsed, policy: Policy) -> Parsed:
    """The same without opens and clicks at our own doors of addresses that denied consent since
    the mail went out. Their payload is emptied like any other, so that nothing of them stays."""
    asked = {
        event.address
        for payload, found in parsed
        if payload.provider == PROVIDER
        for event in found.events
        if event.kind in WATCHED and event.address
    }
    if not asked:
        return parsed
    async with database.connection() as connection:
        denied = await denied_addresses(connection, asked, policy)
    if not denied:
        return parsed
    kept = [(payload, _kept(payload, found, denied)) for payload, found in parsed]
    dropped = sum(len(found.events) for _, found in parsed) - sum(len(f.events) for _, f in kept)
    logger.info("hits without consent are not recorded", hits=dropped)
    return kept


def _kept(payload: StoredPayload, found: ParsedPayload, denied: frozenset[str]) -> ParsedPayload:
    if payload.provider != PROVIDER:
        return found
    events = [e for e in found.events if e.kind not in WATCHED or e.address not in denied]
    return ParsedPayload(events, found.problems)
