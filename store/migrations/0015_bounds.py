"""Everybody noted for a workflow in slices; names of messages forgotten; whom an erasure names; the
days of recipients by address."""

from tortoise import migrations
from tortoise.migrations import operations as ops

WORKFLOW = [
    # Everybody up to this stakeholder is noted to be judged; NULL: everybody is.
    "ALTER TABLE workflow ADD COLUMN noted_after bigint",
]

ALIAS = [
    "ALTER TABLE message_alias ADD COLUMN learned_at timestamptz NOT NULL DEFAULT now()",
    "CREATE INDEX message_alias_learned_at ON message_alias (learned_at)",
]

ERASURE = [
    "ALTER TABLE erasure ADD COLUMN names text[]",
    "ALTER TABLE erasure ADD CHECK (names IS NULL OR step <> 'DONE')",
]


RECIPIENT = [
    # Tells whom a customer's newest events can be of without reading all its recipients. A day
    # changes seldom: an index on `last_event_at` would be written with each event.
    "CREATE INDEX recipient_address_day ON recipient (address_id, last_fact_on)",
    "DROP INDEX recipient_address",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0014_digest")]
    operations = [ops.RunSQL([*WORKFLOW, *ALIAS, *ERASURE, *RECIPIENT])]
