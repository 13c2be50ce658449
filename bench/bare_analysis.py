"""The bare analysis: a campaign's events added up anew for every question."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

ANALYSIS = """
WITH happened AS MATERIALIZED (
    SELECT e.recipient_id, e.kind, e.url, e.bounce, e.occurred_at, e.actor = 'HUMAN' AS is_human
    FROM recipient r JOIN event e ON e.recipient_id = r.id WHERE r.campaign_id = $1
), folded AS (
    SELECT bool_or(kind = 'OPENED' AND is_human OR kind = 'CLICKED' AND is_human) AS opened,
        bool_or(kind = 'OPENED' AND NOT is_human) AS opened_by_machine,
        bool_or(kind = 'CLICKED' AND is_human) AS clicked,
        bool_or(kind = 'CLICKED' AND NOT is_human) AS clicked_by_machine,
        bool_or(kind = 'UNSUBSCRIBED' AND is_human) AS unsubscribed,
        bool_or(kind = 'COMPLAINED') AS complained,
        bool_or(kind = 'BOUNCED' AND bounce = 'HARD') AS returned,
        max(occurred_at) FILTER (WHERE kind = 'BOUNCED' AND bounce = 'SOFT') AS refused_at,
        max(occurred_at) FILTER (WHERE kind IN ('DELIVERED', 'REPLIED')
            OR kind IN ('OPENED', 'CLICKED') AND is_human) AS arrived_at
    FROM happened GROUP BY recipient_id
), links AS (
    SELECT url, count(DISTINCT recipient_id) FILTER (WHERE is_human) AS human,
        count(DISTINCT recipient_id) FILTER (WHERE NOT is_human) AS machine, count(*) AS clicks
    FROM happened WHERE kind = 'CLICKED' GROUP BY url
)
SELECT count(*), count(*) FILTER (WHERE complained OR NOT returned AND arrived_at IS NOT NULL
        AND (refused_at IS NULL OR refused_at < arrived_at)),
    count(*) FILTER (WHERE opened), count(*) FILTER (WHERE opened_by_machine),
    count(*) FILTER (WHERE clicked), count(*) FILTER (WHERE clicked_by_machine),
    count(*) FILTER (WHERE unsubscribed), count(*) FILTER (WHERE complained),
    count(*) FILTER (WHERE returned AND NOT complained),
    count(*) FILTER (WHERE NOT returned AND NOT complained
        AND refused_at >= coalesce(arrived_at, '-infinity')),
    (SELECT json_agg(json_build_object('url', url, 'clickersHuman', human,
        'clickersMachine', machine) ORDER BY human DESC, clicks DESC, machine DESC, url)
        FROM links)
FROM folded
"""
"""What became of a campaign, from its events alone: no counter, no folded recipient."""


async def analysis(request: Request) -> Response:
    """A campaign's funnel and links: one statement over its events, one dump."""
    campaign = orjson.loads(await request.body())["variables"]["campaign"]
    async with request.app.state.pool.acquire() as connection:
        *n, links = await connection.fetchrow(ANALYSIS, campaign)
    funnel = {
        "recipients": n[0],
        "delivered": n[1],
        "openers": {"human": n[2], "machine": n[3]},
        "clickers": {"human": n[4], "machine": n[5]},
        "unsubscribers": n[6],
        "complained": n[7],
        "bounced": {"hard": n[8], "soft": n[9]},
    }
    found = {"funnel": funnel, "analysis": {"links": orjson.loads(links or "[]")}}
    answer = {"data": {"campaign": found}}
    return Response(orjson.dumps(answer), media_type="application/json")
