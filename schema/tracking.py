"""Tracking mail that is not sent through a provider: rewritten, with what its headers need."""

from collections.abc import Sequence

import strawberry

from domain.errors import DomainError
from domain.tracking import TrackedMail
from resolvers import tracking as resolve
from resolvers.tracking import Tracking
from schema.errors import UserError, expected, user_error
from schema.recording import CampaignRefInput
from schema.scalars import Info, Input


@strawberry.input(
    description="A mail to one address, as it would be sent. It is not sent by this service."
)
class TrackMessageInput:
    campaign: CampaignRefInput = strawberry.field(
        description="Which bulk send it is part of; an unknown one is created. Its id is any text "
        "of yours that all mails of the send share."
    )
    provider: str | None = strawberry.field(
        default=None,
        description="The platform that carries it, as its webhooks are named here; null for your "
        'own mail server, which is "mail". At most 64 characters.',
    )
    address: str = strawberry.field(description="Whom it goes to: one mail for each address.")
    subject: str | None = strawberry.field(
        default=None, description="Its subject, to show with the campaign; null leaves that open."
    )
    sender: str | None = strawberry.field(
        default=None, description="The address it is sent from; null leaves that open."
    )
    html: str | None = strawberry.field(
        default=None,
        description="Its HTML as it is to be sent, at most 2,000,000 characters; null for none. "
        'A link to "{{unsubscribe}}" becomes one to our unsubscribe page; one with the attribute '
        'data-track="off" is left as it is.',
    )
    text: str | None = strawberry.field(
        default=None,
        description="Its plain text, at most 2,000,000 characters; null for none. It is kept as it "
        'is, but for "{{unsubscribe}}".',
    )
    message_id: str | None = strawberry.field(
        default=None,
        description="Its Message-ID, with or without angle brackets, at most 500 characters; null "
        "has us make one. Calling again with the same id tracks the same message.",
    )
    list_unsubscribe: bool = strawberry.field(
        default=True,
        description="Whether to give the headers of one-click unsubscribing; false where your mail "
        "has its own.",
    )


@strawberry.input(description="Mails that are to be tracked.")
class TrackMessagesInput:
    messages: list[TrackMessageInput] = strawberry.field(description="At most 100.")


@strawberry.type(description="A header that the mail is to carry.")
class MailHeader:
    name: str = strawberry.field(description="Its name, e.g. List-Unsubscribe.")
    value: str = strawberry.field(description="Its value, in one line of ASCII.")


@strawberry.type(description="A web link of a mail.")
class TrackedLink:
    url: str = strawberry.field(description="Where it leads.")
    tracked_url: str | None = strawberry.field(
        description="What stands in its place; null where it was left: links to unsubscribe, with "
        "placeholders, longer than 2,048 bytes, or of an untracked mail."
    )


@strawberry.type(description="A mail as it is to be sent.")
class TrackedMessage:
    message_id: str = strawberry.field(description="Its Message-ID, without angle brackets.")
    html: str | None = strawberry.field(
        description="Its HTML with links rewritten, pixel and decoy; null where none was given."
    )
    text: str | None = strawberry.field(description="Its plain text; null where none was given.")
    headers: list[MailHeader] = strawberry.field(
        description="What to set besides your own headers: Message-ID, and List-Unsubscribe with "
        "List-Unsubscribe-Post (RFC 8058; the latter only where this service is reached by https)."
    )
    links: list[TrackedLink] = strawberry.field(
        description="Its web links, each once, in their order."
    )
    unsubscribe_url: str = strawberry.field(description="The recipient's own unsubscribe page.")
    tracked: bool = strawberry.field(
        description="False where the recipient has not agreed to be tracked: there is no pixel, no "
        "decoy, and links are as they were. Unsubscribing works all the same."
    )


@strawberry.type(description="What became of a mail that was to be tracked.")
class TrackMessagePayload:
    message: TrackedMessage | None = strawberry.field(
        description="The mail as it is to be sent; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with it, each with its path; nothing was written then."
    )


@strawberry.type(description="What became of the mails that were to be tracked.")
class TrackMessagesPayload:
    messages: list[TrackedMessage | None] = strawberry.field(
        description="One for each mail, in the order of the input; null for one that was refused."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why mails were refused, each with its path. A bad one costs only itself."
    )


@strawberry.type
class TrackingMutation:
    @strawberry.mutation(
        description="Rewrites links, adds pixel, decoy and one-click unsubscribe, for mail that is "
        "not sent through a platform that tracks; makes its campaign and recipient known. "
        "Idempotent where `messageId` is given. For integrations, managers and admins."
    )
    async def track_message(
        self, info: Info, input: Input[TrackMessageInput]
    ) -> TrackMessagePayload:
        (done,) = await resolve.track(info.context, [_fields(input)])
        return TrackMessagePayload(message=_message(done.mail), user_errors=_errors([done]))

    @strawberry.mutation(
        description="The same for up to 100 mails, for mail merges. For integrations, managers and "
        "admins."
    )
    async def track_messages(
        self, info: Info, input: Input[TrackMessagesInput]
    ) -> TrackMessagesPayload:
        try:
            done = await resolve.track(info.context, [_fields(mail) for mail in input.messages])
        except DomainError as error:
            return TrackMessagesPayload(messages=[], user_errors=[expected(error)])
        return TrackMessagesPayload(
            messages=[_message(one.mail) for one in done],
            user_errors=_errors(done, in_list=True),
        )


def _fields(given: TrackMessageInput) -> dict[str, object]:
    campaign = given.campaign
    return {
        "provider": given.provider,
        "campaign": {
            "externalId": campaign.external_id,
            "name": campaign.name,
            "type": campaign.type,
        },
        "address": given.address,
        "subject": given.subject,
        "sender": given.sender,
        "html": given.html,
        "text": given.text,
        "messageId": given.message_id,
        "isUnsubscribable": given.list_unsubscribe,
    }


def _message(found: TrackedMail | None) -> TrackedMessage | None:
    if found is None:
        return None
    return TrackedMessage(
        message_id=found.message_id,
        html=found.html,
        text=found.text,
        headers=[MailHeader(name=name, value=value) for name, value in found.headers],
        links=[TrackedLink(url=link.url, tracked_url=link.tracked_url) for link in found.links],
        unsubscribe_url=found.unsubscribe_url,
        tracked=found.is_tracked,
    )


def _errors(outcomes: Sequence[Tracking], *, in_list: bool = False) -> list[UserError]:
    return [
        user_error(error, prefix=("messages", str(place)) if in_list else ())
        for place, outcome in enumerate(outcomes)
        for error in outcome.errors
    ]
