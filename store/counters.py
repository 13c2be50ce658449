"""What is counted of a recipient: the one place that both counting and recounting go by."""

from domain.durations import CLASSES, CLASSES_PER_DOUBLING
from store.campaigns import STEPS

FLAGS = STEPS
"""Who counts in which column of `campaign_counter`, in the order of the bits of `counted.flags`."""

SUMS = ("opens_human", "opens_machine", "clicks_human", "clicks_machine")
"""The columns that add up what recipients did."""

COUNTS = (*FLAGS, *SUMS)

COLUMNS = (
    "recipient_id",
    "campaign_id",
    "parts",
    "flags",
    *SUMS,
    "open_hour",
    "click_hour",
    "open_delay",
    "click_delay",
    "links",
)
"""The columns of `counted`."""

BINS = {
    "OPEN_HOUR": "open_hour",
    "CLICK_HOUR": "click_hour",
    "OPEN_DELAY": "open_delay",
    "CLICK_DELAY": "click_delay",
}
"""What is counted by bins, and the column that has a recipient's bin: hours of the week of first
human acts, from Monday 0:00, and classes of how long after the delivery they came."""

_FLAGS = " | ".join(
    f"(coalesce({condition}, false)::int << {bit})" for bit, condition in enumerate(FLAGS.values())
)


def _delay(acted_at: str) -> str:
    """The class of the time from the delivery; null where the delivery is only known by the act."""
    seconds = f"date_part('epoch', {acted_at} - r.delivered_at)"
    class_ = f"floor({CLASSES_PER_DOUBLING} * ln(greatest({seconds}, 1)) / ln(2::float8))"
    return (
        f"CASE WHEN {acted_at} > r.delivered_at THEN least({CLASSES - 1}, {class_})::smallint END"
    )


CONTRIBUTIONS = f"""
SELECT r.id AS recipient_id, r.campaign_id, owners.parts, ({_FLAGS}) AS flags,
    r.opens_human, r.opens_machine, r.clicks_human, r.clicks_machine,
    hour_of_week(r.first_open_at, owners.zone) AS open_hour,
    hour_of_week(r.first_click_at, owners.zone) AS click_hour,
    {_delay("r.first_open_at")} AS open_delay, {_delay("r.first_click_at")} AS click_delay, r.links
FROM recipient r JOIN address a ON a.id = r.address_id CROSS JOIN LATERAL (
    SELECT ARRAY['all'] || CASE count(*) WHEN 0 THEN '{{}}' WHEN 1 THEN min(own.parts)
        ELSE ARRAY(SELECT DISTINCT part FROM unnest(array_agg(own.parts)) part ORDER BY part)
        END AS parts,
        (array_agg(own.zone ORDER BY own.zone IS NULL, own.confidence DESC, own.customer_id))[1]
        AS zone
    FROM (SELECT m.customer_id, m.confidence, coalesce(s.timezone, c.timezone) AS zone,
            ARRAY['csm/' || coalesce(c.csm_id, 0), 'customer/' || c.id,
                'segment/' || coalesce(c.segment, ''),
                'share/' || coalesce(c.csm_id, 0) || '/' || coalesce(c.segment, '')] AS parts
        FROM match m
        CROSS JOIN LATERAL (SELECT id, csm_id, segment, timezone FROM customer
            WHERE id = m.customer_id OFFSET 0) c
        LEFT JOIN LATERAL (SELECT timezone FROM stakeholder
            WHERE id = m.stakeholder_id OFFSET 0) s ON true
        WHERE m.address_id = r.address_id) own
) owners
"""
"""What every recipient adds to the counters; append a condition on `r`. The zone is that of the
surest match that has one. OFFSET 0 has owners looked up one by one: before PostgreSQL has
statistics, it would read all of them for each recipient."""

SIGNED_COUNTS = ", ".join(
    [
        *(f"sum(sign * ((flags >> {bit}) & 1)) AS {name}" for bit, name in enumerate(FLAGS)),
        *(f"sum(sign * {name}) AS {name}" for name in SUMS),
    ]
)
"""The counts of rows of COLUMNS, each with a `sign` of 1 or -1."""

DETAILED = "(part = 'all' OR part LIKE 'csm/%')"
"""The parts whose hours, delays and links are counted."""

BIN_ROWS = ", ".join(f"('{kind}', {column})" for kind, column in BINS.items())

LINK_COUNTS = {
    "clickers_human": "(l.human > 0)::int",
    "clickers_machine": "(l.machine > 0)::int",
    "clicks_human": "l.human",
    "clicks_machine": "l.machine",
}
"""The columns of `campaign_link_counter`, and what one recipient's link adds."""

SIGNED_LINKS = ", ".join(f"sum(sign * {sql}) AS {name}" for name, sql in LINK_COUNTS.items())

LINKS = "CROSS JOIN LATERAL jsonb_to_recordset(links) l(url text, human int, machine int)"


def grouped(rows: str, slot: str) -> tuple[str, str, str]:
    """The counters that rows of COLUMNS with `sign` make: those of parts, of bins and of links.

    `rows` is what to select them from, `slot` an expression. Each ends in the order of the
    counters' primary keys, so that they are locked in that order.
    """
    return (
        f"SELECT campaign_id, part, {slot}, {SIGNED_COUNTS} FROM {rows}, unnest(parts) part "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        f"SELECT campaign_id, part, kind, bin, {slot}, sum(sign) FROM {rows}, unnest(parts) part, "
        f"LATERAL (VALUES {BIN_ROWS}) had(kind, bin) WHERE bin IS NOT NULL AND {DETAILED} "
        "GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
        f"SELECT campaign_id, part, md5(l.url)::uuid, {slot}, min(l.url), {SIGNED_LINKS} "
        f"FROM {rows} CROSS JOIN LATERAL unnest(parts) part {LINKS} "
        f"WHERE links IS NOT NULL AND {DETAILED} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    )
