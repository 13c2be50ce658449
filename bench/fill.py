"""Millions of stored events without sending them: by SQL, with the indexes built afterwards."""

from collections.abc import Callable

import asyncpg

EVENTS_PER_RECIPIENT = 4
CAMPAIGNS = 100
BITE = 1_000_000
"""Events in one statement."""

_DIRECTORY = """
INSERT INTO campaign (provider, external_id, declared_name, detection, is_provisional, sent_at,
    created_at)
SELECT 'sendgrid', 'fill-' || n, 'Filler ' || n, 'CAMPAIGN_ID', false,
    now() - interval '170 days' * n / {campaigns}, now() FROM generate_series(1, {campaigns}) n;
INSERT INTO address (address, alias_key, domain)
SELECT 'person' || n || '@fill' || n % 5000 || '.example', 'person' || n || '@fill' || n % 5000
    || '.example', 'fill' || n % 5000 || '.example' FROM generate_series(1, {addresses}) n;
INSERT INTO match (address_id, customer_id, method, confidence)
SELECT a.id, c.ids[a.id % array_length(c.ids, 1) + 1], 'EXACT', 1.0
FROM address a, (SELECT array_agg(id) AS ids FROM customer) c
WHERE a.address LIKE 'person%@fill%' AND c.ids IS NOT NULL;
"""

_RECIPIENTS = """
INSERT INTO recipient (campaign_id, address_id, status, sent_at, delivered_at, opens_human,
    first_open_at, last_open_at, engaged, last_event_at, is_announced, first_fact_on, last_fact_on)
SELECT k.id, a.id, 'DELIVERED', k.sent_at, k.sent_at, 1, k.sent_at, k.sent_at, true,
    k.sent_at + interval '90 minutes', true, (k.sent_at AT TIME ZONE 'UTC')::date,
    ((k.sent_at + interval '90 minutes') AT TIME ZONE 'UTC')::date
FROM campaign k CROSS JOIN address a
WHERE k.external_id LIKE 'fill-%' AND a.address LIKE 'person%@fill%';
"""

_MESSAGES = """
ALTER TABLE message DROP CONSTRAINT message_pkey;
DROP INDEX message_recipient;
INSERT INTO message (provider, reference, address_id, recipient_id, evidence)
SELECT 'sendgrid', left(md5(r.id::text), 22), r.address_id, r.id, '1:' || k.external_id
FROM recipient r JOIN campaign k ON k.id = r.campaign_id WHERE k.external_id LIKE 'fill-%';
ALTER TABLE message ADD PRIMARY KEY (reference, provider, address_id);
CREATE INDEX message_recipient ON message (recipient_id);
"""

_EVENTS = """
INSERT INTO event (fact_on, key, recipient_id, address_id, provider, kind, occurred_at,
    received_at, message_reference, is_machine_flagged, is_prefetch, actor, reasons)
SELECT ((k.sent_at + interval '30 minutes' * step) AT TIME ZONE 'UTC')::date,
    decode(md5(r.id || ':' || step), 'hex'), r.id, r.address_id, 'sendgrid',
    (ARRAY['ACCEPTED', 'DELIVERED', 'OPENED', 'CLICKED'])[step + 1],
    k.sent_at + interval '30 minutes' * step, k.sent_at + interval '30 minutes' * step,
    left(md5(r.id::text), 22), false, false, CASE WHEN step > 1 THEN 'HUMAN' END, '{}'
FROM recipient r JOIN campaign k ON k.id = r.campaign_id AND k.external_id LIKE 'fill-%',
    generate_series(0, 3) step
WHERE r.id > $1 AND r.id <= $2
"""


async def fill(dsn: str, events: int, say: Callable[[str], None]) -> int:
    """Store about `events` events of a hundred campaigns; how many there are afterwards."""
    addresses = max(1, events // EVENTS_PER_RECIPIENT // CAMPAIGNS)
    connection = await asyncpg.connect(dsn)
    try:
        # The rows are right by construction: foreign keys would be looked up ten million times.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        await connection.execute(_DIRECTORY.format(campaigns=CAMPAIGNS, addresses=addresses))
        await connection.execute(_RECIPIENTS)
        say("stored recipients")
        await connection.execute(_MESSAGES)
        say("stored messages")
        await _store_events(connection, say)
        await connection.execute("SET session_replication_role = origin")
        say("gathering statistics")
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
        return int(await connection.fetchval("SELECT count(*) FROM event"))
    finally:
        await connection.close()


async def _store_events(connection: asyncpg.Connection, say: Callable[[str], None]) -> None:
    await connection.execute("ALTER TABLE event DROP CONSTRAINT event_pkey")
    await connection.execute("DROP INDEX event_recipient")
    last = await connection.fetchval("SELECT max(id) FROM recipient")
    step = BITE // EVENTS_PER_RECIPIENT
    for start in range(0, last, step):
        await connection.execute(_EVENTS, start, min(start + step, last), timeout=600)
        say(f"stored {min(start + step, last) * EVENTS_PER_RECIPIENT:,} events")
    say("building indexes")
    await connection.execute("ALTER TABLE event ADD PRIMARY KEY (fact_on, key)", timeout=900)
    await connection.execute("CREATE INDEX event_recipient ON event (recipient_id)", timeout=900)
