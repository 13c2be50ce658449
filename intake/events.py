"""anymail's normalised event, and what we found in the raw one, → one domain event."""

from datetime import datetime
from typing import Any

from domain.events import JUDGED_KINDS, BounceClass, EventKind, ReportedEvent
from intake.reading import (
    address,
    agent,
    bounce_class,
    instant,
    ip,
    mapping,
    reference,
    text,
    url,
    words,
)
from intake.requests import WebhookRequest

KINDS = {
    "queued": EventKind.ACCEPTED,
    "sent": EventKind.ACCEPTED,
    "deferred": EventKind.DEFERRED,
    "delivered": EventKind.DELIVERED,
    "bounced": EventKind.BOUNCED,
    "rejected": EventKind.REJECTED,
    "failed": EventKind.REJECTED,
    "opened": EventKind.OPENED,
    "clicked": EventKind.CLICKED,
    "complained": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "autoresponded": EventKind.AUTO_REPLIED,
}
"""anymail's event types (anymail.signals.EventType) → ours; all others are UNKNOWN."""

ACTS = frozenset(
    {EventKind.OPENED, EventKind.CLICKED, EventKind.UNSUBSCRIBED, EventKind.COMPLAINED}
)
"""Kinds whose ip and user agent are the recipient's; on the others they are a mail server's."""


def kind_of(normal: Any) -> EventKind:
    """Our kind of anymail's event."""
    return KINDS.get(normal.event_type, EventKind.UNKNOWN)


def occurred(reported_at: Any, kind: EventKind, request: WebhookRequest) -> datetime:
    """The time of the fact; for a kind we do not know, which may have none, when it reached us.

    Raises ValueError where a known kind has no usable time: its identity would change on a retry.
    """
    moment = instant(reported_at)
    if moment is None and kind is EventKind.UNKNOWN:
        moment = request.received_at
    if moment is None:
        raise ValueError(f"{kind} without a time")
    return moment


def reported(
    provider: str,
    normal: Any,
    request: WebhookRequest,
    *,
    kind: EventKind | None = None,
    bounce: BounceClass | None = None,
    occurred_at: Any = None,
    user_agent: Any = None,
    ip_address: Any = None,
    detail: Any = None,
    campaign_id: Any = None,
    campaign_name: Any = None,
    **found: Any,
) -> ReportedEvent:
    """One domain event; what is not given is taken from anymail's `normal`.

    Metadata that the sender attached decides the campaign where the provider has no id of its
    own: its keys `campaign_id` and `campaign_name`. Raises ValueError for an impossible time.
    """
    kind = kind or kind_of(normal)
    metadata = mapping(normal.metadata)
    is_act = kind in ACTS
    values: dict[str, Any] = {
        "address": address(normal.recipient),
        "message_reference": reference(normal.message_id),
        "campaign_id": reference(campaign_id) or reference(metadata.get("campaign_id")),
        "campaign_name": text(campaign_name) or text(metadata.get("campaign_name")),
        "tags": words(normal.tags),
        "url": url(normal.click_url) if kind is EventKind.CLICKED else None,
        "user_agent": _agent(user_agent, normal) if is_act else None,
        "ip": ip(ip_address) if is_act else None,
        "detail": text(detail) or text(normal.mta_response) or text(normal.description),
    }
    if kind is EventKind.BOUNCED:
        values["bounce"] = bounce or bounce_class(normal.mta_response, normal.description)
    return ReportedEvent(
        provider=provider,
        kind=kind,
        occurred_at=occurred(occurred_at or normal.timestamp, kind, request),
        **(values | found),
    )


def stated(
    provider: str,
    kind: EventKind,
    request: WebhookRequest,
    *,
    occurred_at: Any,
    to: Any,
    name: Any,
    message: Any = None,
    campaign_id: Any = None,
    campaign_name: Any = None,
    link: Any = None,
    user_agent: Any = None,
    ip_address: Any = None,
    detail: Any = None,
    bounce: BounceClass | None = None,
    is_machine: bool = False,
    **found: Any,
) -> ReportedEvent:
    """One domain event of a platform that anymail does not know, from its values as they came.

    `name` is the platform's own name of the kind: the detail of one that is UNKNOWN. What a kind
    cannot have (a link but of a click, a class but of a bounce) is left out. Raises ValueError for
    an impossible time.
    """
    is_act = kind in ACTS
    return ReportedEvent(
        provider=provider,
        kind=kind,
        occurred_at=occurred(occurred_at, kind, request),
        address=address(to),
        message_reference=reference(message),
        campaign_id=reference(campaign_id),
        campaign_name=text(campaign_name),
        url=url(link) if kind is EventKind.CLICKED else None,
        user_agent=agent(user_agent) if is_act else None,
        ip=ip(ip_address) if is_act else None,
        detail=text(name if kind is EventKind.UNKNOWN else detail),
        bounce=bounce if kind is EventKind.BOUNCED else None,
        is_machine=is_machine and kind in JUDGED_KINDS,
        **found,
    )


def _agent(user_agent: Any, normal: Any) -> str | None:
    return agent(normal.user_agent if user_agent is None else user_agent)
