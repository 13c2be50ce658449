"""A query for a campaign and a page of its recipients, answered by one statement, as those for a
customer and a page of its timeline are (`customer_pages`)."""

from dataclasses import dataclass

from graphql import FieldNode

from resolvers import campaigns
from schema import at_once
from schema.campaigns import Campaign
from schema.connections import PAGE_FIELDS
from schema.recipients import Recipient
from schema.scalars import Info
from schema.selections import page_rows, selected
from store.joined import Wanted
from store.parts import Names
from store.recipient_pages import CampaignPage
from store.recipients import BY_ADDRESS

ANSWERED = PAGE_FIELDS | {"totalCount"}


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What one statement is to read: for `recipients`, the field as it stands in the document."""

    recipients: FieldNode
    names: Names
    wanted: Wanted
    is_counted: bool


async def read(info: Info, campaign_id: int) -> CampaignPage | None:
    """The campaign and all that the query asks of it; None where that takes more than a statement,
    or where only the usual way can say what is wrong."""
    found = at_once.of_operation(info, _at_once)
    page = None if found is None else at_once.page_of(info, found.recipients, BY_ADDRESS)
    if found is None or page is None:
        return None
    return await campaigns.campaign_at_once(
        info.context,
        campaign_id,
        names=found.names,
        page=page,
        wanted=found.wanted,
        is_counted=found.is_counted,
    )


def _at_once(info: Info) -> AtOnce | None:
    recipients = at_once.below(info, "recipients")
    if recipients is None:
        return None
    tree = selected(info)
    page = tree["recipients"]
    own = {name: fields for name, fields in tree.items() if name != "recipients"}
    rows = page_rows(page)
    if not (
        Campaign.is_answered(own)
        and ANSWERED.issuperset(page)
        and Recipient.is_answered_beside(rows)
    ):
        return None
    names = Campaign.columns(own)
    return AtOnce(
        recipients,
        None if names is None else names | {"id"},
        Recipient.wanted(rows),
        "totalCount" in page,
    )
