"""How a send is known to be bulk: what its sender declares, its raw mail tells, people decide."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Each source of a campaign's name, subject and type keeps a column of its own, so that none depends
# on which of them came first; what is shown follows from them.
CAMPAIGN = [
    "ALTER TABLE campaign ADD COLUMN declared_name text",
    "ALTER TABLE campaign ADD COLUMN declared_subject text",
    "ALTER TABLE campaign ADD COLUMN declared_type text",
    "ALTER TABLE campaign ADD COLUMN reported_subject text",
    "ALTER TABLE campaign ADD COLUMN mail_subject text",
    "ALTER TABLE campaign ADD COLUMN inferred_type text",
    "ALTER TABLE campaign ADD COLUMN inferred_confidence double precision",
    "ALTER TABLE campaign ADD COLUMN signs text[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE campaign ADD COLUMN said_type text",
    "ALTER TABLE campaign ADD COLUMN said_bulk boolean",
    "ALTER TABLE campaign ADD COLUMN said_by text",
    "ALTER TABLE campaign ADD COLUMN said_at timestamptz",
    "UPDATE campaign SET declared_name = name, declared_subject = subject WHERE is_declared",
    "UPDATE campaign SET reported_subject = subject WHERE NOT is_declared",
    "UPDATE campaign SET declared_type = type",
    "ALTER TABLE campaign DROP COLUMN name, DROP COLUMN subject, DROP COLUMN type, "
    "DROP COLUMN type_confidence",
    """ALTER TABLE campaign
        ADD COLUMN subject text GENERATED ALWAYS AS (coalesce(declared_subject,
            least(reported_subject COLLATE "C", mail_subject COLLATE "C"))) STORED,
        ADD COLUMN name text NOT NULL GENERATED ALWAYS AS (coalesce(declared_name,
            declared_subject, reported_name, least(reported_subject COLLATE "C",
            mail_subject COLLATE "C"), tag, external_id)) STORED,
        ADD COLUMN type text GENERATED ALWAYS AS
            (coalesce(said_type, declared_type, inferred_type)) STORED,
        ADD COLUMN type_confidence double precision GENERATED ALWAYS AS (CASE
            WHEN coalesce(said_type, declared_type) IS NULL THEN inferred_confidence ELSE 1 END)
            STORED""",
    "ALTER TABLE campaign ADD CHECK (type IN "
    "('ANNOUNCEMENT','NEWSLETTER','MARKETING','PRODUCT_UPDATE'))",
    "ALTER TABLE campaign ADD CHECK ((inferred_type IS NULL) = (inferred_confidence IS NULL))",
    "ALTER TABLE campaign ADD CHECK (inferred_confidence > 0 AND inferred_confidence <= 1)",
    "ALTER TABLE campaign ADD CHECK ((said_at IS NULL) = (said_by IS NULL))",
    "ALTER TABLE campaign DROP CONSTRAINT campaign_check1",
    "ALTER TABLE campaign ADD CHECK (NOT is_provisional OR NOT is_declared OR "
    "said_bulk IS NOT DISTINCT FROM false)",
    "ALTER TABLE campaign ADD CHECK (said_bulk IS NULL OR said_bulk <> is_provisional)",
    "CREATE INDEX campaign_provisional ON campaign (sent_at DESC NULLS LAST, id DESC) "
    "WHERE is_provisional",
    "ALTER TABLE campaign_link ADD COLUMN is_declared boolean NOT NULL DEFAULT true",
]

STATEMENT = [
    """CREATE TABLE statement (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        provider text NOT NULL,
        external_id text NOT NULL,
        signs text[] NOT NULL,
        type text CHECK (type IN ('ANNOUNCEMENT','NEWSLETTER','MARKETING','PRODUCT_UPDATE')),
        type_confidence double precision CHECK (type_confidence > 0 AND type_confidence <= 1),
        links text[] NOT NULL,
        UNIQUE (provider, external_id)
    )""",
    """CREATE TABLE campaign_statement (
        campaign_id bigint NOT NULL,
        statement_id bigint NOT NULL,
        PRIMARY KEY (campaign_id, statement_id)
    )""",
    "CREATE INDEX campaign_statement_statement ON campaign_statement (statement_id)",
    "ALTER TABLE message ADD COLUMN subject text",
    "ALTER TABLE message ADD COLUMN sent_at timestamptz",
    "ALTER TABLE message ADD COLUMN statement_id bigint",
    "CREATE INDEX message_statement ON message (statement_id) WHERE statement_id IS NOT NULL",
    """CREATE TABLE retell_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        campaign_id bigint NOT NULL,
        after_address_id bigint NOT NULL DEFAULT 0
    )""",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0004_judging")]
    operations = [ops.RunSQL([*CAMPAIGN, *STATEMENT])]
