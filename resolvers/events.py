"""Events, for a viewer."""

import asyncio
from collections.abc import Iterable, Sequence

from resolvers.context import Context
from store.events import EventKey, EventRow, human_acts


async def event(context: Context, key: EventKey) -> EventRow | None:
    """The event; None when there is none that the viewer sees."""
    return await context.loaders.events.load(key)


async def acts_behind(context: Context, acts: Iterable[tuple[int, str]]) -> Sequence[EventRow]:
    """What people did, newest first: events of recipients (by id), each of a kind."""
    nothing = list[EventRow]()
    found = await asyncio.gather(
        *(context.loaders.of(human_acts, id_, nothing, kind=kind) for id_, kind in acts)
    )
    events = (event for some in found for event in some)
    return sorted(events, key=lambda event: (event.occurred_at, event.key), reverse=True)
