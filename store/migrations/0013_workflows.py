"""Custom triggers, what they did, and the webhooks they call."""

from __future__ import annotations

import json

from tortoise import migrations
from tortoise.migrations import operations as ops

WORKFLOW = [
    """CREATE TABLE workflow (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL,
        is_enabled boolean NOT NULL,
        condition jsonb NOT NULL,
        actions jsonb NOT NULL,
        window_days int NOT NULL CHECK (window_days BETWEEN 1 AND 365),
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz
    )""",
    # Each run follows the one before: two that follow the same one exclude each other, so that
    # nothing fires twice in a window whoever evaluates at the same time.
    """CREATE TABLE workflow_run (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        workflow_id bigint NOT NULL REFERENCES workflow ON DELETE CASCADE,
        version int NOT NULL,
        customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
        stakeholder_id bigint NOT NULL REFERENCES stakeholder ON DELETE CASCADE,
        follows_id bigint NOT NULL DEFAULT 0,
        fired_at timestamptz NOT NULL,
        condition jsonb NOT NULL,
        segment text,
        reasons jsonb NOT NULL,
        evidence jsonb NOT NULL,
        recommendation_id bigint,
        withdrawn_at timestamptz,
        UNIQUE (workflow_id, stakeholder_id, follows_id)
    )""",
    "CREATE INDEX workflow_run_log ON workflow_run (workflow_id, id)",
    "CREATE INDEX workflow_run_stakeholder ON workflow_run (stakeholder_id, fired_at)",
    "CREATE INDEX workflow_run_customer ON workflow_run (customer_id)",
    """CREATE TABLE workflow_due (
        stakeholder_id bigint PRIMARY KEY REFERENCES stakeholder ON DELETE CASCADE,
        due_at timestamptz NOT NULL
    )""",
    "CREATE INDEX workflow_due_due_at ON workflow_due (due_at)",
]

WEBHOOK = [
    """CREATE TABLE webhook_endpoint (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL,
        url text NOT NULL,
        is_enabled boolean NOT NULL DEFAULT true,
        disabled_because text,
        nonces jsonb NOT NULL,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )""",
    """CREATE TABLE webhook_delivery (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        endpoint_id bigint NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
        run_id bigint REFERENCES workflow_run ON DELETE CASCADE,
        message_id text NOT NULL UNIQUE,
        type text NOT NULL CHECK (type IN ('workflow.fired','workflow.withdrawn','ping')),
        body text NOT NULL,
        status text NOT NULL DEFAULT 'PENDING'
            CHECK (status IN ('PENDING','DELIVERED','FAILED','CANCELLED')),
        attempts int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL,
        lease_until timestamptz,
        response_status int,
        response text,
        error text,
        created_at timestamptz NOT NULL,
        attempted_at timestamptz,
        ended_at timestamptz,
        CHECK ((status = 'PENDING') = (ended_at IS NULL))
    )""",
    "CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, due_at) "
    "WHERE status = 'PENDING'",
    "CREATE INDEX webhook_delivery_log ON webhook_delivery (endpoint_id, id)",
    "CREATE INDEX webhook_delivery_run ON webhook_delivery (run_id)",
    "CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL",
]

# Off at first: recommendations of the same kinds come of themselves; who wants other words, other
# people or a webhook turns these on and makes them theirs.
DEFAULTS: list[tuple[str, str, object, object, int]] = [
    (
        "High engagement: start a conversation",
        "Somebody whose engagement has become high is open to a conversation now.",
        {"levels": ["HIGH"]},
        [
            {
                "recommend": {
                    "reason": "{stakeholder} of {customer} is highly engaged: start a conversation.",
                    "talkingPoints": [],
                }
            },
            {"setDueDate": {"days": 3}},
        ],
        30,
    ),
    (
        "Clicked specific content: share related content",
        "Somebody followed links to the same content twice. Put your topic or the pattern of your "
        "links in the condition to watch one thing.",
        {"happened": {"kind": "CLICKED", "atLeast": 2, "withinDays": 30, "urlPattern": "*"}},
        [
            {
                "recommend": {
                    "reason": "{stakeholder} came back to your content: share what goes with it.",
                    "talkingPoints": [],
                }
            },
            {"setDueDate": {"days": 5}},
        ],
        30,
    ),
    (
        "Unsubscribed or complained: relationship risk",
        "Somebody asked for no further mail, or marked it as spam.",
        {
            "any": [
                {"happened": {"kind": "UNSUBSCRIBED", "atLeast": 1, "withinDays": 90}},
                {"happened": {"kind": "COMPLAINED", "atLeast": 1, "withinDays": 90}},
            ]
        },
        [
            {
                "raiseRisk": {
                    "reason": "{stakeholder} of {customer} wants no more mail: find out what is behind it.",
                    "talkingPoints": [],
                }
            },
            {"setDueDate": {"days": 2}},
        ],
        90,
    ),
    (
        "No engagement: check in",
        "Nothing came of five campaigns in a row, or of any in sixty days.",
        {"any": [{"unansweredSends": 5}, {"silentForDays": 60}]},
        [
            {
                "recommend": {
                    "reason": "{stakeholder} of {customer} has gone quiet: check in.",
                    "talkingPoints": [],
                }
            },
            {"setDueDate": {"days": 14}},
        ],
        60,
    ),
]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _insert(name: str, description: str, condition: object, actions: object, days: int) -> str:
    values = (name, description, json.dumps(condition), json.dumps(actions))
    return (
        "INSERT INTO workflow (name, description, condition, actions, is_enabled, window_days) "
        f"VALUES ({', '.join(map(_quoted, values))}, false, {days})"
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0012_recommendations")]
    operations = [ops.RunSQL([*WORKFLOW, *WEBHOOK, *(_insert(*default) for default in DEFAULTS)])]
