"""Stakeholders, for a viewer."""

from resolvers.context import Context
from store import recipients, stakeholders
from store.paging import Page, Slice
from store.recipients import RecipientRow
from store.stakeholders import StakeholderRow


async def stakeholder(context: Context, stakeholder_id: int) -> StakeholderRow | None:
    """The stakeholder; None when there is none whose customer the viewer sees."""
    return await context.loaders.stakeholders.load(stakeholder_id)


async def stakeholders_called(context: Context, text: str, page: Page) -> Slice[StakeholderRow]:
    """A page of the stakeholders in sight with the text in name, title or an address."""
    async with context.read() as connection:
        return await stakeholders.list_called(connection, context.viewer, text, page=page)


async def count_called(context: Context, text: str) -> int:
    """How many that is in all."""
    async with context.read() as connection:
        return await stakeholders.count_called(connection, context.viewer, text)


async def recipients_of_stakeholder(
    context: Context, stakeholder_id: int, page: Page
) -> Slice[RecipientRow]:
    """A page of what was sent to the stakeholder, newest first."""
    return await context.loaders.of(
        recipients.recipients_of, stakeholder_id, Slice(), owners="stakeholder", page=page
    )


async def count_recipients(context: Context, stakeholder_id: int) -> int:
    """How many recipients are matched to the stakeholder."""
    return await context.loaders.of(recipients.count_of, stakeholder_id, 0, owners="stakeholder")
