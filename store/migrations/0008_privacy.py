"""Consent, suppression with reasons, erasure, retention."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CONSENT = [
    "CREATE INDEX stakeholder_denied ON stakeholder (id) WHERE tracking_consent = 'DENIED'",
]

SUPPRESSION = [
    "ALTER TABLE suppression DROP CONSTRAINT suppression_pkey",
    "ALTER TABLE suppression DROP CONSTRAINT suppression_reason_check",
    "ALTER TABLE suppression ADD CHECK (reason IN "
    "('HARD_BOUNCE','SOFT_BOUNCES','COMPLAINT','UNSUBSCRIBED'))",
    "ALTER TABLE suppression ADD PRIMARY KEY (address_id, reason)",
    "ALTER TABLE suppression ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]'",
    """CREATE TABLE suppression_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        address_id bigint NOT NULL,
        again_after xid8
    )""",
    "CREATE INDEX suppression_queue_address ON suppression_queue (address_id)",
    """CREATE TABLE suppression_lift (
        address_id bigint NOT NULL REFERENCES address ON DELETE CASCADE,
        reason text NOT NULL CHECK (reason IN ('HARD_BOUNCE','SOFT_BOUNCES','COMPLAINT')),
        lifted_at timestamptz NOT NULL,
        lifted_by text NOT NULL,
        PRIMARY KEY (address_id, reason)
    )""",
    "CREATE INDEX orphan_address ON orphan (address_id)",
]

RETENTION = [
    "ALTER TABLE recipient ADD COLUMN frozen_before date",
    """CREATE TABLE opening (
        recipient_id bigint PRIMARY KEY REFERENCES recipient ON DELETE CASCADE,
        balance jsonb NOT NULL
    )""",
    """CREATE TABLE address_opening (
        address_id bigint PRIMARY KEY REFERENCES address ON DELETE CASCADE,
        balance jsonb NOT NULL
    )""",
    """CREATE TABLE retention (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        dropped_before date NOT NULL,
        settled_after xid8,
        at_on date,
        at_key bytea
    )""",
]

ERASURE = [
    "ALTER TABLE address DROP CONSTRAINT address_unmatched_reason_check",
    "ALTER TABLE address ADD CHECK (unmatched_reason IN "
    "('FREEMAIL','INTERNAL','UNKNOWN_DOMAIN','AMBIGUOUS','ERASED'))",
    """CREATE TABLE erased_address (
        hash bytea PRIMARY KEY,
        erased_at timestamptz NOT NULL
    )""",
    """CREATE TABLE erasure (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stakeholder_id bigint NOT NULL UNIQUE,
        requested_at timestamptz NOT NULL,
        completed_at timestamptz,
        address_ids bigint[] NOT NULL,
        needles text[],
        step text NOT NULL DEFAULT 'WAIT' CHECK (step IN ('WAIT','EVENTS','PAYLOADS','DONE')),
        settled_after xid8,
        payload_on date,
        payload_id bigint,
        addresses int NOT NULL DEFAULT 0,
        recipients int NOT NULL DEFAULT 0,
        events int NOT NULL DEFAULT 0,
        payloads int NOT NULL DEFAULT 0,
        CHECK ((step = 'DONE') = (completed_at IS NOT NULL)),
        CHECK (needles IS NULL OR step <> 'DONE')
    )""",
    "CREATE INDEX erasure_open ON erasure (id) WHERE step <> 'DONE'",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0007_pulling")]
    operations = [ops.RunSQL([*CONSENT, *SUPPRESSION, *RETENTION, *ERASURE])]
