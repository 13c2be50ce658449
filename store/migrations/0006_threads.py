"""Mail that answers to messages, some of them not known yet."""

from tortoise import migrations
from tortoise.migrations import operations as ops

THREAD = [
    """CREATE TABLE thread (
        fact_on date NOT NULL,
        key bytea NOT NULL,
        address text,
        alias_key text,
        subject text,
        is_found boolean NOT NULL DEFAULT false,
        is_ambiguous boolean NOT NULL DEFAULT false,
        forward_key bytea,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (fact_on, key)
    )""",
    "CREATE INDEX thread_alias ON thread (alias_key)",
    "CREATE INDEX thread_subject ON thread (subject) WHERE NOT is_found",
    "CREATE INDEX thread_ambiguous ON thread (fact_on, key) WHERE is_ambiguous",
    "CREATE INDEX thread_created_at ON thread (created_at)",
    """CREATE TABLE thread_reference (
        fact_on date NOT NULL,
        key bytea NOT NULL,
        position smallint NOT NULL,
        reference text NOT NULL,
        PRIMARY KEY (fact_on, key, position),
        FOREIGN KEY (fact_on, key) REFERENCES thread ON DELETE CASCADE
    )""",
    "CREATE INDEX thread_reference_reference ON thread_reference (reference)",
    """CREATE TABLE thread_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        fact_on date NOT NULL,
        key bytea NOT NULL,
        due_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX thread_queue_due_at ON thread_queue (due_at)",
    """CREATE TABLE thread_given_up (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        mails bigint NOT NULL
    )""",
]

ALIAS = [
    """CREATE TABLE message_alias (
        name text NOT NULL,
        provider text NOT NULL,
        reference text NOT NULL,
        PRIMARY KEY (name, provider, reference)
    )""",
    "CREATE INDEX message_alias_reference ON message_alias (reference)",
]

# Campaigns change in many places, all in transactions that hold rows of theirs: they leave a note
# and lock nothing of the threads.
CAMPAIGN = [
    """CREATE TABLE thread_campaign_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        campaign_id bigint NOT NULL
    )""",
    """CREATE FUNCTION note_campaign_for_threads() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO thread_campaign_queue (campaign_id) VALUES (NEW.id);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER campaign_threads AFTER UPDATE ON campaign
    FOR EACH ROW WHEN (OLD.subject IS DISTINCT FROM NEW.subject
        OR OLD.is_provisional IS DISTINCT FROM NEW.is_provisional)
    EXECUTE FUNCTION note_campaign_for_threads()""",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0005_bulk")]
    operations = [ops.RunSQL([*THREAD, *ALIAS, *CAMPAIGN])]
