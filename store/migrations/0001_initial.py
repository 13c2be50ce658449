from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Audit',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.TextField(unique=False)),
                ('action', fields.TextField(unique=False)),
                ('subject', fields.TextField(unique=False)),
                ('detail', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'audit', 'app': 'store', 'pk_attr': 'id', 'table_description': 'Who changed what: one row per decision of a person or an administrative act.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Campaign',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('provider', fields.TextField(unique=False)),
                ('external_id', fields.TextField(unique=False)),
                ('name', fields.TextField(unique=False)),
                ('reported_name', fields.TextField(null=True, unique=False)),
                ('subject', fields.TextField(null=True, unique=False)),
                ('sender', fields.TextField(null=True, unique=False)),
                ('tag', fields.TextField(null=True, unique=False)),
                ('type', fields.TextField(null=True, unique=False)),
                ('type_confidence', fields.FloatField(null=True)),
                ('topics', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('detection', fields.TextField(unique=False)),
                ('is_declared', fields.BooleanField(default=False)),
                ('is_provisional', fields.BooleanField(default=True)),
                ('sent_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('is_dated', fields.BooleanField(default=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'campaign', 'app': 'store', 'unique_together': (('provider', 'external_id'),), 'pk_attr': 'id', 'table_description': 'One bulk email to many recipients, known by (provider, external_id).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CampaignLink',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('campaign', fields.ForeignKeyField('store.Campaign', source_field='campaign_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('url', fields.TextField(unique=False)),
                ('topics', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'campaign_link', 'app': 'store', 'unique_together': (('campaign_id', 'url'),), 'pk_attr': 'id', 'table_description': 'A link of a campaign, with the topics declared for it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Csm',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('email', fields.CharField(unique=True, max_length=320)),
                ('name', fields.TextField(unique=False)),
            ],
            options={'table': 'csm', 'app': 'store', 'pk_attr': 'id', 'table_description': 'A customer success manager; their portfolio is the customers assigned to them.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ApiKey',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('prefix', fields.CharField(unique=True, max_length=320)),
                ('digest', fields.BinaryField()),
                ('role', fields.TextField(unique=False)),
                ('name', fields.TextField(unique=False)),
                ('csm', fields.ForeignKeyField('store.Csm', source_field='csm_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('expires_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'api_key', 'app': 'store', 'pk_attr': 'id', 'table_description': 'A bearer token: its visible prefix and the hash of the whole; the token itself is never kept.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Customer',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('external_id', fields.CharField(null=True, unique=True, max_length=320)),
                ('name', fields.TextField(unique=False)),
                ('segment', fields.TextField(null=True, unique=False)),
                ('timezone', fields.TextField(null=True, unique=False)),
                ('renews_on', fields.DateField(null=True)),
                ('csm', fields.ForeignKeyField('store.Csm', source_field='csm_id', null=True, db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'customer', 'app': 'store', 'pk_attr': 'id', 'table_description': "A company that buys from us; `external_id` is its id in the company's own system."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CustomerDomain',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('customer', fields.ForeignKeyField('store.Customer', source_field='customer_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('domain', fields.CharField(db_index=True, max_length=320)),
            ],
            options={'table': 'customer_domain', 'app': 'store', 'unique_together': (('customer_id', 'domain'),), 'pk_attr': 'id', 'table_description': "A registrable domain declared to be a customer's (imported, or confirmed by a person)."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Stakeholder',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('customer', fields.ForeignKeyField('store.Customer', source_field='customer_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('external_id', fields.TextField(null=True, unique=False)),
                ('name', fields.TextField(null=True, unique=False)),
                ('title', fields.TextField(null=True, unique=False)),
                ('timezone', fields.TextField(null=True, unique=False)),
                ('tracking_consent', fields.TextField(default='UNKNOWN', unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'stakeholder', 'app': 'store', 'unique_together': (('customer_id', 'external_id'),), 'pk_attr': 'id', 'table_description': 'A person at a customer.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MatchDecision',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('address', fields.TextField(unique=False)),
                ('customer', fields.ForeignKeyField('store.Customer', source_field='customer_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('stakeholder', fields.ForeignKeyField('store.Stakeholder', source_field='stakeholder_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.SET_NULL)),
                ('is_confirmed', fields.BooleanField()),
                ('decided_by', fields.TextField(unique=False)),
                ('decided_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'match_decision', 'app': 'store', 'unique_together': (('address', 'customer_id'),), 'pk_attr': 'id', 'table_description': 'What a person said about an address: a fact, kept when everything derived is rebuilt.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StakeholderAddress',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('stakeholder', fields.ForeignKeyField('store.Stakeholder', source_field='stakeholder_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('customer', fields.ForeignKeyField('store.Customer', source_field='customer_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('address', fields.CharField(db_index=True, max_length=320)),
                ('alias_key', fields.CharField(db_index=True, max_length=320)),
                ('domain', fields.CharField(db_index=True, max_length=320)),
                ('is_primary', fields.BooleanField(default=False)),
            ],
            options={'table': 'stakeholder_address', 'app': 'store', 'unique_together': (('customer_id', 'address'),), 'pk_attr': 'id', 'table_description': "One of a stakeholder's addresses, normalised; a customer has each address at most once."},
            bases=['Model'],
        ),
    ]
