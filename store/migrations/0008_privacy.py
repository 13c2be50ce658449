"""Consent, erasure, retention."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0007_pulling")]
    operations = []
