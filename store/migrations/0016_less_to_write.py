"""Less to write for each event: links change in place, and notes on one address are one."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# A recipient's new links are then no matter of any index (a HOT update). Whoever looks for a
# campaign's followers finds the campaign's recipients by its unique index.
RECIPIENT = ["DROP INDEX recipient_followed"]

# Whoever takes a note takes all of its address.
INSIGHT_QUEUE = [
    "DROP INDEX insight_queue_settling",
    "CREATE INDEX insight_queue_address ON insight_queue (address_id) WHERE address_id IS NOT NULL",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0015_bounds")]
    operations = [ops.RunSQL([*RECIPIENT, *INSIGHT_QUEUE])]
