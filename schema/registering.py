"""Campaigns in: bulk sends as their senders declare them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from domain.errors import DomainError
from resolvers import registering as resolve
from schema import seen
from schema.enums import CampaignType
from schema.errors import UserError, expected, user_error
from schema.references import Campaign
from schema.scalars import Info, Input, Unparsable


@strawberry.input(description="A link of the campaign.")
class CampaignLinkInput:
    url: str = strawberry.field(description="http or https, at most 2,048 bytes.")
    topics: list[str] | None = strawberry.field(
        default=None, description="What it is about, at most 50 names; null leaves what is known."
    )


@strawberry.input(
    description="A bulk send. What is null stays as it is known, so that further calls need only "
    "`provider`, `externalId` and more `recipients`."
)
class RegisterCampaignInput:
    provider: str = strawberry.field(
        description="The platform that sends it, e.g. sendgrid, as its webhooks are named here; "
        "at most 64 characters."
    )
    external_id: str = strawberry.field(
        description="The campaign's id at the provider, or the tag that its messages carry there; "
        "at most 500 characters."
    )
    name: str | None = strawberry.field(
        default=None, description="What it is called; a new one without goes by subject or id."
    )
    subject: str | None = strawberry.field(
        default=None, description="The mail's subject; null leaves it."
    )
    sender: str | None = strawberry.field(
        default=None, description="The address it is sent from; null leaves it."
    )
    type: CampaignType | None = strawberry.field(
        default=None, description="What it is for; null leaves it."
    )
    topics: list[str] | None = strawberry.field(
        default=None, description="What it is about, at most 50 names; null leaves them."
    )
    tag: str | None = strawberry.field(
        default=None, description="The tag of its messages at the provider; null leaves it."
    )
    sent_at: datetime | None = strawberry.field(
        default=None, description="When it was or will be sent; null leaves it."
    )
    links: list[CampaignLinkInput] | None = strawberry.field(
        default=None,
        description="Its links, at most 500 a call; those known already stay. Null for none.",
    )
    recipients: list[str] | None = strawberry.field(
        default=None,
        description="Addresses it is sent to, at most 10,000 a call; those known already stay, "
        "one told twice counts once. Null for none.",
    )


@strawberry.type(description="What became of the campaign and its recipients.")
class RegisterCampaignPayload:
    campaign_id: strawberry.Private[int | None]
    added: int = strawberry.field(description="Recipients that are new.")
    known: int = strawberry.field(description="Recipients that the campaign had before.")
    rejected: int = strawberry.field(description="Recipients that are no address.")
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong, each with its path. Recipients that are no address cost only "
        "themselves; anything else, and nothing was written."
    )

    @strawberry.field(
        description="The campaign as it is now; null when it was refused, or when the token may "
        "not read it."
    )
    async def campaign(self, info: Info) -> Campaign | None:
        return await seen.campaign(info, self.campaign_id)


@strawberry.type
class RegisteringMutation:
    @strawberry.mutation(
        description="Declare a bulk send with its recipients, by provider and external id. "
        "Idempotent; calling again with more recipients adds them. One that a webhook made "
        "before becomes a declared one. For integrations and admins."
    )
    async def register_campaign(
        self, info: Info, input: Input[RegisterCampaignInput]
    ) -> RegisterCampaignPayload:
        try:
            done = await resolve.register_campaign(
                info.context, _fields(input), input.recipients or ()
            )
        except DomainError as error:
            return _payload(None, (0, 0, 0), [expected(error)])
        counts = (done.added, done.known, done.rejected)
        return _payload(done.campaign_id, counts, [user_error(error) for error in done.errors])


def _fields(given: RegisterCampaignInput) -> dict[str, object]:
    sent_at: Any = given.sent_at
    return {
        "provider": given.provider,
        "externalId": given.external_id,
        "name": given.name,
        "subject": given.subject,
        "sender": given.sender,
        "type": given.type,
        "topics": given.topics,
        "tag": given.tag,
        "sentAt": sent_at.text if isinstance(sent_at, Unparsable) else sent_at,
        "links": [{"url": link.url, "topics": link.topics} for link in given.links or ()],
    }


def _payload(
    campaign_id: int | None, counts: tuple[int, int, int], errors: Sequence[UserError]
) -> RegisterCampaignPayload:
    added, known, rejected = counts
    return RegisterCampaignPayload(
        campaign_id=campaign_id,
        added=added,
        known=known,
        rejected=rejected,
        user_errors=list(errors),
    )
