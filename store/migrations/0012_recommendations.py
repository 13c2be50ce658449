"""Whom to contact, when and about what."""

from tortoise import migrations
from tortoise.migrations import operations as ops

MORNING = "(-priority), (coalesce(due_at, '9999-12-31Z'::timestamptz)), id"
"""The order in which a CSM works."""

# UNIQUE NULLS NOT DISTINCT is PostgreSQL 15's.
RECOMMENDATION = [
    """CREATE TABLE recommendation (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
        stakeholder_id bigint REFERENCES stakeholder ON DELETE CASCADE,
        address_id bigint REFERENCES address ON DELETE CASCADE,
        workflow_id bigint,
        csm_id bigint,
        kind text NOT NULL CHECK (kind IN ('REPLY_WAITING','START_CONVERSATION','SHARE_CONTENT',
            'CHECK_IN','RELATIONSHIP_RISK','FIX_ADDRESS','MEET_STAKEHOLDER','CUSTOM')),
        status text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN','STARTED','COMPLETED',
            'SNOOZED','DISMISSED','WITHDRAWN','EXPIRED')),
        is_held_out boolean NOT NULL,
        is_risk boolean NOT NULL,
        reason text NOT NULL,
        priority int NOT NULL CHECK (priority BETWEEN 0 AND 100),
        parts jsonb NOT NULL,
        evidence jsonb NOT NULL,
        evidenced_at timestamptz NOT NULL,
        campaign_id bigint,
        topics jsonb NOT NULL,
        talking_points jsonb NOT NULL,
        named_ids bigint[] NOT NULL,
        due_at timestamptz,
        expires_at timestamptz NOT NULL,
        snoozed_until timestamptz,
        started_at timestamptz,
        outcome text CHECK (outcome IN ('CONVERSATION','MEETING','NO_ANSWER','NOT_NEEDED')),
        because text,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        closed_at timestamptz,
        rests_until timestamptz,
        CHECK ((kind = 'CUSTOM') = (workflow_id IS NOT NULL)),
        CHECK ((status = 'COMPLETED') = (outcome IS NOT NULL)),
        CHECK ((status IN ('OPEN','STARTED','SNOOZED')) = (closed_at IS NULL)),
        CHECK ((status = 'SNOOZED') = (snoozed_until IS NOT NULL))
    )""",
    "CREATE UNIQUE INDEX recommendation_live ON recommendation "
    "(customer_id, stakeholder_id, address_id, kind, workflow_id) NULLS NOT DISTINCT "
    "WHERE status IN ('OPEN','STARTED','SNOOZED')",
    "CREATE INDEX recommendation_customer ON recommendation (customer_id, status, priority DESC)",
    "CREATE INDEX recommendation_stakeholder ON recommendation (stakeholder_id)",
    "CREATE INDEX recommendation_address ON recommendation (address_id)",
    "CREATE INDEX recommendation_morning ON recommendation "
    f"(csm_id, {MORNING}) WHERE status IN ('OPEN','STARTED','SNOOZED') AND NOT is_held_out",
    "CREATE INDEX recommendation_all ON recommendation "
    f"({MORNING}) WHERE status IN ('OPEN','STARTED','SNOOZED') AND NOT is_held_out",
    "CREATE INDEX recommendation_closed ON recommendation "
    f"(csm_id, {MORNING}) WHERE closed_at IS NOT NULL AND NOT is_held_out",
    "CREATE INDEX recommendation_expires_at ON recommendation (expires_at) "
    "WHERE status IN ('OPEN','STARTED','SNOOZED')",
    "CREATE INDEX recommendation_snoozed_until ON recommendation (snoozed_until) "
    "WHERE status = 'SNOOZED'",
    "CREATE INDEX recommendation_rests_until ON recommendation (rests_until) "
    "WHERE rests_until IS NOT NULL",
    # A CSM's morning is one index scan; who may see what is still decided by the customer's row.
    """CREATE FUNCTION hand_recommendations_over() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE recommendation SET csm_id = NEW.csm_id WHERE customer_id = NEW.id;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER customer_recommendations AFTER UPDATE OF csm_id ON customer
    FOR EACH ROW WHEN (OLD.csm_id IS DISTINCT FROM NEW.csm_id)
    EXECUTE FUNCTION hand_recommendations_over()""",
    "CREATE INDEX recommendation_named ON recommendation USING gin (named_ids)",
]

FOLLOW_UP = [
    """CREATE TABLE follow_up (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        recommendation_id bigint NOT NULL UNIQUE,
        customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
        stakeholder_id bigint REFERENCES stakeholder ON DELETE SET NULL,
        address_id bigint REFERENCES address ON DELETE SET NULL,
        kind text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN
            ('CONVERSATION','MEETING','NO_ANSWER','NOT_NEEDED')),
        completed_by text NOT NULL,
        csm_id bigint REFERENCES csm ON DELETE SET NULL,
        recommended_at timestamptz NOT NULL,
        started_at timestamptz,
        completed_at timestamptz NOT NULL
    )""",
    "CREATE INDEX follow_up_customer ON follow_up (customer_id, completed_at)",
    "CREATE INDEX follow_up_stakeholder ON follow_up (stakeholder_id)",
    "CREATE INDEX follow_up_address ON follow_up (address_id)",
    "CREATE INDEX follow_up_completed_at ON follow_up (completed_at)",
]

FEED = [
    """CREATE TABLE recommendation_feed (
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        id bigint GENERATED ALWAYS AS IDENTITY,
        customer_id bigint NOT NULL,
        recommendation_id bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (xid, id)
    )""",
    "CREATE INDEX recommendation_feed_customer ON recommendation_feed (customer_id, xid, id)",
    "ALTER TABLE feed_state ADD COLUMN recommendation_floor_xid xid8 NOT NULL DEFAULT '0'",
    "ALTER TABLE feed_state ADD COLUMN recommendation_floor_id bigint NOT NULL DEFAULT 0",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0011_counters")]
    operations = [ops.RunSQL([*RECOMMENDATION, *FOLLOW_UP, *FEED])]
