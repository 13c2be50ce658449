"""Gateway profiles: learned once a day from the verdicts stored, and read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from domain.gateways import EVIDENCE_DAYS, GatewayProfile, Sighting, learn, swept
from domain.registrable import is_freemail
from store.circumstances import PROFILE_COLUMNS
from store.database import Connection, Database
from store.facts import all_facts
from store.paging import Args, Order, Page, Slice, fetch_slice

MESSAGES = 500
"""Messages of a domain that are looked at, the newest: more say nothing new."""

DOMAINS = 50
"""Domains learned of at a time."""

LEAST = 0.5
"""Weight of swept messages from which a profile is worth keeping."""

BY_DOMAIN: Order[GatewayProfile] = Order(
    "DOMAIN", ("g.domain",), (str,), lambda profile: (profile.domain,)
)


async def learn_gateways(database: Database, today: date) -> int:
    """Make the profiles that come into force tomorrow, unless they are made; returns how many.

    Nothing that happened until today is judged by them, so that judging again finds what it found.
    """
    in_force_on = today + timedelta(days=1)
    async with database.connection() as connection:
        if await connection.fetchval(
            "SELECT EXISTS (SELECT FROM gateway_profile WHERE in_force_on >= $1)", in_force_on
        ):
            return 0
        domains = await _candidates(connection, today)
    made: list[GatewayProfile] = []
    names = sorted(domains)
    for start in range(0, len(names), DOMAINS):
        chunk = names[start : start + DOMAINS]
        async with database.snapshot() as connection:
            seen = await _sightings(connection, chunk, today)
        for name in chunk:
            profile = learn(name, seen.get(name, ()), in_force_on)
            # What was learned is in force until something else is.
            if profile.swept >= LEAST or domains[name]:
                made.append(profile)
    async with database.transaction() as connection:
        await _keep(connection, made)
    return len(made)


async def _candidates(connection: Connection, today: date) -> dict[str, bool]:
    """Domains with something to learn, and whether they have a profile that says something.

    Anybody can have an address at a free-mail domain: nothing holds for all of them.
    """
    rows = await connection.fetch(
        "SELECT DISTINCT a.domain, false FROM event e JOIN address a ON a.id = e.address_id "
        "WHERE e.fact_on >= $1 AND e.reasons && '{BURST,SWEEP,DECOY}'::text[] "
        "UNION ALL SELECT domain, swept > 0 FROM (SELECT DISTINCT ON (domain) domain, swept "
        "FROM gateway_profile ORDER BY domain, in_force_on DESC) latest WHERE swept > 0",
        _since(today),
    )
    found: dict[str, bool] = {}
    for domain, is_profiled in rows:
        if not is_freemail(domain):
            found[domain] = found.get(domain, False) or is_profiled
    return found


def _since(today: date) -> date:
    return today - timedelta(days=EVIDENCE_DAYS)


async def _sightings(
    connection: Connection, domains: Sequence[str], today: date
) -> dict[str, list[Sighting]]:
    """What is known of the newest messages of each domain in which links were followed."""
    caught = await _swept_recipients(connection, domains, today)
    facts = await all_facts(connection, [id_ for ids in caught.values() for id_ in ids])
    found: dict[str, list[Sighting]] = defaultdict(list)
    for domain, ids in caught.items():
        found[domain] += [s for id_ in ids if (s := swept(facts.get(id_, ()))) is not None]
    for domain, on in await _followed_by_people(connection, domains, caught, today):
        found[domain].append(Sighting(on, is_swept=False))
    return found


async def _swept_recipients(
    connection: Connection, domains: Sequence[str], today: date
) -> dict[str, list[int]]:
    rows = await connection.fetch(
        "SELECT domain, recipient_id FROM (SELECT a.domain, e.recipient_id, row_number() "
        "OVER (PARTITION BY a.domain ORDER BY max(e.fact_on) DESC, e.recipient_id DESC) AS place "
        "FROM event e JOIN address a ON a.id = e.address_id "
        "WHERE e.fact_on >= $1 AND e.reasons && '{BURST,SWEEP,DECOY}'::text[] "
        "AND a.domain = ANY($2::text[]) AND e.recipient_id IS NOT NULL "
        "GROUP BY a.domain, e.recipient_id) swept WHERE place <= $3",
        _since(today),
        domains,
        MESSAGES,
    )
    found: dict[str, list[int]] = defaultdict(list)
    for domain, id_ in rows:
        found[domain].append(id_)
    return found


async def _followed_by_people(
    connection: Connection,
    domains: Sequence[str],
    caught: Mapping[str, Iterable[int]],
    today: date,
) -> list[tuple[str, date]]:
    """Messages in which a person followed a link and no machine swept, though it could have shown:
    the campaign has several links, as it declares or as somebody at the domain followed."""
    rows = await connection.fetch(
        """
        SELECT d.domain, m.id, m.campaign_id, m.followed, m.at, (SELECT count(*) FROM
            (SELECT FROM campaign_link l WHERE l.campaign_id = m.campaign_id LIMIT 2) few)
        FROM unnest($1::text[]) d(domain) CROSS JOIN LATERAL (
            SELECT r.id, r.campaign_id, jsonb_array_length(r.links) AS followed,
                r.first_click_at AS at
            FROM address a JOIN recipient r ON r.address_id = a.id
            WHERE a.domain = d.domain AND r.links IS NOT NULL AND r.last_fact_on >= $2
            ORDER BY r.last_fact_on DESC, r.id DESC LIMIT $3) m
        """,
        domains,
        _since(today),
        2 * MESSAGES,
    )
    several = {
        (domain, campaign) for domain, _, campaign, followed, _, known in rows
        if followed >= 2 or known >= 2
    }  # fmt: skip
    by_machine = {id_ for ids in caught.values() for id_ in ids}
    return [
        (domain, at.date())
        for domain, id_, campaign, _, at, _ in rows
        if at is not None and id_ not in by_machine and (domain, campaign) in several
    ]


async def _keep(connection: Connection, profiles: Sequence[GatewayProfile]) -> None:
    """Store profiles; one that another worker made meanwhile stands."""
    if profiles:
        await connection.execute(
            "INSERT INTO gateway_profile (domain, in_force_on, swept, followed, delay_low, "
            "delay_median, delay_high, pace) SELECT * FROM unnest($1::text[], $2::date[], "
            "$3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[]) "
            "ON CONFLICT DO NOTHING",
            [p.domain for p in profiles],
            [p.in_force_on for p in profiles],
            [p.swept for p in profiles],
            [p.followed for p in profiles],
            [p.delay_low for p in profiles],
            [p.delay_median for p in profiles],
            [p.delay_high for p in profiles],
            [p.pace for p in profiles],
        )


_NEWEST = (
    "gateway_profile g WHERE g.swept > 0 AND NOT EXISTS (SELECT FROM gateway_profile n "
    "WHERE n.domain = g.domain AND n.in_force_on > g.in_force_on)"
)


async def list_gateways(connection: Connection, page: Page) -> Slice[GatewayProfile]:
    """A page of the newest profile of each domain, by domain."""
    args = Args(None)
    sql = (
        f"SELECT {PROFILE_COLUMNS} FROM {_NEWEST} AND $1::bigint IS NULL "
        f"AND {BY_DOMAIN.beyond(args, page.after)} ORDER BY {BY_DOMAIN.sql}"
    )
    return await fetch_slice(connection, sql, args, row=GatewayProfile, first=page.first)


async def count_gateways(connection: Connection) -> int:
    """How many domains have a profile."""
    return int(await connection.fetchval(f"SELECT count(*) FROM {_NEWEST}"))


async def count_outdated(connection: Connection, version: int) -> int:
    """How many recipients were last judged by an older version of the rules."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM recipient WHERE judge_version < $1", version
        )
    )
