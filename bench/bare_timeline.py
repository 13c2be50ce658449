"""A customer's newest events as somebody would write it by hand: one statement, one dump.

The same page for the same viewers: the token is looked up and trusted for as long as the service
trusts it, the customer is in sight or there is none, and where the feed stands comes with it.
"""

import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import asyncpg
import orjson
from starlette.requests import Request
from starlette.responses import Response

TRUSTED_SECONDS = 3.0
"""As `server.access` trusts what it found of a token."""

KEY = """
SELECT role, csm_id FROM api_key WHERE digest = $1 AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now())
"""

PAGE = """
WITH newest AS (
    SELECT r.id, r.campaign_id, r.address_id, r.status
    FROM customer c JOIN match m ON m.customer_id = c.id
    JOIN recipient r ON r.address_id = m.address_id AND r.is_announced
    JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional
    WHERE c.external_id = $1 AND ($3::bigint IS NULL OR c.csm_id = $3)
    ORDER BY r.last_event_at DESC NULLS LAST LIMIT $2
), feed_stands AS (
    SELECT concat_ws('.', s.epoch, f.xid, f.id) AS cursor FROM feed_state s LEFT JOIN LATERAL (
        SELECT xid, id FROM feed WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY xid DESC, id DESC LIMIT 1
    ) f ON true
)
SELECT f.cursor, e.fact_on, encode(e.key, 'hex'), e.kind, e.occurred_at, e.actor, e.url,
    k.name, k.subject, a.address, n.status
FROM newest n JOIN event e ON e.recipient_id = n.id
JOIN campaign k ON k.id = n.campaign_id JOIN address a ON a.id = n.address_id
CROSS JOIN feed_stands f
ORDER BY e.occurred_at DESC, e.fact_on DESC, e.key DESC LIMIT $2
"""
"""A page and one row more, of the customers in sight of a CSM (`$3`; NULL: of all)."""

_viewers: dict[bytes, tuple[float, int | None]] = {}
"""By a token's hash: until when its viewer is trusted, and whose portfolio it sees (None: all)."""


async def timeline(request: Request) -> Response:
    """A page of a customer's timeline, for whoever may see it."""
    pool = request.app.state.pool
    try:
        csm_id = await _portfolio(pool, request.headers.get("authorization", ""))
    except PermissionError:
        return Response(b'{"error":"unauthenticated"}', 401, media_type="application/json")
    variables = orjson.loads(await request.body())["variables"]
    first = variables["first"]
    async with pool.acquire() as connection:
        rows = await connection.fetch(PAGE, variables["externalId"], first + 1, csm_id)
    body = orjson.dumps(_page(rows, first), option=orjson.OPT_UTC_Z)
    return Response(body, media_type="application/json")


async def _portfolio(pool: Any, authorization: str) -> int | None:
    """Whose portfolio a bearer token sees; None: all. Raises PermissionError."""
    digest = sha256(authorization.removeprefix("Bearer ").encode()).digest()
    known = _viewers.get(digest)
    if known is None or known[0] < time.monotonic():
        row = await pool.fetchrow(KEY, digest)
        if row is None or row["role"] == "INTEGRATION":
            raise PermissionError
        known = _viewers[digest] = time.monotonic() + TRUSTED_SECONDS, row["csm_id"]
    return known[1]


def _page(rows: list[asyncpg.Record], first: int) -> dict[str, Any]:
    page = rows[:first]
    place = orjson.dumps([page[-1][4], page[-1][1], page[-1][2]]) if page else b""
    return {
        "feedCursor": rows[0][0] if rows else None,
        "nodes": [
            {
                "id": f"{fact_on}:{key}", "kind": kind, "occurredAt": at, "actor": actor,
                "url": url, "campaign": {"name": name, "subject": subject},
                "recipient": {"address": address, "delivery": {"status": status}},
            }
            for _, fact_on, key, kind, at, actor, url, name, subject, address, status in page
        ],
        "pageInfo": {
            "hasNextPage": len(rows) > first,
            "endCursor": urlsafe_b64encode(place).decode() if page else None,
        },
    }  # fmt: skip
