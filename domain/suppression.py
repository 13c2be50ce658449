"""Suppression: why an address should not be mailed, from all that was reported about it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from domain.balance import Balance
from domain.events import Actor, BounceClass, EventKind

SOFT_BOUNCES_TO_SUPPRESS = 3
"""Soft bounces with no delivery between, across campaigns (rules: delivery)."""


class SuppressionReason(StrEnum):
    """Why an address should not be mailed; several may hold at once."""

    HARD_BOUNCE = "HARD_BOUNCE"
    SOFT_BOUNCES = "SOFT_BOUNCES"
    COMPLAINT = "COMPLAINT"
    UNSUBSCRIBED = "UNSUBSCRIBED"


LIFTABLE = frozenset(SuppressionReason) - {SuppressionReason.UNSUBSCRIBED}
"""What a person of ours may lift; an unsubscription is ended by whoever asked for it alone."""

PROVES_DELIVERY = frozenset({EventKind.DELIVERED, EventKind.REPLIED})
PROVES_DELIVERY_BY_PEOPLE = frozenset({EventKind.OPENED, EventKind.CLICKED})
"""A machine opens and clicks before the mailbox has the mail: only a person's act proves it."""

TELLING = frozenset(
    {
        *PROVES_DELIVERY,
        *PROVES_DELIVERY_BY_PEOPLE,
        EventKind.BOUNCED,
        EventKind.COMPLAINED,
        EventKind.UNSUBSCRIBED,
        EventKind.RESUBSCRIBED,
    }
)
"""The kinds that may say something about suppression."""


class Told(NamedTuple):
    """One report about an address; without a key where its event is no longer kept."""

    at: datetime
    kind: EventKind
    bounce: BounceClass | None = None
    actor: Actor | None = None
    fact_on: date | None = None
    key: bytes | None = None


class Suppression(NamedTuple):
    """`since` when, and by which events, as (date, key), those of them that are still kept."""

    reason: SuppressionReason
    since: datetime
    evidence: tuple[tuple[date, bytes], ...]


def suppressions(
    told: Iterable[Told], lifted: Mapping[SuppressionReason, datetime]
) -> list[Suppression]:
    """Why an address is suppressed, in the order of `SuppressionReason`; in any order of reports.

    A delivery, or what a person did with a mail, ends bounces before it; a later RESUBSCRIBED ends
    an unsubscription. `lifted` says until when reports do not count for a reason, because a person
    said so.
    """
    found: dict[SuppressionReason, list[Told]] = {reason: [] for reason in SuppressionReason}
    arrived: datetime | None = None
    resubscribed: datetime | None = None
    for report in told:
        if _is_delivery(report):
            arrived = report.at if arrived is None else max(arrived, report.at)
        elif report.kind == EventKind.RESUBSCRIBED:
            resubscribed = report.at if resubscribed is None else max(resubscribed, report.at)
        elif (reason := _accused_of(report)) is not None:
            found[reason].append(report)
    ends = {
        SuppressionReason.HARD_BOUNCE: (arrived, True),
        SuppressionReason.SOFT_BOUNCES: (arrived, True),
        # Of both in one instant the wish to get no mail is the one not to be overheard.
        SuppressionReason.UNSUBSCRIBED: (resubscribed, False),
    }
    standing = []
    for reason, reports in found.items():
        end, is_end_included = ends.get(reason, (None, False))
        left = [
            r
            for r in reports
            if (end is None or r.at > end or (r.at == end and not is_end_included))
            and (reason not in lifted or r.at > lifted[reason])
        ]
        if suppressed := _stands(reason, left):
            standing.append(suppressed)
    return standing


def _is_delivery(report: Told) -> bool:
    return report.kind in PROVES_DELIVERY or (
        report.kind in PROVES_DELIVERY_BY_PEOPLE and report.actor == Actor.HUMAN
    )


def _accused_of(report: Told) -> SuppressionReason | None:
    if report.kind == EventKind.BOUNCED:
        is_hard = report.bounce == BounceClass.HARD
        return SuppressionReason.HARD_BOUNCE if is_hard else SuppressionReason.SOFT_BOUNCES
    if report.kind == EventKind.COMPLAINED:
        return SuppressionReason.COMPLAINT
    if report.kind == EventKind.UNSUBSCRIBED and report.actor == Actor.HUMAN:
        return SuppressionReason.UNSUBSCRIBED
    return None


def _stands(reason: SuppressionReason, reports: Sequence[Told]) -> Suppression | None:
    needed = SOFT_BOUNCES_TO_SUPPRESS if reason is SuppressionReason.SOFT_BOUNCES else 1
    if len(reports) < needed:
        return None
    first = sorted(reports, key=lambda r: (r.at, r.fact_on or date.min, r.key or b""))[:needed]
    evidence = tuple((r.fact_on, r.key) for r in first if r.fact_on is not None and r.key)
    return Suppression(reason, first[-1].at, evidence)


def told_by(balance: Balance) -> list[Told]:
    """What a balance still tells of the address its facts were about."""
    told = [
        Told(r.at, EventKind.BOUNCED, BounceClass.HARD if r.is_hard else BounceClass.SOFT)
        for r in balance.returned
    ]
    told += [Told(at, EventKind.UNSUBSCRIBED, None, Actor.HUMAN) for at in balance.unsubscribed]
    told += [Told(at, EventKind.COMPLAINED) for at in balance.complained_at or ()]
    for end, kind in (
        (balance.last_delivery, EventKind.DELIVERED),
        (balance.resubscribed_at, EventKind.RESUBSCRIBED),
    ):
        if end is not None:
            told.append(Told(end, kind))
    return told
