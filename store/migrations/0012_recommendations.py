"""Whom to contact, when and about what."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0011_counters")]
    operations = []
