"""Loading: the directory by mutation, then half a year of webhooks, as fast as they are taken.

Doing it again sends the same facts: the service finds nothing new.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence

from demo.directory import IMPORT, RECORD, REGISTER, Input, imports, registrations, replies
from demo.doors import Doors
from demo.history import Chapter, History
from demo.progress import Advance, Shown
from demo.requests import is_reported, requests
from demo.signing import Signed, Signer

CONCURRENCY = 6
REPLIES_PER_CALL = 200


async def load(doors: Doors, signer: Signer, history: History, shown: Shown) -> None:
    """Bring everything up to the history's end. Raises Refused, Away."""
    await _import(doors, history, shown)
    chapters = list(history.chapters())
    told = replies(act for chapter in chapters for act in chapter.acts)
    reported = sum(is_reported(act) for chapter in chapters for act in chapter.acts)
    advance = shown.task("events", reported + len(told))
    for campaign in history.campaigns:
        if campaign.is_registered:
            for given in registrations(campaign):
                await doors.change(REGISTER, given)
    await deliver(doors, _signed(chapters, signer), advance)
    await _reply(doors, told, advance)


async def _import(doors: Doors, history: History, shown: Shown) -> None:
    advance = shown.task("customers", len(history.portfolio.customers))
    for given in imports(history.portfolio):
        await doors.change(IMPORT, given)
        advance(len(given["customers"]))


def _signed(chapters: Iterable[Chapter], signer: Signer) -> Iterator[Signed]:
    for chapter in chapters:
        yield from requests(chapter.acts, signer, signed_at=int(time.time()))


async def deliver(doors: Doors, signed: Iterable[Signed], advance: Advance) -> None:
    """Post webhooks, several at a time. Raises Refused, Away."""
    waiting = iter(signed)

    async def drive() -> None:
        for request in waiting:
            await doors.webhook(request)
            advance(request.events)

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(drive())


async def _reply(doors: Doors, told: Sequence[Input], advance: Advance) -> None:
    """Replies come from the mail service, not from the providers."""
    for start in range(0, len(told), REPLIES_PER_CALL):
        some = told[start : start + REPLIES_PER_CALL]
        await doors.change(RECORD, {"events": some})
        advance(len(some))
