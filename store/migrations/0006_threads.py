"""Mail that answers to messages not known yet."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0005_bulk")]
    operations = []
