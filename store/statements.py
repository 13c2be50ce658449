"""What raw mail tells of its campaign: bulk headers, type and links.

A statement is what the mails of one sender, one subject and one day tell together (or of whatever
else says which campaign they are of). Messages refer to it and take it along when better evidence
moves them, so a campaign's statements are those of its messages, in whatever order things came.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.campaigns import Evidence
from domain.events import ReportedEvent, SentMail
from domain.topics import LEARNED_LINKS, least_links
from store.database import Connection
from store.recounting import queue_recount

StatementKey = tuple[str, str]
"""(carrier, what the mail by itself says of its campaign)."""

MOST_CONFIDENT = 0.99
"""Only people are certain of a campaign's type."""


@dataclass(frozen=True, slots=True)
class Said:
    """What mails tell together. `signs` and `links` are in alphabetical order, each once."""

    signs: tuple[str, ...] = ()
    type: str | None = None
    type_confidence: float | None = None
    links: tuple[str, ...] = ()

    def with_(self, other: "Said") -> "Said":
        """Both together: all signs, the likelier type (of two the first by alphabet), the links."""
        likelier = min(self, other, key=lambda s: (-(s.type_confidence or 0), s.type or "~"))
        return replace(
            likelier,
            signs=tuple(sorted({*self.signs, *other.signs})),
            links=tuple(sorted({*self.links, *other.links})[:LEARNED_LINKS]),
        )


def key_of(event: ReportedEvent, found: Evidence | None) -> StatementKey:
    """Under which key the statement of a sent mail is kept."""
    own = found.external_id if found is not None else f"message:{event.message_reference}"
    return event.carried_by, own


def said_by(mail: SentMail) -> Said:
    """What one mail tells."""
    confidence = min(mail.type_confidence or 0, MOST_CONFIDENT)
    is_typed = mail.type is not None and confidence > 0
    return Said(
        tuple(sorted(mail.signs)),
        str(mail.type) if is_typed else None,
        confidence if is_typed else None,
        tuple(least_links(mail.links)),
    )


async def keep(
    connection: Connection, said: Mapping[StatementKey, Said]
) -> dict[StatementKey, int]:
    """Keep statements; campaigns of those that tell something new are counted anew.

    They are held until the transaction ends: whoever changes one later finds the campaigns that
    it is made a statement of here.
    """
    if not said:
        return {}
    await _insert(connection, said)
    known = await _select(connection, said, "")
    is_new = any(stored.with_(said[key]) != stored for key, (_, stored) in known.items())
    known = await _select(connection, said, f"FOR {'UPDATE' if is_new else 'SHARE'} OF s")
    changed = [
        (id_, both)
        for key, (id_, stored) in known.items()
        if (both := stored.with_(said[key])) != stored
    ]
    if changed:
        await connection.execute(
            "UPDATE statement s SET signs = string_to_array(n.signs, ' '), type = n.type, "
            "type_confidence = n.confidence, links = string_to_array(n.links, ' ') "
            "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[], $5::text[]) "
            "n(id, signs, type, confidence, links) WHERE s.id = n.id",
            [id_ for id_, _ in changed],
            *_columns([said for _, said in changed]),
        )
        rows = await connection.fetch(
            "SELECT DISTINCT campaign_id FROM campaign_statement "
            "WHERE statement_id = ANY($1::bigint[])",
            [id_ for id_, _ in changed],
        )
        await queue_recount(connection, [row[0] for row in rows])
    return {key: id_ for key, (id_, _) in known.items()}


async def _insert(connection: Connection, said: Mapping[StatementKey, Said]) -> None:
    keys = sorted(said)
    await connection.execute(
        "INSERT INTO statement (provider, external_id, signs, type, type_confidence, links) "
        "SELECT provider, external_id, string_to_array(signs, ' '), type, confidence, "
        "string_to_array(links, ' ') FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], "
        "$5::float8[], $6::text[]) n(provider, external_id, signs, type, confidence, links) "
        "ON CONFLICT (provider, external_id) DO NOTHING",
        [key[0] for key in keys],
        [key[1] for key in keys],
        *_columns([said[key] for key in keys]),
    )


def _columns(said: Sequence[Said]) -> list[list[object]]:
    """Signs and links hold no space: an array of arrays would be one array of two dimensions."""
    return [
        [" ".join(s.signs) for s in said],
        [s.type for s in said],
        [s.type_confidence for s in said],
        [" ".join(s.links) for s in said],
    ]


async def _select(
    connection: Connection, keys: Collection[StatementKey], lock: str
) -> dict[StatementKey, tuple[int, Said]]:
    if not keys:
        return {}
    rows = await connection.fetch(
        "SELECT s.provider, s.external_id, s.id, s.signs, s.type, s.type_confidence, s.links "
        "FROM unnest($1::text[], $2::text[]) n(provider, external_id) "
        f"JOIN statement s USING (provider, external_id) ORDER BY s.id {lock}",
        [key[0] for key in keys],
        [key[1] for key in keys],
    )
    return {(row[0], row[1]): (row[2], _said(*row[3:])) for row in rows}


def _said(
    signs: Iterable[str], type_: str | None, confidence: float | None, links: Iterable[str]
) -> Said:
    return Said(tuple(signs), type_, confidence, tuple(links))


async def associate(connection: Connection, told: Iterable[tuple[int, int]]) -> None:
    """Make statements those of the campaigns of recipients: (recipient id, statement id)."""
    pairs = sorted(set(told))
    if not pairs:
        return
    rows = await connection.fetch(
        "INSERT INTO campaign_statement (campaign_id, statement_id) "
        "SELECT DISTINCT r.campaign_id, n.statement_id "
        "FROM unnest($1::bigint[], $2::bigint[]) n(recipient_id, statement_id) "
        "JOIN recipient r ON r.id = n.recipient_id ORDER BY 1, 2 ON CONFLICT DO NOTHING "
        "RETURNING campaign_id",
        [recipient_id for recipient_id, _ in pairs],
        [statement_id for _, statement_id in pairs],
    )
    await queue_recount(connection, {row[0] for row in rows})


@dataclass(frozen=True, slots=True)
class Told:
    """What raw mail tells of a campaign, and the least subject of its messages."""

    said: Said = Said()
    subject: str | None = None

    def columns(self) -> dict[str, object]:
        """As the columns of `campaign` hold it."""
        return {
            "signs": list(self.said.signs),
            "inferred_type": self.said.type,
            "inferred_confidence": self.said.type_confidence,
            "mail_subject": self.subject,
        }


async def told_of(
    connection: Connection, campaign_ids: Sequence[int], named: Sequence[int]
) -> dict[int, Told]:
    """What the raw mails and messages of campaigns tell, by campaign; the subject of those `named`
    only, since that reads all their messages."""
    rows = await connection.fetch(
        """
        SELECT cs.campaign_id, s.signs, s.type, s.type_confidence, s.links
        FROM campaign_statement cs JOIN statement s ON s.id = cs.statement_id
        WHERE cs.campaign_id = ANY($1::bigint[]) AND EXISTS (SELECT FROM message m
            JOIN recipient r ON r.id = m.recipient_id
            WHERE m.statement_id = cs.statement_id AND r.campaign_id = cs.campaign_id)
        """,
        campaign_ids,
    )
    said = dict.fromkeys(campaign_ids, Said())
    for row in rows:
        said[row[0]] = said[row[0]].with_(_said(*row[1:]))
    subjects = await connection.fetch(
        'SELECT r.campaign_id, min(m.subject COLLATE "C") FROM recipient r '
        "JOIN message m ON m.recipient_id = r.id WHERE r.campaign_id = ANY($1::bigint[]) "
        "GROUP BY 1",
        named,
    )
    least = {row[0]: row[1] for row in subjects}
    return {id_: Told(said[id_], least.get(id_)) for id_ in campaign_ids}


async def restate(
    connection: Connection, campaign_ids: Sequence[int], *, whole: bool = False
) -> None:
    """Derive what raw mail and messages tell of campaigns, which the caller has locked.

    Subjects are added as they come, and only a campaign that has one can have lost it; with
    `whole` nothing that was derived is trusted.
    """
    named = await connection.fetch(
        "SELECT id FROM campaign WHERE id = ANY($1::bigint[]) AND (mail_subject IS NOT NULL OR $2)",
        campaign_ids,
        whole,
    )
    found = await told_of(connection, campaign_ids, [row[0] for row in named])
    await connection.execute(
        "UPDATE campaign c SET signs = string_to_array(n.signs, ' '), inferred_type = n.type, "
        "inferred_confidence = n.confidence, mail_subject = n.subject "
        "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[], $5::text[]) "
        "n(id, signs, type, confidence, subject) WHERE c.id = n.id "
        "AND (c.signs, c.inferred_type, c.inferred_confidence, c.mail_subject) "
        "IS DISTINCT FROM (string_to_array(n.signs, ' '), n.type, n.confidence, n.subject)",
        list(found),
        *_columns([told.said for told in found.values()])[:3],
        [told.subject for told in found.values()],
    )
    learned = [(id_, url) for id_, told in found.items() for url in told.said.links]
    arguments = (campaign_ids, [id_ for id_, _ in learned], [url for _, url in learned])
    await connection.execute(
        "DELETE FROM campaign_link l WHERE l.campaign_id = ANY($1::bigint[]) "
        "AND NOT l.is_declared AND NOT EXISTS (SELECT FROM unnest($2::bigint[], $3::text[]) "
        "n(id, url) WHERE n.id = l.campaign_id AND n.url = l.url)",
        *arguments,
    )
    if learned:
        await connection.execute(
            "INSERT INTO campaign_link (campaign_id, url, is_declared) SELECT id, url, false "
            "FROM unnest($1::bigint[], $2::text[]) n(id, url) ORDER BY 1, 2 "
            "ON CONFLICT (campaign_id, url) DO NOTHING",
            *arguments[1:],
        )
