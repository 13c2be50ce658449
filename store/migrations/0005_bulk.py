"""How a send is known to be bulk."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0004_judging")]
    operations = []
