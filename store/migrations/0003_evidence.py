"""What an act leaves behind, as keyed hashes; messages are found by their reference alone."""

from tortoise import migrations
from tortoise.migrations import operations as ops

EVENT = [
    "ALTER TABLE event ADD COLUMN agent_reason text",
    "ALTER TABLE event ADD COLUMN agent_family text",
    "ALTER TABLE event ADD COLUMN agent_hash bytea",
    "ALTER TABLE event ADD COLUMN ip_hash bytea",
    "ALTER TABLE event ADD COLUMN network_hash bytea",
    "ALTER TABLE event ADD COLUMN is_decoy boolean NOT NULL DEFAULT false",
]

MESSAGE = [
    "ALTER TABLE message DROP CONSTRAINT message_pkey",
    "ALTER TABLE message ADD PRIMARY KEY (reference, provider, address_id)",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0002_hot_path")]
    operations = [ops.RunSQL([*EVENT, *MESSAGE])]
