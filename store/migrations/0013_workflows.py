"""Custom triggers, what they did, and the webhooks they call."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0012_recommendations")]
    operations = []
