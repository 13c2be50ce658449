"""HubSpot's marketing email events: pulled from its Email Events API, or pushed to our webhook.

https://developers.hubspot.com/docs/api-reference/legacy/email-analytics-v1/guide
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation

An event is named by its random `id` (with `created`), the same however often it is read. Types that
the guide leaves out stand in the API's own refusal of an unknown one (HubSpot/hubspot-api-python
issue 413). A webhook carries the API's answer, an array of events or one event; notifications of
changes in the CRM are UNKNOWN. What is pulled has the campaigns' names beside the events.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import unquote

from domain.events import JUDGED_KINDS, BounceClass, EventKind, ReportedEvent
from intake.events import ACTS, occurred
from intake.providers.specification import Credential, Provider
from intake.reading import (
    address,
    agent,
    bounce_class,
    instant,
    ip,
    items,
    mapping,
    read_json,
    reference,
    text,
    url,
)
from intake.requests import WebhookRequest

KINDS = {
    "SENT": EventKind.ACCEPTED,
    "PROCESSED": EventKind.ACCEPTED,
    "DROPPED": EventKind.REJECTED,
    "MTA_DROPPED": EventKind.REJECTED,
    "SUPPRESSED": EventKind.REJECTED,
    "DEFERRED": EventKind.DEFERRED,
    "DELIVERED": EventKind.DELIVERED,
    "BOUNCE": EventKind.BOUNCED,
    "OPEN": EventKind.OPENED,
    "CLICK": EventKind.CLICKED,
    "FORWARD": EventKind.FORWARDED,
    "REPLY": EventKind.REPLIED,
    "UNSUBSCRIBED": EventKind.UNSUBSCRIBED,
    "SPAMREPORT": EventKind.COMPLAINED,
}
"""`type` → kind; STATUSCHANGE depends on the status, the rest (PRINT, UNBOUNCE …) are UNKNOWN."""

HARD, SOFT = BounceClass.HARD, BounceClass.SOFT
BOUNCES = {
    "CONTENT": HARD,
    "POLICY": HARD,
    "SPAM": HARD,
    "UNKNOWN_USER": HARD,
    "DMARC": SOFT,
    "DNS_FAILURE": SOFT,
    "DOMAIN_REPUTATION": SOFT,
    "FILTERED": SOFT,
    "GREYLISTING": SOFT,
    "IP_REPUTATION": SOFT,
    "ISP_MISCONFIGURATION": SOFT,
    "MAILBOX_FULL": SOFT,
    "MAILBOX_MISCONFIGURATION": SOFT,
    "SENDING_DOMAIN_MISCONFIGURATION": SOFT,
    "TEMPORARY_PROBLEM": SOFT,
    "THROTTLED": SOFT,
    "TIMEOUT": SOFT,
}
"""`category` of a bounce → class, as HubSpot's contact properties part hard from soft reasons
(knowledge.hubspot.com, email bounce types); UNCATEGORIZED goes by its status."""

SIGNATURE_TOLERANCE = timedelta(minutes=5)
"""How old a signed request may be (HubSpot, request validation)."""

_DECODED = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
"""Escapes of the URL that HubSpot signs decoded (request validation, v3)."""


class Raw(NamedTuple):
    """An event with what is known of its campaign."""

    event: Mapping[str, Any]
    campaign: Mapping[str, Any]


def split(request: WebhookRequest) -> Sequence[Any]:
    """The events of the API's answer, of an array, or the one event."""
    tree = read_json(request.body)
    found = [tree] if isinstance(tree, dict) else tree
    if isinstance(tree, dict) and "events" in tree:
        found = tree["events"]
    if not isinstance(found, list):
        raise ValueError("HubSpot sends events: an array, an object with `events`, or one event")
    if found == [tree] and not {"type", "subscriptionType"} & set(tree):
        raise ValueError("HubSpot sends events, and this object has neither `events` nor a `type`")
    campaigns = mapping(tree.get("campaigns")) if isinstance(tree, dict) else {}
    return [Raw(event, _campaign(event, campaigns)) for event in found]


def _campaign(event: Any, campaigns: Mapping[str, Any]) -> Mapping[str, Any]:
    if not campaigns or not isinstance(event, dict):
        return {}
    return mapping(campaigns.get(str(event.get("emailCampaignId"))))


def report(raw: Raw, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event. `obsoletedBy` changes nothing: what a later event says better happened all the
    same, and folding knows which of them counts."""
    event = raw.event
    get = event.get
    kind = _kind(event)
    is_act = kind in ACTS
    return (
        ReportedEvent(
            provider="hubspot",
            kind=kind,
            occurred_at=occurred(_seconds(get("created", get("occurredAt"))), kind, request),
            address=address(get("recipient")),
            provider_event_id=reference(get("id")),
            message_reference=_message(event),
            campaign_id=reference(get("emailCampaignId") or None),
            campaign_name=text(raw.campaign.get("name")),
            subject=text(get("subject")) or text(raw.campaign.get("subject")),
            sender=text(get("from")),
            sent_at=instant(_seconds(_sent(event).get("created"))),
            url=url(get("url")) if kind is EventKind.CLICKED else None,
            user_agent=agent(get("userAgent")) if is_act else None,
            ip=ip(get("ipAddress")) if is_act else None,
            detail=_detail(event, kind),
            bounce=_bounce(event) if kind is EventKind.BOUNCED else None,
            is_machine=kind in JUDGED_KINDS and get("filteredEvent") is True,
        ),
    )


def _kind(event: Mapping[str, Any]) -> EventKind:
    name = event.get("type")
    if name == "STATUSCHANGE":
        return _status_kind(event)
    return KINDS.get(name, EventKind.UNKNOWN) if isinstance(name, str) else EventKind.UNKNOWN


def _status_kind(event: Mapping[str, Any]) -> EventKind:
    """What became of the subscription to everything, or of those to some kinds of mail."""
    one_by_one = [mapping(one).get("status") for one in items(event.get("subscriptions"))]
    statuses = (event.get("portalSubscriptionStatus"), *one_by_one)
    if "UNSUBSCRIBED" in statuses:
        return EventKind.UNSUBSCRIBED
    return EventKind.RESUBSCRIBED if "SUBSCRIBED" in statuses else EventKind.UNKNOWN


def _sent(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The id and time of the message's SENT event."""
    return event if event.get("type") == "SENT" else mapping(event.get("sentBy"))


def _message(event: Mapping[str, Any]) -> str | None:
    """The mail's X-HubSpot-MID where the account reports it, else its SENT event's id."""
    return reference(event.get("hmid")) or reference(_sent(event).get("id"))


def _seconds(milliseconds: Any) -> Any:
    is_number = isinstance(milliseconds, (int, float)) and not isinstance(milliseconds, bool)
    return milliseconds / 1000 if is_number else milliseconds


def _bounce(event: Mapping[str, Any]) -> BounceClass | None:
    known = BOUNCES.get(str(event.get("category")))
    return known or bounce_class(event.get("status"), event.get("response"))


def _detail(event: Mapping[str, Any], kind: EventKind) -> str | None:
    get = event.get
    if kind is EventKind.UNKNOWN:
        return text(get("type") or get("subscriptionType"))
    if kind is EventKind.REJECTED:
        words = (get("dropReason"), get("suppressedReason"), get("dropMessage"))
        said = [*filter(None, map(text, (*words, get("suppressedMessage"))))]
        return text(": ".join(said))
    if kind in (EventKind.UNSUBSCRIBED, EventKind.RESUBSCRIBED):
        return text(get("source"))
    return text(get("response")) or text(get("category"))


def is_signed(request: WebhookRequest, settings: Mapping[str, str]) -> bool:
    """Whether the request was signed with `client_secret`, lately. Raises KeyError, ValueError."""
    sent_at = request.headers["x-hubspot-request-timestamp"]
    signed_at = instant(int(sent_at) / 1000)
    if request.received_at is None or signed_at is None:
        return False
    if abs(request.received_at - signed_at) > SIGNATURE_TOLERANCE:
        return False
    where = settings.get("webhook_url") or request.url
    called = _DECODED.sub(lambda found: unquote(found[0]), where)
    signed = f"{request.method}{called}".encode() + request.body + sent_at.encode()
    expected = b64encode(hmac.digest(settings["client_secret"].encode(), signed, sha256))
    given = request.headers["x-hubspot-signature-v3"]
    return hmac.compare_digest(given.encode(), expected)


PROVIDER = Provider(
    name="hubspot",
    title="HubSpot",
    secrets=("client_secret",),
    options=("webhook_url",),
    pulls_with=("access_token",),
    credential=Credential.HEADER,
    signature_header="x-hubspot-signature-v3",
    check=is_signed,
    has_stable_event_ids=True,
    split=split,
    report=report,
)
