"""The tables that are written a row at a time: declared here, migrated by Tortoise.

The tables of the hot path (address, match, recipient, message, event, payload, feed and the
queues) are partitioned or set-based and stand as SQL in `store/migrations/`; `docs/data.md`
describes them all.
"""

from tortoise import fields
from tortoise.models import Model


class Csm(Model):
    """A customer success manager; their portfolio is the customers assigned to them."""

    id = fields.BigIntField(primary_key=True)
    email = fields.CharField(max_length=320, unique=True)
    name = fields.TextField()

    class Meta:
        table = "csm"


class Customer(Model):
    """A company that buys from us; `external_id` is its id in the company's own system."""

    id = fields.BigIntField(primary_key=True)
    external_id = fields.CharField(max_length=320, null=True, unique=True)
    name = fields.TextField()
    segment = fields.TextField(null=True)
    timezone = fields.TextField(null=True)
    renews_on = fields.DateField(null=True)
    csm: fields.ForeignKeyNullableRelation[Csm] = fields.ForeignKeyField(
        "store.Csm", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "customer"


class CustomerDomain(Model):
    """A registrable domain declared to be a customer's (imported, or confirmed by a person)."""

    id = fields.BigIntField(primary_key=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "store.Customer", on_delete=fields.CASCADE, db_index=True
    )
    domain = fields.CharField(max_length=320, db_index=True)

    class Meta:
        table = "customer_domain"
        unique_together = (("customer_id", "domain"),)


class Stakeholder(Model):
    """A person at a customer."""

    id = fields.BigIntField(primary_key=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "store.Customer", on_delete=fields.CASCADE, db_index=True
    )
    external_id = fields.TextField(null=True)
    name = fields.TextField(null=True)
    title = fields.TextField(null=True)
    timezone = fields.TextField(null=True)
    tracking_consent = fields.TextField(default="UNKNOWN")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "stakeholder"
        unique_together = (("customer_id", "external_id"),)


class StakeholderAddress(Model):
    """One of a stakeholder's addresses, normalised; a customer has each address at most once."""

    id = fields.BigIntField(primary_key=True)
    stakeholder: fields.ForeignKeyRelation[Stakeholder] = fields.ForeignKeyField(
        "store.Stakeholder", on_delete=fields.CASCADE, db_index=True
    )
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "store.Customer", on_delete=fields.CASCADE
    )
    address = fields.CharField(max_length=320, db_index=True)
    alias_key = fields.CharField(max_length=320, db_index=True)
    domain = fields.CharField(max_length=320, db_index=True)
    is_primary = fields.BooleanField(default=False)

    class Meta:
        table = "stakeholder_address"
        unique_together = (("customer_id", "address"),)


class MatchDecision(Model):
    """What a person said about an address: a fact, kept when everything derived is rebuilt."""

    id = fields.BigIntField(primary_key=True)
    address = fields.TextField()
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "store.Customer", on_delete=fields.CASCADE, db_index=True
    )
    stakeholder: fields.ForeignKeyNullableRelation[Stakeholder] = fields.ForeignKeyField(
        "store.Stakeholder", null=True, on_delete=fields.SET_NULL
    )
    is_confirmed = fields.BooleanField()
    decided_by = fields.TextField()
    decided_at = fields.DatetimeField()

    class Meta:
        table = "match_decision"
        unique_together = (("address", "customer_id"),)


class Campaign(Model):
    """One bulk email to many recipients, known by (provider, external_id).

    `external_id` is the id that was declared or that the provider reports; for campaigns recognised
    by weaker evidence it is the evidence itself (`tag:…`, `subject:…`, with the day's number).
    `is_dated` says that `sent_at` was declared; else it is that of the first message. `name`,
    `subject`, `type` and `type_confidence` are generated, from a column for each source (declared,
    reported, read in mail, said by a person) that `0005_bulk` adds.
    """

    id = fields.BigIntField(primary_key=True)
    provider = fields.TextField()
    external_id = fields.TextField()
    name = fields.TextField()
    reported_name = fields.TextField(null=True)
    subject = fields.TextField(null=True)
    sender = fields.TextField(null=True)
    tag = fields.TextField(null=True)
    type = fields.TextField(null=True)
    type_confidence = fields.FloatField(null=True)
    topics: "fields.JSONField[list[str]]" = fields.JSONField(default=list)
    detection = fields.TextField()
    is_declared = fields.BooleanField(default=False)
    is_provisional = fields.BooleanField(default=True)
    sent_at = fields.DatetimeField(null=True)
    is_dated = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "campaign"
        unique_together = (("provider", "external_id"),)


class CampaignLink(Model):
    """A link of a campaign, with the topics declared for it."""

    id = fields.BigIntField(primary_key=True)
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        "store.Campaign", on_delete=fields.CASCADE, db_index=True
    )
    url = fields.TextField()
    topics: "fields.JSONField[list[str]]" = fields.JSONField(default=list)

    class Meta:
        table = "campaign_link"
        unique_together = (("campaign_id", "url"),)


class ApiKey(Model):
    """A bearer token: its visible prefix and the hash of the whole; the token is not kept."""

    id = fields.BigIntField(primary_key=True)
    prefix = fields.CharField(max_length=320, unique=True)
    digest = fields.BinaryField()
    role = fields.TextField()
    name = fields.TextField()
    csm: fields.ForeignKeyNullableRelation[Csm] = fields.ForeignKeyField(
        "store.Csm", null=True, on_delete=fields.CASCADE
    )
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class Audit(Model):
    """Who changed what: one row per decision of a person or an administrative act."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.TextField()
    action = fields.TextField()
    subject = fields.TextField()
    detail: "fields.JSONField[dict[str, object]]" = fields.JSONField(default=dict)

    class Meta:
        table = "audit"
