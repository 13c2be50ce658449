"""Campaigns as the hot path needs them: found or made from evidence, provisional until bulk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.campaigns import Evidence, shown_subject
from domain.events import ReportedEvent
from store.database import Connection

CampaignKey = tuple[str, str]
"""(provider, external id)."""


@dataclass(slots=True)
class Words:
    """What is said of a campaign; of several answers the least, so that the order in which events
    come does not matter.

    `reported_name` and `reported_subject` are said with the campaign's id or without a message;
    `mail_subject` is the least subject of its messages.
    """

    reported_name: str | None = None
    reported_subject: str | None = None
    mail_subject: str | None = None

    def better(self, other: "Words") -> "Words":
        """The least of both, each by itself."""
        return Words(
            least(self.reported_name, other.reported_name),
            least(self.reported_subject, other.reported_subject),
            least(self.mail_subject, other.mail_subject),
        )


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as far as placing needs it."""

    id: int
    words: Words


@dataclass(slots=True)
class Spoken:
    """A campaign that a batch of events speaks of: by what it is recognised, and what they say."""

    evidence: Evidence
    words: Words


Named = dict[CampaignKey, Spoken]


def note(named: Named, found: Evidence, event: ReportedEvent) -> None:
    """Add what an event says of its campaign.

    What it says beside weak evidence is kept with its message, which may turn out to be of another
    campaign: see `Message.subject`.
    """
    key = (event.carried_by, found.external_id)
    spoken = named.get(key)
    if spoken is None:
        spoken = named[key] = Spoken(found, Words())
    if found.is_weak and event.message_reference:
        return
    words = spoken.words
    words.reported_name = least(words.reported_name, event.campaign_name)
    if event.subject:
        words.reported_subject = least(words.reported_subject, shown_subject(event))


def least(known: str | None, said: str | None) -> str | None:
    """The least of two texts; nothing is more than anything."""
    if not said or (known is not None and known <= said):
        return known
    return said


async def ensure_campaigns(
    connection: Connection, named: Named, needed: Iterable[CampaignKey]
) -> dict[CampaignKey, CampaignRow]:
    """The campaigns that events speak of; those needed are made, the others only bettered."""
    rows = await _select(connection, named)
    missing = sorted(set(needed) - set(rows))
    if missing:
        found = [named[key] for key in missing]
        await connection.execute(
            "INSERT INTO campaign (provider, external_id, reported_name, reported_subject, "
            "mail_subject, sender, tag, detection) SELECT * FROM unnest($1::text[], $2::text[], "
            "$3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) "
            "ON CONFLICT (provider, external_id) DO NOTHING",
            [key[0] for key in missing],
            [key[1] for key in missing],
            *_columns([spoken.words for spoken in found]),
            [spoken.evidence.sender for spoken in found],
            [spoken.evidence.tag for spoken in found],
            [spoken.evidence.detection for spoken in found],
        )
        rows.update(await _select(connection, missing))
    news = {
        row.id: named[key].words
        for key, row in rows.items()
        if row.words.better(named[key].words) != row.words
    }
    await better_words(connection, news)
    return rows


async def _select(
    connection: Connection, keys: Iterable[CampaignKey]
) -> dict[CampaignKey, CampaignRow]:
    wanted = list(keys)
    rows = await connection.fetch(
        "SELECT provider, external_id, id, reported_name, reported_subject, mail_subject "
        "FROM unnest($1::text[], $2::text[]) w(provider, external_id) "
        "JOIN campaign USING (provider, external_id)",
        [key[0] for key in wanted],
        [key[1] for key in wanted],
    )
    return {(row[0], row[1]): CampaignRow(row[2], Words(*row[3:])) for row in rows}


async def better_words(connection: Connection, words: Mapping[int, Words]) -> None:
    """Add to what is said of campaigns, by their ids."""
    if not words:
        return
    ids = sorted(words)
    await connection.execute(
        "SELECT FROM campaign WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE", ids
    )
    await connection.execute(
        'UPDATE campaign c SET reported_name = least(c.reported_name, n.name COLLATE "C"), '
        'reported_subject = least(c.reported_subject, n.subject COLLATE "C"), '
        'mail_subject = least(c.mail_subject, n.mail_subject COLLATE "C") '
        "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) "
        "n(id, name, subject, mail_subject) WHERE c.id = n.id",
        ids,
        *_columns([words[id_] for id_ in ids]),
    )


def _columns(words: Sequence[Words]) -> list[list[str | None]]:
    return [
        [w.reported_name for w in words],
        [w.reported_subject for w in words],
        [w.mail_subject for w in words],
    ]


async def better_subjects(connection: Connection, subjects: Sequence[tuple[int, str]]) -> None:
    """Add subjects to what is said of the campaigns of recipients: (recipient id, subject)."""
    if not subjects:
        return
    rows = await connection.fetch(
        'SELECT r.campaign_id, min(n.subject COLLATE "C") '
        "FROM unnest($1::bigint[], $2::text[]) n(recipient_id, subject) "
        "JOIN recipient r ON r.id = n.recipient_id JOIN campaign c ON c.id = r.campaign_id "
        'WHERE c.mail_subject IS NULL OR c.mail_subject > n.subject COLLATE "C" GROUP BY 1',
        [recipient_id for recipient_id, _ in subjects],
        [subject for _, subject in subjects],
    )
    await better_words(connection, {row[0]: Words(mail_subject=row[1]) for row in rows})


async def lock_provisional(connection: Connection, ids: Iterable[int]) -> frozenset[int]:
    """Those of the campaigns that are provisional, locked: their recipients are counted next.

    The others are held as far as that none can become provisional again meanwhile.
    """
    rows = await connection.fetch(
        "SELECT id, is_provisional FROM campaign WHERE id = ANY($1::bigint[]) "
        "ORDER BY id FOR KEY SHARE",
        sorted(ids),
    )
    maybe = [id_ for id_, is_provisional in rows if is_provisional]
    if not maybe:
        return frozenset()
    rows = await connection.fetch(
        "SELECT id FROM campaign WHERE id = ANY($1::bigint[]) AND is_provisional "
        "ORDER BY id FOR NO KEY UPDATE",
        maybe,
    )
    return frozenset(row[0] for row in rows)
