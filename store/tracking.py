"""Mails that are about to be sent, tracked by us: their campaign, recipients and links are known
before anything happens to them."""

from collections.abc import Sequence
from datetime import datetime

from domain.events import BulkSign, EventKind, ReportedEvent, SentMail
from domain.policy import Policy
from domain.tracking import TrackedMail
from store.campaigns import declare_types
from store.database import Database, retried
from store.messages import prune
from store.placing import place
from store.recording import draft, queue_announcement
from store.refusing import refuse

SIGNS = frozenset({BulkSign.LIST_UNSUBSCRIBE, BulkSign.LIST_UNSUBSCRIBE_POST})
"""What a tracked mail says of itself in its headers, where its sender wants them."""


async def learn_tracked(
    database: Database, mails: Sequence[TrackedMail], *, now: datetime, policy: Policy
) -> None:
    """Know the messages, so that hits find their recipient. Repeating changes nothing.

    Naming the campaign is evidence as good as a provider's campaign id, so that a message that
    was seen before on weaker evidence moves. No event is recorded: nothing was sent yet. Of
    whoever was erased nothing is written.
    """
    drafts = [draft(_as_report(mail, now), now) for mail in mails]

    async def work() -> None:
        async with database.transaction() as connection:
            await refuse(connection, drafts, policy)
            known = [d for d in drafts if d.refused is None]
            touched = await place(connection, known, policy)
            await queue_announcement(connection, touched)
            await prune(connection, touched)

    await retried(work)
    types = {
        (mail.mail.provider, mail.mail.campaign_id): str(mail.mail.campaign_type)
        for mail in mails
        if mail.mail.campaign_type is not None
    }
    if types:
        async with database.transaction() as connection:
            await declare_types(connection, types)


def _as_report(tracked: TrackedMail, now: datetime) -> ReportedEvent:
    """What the report of its sending would say: all that placing a message needs."""
    mail = tracked.mail
    return ReportedEvent(
        provider=mail.provider,
        kind=EventKind.ACCEPTED,
        occurred_at=now,
        address=mail.address,
        message_reference=tracked.message_id,
        campaign_id=mail.campaign_id,
        campaign_name=mail.campaign_name,
        subject=mail.subject,
        sender=mail.sender,
        sent=SentMail(
            signs=SIGNS if mail.is_unsubscribable else frozenset(),
            links=tuple(link.url for link in tracked.links),
        ),
    )
