"""Recipients and their matches, for a viewer."""

from collections.abc import Sequence

from resolvers.context import Context
from store import events, review_queue
from store.events import EventRow
from store.paging import Page, Slice
from store.recipients import MatchRow, RecipientRow


async def recipient(context: Context, recipient_id: int) -> RecipientRow | None:
    """The recipient; None when there is none that the viewer sees."""
    return await context.loaders.recipients.load(recipient_id)


async def matches(context: Context, address_id: int) -> Sequence[MatchRow]:
    """The customers of an address, of those that the viewer sees."""
    return await context.loaders.matches.load(address_id)


async def events_of_recipient(context: Context, recipient_id: int, page: Page) -> Slice[EventRow]:
    """A page of what happened to the recipient's mail, newest first."""
    return await context.loaders.of(events.events_of_recipients, recipient_id, Slice(), page=page)


async def count_events(context: Context, recipient_id: int) -> int:
    """How many events the recipient has."""
    return await context.loaders.of(events.count_of_recipients, recipient_id, 0)


async def to_review(context: Context, page: Page) -> Slice[RecipientRow]:
    """A page of the review queue."""
    async with context.read() as connection:
        return await review_queue.list_to_review(connection, context.viewer, page)


async def count_to_review(context: Context) -> int:
    """How many addresses wait in the review queue."""
    async with context.read() as connection:
        return await review_queue.count_to_review(connection, context.viewer)
