"""Events as rows: each fact once, judged by itself, with as much of its traces as may be kept."""

from collections.abc import Sequence
from datetime import date

from domain.judging import judge_one
from domain.policy import Policy
from domain.traces import NO_TRACES, traces
from store.consent import denied_ids
from store.database import Connection
from store.drafts import Draft
from store.staging import source

FactKey = tuple[date, bytes]
"""What identifies an event: the UTC date of the reported time, and its key."""


COLUMNS = {
    "fact_on": "date",
    "key": "bytea",
    "recipient_id": "bigint",
    "address_id": "bigint",
    "provider": "text",
    "kind": "text",
    "occurred_at": "timestamptz",
    "reported_at": "timestamptz",
    "received_at": "timestamptz",
    "message_reference": "text",
    "url": "text",
    "detail": "text",
    "user_agent": "text",
    "ip": "text",
    "agent_reason": "text",
    "agent_family": "text",
    "agent_hash": "bytea",
    "ip_hash": "bytea",
    "network_hash": "bytea",
    "bounce": "text",
    "is_machine_flagged": "boolean",
    "is_prefetch": "boolean",
    "is_decoy": "boolean",
    "actor": "text",
    "reasons": "text",
}
"""The columns of an event, in the order of `row_of`; reasons joined by commas."""

_NAMES = ", ".join(COLUMNS)
VALUES = {"reasons": "coalesce(string_to_array(reasons, ','), '{}')"}
"""How a column is made of what `row_of` says, where that is not the same."""

_VALUES = ", ".join(VALUES.get(name, name) for name in COLUMNS)


async def insert_events(
    connection: Connection, drafts: Sequence[Draft], policy: Policy
) -> list[FactKey]:
    """Store drafts as they are placed, in order of their identity; returns those that are new."""
    if not drafts:
        return []
    denied = await denied_ids(connection, {d.address_id for d in drafts if d.address_id})
    rows, arguments = await source(
        connection, "draft", COLUMNS, [row_of(d, policy, denied) for d in drafts]
    )
    stored = await connection.fetch(
        f"INSERT INTO event ({_NAMES}) SELECT {_VALUES} FROM {rows} "
        "ON CONFLICT (fact_on, key) DO NOTHING RETURNING fact_on, key",
        *arguments,
    )
    return [(row[0], row[1]) for row in stored]


def row_of(d: Draft, policy: Policy, denied: frozenset[int]) -> tuple[object, ...]:
    """A draft's columns; `denied` are the addresses whose traces are not kept."""
    e = d.event
    if e.ip is None and e.user_agent is None:
        found = NO_TRACES
    else:
        found = traces(e.ip, e.user_agent, policy)
        if d.address_id in denied:
            # The verdict stays: it is about the program, and keeps machines from being people.
            found = NO_TRACES._replace(agent_reason=found.agent_reason)
    verdict = judge_one(e.kind, found.agent_reason, e.is_machine, e.is_prefetch, e.is_decoy)
    return (
        d.fact_on,
        d.key,
        d.recipient_id,
        d.address_id,
        e.provider,
        e.kind,
        d.occurred_at,
        None if d.occurred_at is e.occurred_at else e.occurred_at,
        d.received_at,
        e.message_reference,
        e.url,
        e.detail,
        found.user_agent,
        found.ip,
        found.agent_reason,
        found.agent_family,
        found.agent_hash,
        found.ip_hash,
        found.network_hash,
        e.bounce,
        e.is_machine,
        e.is_prefetch,
        e.is_decoy,
        verdict.actor,
        ",".join(verdict.reasons) or None,
    )
