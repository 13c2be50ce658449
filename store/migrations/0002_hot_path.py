"""Everything Tortoise cannot declare: partitions, constraints, server defaults, the feed."""

from tortoise import migrations
from tortoise.migrations import operations as ops

DEFAULTS = [
    "ALTER TABLE customer ALTER COLUMN created_at SET DEFAULT now()",
    "ALTER TABLE stakeholder ALTER COLUMN created_at SET DEFAULT now()",
    "ALTER TABLE stakeholder ALTER COLUMN tracking_consent SET DEFAULT 'UNKNOWN'",
    "ALTER TABLE stakeholder_address ALTER COLUMN is_primary SET DEFAULT false",
    "ALTER TABLE campaign ALTER COLUMN created_at SET DEFAULT now()",
    "ALTER TABLE campaign ALTER COLUMN topics SET DEFAULT '[]'",
    "ALTER TABLE campaign ALTER COLUMN is_declared SET DEFAULT false",
    "ALTER TABLE campaign ALTER COLUMN is_provisional SET DEFAULT true",
    "ALTER TABLE campaign ALTER COLUMN is_dated SET DEFAULT false",
    "ALTER TABLE campaign ADD CHECK (sent_at IS NOT NULL OR NOT is_dated)",
    "ALTER TABLE campaign_link ALTER COLUMN topics SET DEFAULT '[]'",
    "ALTER TABLE api_key ALTER COLUMN created_at SET DEFAULT now()",
    "ALTER TABLE audit ALTER COLUMN at SET DEFAULT now()",
    "ALTER TABLE audit ALTER COLUMN detail SET DEFAULT '{}'",
    "CREATE INDEX campaign_sent_at ON campaign (sent_at DESC NULLS LAST, id DESC)",
    "CREATE INDEX campaign_tag ON campaign (provider, tag) WHERE tag IS NOT NULL",
    "CREATE INDEX customer_name ON customer (name, id)",
    "ALTER TABLE campaign ADD CHECK (type IN ('ANNOUNCEMENT','NEWSLETTER','MARKETING','PRODUCT_UPDATE'))",
    "ALTER TABLE campaign ADD CHECK (NOT (is_declared AND is_provisional))",
    "ALTER TABLE stakeholder ADD CHECK (tracking_consent IN ('GRANTED','DENIED','UNKNOWN'))",
    "ALTER TABLE api_key ADD CHECK (role IN ('CSM','MANAGER','ADMIN','INTEGRATION'))",
    "ALTER TABLE api_key ADD CHECK ((role = 'CSM') = (csm_id IS NOT NULL))",
]

ADDRESS = [
    """CREATE TABLE address (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        address text NOT NULL UNIQUE,
        alias_key text NOT NULL,
        domain text NOT NULL,
        unmatched_reason text CHECK (unmatched_reason IN
            ('FREEMAIL','INTERNAL','UNKNOWN_DOMAIN','AMBIGUOUS')),
        created_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX address_alias_key ON address (alias_key)",
    "CREATE INDEX address_domain ON address (domain)",
    """CREATE TABLE match (
        address_id bigint NOT NULL REFERENCES address ON DELETE CASCADE,
        customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
        stakeholder_id bigint REFERENCES stakeholder ON DELETE SET NULL,
        method text NOT NULL CHECK (method IN ('EXACT','ALIAS','DOMAIN','MANUAL')),
        confidence real NOT NULL CHECK (confidence > 0 AND confidence <= 1),
        PRIMARY KEY (address_id, customer_id)
    )""",
    "CREATE INDEX match_customer ON match (customer_id, address_id)",
    "CREATE INDEX match_stakeholder ON match (stakeholder_id)",
    "CREATE INDEX match_unconfirmed ON match (address_id) WHERE method = 'DOMAIN'",
    """CREATE TABLE suppression (
        address_id bigint PRIMARY KEY REFERENCES address ON DELETE CASCADE,
        reason text NOT NULL CHECK (reason IN ('HARD_BOUNCE','SOFT_BOUNCES','COMPLAINT')),
        since timestamptz NOT NULL
    )""",
]

RECIPIENT = [
    """CREATE TABLE recipient (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        campaign_id bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
        address_id bigint NOT NULL REFERENCES address ON DELETE CASCADE,
        is_registered boolean NOT NULL DEFAULT false,
        is_announced boolean NOT NULL,
        status text NOT NULL DEFAULT 'SENT' CHECK (status IN ('SENT','ACCEPTED','DEFERRED',
            'DELIVERED','SOFT_BOUNCED','REJECTED','HARD_BOUNCED','COMPLAINED')),
        sent_at timestamptz,
        delivered_at timestamptz,
        bounced_at timestamptz,
        bounce_hard boolean,
        bounce_reason text,
        opens_human int NOT NULL DEFAULT 0,
        opens_machine int NOT NULL DEFAULT 0,
        first_open_at timestamptz,
        last_open_at timestamptz,
        clicks_human int NOT NULL DEFAULT 0,
        clicks_machine int NOT NULL DEFAULT 0,
        first_click_at timestamptz,
        last_click_at timestamptz,
        links jsonb,
        replied_at timestamptz,
        forwarded_at timestamptz,
        unsubscribed_at timestamptz,
        complained_at timestamptz,
        engaged boolean NOT NULL DEFAULT false,
        last_event_at timestamptz,
        first_fact_on date,
        last_fact_on date,
        UNIQUE (campaign_id, address_id)
    ) WITH (fillfactor = 40)""",
    "CREATE INDEX recipient_address ON recipient (address_id)",
    """CREATE TABLE message (
        provider text NOT NULL,
        reference text NOT NULL,
        address_id bigint NOT NULL,
        recipient_id bigint NOT NULL REFERENCES recipient ON DELETE CASCADE,
        evidence text NOT NULL,
        PRIMARY KEY (provider, reference, address_id)
    )""",
    "CREATE INDEX message_recipient ON message (recipient_id)",
]

EVENT = [
    """CREATE TABLE event (
        fact_on date NOT NULL,
        key bytea NOT NULL CHECK (length(key) = 16),
        recipient_id bigint,
        address_id bigint,
        provider text NOT NULL,
        kind text NOT NULL,
        occurred_at timestamptz NOT NULL,
        reported_at timestamptz,
        received_at timestamptz NOT NULL,
        message_reference text,
        url text,
        detail text,
        user_agent text,
        ip text,
        bounce text CHECK (bounce IN ('HARD','SOFT')),
        is_machine_flagged boolean NOT NULL,
        is_prefetch boolean NOT NULL,
        actor text CHECK (actor IN ('HUMAN','MACHINE')),
        reasons text[] NOT NULL,
        PRIMARY KEY (fact_on, key)
    ) PARTITION BY RANGE (fact_on)""",
    "CREATE INDEX event_recipient ON event (recipient_id)",
    "CREATE TABLE event_default PARTITION OF event DEFAULT",
    """CREATE TABLE orphan (
        fact_on date NOT NULL,
        key bytea NOT NULL,
        provider text NOT NULL,
        reference text,
        address_id bigint,
        created_at timestamptz NOT NULL DEFAULT now(),
        is_due boolean NOT NULL DEFAULT true,
        PRIMARY KEY (fact_on, key)
    )""",
    "CREATE INDEX orphan_message ON orphan (provider, reference, address_id)",
    "CREATE INDEX orphan_due ON orphan (created_at) WHERE is_due",
    """CREATE TABLE message_moves (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        moves bigint NOT NULL
    )""",
    """CREATE TABLE projection_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        recipient_id bigint NOT NULL,
        fact_on date NOT NULL,
        key bytea NOT NULL
    )""",
    "CREATE INDEX projection_queue_event ON projection_queue (fact_on, key)",
    """CREATE TABLE rematch_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('ADDRESS','ALIAS','DOMAIN')),
        value text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        is_attempted boolean NOT NULL DEFAULT false
    )""",
    """CREATE TABLE recount_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        campaign_id bigint NOT NULL
    )""",
    """CREATE TABLE announce_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        recipient_id bigint NOT NULL
    )""",
]

PAYLOAD = [
    """CREATE TABLE payload (
        id bigint GENERATED ALWAYS AS IDENTITY,
        received_on date NOT NULL,
        received_at timestamptz NOT NULL,
        provider text NOT NULL,
        headers jsonb NOT NULL,
        query text NOT NULL,
        body bytea NOT NULL,
        status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING','DONE','FAILED')),
        attempts smallint NOT NULL DEFAULT 0,
        lease_until timestamptz,
        error text,
        events int,
        PRIMARY KEY (received_on, id)
    ) PARTITION BY RANGE (received_on)""",
    "ALTER TABLE payload ALTER COLUMN body SET STORAGE EXTERNAL",
    "CREATE INDEX payload_pending ON payload (id) WHERE status = 'PENDING'",
    "CREATE INDEX payload_failed ON payload (id) WHERE status = 'FAILED'",
    "CREATE TABLE payload_default PARTITION OF payload DEFAULT",
]

FEED = [
    """CREATE TABLE feed (
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        id bigint GENERATED ALWAYS AS IDENTITY,
        customer_id bigint NOT NULL,
        kind text NOT NULL CHECK (kind IN ('RECORDED','CORRECTED','REMOVED')),
        fact_on date NOT NULL,
        key bytea NOT NULL,
        recipient_id bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (xid, id)
    )""",
    "CREATE INDEX feed_customer ON feed (customer_id, xid, id)",
    """CREATE TABLE feed_state (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        epoch text NOT NULL,
        system_identifier text NOT NULL,
        floor_xid xid8 NOT NULL,
        floor_id bigint NOT NULL
    )""",
    """CREATE TABLE provider_seen (
        provider text PRIMARY KEY,
        last_received_at timestamptz NOT NULL
    )""",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [ops.RunSQL([*DEFAULTS, *ADDRESS, *RECIPIENT, *EVENT, *PAYLOAD, *FEED])]
