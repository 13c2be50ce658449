"""Recording what needs no placing: one statement, which is its own transaction.

An event of a known address on a known campaign, about which it says nothing new and which is bulk,
needs no more than its recipient. Everything else is left to `store/recording.py`, which knows of
messages, evidence and moves; what is stored is the same.

Rows are locked in the order of all writers: campaigns, recipients, events, each sorted.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from domain.erasure import tombstone
from domain.policy import Policy
from domain.threads import MAIL
from store.database import Connection, retried
from store.drafts import Draft
from store.event_rows import COLUMNS, VALUES, row_of
from store.refusing import NEVER_DROPPED

NO_DENIALS: frozenset[int] = frozenset()

_ASKED = {
    "address": "text",
    "campaign": "text",
    "name": "text",
    "grave": "bytea",
    "is_traced": "boolean",
}
"""What is asked beside an event's own columns; `grave` is what would be kept of an erased one."""

_FLAGS = {"is_machine_flagged", "is_prefetch", "is_decoy"}


class KnownEvents:
    """Records the events that need no placing; one for each process."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._is_anybody_erased = False

    async def record(
        self, connection: Connection, drafts: Sequence[Draft], *, makes_recipients: bool
    ) -> list[tuple[bool, bool] | None]:
        """Of each draft whether it was new and whether its address is matched; None: not recorded.

        All or none are durable when it returns or raises. No two drafts are the same fact.
        Recipients that are missing are made or, which asks less of PostgreSQL, left.
        """
        found: list[tuple[bool, bool] | None] = [None] * len(drafts)
        plain = sorted(
            (n for n, d in enumerate(drafts) if is_plain(d)),
            key=lambda n: (drafts[n].fact_on, drafts[n].key),
        )
        if not plain:
            return found
        names, columns = self._columns([drafts[n] for n in plain])
        statement = _statement(names, makes_recipients)
        for position, is_so, is_matched in await retried(
            lambda: connection.fetch(statement, *columns)
        ):
            if position:
                found[plain[position - 1]] = is_so, is_matched
            else:
                self._is_anybody_erased = is_so
        return found

    def _columns(self, drafts: Sequence[Draft]) -> tuple[tuple[str, ...], list[Sequence[object]]]:
        """The columns in which anything is said, by name, and their values."""
        rows = [(*_asked(d), self._grave(d), *row_of(d, self._policy, NO_DENIALS)) for d in drafts]
        said = {
            name: values
            for name, values in zip(_NAMES, zip(*rows, strict=True), strict=True)
            if values.count(False if name in _FLAGS else None) < len(values)
        }
        return tuple(said), list(said.values())

    def _grave(self, draft: Draft) -> bytes | None:
        """Nothing is worked out as long as nobody was erased."""
        if not self._is_anybody_erased:
            return None
        return tombstone(draft.address or "", self._policy)


def is_plain(draft: Draft) -> bool:
    """Whether an event may need no placing: it names its campaign and no message, and is young.

    What names its campaign is no answer (`domain.threads.is_answer`).
    """
    event = draft.event
    return (
        draft.address is not None
        and event.campaign_id is not None
        and event.message_reference is None
        and event.carrier is None
        and event.provider != MAIL
        and not event.tags
        and not event.subject
        and event.sent is None
        and draft.received_at.date() - draft.fact_on < NEVER_DROPPED
    )


def _asked(draft: Draft) -> tuple[object, ...]:
    event = draft.event
    is_traced = event.ip is not None or event.user_agent is not None
    return draft.address, event.campaign_id, event.campaign_name, is_traced or None


_NAMES = ("address", "campaign", "name", "is_traced", "grave", *COLUMNS)
_TYPES = {**_ASKED, **COLUMNS}


@lru_cache(maxsize=256)
def _statement(names: Iterable[str], makes_recipients: bool) -> str:
    """The statement for the columns that are given; the others say nothing."""
    given = tuple(names)
    arrays = ", ".join(f"${n}::{_TYPES[name]}[]" for n, name in enumerate(given, start=1))
    stored = [name for name in COLUMNS if name in given or name in _MADE]
    record = _RECORD_MAKING if makes_recipients else _RECORD
    statement = record + _STORED + (_ANYBODY_ERASED if makes_recipients else "")
    return statement.format(
        arrays=arrays,
        given=", ".join(given),
        stored=", ".join(stored),
        values=", ".join(
            VALUES.get(name, name) if name in given else _MADE[name] for name in stored
        ),
        is_kept=" AND ".join(_kept(given)),
    )


def _kept(given: Sequence[str]) -> list[str]:
    """When an event is recorded here: its person was not erased, did not deny tracking where that
    matters, and the campaign is not known by a later name."""
    erased = "SELECT FROM erased_address e WHERE e.hash = w.grave"
    kept = [f"NOT EXISTS ({erased if 'grave' in given else 'SELECT FROM erased_address'})"]
    if "name" in given:
        kept.append('(w.name IS NULL OR c.reported_name <= w.name COLLATE "C")')
    if "is_traced" in given:
        kept.append(
            "(w.is_traced IS NULL OR NOT EXISTS (SELECT FROM match m JOIN stakeholder s "
            "ON s.id = m.stakeholder_id WHERE m.address_id = a.id "
            "AND s.tracking_consent = 'DENIED'))"
        )
    return kept


_MADE = {
    "recipient_id": "recipient_id",
    "address_id": "address_id",
    "reasons": "'{}'::text[]",
    **dict.fromkeys(_FLAGS, "false"),
}
"""What stands in columns in which nothing is said."""

_STORED = """
), stored AS (
    INSERT INTO event ({stored}) SELECT {values} FROM found
    ORDER BY fact_on, key ON CONFLICT (fact_on, key) DO NOTHING RETURNING recipient_id, fact_on, key
), queued AS (
    INSERT INTO projection_queue (recipient_id, fact_on, key)
    SELECT recipient_id, fact_on, key FROM stored
)
SELECT position, (fact_on, key) IN (SELECT fact_on, key FROM stored),
    EXISTS (SELECT FROM match m WHERE m.address_id = f.address_id) FROM found f
"""

_RECORD = """
WITH found AS MATERIALIZED (
    SELECT w.*, a.id AS address_id, r.id AS recipient_id
    FROM unnest({arrays}) WITH ORDINALITY w({given}, position)
    JOIN campaign c ON c.provider = w.provider AND c.external_id = w.campaign
    JOIN address a ON a.address = w.address
    JOIN recipient r ON r.campaign_id = c.id AND r.address_id = a.id
    WHERE NOT c.is_provisional AND {is_kept} ORDER BY r.id FOR KEY SHARE OF r
"""

_RECORD_MAKING = """
WITH w AS MATERIALIZED (
    SELECT * FROM unnest({arrays}) WITH ORDINALITY w({given}, position)
), placed AS MATERIALIZED (
    SELECT w.*, c.id AS campaign_id, a.id AS address_id FROM w
    JOIN campaign c ON c.provider = w.provider AND c.external_id = w.campaign
    JOIN address a ON a.address = w.address
    WHERE NOT c.is_provisional AND {is_kept}
), missing AS MATERIALIZED (
    SELECT * FROM placed p WHERE NOT EXISTS (SELECT FROM recipient r
        WHERE r.campaign_id = p.campaign_id AND r.address_id = p.address_id)
), growing AS MATERIALIZED (
    SELECT id FROM campaign WHERE id IN (SELECT campaign_id FROM missing) AND NOT is_provisional
    ORDER BY id FOR KEY SHARE
), known AS MATERIALIZED (
    SELECT p.*, r.id AS recipient_id FROM placed p JOIN recipient r USING (campaign_id, address_id)
    WHERE (SELECT count(*) FROM growing) >= 0 ORDER BY r.id FOR KEY SHARE OF r
), made AS (
    INSERT INTO recipient (campaign_id, address_id, is_registered, is_announced)
    SELECT DISTINCT campaign_id, address_id, false, true FROM missing
    WHERE campaign_id IN (SELECT id FROM growing)
    ORDER BY campaign_id, address_id
    ON CONFLICT (campaign_id, address_id) DO NOTHING RETURNING id, campaign_id, address_id
), counted AS (
    INSERT INTO counting_queue (recipient_id) SELECT id FROM made
), ids AS (
    SELECT jsonb_object_agg(campaign_id || '/' || address_id, id) AS made FROM made
), found AS MATERIALIZED (
    SELECT * FROM known UNION ALL
    SELECT m.*, (ids.made -> (campaign_id || '/' || address_id))::bigint FROM missing m, ids
    WHERE ids.made ? (campaign_id || '/' || address_id)
"""
"""What joins rows made in the statement goes by hashes, not by the planner, which expects one.
Campaigns that get new recipients are held, before any recipient is (`known` asks for them)."""

_ANYBODY_ERASED = " UNION ALL SELECT 0, EXISTS (SELECT FROM erased_address), false"
