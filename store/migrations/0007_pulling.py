"""Where pulling from mailboxes and platforms stands."""

from tortoise import migrations
from tortoise.migrations import operations as ops

PULL = [
    """
    CREATE TABLE pull (
        source text PRIMARY KEY,
        cursor jsonb NOT NULL DEFAULT '{}',
        pulled_at timestamptz,
        error text,
        failures int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT now(),
        holder uuid,
        lease_until timestamptz
    )
    """,
]


class Migration(migrations.Migration):
    dependencies = [("store", "0006_threads")]
    operations = [ops.RunSQL(PULL)]
