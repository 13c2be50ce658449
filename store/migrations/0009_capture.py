"""Health of capture."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0008_privacy")]
    operations = []
