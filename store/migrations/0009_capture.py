"""Health of capture: payloads read in part, and what each source sent by day."""

from tortoise import migrations
from tortoise.migrations import operations as ops

PAYLOAD = [
    "ALTER TABLE payload DROP CONSTRAINT payload_status_check",
    # Partitions made by LIKE have a copy of their own, which outlives the parent's.
    """DO $$ DECLARE part regclass; BEGIN
        FOR part IN SELECT relid FROM pg_partition_tree('payload') WHERE isleaf LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS payload_status_check', part);
        END LOOP;
    END $$""",
    "ALTER TABLE payload ADD CONSTRAINT payload_status_check "
    "CHECK (status IN ('PENDING','DONE','PARTIAL','FAILED'))",
    "DROP INDEX payload_failed",
    "CREATE INDEX payload_failed ON payload (id) WHERE status IN ('FAILED', 'PARTIAL')",
    "UPDATE payload SET status = 'PARTIAL' WHERE status = 'DONE' AND error IS NOT NULL",
]

PROVIDER_DAY = [
    """CREATE TABLE provider_day (
        provider text NOT NULL,
        day date NOT NULL,
        payloads int NOT NULL,
        events int NOT NULL,
        unknown int NOT NULL,
        longest_pause interval,
        PRIMARY KEY (provider, day)
    )""",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0008_privacy")]
    operations = [ops.RunSQL([*PAYLOAD, *PROVIDER_DAY])]
