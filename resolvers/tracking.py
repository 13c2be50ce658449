"""Tracking mail that is not sent through a provider."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.errors import DomainError
from domain.tracking import MAX_MESSAGES, OutgoingMail, TrackedMail, read_mail
from domain.viewer import Role
from resolvers.context import Context
from store.consent import denied_addresses
from store.tracking import learn_tracked


@dataclass(frozen=True, slots=True)
class Tracking:
    """What became of one mail: it is to be sent so, or what is wrong with it."""

    mail: TrackedMail | None
    errors: Sequence[DomainError] = ()


async def track(context: Context, given: Sequence[Mapping[str, object]]) -> list[Tracking]:
    """Make mails tell what becomes of them; one outcome each, in order.

    A bad one costs only itself. Raises DomainError FORBIDDEN, TOO_MANY.
    """
    context.require(Role.INTEGRATION, Role.ADMIN, Role.MANAGER)
    if len(given) > MAX_MESSAGES:
        message = f"{len(given)} messages are too many at once: give at most {MAX_MESSAGES} a call"
        raise DomainError("TOO_MANY", message, ("messages",))
    read = [read_mail(fields) for fields in given]
    good = [mail for mail in read if isinstance(mail, OutgoingMail)]
    tracked = iter(await _tracked(context, good) if good else ())
    return [
        Tracking(next(tracked)) if isinstance(mail, OutgoingMail) else Tracking(None, mail)
        for mail in read
    ]


async def _tracked(context: Context, mails: Sequence[OutgoingMail]) -> list[TrackedMail]:
    services = context.services
    async with services.database.connection() as connection:
        denied = await denied_addresses(
            connection, {mail.address for mail in mails}, services.policy
        )
    # Some milliseconds of computing each, which others must not wait for.
    made = [
        await asyncio.to_thread(services.tracker, mail, is_tracked=mail.address not in denied)
        for mail in mails
    ]
    await learn_tracked(services.database, made, now=services.now(), policy=services.policy)
    await services.wake.ingest()
    return made
