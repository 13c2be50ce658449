"""Gateway profiles, and what else judging needs."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0003_evidence")]
    operations = []
