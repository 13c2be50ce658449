"""Customers, for a viewer."""

from domain.text import is_storable
from resolvers.context import Context
from store import customers, recipients, stakeholders, timeline
from store.customer_pages import CustomerPage, customer_page
from store.customers import CustomerFilter, CustomerRow
from store.events import EventRow
from store.mailed import WHOLE, Reading
from store.paging import Order, Page, Slice
from store.parts import Names
from store.recipients import RecipientRow
from store.stakeholders import StakeholderRow
from store.timeline import EventFilter


async def customer(context: Context, customer_id: int) -> CustomerRow | None:
    """The customer; None when there is none that the viewer sees."""
    return await context.loaders.customers.load(customer_id)


async def customer_by_external_id(context: Context, external_id: str) -> CustomerRow | None:
    """The customer by its id in the company's own system, likewise."""
    if not is_storable(external_id):
        return None
    async with context.read() as connection:
        return await customers.customer_by_external_id(connection, context.viewer, external_id)


async def customer_at_once(
    context: Context,
    owner: int | str,
    *,
    names: Names,
    has_cursor: bool,
    page: Page,
    reading: Reading,
) -> CustomerPage | None:
    """The customer, by its id or external id, with a page of its timeline, where the query asks for
    nothing else; None where they are to be read one by one."""
    if isinstance(owner, str) and not is_storable(owner):
        return None
    async with context.read_at_once() as connection:
        return await customer_page(
            connection,
            context.viewer,
            owner,
            names=names,
            has_cursor=has_cursor,
            page=page,
            reading=reading,
        )


async def customers_of_viewer(
    context: Context, chosen: CustomerFilter, *, order: Order[CustomerRow], page: Page
) -> Slice[CustomerRow]:
    """A page of the customers that the viewer sees."""
    async with context.read() as connection:
        return await customers.list_customers(
            connection, context.viewer, chosen, order=order, page=page
        )


async def count_customers(context: Context, chosen: CustomerFilter) -> int:
    """How many customers the viewer sees that pass the filter."""
    async with context.read() as connection:
        return await customers.count_customers(connection, context.viewer, chosen)


async def events(
    context: Context,
    customer_id: int,
    *,
    chosen: EventFilter,
    page: Page,
    reading: Reading = WHOLE,
) -> Slice[EventRow]:
    """A page of the customer's timeline, newest first."""
    return await context.loaders.of(
        timeline.timelines, customer_id, Slice(), chosen=chosen, page=page, reading=reading
    )


async def count_events(context: Context, customer_id: int, chosen: EventFilter) -> int:
    """How many events the customer has that pass the filter."""
    return await context.loaders.of(timeline.count_timelines, customer_id, 0, chosen=chosen)


async def recipients_of_customer(
    context: Context, customer_id: int, page: Page
) -> Slice[RecipientRow]:
    """A page of what was sent to the customer, newest first."""
    return await context.loaders.of(
        recipients.recipients_of, customer_id, Slice(), owners="customer", page=page
    )


async def count_recipients(context: Context, customer_id: int) -> int:
    """How many recipients are matched to the customer."""
    return await context.loaders.of(recipients.count_of, customer_id, 0, owners="customer")


async def stakeholders_of_customer(
    context: Context, customer_id: int, page: Page
) -> Slice[StakeholderRow]:
    """A page of the customer's stakeholders, by name."""
    return await context.loaders.of(
        stakeholders.stakeholders_of_customers, customer_id, Slice(), page=page
    )


async def count_stakeholders(context: Context, customer_id: int) -> int:
    """How many stakeholders the customer has."""
    return await context.loaders.of(stakeholders.count_stakeholders, customer_id, 0)
