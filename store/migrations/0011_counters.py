"""Counters that analysis reads, exact against a recount."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0010_insight")]
    operations = []
