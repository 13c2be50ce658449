"""What judging needs to know beyond the facts: a campaign's links, a domain's gateway."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from domain.events import EventKind
from domain.facts import Fact
from domain.gateways import GatewayProfile
from domain.judging import Circumstances
from domain.links import link_key
from domain.machines import SWEPT_LINKS
from domain.policy import Policy
from store.database import Connection

PROFILE_COLUMNS = (
    "g.domain, g.in_force_on, g.swept, g.followed, g.delay_low, g.delay_median, g.delay_high, "
    "g.pace"
)
"""The columns of a gateway profile, in the order of its fields."""

Profiles = dict[int, tuple[tuple[date, GatewayProfile], ...]]


async def circumstances_of(
    connection: Connection, facts: Mapping[int, Sequence[Fact]], policy: Policy
) -> dict[int, Circumstances]:
    """The circumstances of each recipient; those who followed no link cost nothing."""
    burst = timedelta(seconds=policy.burst_seconds)
    sweep = timedelta(minutes=policy.sweep_minutes)
    given = dict.fromkeys(facts, Circumstances(burst=burst, sweep=sweep))
    followed = {id_: clicks for id_, own in facts.items() if (clicks := _followed(own))}
    if not followed:
        return given
    profiles = await _profiles(connection, followed)
    many = {id_ for id_, own in followed.items() if len({f.url for f in own}) >= SWEPT_LINKS}
    links = await _links(connection, many.union(profiles))
    for id_ in many.union(profiles):
        known = links.get(id_, frozenset())
        given[id_] = Circumstances(known, profiles.get(id_, ()), burst, sweep)
    return given


def _followed(facts: Sequence[Fact]) -> list[Fact]:
    return [f for f in facts if f.kind == EventKind.CLICKED and f.url and not f.is_decoy]


async def _profiles(connection: Connection, followed: Mapping[int, Sequence[Fact]]) -> Profiles:
    """The profiles in force on the days on which links were followed."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM gateway_profile)"):
        return {}
    days = sorted({(id_, f.occurred_at.date()) for id_, own in followed.items() for f in own})
    rows = await connection.fetch(
        f"""
        SELECT w.id, w.day, {PROFILE_COLUMNS}
        FROM unnest($1::bigint[], $2::date[]) w(id, day)
        JOIN recipient r ON r.id = w.id JOIN address a ON a.id = r.address_id
        CROSS JOIN LATERAL (SELECT * FROM gateway_profile p WHERE p.domain = a.domain
            AND p.in_force_on <= w.day ORDER BY p.in_force_on DESC LIMIT 1) g
        ORDER BY w.id, w.day
        """,
        [id_ for id_, _ in days],
        [day for _, day in days],
    )
    found: Profiles = {}
    for id_, day, *values in rows:
        found[id_] = (*found.get(id_, ()), (day, GatewayProfile(*values)))
    return found


async def _links(connection: Connection, ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The keys of the links of each recipient's campaign, where any are known."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = await connection.fetch(
        "SELECT recipients, (SELECT array_agg(url) FROM campaign_link l "
        "WHERE l.campaign_id = c.campaign_id) FROM (SELECT r.campaign_id, array_agg(r.id) "
        "AS recipients FROM recipient r WHERE r.id = ANY($1::bigint[]) GROUP BY 1) c",
        wanted,
    )
    return {
        id_: keys
        for recipients, urls in rows
        for keys in [frozenset(map(link_key, urls or ()))]
        for id_ in recipients
    }
