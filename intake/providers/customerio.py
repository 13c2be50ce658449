"""Customer.io's reporting webhooks: one event a request, named by object_type and metric.

https://docs.customer.io/journeys/webhooks/ and https://docs.customer.io/integrations/api/webhooks/

An open or click by a person may be reported twice, as `opened` and as `human_opened`, under two
`event_id`s. Facts are therefore told apart by what they say (delivery, link, second), which is the
same on both and on a retry, and not by the id.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.events import EventKind, ReportedEvent
from intake.events import stated
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, instant, is_true, mapping, read_json, reference, text
from intake.requests import WebhookRequest
from intake.signatures import is_signed

KINDS = {
    "email_sent": EventKind.ACCEPTED,
    "email_attempted": EventKind.DEFERRED,
    "email_deferred": EventKind.DEFERRED,
    "email_delivered": EventKind.DELIVERED,
    "email_opened": EventKind.OPENED,
    "email_human_opened": EventKind.OPENED,
    "email_clicked": EventKind.CLICKED,
    "email_human_clicked": EventKind.CLICKED,
    "email_bounced": EventKind.BOUNCED,
    "email_dropped": EventKind.REJECTED,
    "email_undeliverable": EventKind.REJECTED,
    "email_failed": EventKind.REJECTED,
    "email_spammed": EventKind.COMPLAINED,
    "email_unsubscribed": EventKind.UNSUBSCRIBED,
    "customer_unsubscribed": EventKind.UNSUBSCRIBED,
    "customer_subscribed": EventKind.RESUBSCRIBED,
}
"""object_type and metric → kind. `attempted` will be tried again; `dropped` is on the suppression
list, `undeliverable` beyond a limit of the workspace. `drafted`, `converted`, changed preferences
and what is added later are UNKNOWN."""

OTHER_CHANNELS = frozenset(
    {"in_app", "inbox", "line", "push", "slack", "sms", "webhook", "whatsapp"}
)

SENDS = (
    ("newsletter_id", "newsletter"),
    ("broadcast_id", "broadcast"),
    ("campaign_id", "campaign"),
    ("transactional_message_id", "transactional"),
)
"""What sent the mail, the most particular first. Each counts its ids from one, so the word is part
of ours."""

RETRIED_FOR = timedelta(days=7)
"""How long a request is tried again (docs.customer.io, timeouts and failures); that each attempt is
signed anew is nowhere said."""

CLOCK_SKEW = timedelta(minutes=5)


def split(request: WebhookRequest) -> Sequence[Any]:
    """The one event."""
    event = read_json(request.body)
    if not isinstance(event, dict) or "metric" not in event:
        raise ValueError("Customer.io sends an object with an object_type and a metric")
    return [event]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event, unless it is another channel's."""
    channel = raw.get("object_type")
    if isinstance(channel, str) and channel in OTHER_CHANNELS:
        return ()
    name = f"{channel}_{raw['metric']}"
    kind = KINDS.get(name, EventKind.UNKNOWN)
    found = mapping(raw.get("data"))
    failure = found.get("failure_message")
    event = stated(
        "customerio",
        kind,
        request,
        occurred_at=raw.get("timestamp"),
        to=_address(found),
        name=name,
        message=found.get("delivery_id"),
        campaign_id=_campaign(found),
        link=found.get("href"),
        detail=failure,
        bounce=bounce_class(failure),
        subject=text(found.get("subject")),
        is_machine=is_true(found.get("prefetched")) or is_true(found.get("machine")),
    )
    return (event,)


def _address(found: Mapping[str, Any]) -> Any:
    """The mail's recipient; events about a person have the person's address instead."""
    who = mapping(found.get("identifiers"))
    return found.get("recipient") or found.get("email_address") or who.get("email")


def _campaign(found: Mapping[str, Any]) -> str | None:
    """The send; within a workflow its action, of which each is a mail of its own. The variations of
    a test belong to the action that tests them."""
    for field, word in SENDS:
        sent_by = reference(found.get(field))
        if sent_by is not None:
            action = reference(found.get("parent_action_id")) or reference(found.get("action_id"))
            is_workflow = word in ("broadcast", "campaign")
            return f"{word}:{sent_by}:{action}" if action and is_workflow else f"{word}:{sent_by}"
    return None


def check(request: WebhookRequest, settings: Mapping[str, str]) -> bool:
    """Whether it was signed with `signing_key`, within the time of retries. Raises KeyError,
    ValueError."""
    sent_at = request.headers["x-cio-timestamp"]
    signed_at = instant(int(sent_at))
    if request.received_at is None or signed_at is None:
        return False
    if not -CLOCK_SKEW <= request.received_at - signed_at <= RETRIED_FOR + CLOCK_SKEW:
        return False
    signature = request.headers["x-cio-signature"]
    return is_signed(signature, settings["signing_key"], f"v0:{sent_at}:".encode(), request.body)


PROVIDER = Provider(
    name="customerio",
    title="Customer.io",
    secrets=("signing_key",),
    credential=Credential.HEADER,
    signature_header="x-cio-signature",
    check=check,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
