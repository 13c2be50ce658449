"""Whom an answer to one of our messages counts for: the recipient, an alias of theirs, somebody
they passed it on to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.addresses import alias_key, domain_of
from domain.campaigns import answered_subject
from domain.events import EventKind, ReportedEvent
from domain.suppression import TELLING

MAIL = "mail"
"""The source of what was read from raw mail; also whose words a Message-ID is."""

SUBJECT_DAYS = 30
"""How long after a message a mail with its subject counts as an answer (rules: replies)."""

LATEST_REPORT = timedelta(days=1)
"""How much later than the answer the first report of its message may be dated: providers leave out
any report, so that the first we have may be an open after the answer."""

COUNTS_UNPLACED = TELLING - {EventKind.REPLIED}
"""Kinds that tell whether an address should be mailed, be their message known or not; whoever
merely writes is nobody of ours yet."""


class Mailed(NamedTuple):
    """A recipient of a message; `stakeholders` are the people that the address is known to be."""

    recipient_id: int
    campaign_id: int
    address: str
    stakeholders: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that a mail names: the place it is named at, nearest first, and what is known.

    `evidence` is the best that tells its campaign (domain/campaigns.py), `mailed` whom it went to;
    `elsewhere` are recipients of the campaign by other messages who may be the writer.
    """

    position: int
    provider: str
    reference: str
    evidence: str
    campaign_id: int
    is_provisional: bool
    mailed: tuple[Mailed, ...]
    elsewhere: tuple[Mailed, ...] = ()


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote; `stakeholders` are the people the address is known to be. None: nobody is told."""

    address: str | None
    stakeholders: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a mail belongs: to a recipient; or to the writer's own on `campaign_id`, who then got
    it from `forwarder`, if that is sure; or (nothing is set) nowhere yet."""

    recipient_id: int | None = None
    campaign_id: int | None = None
    forwarder: Mailed | None = None


NOWHERE = Answer()


def is_answer(event: ReportedEvent) -> bool:
    """Whether an event is placed by the message it answers to, not by what it says of a campaign.

    That is a received mail which tells no campaign of its own.
    """
    if event.kind is EventKind.ACCEPTED or event.campaign_id or event.tags:
        return False
    if event.thread:
        return True
    return event.provider == MAIL and not (event.subject and event.sender)


def references(event: ReportedEvent) -> tuple[str, ...]:
    """The messages an answer may be about, the likeliest first."""
    own = (event.message_reference,) if event.message_reference else ()
    return tuple(dict.fromkeys((*own, *event.thread)))


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """The message that is answered: the nearest bulk mail, else the nearest that is known.

    A conversation goes on over personal mails; it is still an answer to the campaign it came from.
    """
    return min(
        candidates,
        key=lambda c: (c.is_provisional, c.position, c.evidence, c.provider),
        default=None,
    )


def settle(kind: EventKind, writer: Writer, message: Candidate) -> Answer:
    """Where a mail belongs that answers to a message."""
    own = own_of(writer, message.mailed) or own_of(writer, message.elsewhere)
    if own is not None:
        return Answer(recipient_id=own.recipient_id)
    only = message.mailed[0] if len(message.mailed) == 1 else None
    if kind is EventKind.REPLIED and writer.address is not None:
        return Answer(campaign_id=message.campaign_id, forwarder=only)
    # A ticket system answers for whoever was mailed, a gateway reports of them: nobody new.
    found = only or _neighbour(writer, message.mailed)
    return NOWHERE if found is None else Answer(recipient_id=found.recipient_id)


def own_of(writer: Writer, mailed: Iterable[Mailed]) -> Mailed | None:
    """Which of the recipients the writer is: the same address, an alias, the same person."""
    if writer.address is None:
        return None
    alias = alias_key(writer.address)
    own = [
        m for m in mailed if alias_key(m.address) == alias or writer.stakeholders & m.stakeholders
    ]
    return min(
        own,
        key=lambda m: (m.address != writer.address, alias_key(m.address) != alias, m.address),
        default=None,
    )


def _neighbour(writer: Writer, mailed: Sequence[Mailed]) -> Mailed | None:
    """The only recipient at the writer's domain."""
    if writer.address is None:
        return None
    domain = domain_of(writer.address)
    near = [m for m in mailed if domain_of(m.address) == domain]
    return near[0] if len(near) == 1 else None


class Sent(NamedTuple):
    """Something that was sent to the writer: when (the first report of it), and its subject."""

    mailed: Mailed
    external_id: str
    subject: str
    sent_at: datetime


def by_subject(
    writer: Writer, subject: str | None, at: datetime, sent: Iterable[Sent]
) -> Mailed | None:
    """The recipient that a mail answers for by its normalised subject alone: of the campaigns with
    that subject sent in the days before, the last."""
    if not subject:
        return None
    earliest, latest = at - timedelta(days=SUBJECT_DAYS), at + LATEST_REPORT
    fitting = [
        s
        for s in sent
        if earliest <= s.sent_at <= latest and answered_subject(s.subject) == subject
    ]
    if not fitting:
        return None
    last = max(fitting, key=lambda s: (s.sent_at, s.external_id))
    return own_of(writer, [s.mailed for s in fitting if s.external_id == last.external_id])
