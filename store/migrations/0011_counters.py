"""Counters that analysis reads, exact against a recount."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Filled with every event and emptied by whole transactions in no order: an index would only cost.
QUEUES = [
    "CREATE TABLE counting_queue (recipient_id bigint NOT NULL)",
    """CREATE TABLE counting_wide_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('ADDRESS','CUSTOMER','STAKEHOLDER')),
        value bigint NOT NULL
    )""",
]

COUNTERS = [
    """CREATE TABLE counted (
        recipient_id bigint PRIMARY KEY,
        campaign_id bigint NOT NULL,
        parts text[] NOT NULL,
        flags int NOT NULL,
        opens_human int NOT NULL,
        opens_machine int NOT NULL,
        clicks_human int NOT NULL,
        clicks_machine int NOT NULL,
        open_hour smallint,
        click_hour smallint,
        open_delay smallint,
        click_delay smallint,
        links jsonb
    ) WITH (fillfactor = 80)""",
    "CREATE INDEX counted_campaign ON counted (campaign_id)",
    """CREATE TABLE campaign_counter (
        campaign_id bigint NOT NULL,
        part text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        recipients bigint NOT NULL,
        internal bigint NOT NULL,
        unmatched bigint NOT NULL,
        delivered bigint NOT NULL,
        openers_human bigint NOT NULL,
        openers_machine bigint NOT NULL,
        clickers_human bigint NOT NULL,
        clickers_machine bigint NOT NULL,
        repliers bigint NOT NULL,
        forwarders bigint NOT NULL,
        unsubscribers bigint NOT NULL,
        bounced_hard bigint NOT NULL,
        bounced_soft bigint NOT NULL,
        complained bigint NOT NULL,
        rejected bigint NOT NULL,
        engaged bigint NOT NULL,
        opens_human bigint NOT NULL,
        opens_machine bigint NOT NULL,
        clicks_human bigint NOT NULL,
        clicks_machine bigint NOT NULL,
        PRIMARY KEY (campaign_id, part, slot)
    ) WITH (fillfactor = 60)""",
    """CREATE TABLE campaign_bin_counter (
        campaign_id bigint NOT NULL,
        part text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL
            CHECK (kind IN ('OPEN_HOUR','CLICK_HOUR','OPEN_DELAY','CLICK_DELAY')),
        bin smallint NOT NULL,
        slot smallint NOT NULL,
        recipients bigint NOT NULL,
        PRIMARY KEY (campaign_id, part, kind, bin, slot)
    ) WITH (fillfactor = 60)""",
    """CREATE TABLE campaign_link_counter (
        campaign_id bigint NOT NULL,
        part text COLLATE "C" NOT NULL,
        url_hash uuid NOT NULL,
        slot smallint NOT NULL,
        url text NOT NULL,
        clickers_human bigint NOT NULL,
        clickers_machine bigint NOT NULL,
        clicks_human bigint NOT NULL,
        clicks_machine bigint NOT NULL,
        PRIMARY KEY (campaign_id, part, url_hash, slot)
    ) WITH (fillfactor = 60)""",
]

# A zone that PostgreSQL does not know is one that nobody told: no batch may stop at it.
HOUR_OF_WEEK = """CREATE FUNCTION hour_of_week(at timestamptz, zone text) RETURNS smallint
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE there timestamp;
BEGIN
    there := at AT TIME ZONE zone;
    RETURN 24 * (extract(isodow FROM there)::int - 1) + extract(hour FROM there)::int;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN NULL;
END $$"""

# Recipients go with their campaign or address, matches with their customer; whoever deletes those
# should not have to know that something was counted.
TRIGGERS = [
    """CREATE FUNCTION note_uncounted_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_queue (recipient_id) SELECT id FROM gone;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER recipients_gone AFTER DELETE ON recipient REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_uncounted_recipients()""",
    """CREATE FUNCTION note_uncounted_matches() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_wide_queue (kind, value)
        SELECT DISTINCT 'ADDRESS', address_id FROM gone;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER matches_gone AFTER DELETE ON match REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_uncounted_matches()""",
    """CREATE FUNCTION note_uncounted_match() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_wide_queue (kind, value) VALUES ('ADDRESS', NEW.address_id);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER match_changed AFTER UPDATE ON match FOR EACH ROW
    WHEN (OLD.stakeholder_id IS DISTINCT FROM NEW.stakeholder_id
        OR OLD.customer_id <> NEW.customer_id OR OLD.confidence <> NEW.confidence)
    EXECUTE FUNCTION note_uncounted_match()""",
    """CREATE FUNCTION note_uncounted_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_wide_queue (kind, value) VALUES (TG_ARGV[0], NEW.id);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER customer_changed AFTER UPDATE ON customer FOR EACH ROW
    WHEN (OLD.csm_id IS DISTINCT FROM NEW.csm_id OR OLD.segment IS DISTINCT FROM NEW.segment
        OR OLD.timezone IS DISTINCT FROM NEW.timezone)
    EXECUTE FUNCTION note_uncounted_owner('CUSTOMER')""",
    """CREATE TRIGGER stakeholder_changed AFTER UPDATE ON stakeholder FOR EACH ROW
    WHEN (OLD.timezone IS DISTINCT FROM NEW.timezone)
    EXECUTE FUNCTION note_uncounted_owner('STAKEHOLDER')""",
]

BEFORE = ["INSERT INTO counting_queue (recipient_id) SELECT id FROM recipient"]


class Migration(migrations.Migration):
    dependencies = [("store", "0010_insight")]
    operations = [ops.RunSQL([*QUEUES, *COUNTERS, HOUR_OF_WEEK, *TRIGGERS, *BEFORE])]
