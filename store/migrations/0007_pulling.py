"""Where pulling from mailboxes and platforms stands."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0006_threads")]
    operations = []
