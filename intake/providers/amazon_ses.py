"""Amazon SES, through Amazon SNS: event publishing, or the older notifications of an identity.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

The SNS MessageId is the same on every retry. One notification may name several recipients: one
event each. SES does not say which of them opened or clicked: each of them did.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake import sns
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, instant, items, mapping, read_json, reference, text
from intake.requests import WebhookRequest

VIEW = "amazon_ses.AmazonSESTrackingWebhookView"

DETAILS = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}
"""Where the details of an event type stand, if not under its name in lower case."""

BOUNCES = {"Permanent": BounceClass.HARD, "Transient": BounceClass.SOFT}

NO_SUCH_DOMAIN = "5.4.4"
"""The status of a `Transient` bounce that is final: the domain cannot be routed to (RFC 3463)."""

SETUP = frozenset(
    {
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "AMAZON_SES_SETUP_NOTIFICATION",
    }
)
"""What SES publishes once when a topic is connected."""

Raw = tuple[dict[str, Any], dict[str, Any]]


def split(request: WebhookRequest) -> Sequence[Raw]:
    """The SNS message and the SES event in it; none in a message about the subscription."""
    message = sns.read_message(request.body)
    if message["Type"] != sns.NOTIFICATION or message["Message"].strip() in SETUP:
        return []
    event = read_json(message["Message"].encode())
    if not isinstance(event, dict):
        raise ValueError("the SNS message holds no event of Amazon SES")
    if _name(event) in SETUP:
        return []
    return [(message, event)]


def report(raw: Raw, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event for each recipient that the notification names."""
    message, event = raw
    name = _name(event)
    fact = mapping(event.get(DETAILS.get(name, name.lower())))
    mail = mapping(event.get("mail"))
    addressed = {**event, "mail": {**mail, "destination": _recipients(mail, fact)}}
    normals = vocabulary(VIEW).esp_to_anymail_events(addressed, message)
    return [_report(normal, name, fact, mail, request) for normal in normals]


def _name(event: Mapping[str, Any]) -> str:
    return text(event.get("eventType")) or text(event.get("notificationType")) or ""


def _recipients(mail: Mapping[str, Any], fact: Mapping[str, Any]) -> list[Any]:
    """A delay names its own recipients; everything else is about all; an unknown event may be of
    none."""
    delayed = [mapping(one).get("emailAddress") for one in items(fact.get("delayedRecipients"))]
    return delayed or items(mail.get("destination")) or [None]


def _report(
    normal: Any,
    name: str,
    fact: Mapping[str, Any],
    mail: Mapping[str, Any],
    request: WebhookRequest,
) -> ReportedEvent:
    kind = _kind(name, fact, kind_of(normal))
    headers, tags = mapping(mail.get("commonHeaders")), mapping(mail.get("tags"))
    return reported(
        "amazon-ses",
        normal,
        request,
        kind=kind,
        bounce=_bounce(normal, fact) if kind is EventKind.BOUNCED else None,
        occurred_at=fact.get("timestamp") or (mail.get("timestamp") if name == "Send" else None),
        ip_address=fact.get("ipAddress"),
        detail=name if kind is EventKind.UNKNOWN else fact.get("delayType"),
        provider_event_id=reference(normal.event_id),
        campaign_id=_tag(tags, "campaign_id") or _tag(tags, "campaign"),
        campaign_name=_tag(tags, "campaign_name"),
        subject=text(headers.get("subject")),
        sender=text((items(headers.get("from")) or [None])[0]) or text(mail.get("source")),
        sent_at=instant(mail.get("timestamp")),
    )


def _tag(tags: Mapping[str, Any], name: str) -> Any:
    values = items(tags.get(name))
    return values[0] if values else None


def _kind(name: str, fact: Mapping[str, Any], kind: EventKind) -> EventKind:
    if name == "DeliveryDelay":
        return EventKind.DEFERRED
    if name == "Subscription":
        return _subscription(fact)
    if fact.get("complaintFeedbackType") == "not-spam":
        return EventKind.UNKNOWN
    return kind


def _subscription(fact: Mapping[str, Any]) -> EventKind:
    """Opted out of everything, or of a topic that was wanted until now; or the other way round."""
    new, old = mapping(fact.get("newTopicPreferences")), mapping(fact.get("oldTopicPreferences"))
    if new.get("unsubscribeAll") is True or _topics_out(new) - _topics_out(old):
        return EventKind.UNSUBSCRIBED
    if old.get("unsubscribeAll") is True or _topics_out(old) - _topics_out(new):
        return EventKind.RESUBSCRIBED
    return EventKind.UNKNOWN


def _topics_out(preferences: Mapping[str, Any]) -> set[Any]:
    topics = map(mapping, items(preferences.get("topicSubscriptionStatus")))
    return {
        str(one.get("topicName")) for one in topics if one.get("subscriptionStatus") == "OptOut"
    }


def _bounce(normal: Any, fact: Mapping[str, Any]) -> BounceClass | None:
    recipients = map(mapping, items(fact.get("bouncedRecipients")))
    status = next(
        (one.get("status") for one in recipients if one.get("emailAddress") == normal.recipient),
        None,
    )
    if status == NO_SUCH_DOMAIN:
        return BounceClass.HARD
    found = BOUNCES.get(str(fact.get("bounceType")))
    return found or bounce_class(status, normal.mta_response)


PROVIDER = Provider(
    name="amazon-ses",
    title="Amazon SES",
    view="base.AnymailBaseWebhookView",
    secrets=("topic_arn",),
    options=("webhook_secret",),
    own_settings=("topic_arn",),
    credential=Credential.BODY,
    authenticate=sns.authenticate,
    handshake=sns.handshake,
    has_stable_event_ids=True,
    split=split,
    report=report,
)
