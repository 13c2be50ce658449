"""Correcting what a campaign is."""

import strawberry

from domain.errors import DomainError
from resolvers import classifying as resolve
from schema import ids, seen
from schema.enums import CampaignType
from schema.errors import UserError, expected
from schema.references import Campaign
from schema.scalars import Info, Input
from store.classifying import Change, Classification


@strawberry.input(description="What a campaign is, as somebody says who knows.")
class ClassifyCampaignInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign.")
    type: strawberry.Maybe[CampaignType | None] = strawberry.field(
        default=None,
        description="What it is for: certain from now on, whatever is found out later. Null takes "
        "that back, so that it is as declared or inferred again; left out, it stays.",
    )
    is_bulk: strawberry.Maybe[bool | None] = strawberry.field(
        default=None,
        description="Whether it is one bulk send: false hides it (its events stay), true shows it, "
        "however few its recipients. Null takes that back, so that the rules decide again; left "
        "out, it stays.",
    )


@strawberry.type(description="A campaign after a change.")
class CampaignPayload:
    campaign_id: strawberry.Private[int | None]
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )

    @strawberry.field(
        description="The campaign as it is now, also when it is hidden; null when nothing was done."
    )
    async def campaign(self, info: Info) -> Campaign | None:
        return await seen.campaign(info, self.campaign_id)


@strawberry.type
class ClassifyingMutation:
    @strawberry.mutation(
        description="Say what a campaign is for and whether it is one bulk send: a person's word "
        "stands against everything found out. Followers are told its events when it becomes a "
        "campaign, and that they are taken back when it is none. Idempotent. For managers and "
        "admins."
    )
    async def classify_campaign(
        self, info: Info, input: Input[ClassifyCampaignInput]
    ) -> CampaignPayload:
        try:
            campaign_id = ids.number(input.campaign_id, "Campaign", "campaignId")
            await resolve.classify_campaign(info.context, campaign_id, _change(input))
        except DomainError as error:
            return CampaignPayload(campaign_id=None, user_errors=[expected(error)])
        return CampaignPayload(campaign_id=campaign_id, user_errors=[])


def _change(given: ClassifyCampaignInput) -> Change:
    return Change(
        Classification(
            given.type.value if given.type else None,
            given.is_bulk.value if given.is_bulk else None,
        ),
        sets_type=given.type is not None,
        sets_bulk=given.is_bulk is not None,
    )
