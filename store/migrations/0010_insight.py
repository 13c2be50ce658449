"""What is derived of people and customers: scores, habits, interests; the priors behind them."""

from tortoise import migrations
from tortoise.migrations import operations as ops

QUEUE = [
    """CREATE TABLE insight_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        address_id bigint,
        stakeholder_id bigint,
        due_at timestamptz NOT NULL,
        is_settling boolean NOT NULL DEFAULT false,
        CHECK ((address_id IS NULL) <> (stakeholder_id IS NULL))
    )""",
    "CREATE INDEX insight_queue_due_at ON insight_queue (due_at, id)",
    "CREATE INDEX insight_queue_settling ON insight_queue (address_id) WHERE is_settling",
]

INSIGHT = [
    """CREATE TABLE stakeholder_insight (
        stakeholder_id bigint PRIMARY KEY REFERENCES stakeholder ON DELETE CASCADE,
        customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
        mass double precision NOT NULL,
        mass_before double precision NOT NULL,
        delivered int NOT NULL,
        last_sent_at timestamptz NOT NULL,
        last_engaged_at timestamptz,
        dark_at timestamptz,
        persona text CHECK (persona IN ('LOYALIST','WINDOW_SHOPPER','SELECTIVE','DORMANT')),
        known_sends int NOT NULL,
        belief double precision[] NOT NULL,
        act_hours double precision[] NOT NULL,
        act_weights double precision[] NOT NULL,
        types jsonb NOT NULL,
        pace_hours double precision[] NOT NULL,
        interests jsonb NOT NULL,
        derived_at timestamptz NOT NULL
    )""",
    "CREATE INDEX stakeholder_insight_customer ON stakeholder_insight (customer_id)",
    "CREATE INDEX stakeholder_insight_mass ON stakeholder_insight (mass DESC, stakeholder_id DESC)",
    "CREATE INDEX stakeholder_insight_dark_at ON stakeholder_insight (dark_at)",
    "ALTER TABLE customer ADD COLUMN mass double precision NOT NULL DEFAULT 0",
    "ALTER TABLE customer ADD COLUMN mass_before double precision NOT NULL DEFAULT 0",
    "ALTER TABLE customer ADD COLUMN delivered int NOT NULL DEFAULT 0",
    "ALTER TABLE customer ADD COLUMN last_engaged_at timestamptz NOT NULL DEFAULT '1970-01-01Z'",
    "ALTER TABLE customer ADD COLUMN dark_at timestamptz NOT NULL DEFAULT '9999-12-31Z'",
    "CREATE INDEX customer_mass ON customer (mass DESC, id DESC)",
    "CREATE INDEX customer_last_engaged_at ON customer (last_engaged_at, id)",
    "CREATE INDEX customer_dark_at ON customer (dark_at, id)",
]

PRIOR = [
    """CREATE TABLE prior (
        kind text NOT NULL CHECK (kind IN ('ACTION','OPEN','RHYTHM')),
        as_of date NOT NULL,
        value jsonb NOT NULL,
        PRIMARY KEY (kind, as_of)
    )""",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0009_capture")]
    operations = [ops.RunSQL([*QUEUE, *INSIGHT, *PRIOR])]
