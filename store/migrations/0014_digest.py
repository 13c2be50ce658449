"""What happened overnight, for each CSM; and what outcomes are counted from."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CSM = [
    "ALTER TABLE csm ADD COLUMN timezone text",
    "ALTER TABLE csm ADD COLUMN is_digest_mailed boolean NOT NULL DEFAULT true",
]

# Ids alone: names are read when it is, by whoever may see them then.
DIGEST = [
    """CREATE TABLE digest (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        csm_id bigint NOT NULL REFERENCES csm ON DELETE CASCADE,
        day date NOT NULL,
        since timestamptz NOT NULL,
        until timestamptz NOT NULL,
        zone text NOT NULL,
        sections jsonb NOT NULL,
        recommendation_ids bigint[] NOT NULL,
        created_at timestamptz NOT NULL,
        mail_due_at timestamptz,
        mail_tries int NOT NULL DEFAULT 0,
        mail_error text,
        sent_at timestamptz,
        UNIQUE (csm_id, day),
        CHECK (sent_at IS NULL OR mail_due_at IS NULL)
    )""",
    "CREATE INDEX digest_mail_due_at ON digest (mail_due_at, id) WHERE mail_due_at IS NOT NULL",
    "CREATE INDEX digest_newest ON digest (day, id)",
]

OUTCOMES = [
    "CREATE INDEX recommendation_created_at ON recommendation (created_at, id) "
    "WHERE kind IN ('REPLY_WAITING','START_CONVERSATION','SHARE_CONTENT')",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0013_workflows")]
    operations = [ops.RunSQL([*CSM, *DIGEST, *OUTCOMES])]
