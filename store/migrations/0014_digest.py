"""What happened overnight, for each CSM."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0013_workflows")]
    operations = []
