"""Gateway profiles, and what else judging needs."""

from tortoise import migrations
from tortoise.migrations import operations as ops

RECIPIENT = [
    "ALTER TABLE recipient ADD COLUMN forward_probable_at timestamptz",
    "ALTER TABLE recipient ADD COLUMN unsubscribe_unconfirmed_at timestamptz",
    "ALTER TABLE recipient ADD COLUMN judge_version smallint",
    "CREATE INDEX recipient_followed ON recipient (campaign_id) WHERE links IS NOT NULL",
]

GATEWAY = [
    """CREATE TABLE gateway_profile (
        domain text NOT NULL,
        in_force_on date NOT NULL,
        swept double precision NOT NULL CHECK (swept >= 0),
        followed double precision NOT NULL CHECK (followed >= swept),
        delay_low double precision,
        delay_median double precision,
        delay_high double precision,
        pace double precision,
        PRIMARY KEY (domain, in_force_on)
    )""",
    "CREATE INDEX gateway_profile_in_force_on ON gateway_profile (in_force_on)",
    "CREATE INDEX event_swept ON event (fact_on) WHERE reasons && '{BURST,SWEEP,DECOY}'::text[]",
]

# A campaign's links are declared, read from its mail, and handed over when campaigns become one;
# none of these places should have to know that recipients are judged by them.
LINKS = [
    """CREATE TABLE link_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        campaign_id bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        is_attempted boolean NOT NULL DEFAULT false
    )""",
    """CREATE FUNCTION note_links() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO link_queue (campaign_id) SELECT DISTINCT campaign_id FROM changed;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER links_added AFTER INSERT ON campaign_link
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_links()""",
    """CREATE TRIGGER links_removed AFTER DELETE ON campaign_link
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_links()""",
    """CREATE FUNCTION note_moved_link() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO link_queue (campaign_id) VALUES (OLD.campaign_id), (NEW.campaign_id);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER links_moved AFTER UPDATE ON campaign_link FOR EACH ROW
    WHEN (OLD.campaign_id <> NEW.campaign_id OR OLD.url <> NEW.url)
    EXECUTE FUNCTION note_moved_link()""",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0003_evidence")]
    operations = [ops.RunSQL([*RECIPIENT, *GATEWAY, *LINKS])]
