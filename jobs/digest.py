"""Each CSM's digest, made once on the morning of their own clock, and mailed where mail is set up.

A digest is kept whether it is mailed or not. Mail goes out at least once: between the server's
acceptance and our note of it a crash has it sent again, with the same Message-ID.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from domain.digests import Letter, Line, Morning, Section, Told, due_on, looks_since, pause_after
from domain.letters import html, subject, text
from domain.viewer import Role, Viewer
from store.database import RETRIED, Connection, Database, Unavailable
from store.digesting import (
    Claimed,
    CsmMorning,
    claim_mail,
    happened,
    insert_digest,
    mornings,
    note_failed,
    note_sent,
    recommended,
)
from store.digests import DigestRow, Names, digest_by_id, names

LOOK_SECONDS = 30.0
"""How often it is looked whether it is morning somewhere."""

SETTLES = timedelta(seconds=20)
"""What came in so lately is left to the next digest: it may not be committed, and of a click
nobody knows yet whether a person made it (15 s, rules: machines are not people)."""

LEASE = timedelta(minutes=5)
"""How long a mail waits for a worker that died while it sent it; longer than sending takes."""

logger = structlog.get_logger(__name__)


class NotSent(Exception):  # noqa: N818 - says what happened to the mail
    """A mail was not accepted; the message names no secret. `is_final`: trying again is in vain."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


Send = Callable[[Letter], Awaitable[None]]
"""Returns when a mail server has taken the letter; raises NotSent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When digests are made, and where they go: `zone` for CSMs who chose none, `hour` of their
    clock, `url` the dashboard's; `send` None: they are not mailed. `host` ends Message-IDs."""

    hour: int
    zone: str
    url: str
    host: str
    send: Send | None = None


async def keep_digesting(database: Database, plan: Plan, now: Callable[[], datetime]) -> None:
    """Make and mail digests whenever they are due, for ever; whatever fails is tried again."""
    while True:
        try:
            await digest_all(database, plan, now())
            while await mail_one(database, plan, now):
                pass
        except (Unavailable, *RETRIED) as error:
            logger.info("digests have to wait", error=str(error))
        except Exception:
            logger.exception("digests failed, trying again")
        await asyncio.sleep(LOOK_SECONDS)


async def digest_all(database: Database, plan: Plan, now: datetime) -> int:
    """Make the digests that are due, each in a transaction of its own; how many were made."""
    async with database.connection() as connection:
        csms = await mornings(connection)
    made = 0
    for csm in csms:
        day = due_on(csm.timezone or plan.zone, plan.hour, now)
        if day is not None and (csm.last_day is None or csm.last_day < day):
            async with database.transaction() as connection:
                made += await _digest(connection, csm, day, plan, now)
    return made


async def _digest(
    connection: Connection, csm: CsmMorning, day: date, plan: Plan, now: datetime
) -> bool:
    until = now - SETTLES
    since = looks_since(csm.last_until, until)
    sections = await happened(connection, csm.csm_id, since, until)
    first = await recommended(connection, csm.csm_id)
    return await insert_digest(
        connection,
        csm.csm_id,
        day,
        since=since,
        until=until,
        zone=csm.timezone or plan.zone,
        sections=sections,
        recommendation_ids=first,
        now=now,
        # On a morning without news there is no mail either.
        is_mailed=plan.send is not None and csm.is_mailed and bool(sections or first),
    )


async def mail_one(database: Database, plan: Plan, now: Callable[[], datetime]) -> bool:
    """Mail the digest that has waited longest; whether there was one."""
    if plan.send is None:
        return False
    async with database.transaction() as connection:
        claimed = await claim_mail(connection, now(), LEASE)
    if claimed is None:
        return False
    letter = await _letter(database, claimed, plan)
    try:
        if letter is not None:
            await plan.send(letter)
    except NotSent as error:
        await _fail(database, claimed, error, now())
    else:
        async with database.transaction() as connection:
            await note_sent(connection, claimed.digest_id, now())
    return True


async def _fail(database: Database, claimed: Claimed, error: NotSent, now: datetime) -> None:
    pause = None if error.is_final else pause_after(claimed.tries)
    logger.warning("a digest was not sent", digest=claimed.digest_id, error=str(error))
    async with database.transaction() as connection:
        again_at = None if pause is None else now + pause
        await note_failed(connection, claimed.digest_id, str(error), again_at)


async def _letter(database: Database, claimed: Claimed, plan: Plan) -> Letter | None:
    """The mail, with what its CSM may see now."""
    viewer = Viewer(Role.CSM, claimed.name, claimed.csm_id)
    async with database.connection() as connection:
        row = await digest_by_id(connection, viewer, claimed.digest_id)
        if row is None:
            return None
        morning = in_words(row, await names(connection, viewer, row), claimed.name, plan.url)
    return Letter(
        message_id=f"<digest.{claimed.csm_id}.{row.day.isoformat()}@{plan.host}>",
        to=claimed.email,
        at=row.created_at,
        subject=subject(morning),
        text=text(morning),
        html=html(morning),
    )


def in_words(row: DigestRow, called: Names, csm: str, url: str) -> Morning:
    """A digest with the names of what it speaks of; what has none any more is left out."""
    told = [_told(Section(name), total, lines, called) for name, total, lines in row.sections]
    return Morning(
        day=row.day,
        csm=csm,
        zone=row.zone,
        told=[section for section in told if section.total],
        recommendations=[called.reasons[i] for i in row.recommendation_ids if i in called.reasons],
        url=url,
    )


def _told(section: Section, total: int, lines: Sequence[Any], called: Names) -> Told:
    found = [line for stored in lines if (line := _line(stored, called)) is not None]
    return Told(section, total - (len(lines) - len(found)), found)


def _line(stored: Sequence[Any], called: Names) -> Line | None:
    customer_id, stakeholder_id, address_id, recipient_id, count, at = stored
    customer = called.customers.get(customer_id)
    who = called.stakeholders.get(stakeholder_id) or called.addresses.get(address_id)
    if customer is None or who is None:
        return None
    campaign = called.campaigns.get(recipient_id)
    return Line(who, customer, campaign, count, datetime.fromisoformat(at))
