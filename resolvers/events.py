"""Events, for a viewer."""

from resolvers.context import Context
from store.events import EventKey, EventRow


async def event(context: Context, key: EventKey) -> EventRow | None:
    """The event; None when there is none that the viewer sees."""
    return await context.loaders.events.load(key)
