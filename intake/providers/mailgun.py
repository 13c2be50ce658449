"""Mailgun's webhooks: one event a request, JSON; until 2018 a form, which old accounts still send.

https://documentation.mailgun.com/docs/mailgun/user-manual/events/webhooks

`event-data.id` is unique within a day and the same on every retry; it identifies the fact together
with its date. The form has no such id. The signature covers a timestamp and a token alone, not the
event, and may be of any age: a replayed request repeats a fact we have, which changes nothing.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import django_request, vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import FORM_TYPES, JSON_TYPES, Credential, Provider
from intake.reading import bounce_class, mapping, read_json, reference, text, without_nul
from intake.requests import WebhookRequest

VIEW = "mailgun.MailgunTrackingWebhookView"

SUPPRESSED = frozenset({"suppress-bounce", "suppress-complaint", "suppress-unsubscribe"})
"""Reasons for which Mailgun did not try: the address is on one of its suppression lists."""

BOTS = frozenset({"apple", "gmail", "generic"})
"""Values of `client-info.bot`: Apple's privacy protection, Gmail's prefetch, and scanners
(documentation.mailgun.com, open and click bot detection); "" is a person."""

SEVERITIES = {"permanent": BounceClass.HARD, "temporary": BounceClass.SOFT}

_FORMS = FORM_TYPES | {"multipart/form-data"}


def split(request: WebhookRequest) -> Sequence[Any]:
    """The one event: a JSON object, or Django's QueryDict of the old form."""
    if request.content_type in _FORMS:
        return [_form(request)]
    event = read_json(request.body)
    if not isinstance(event, dict) or not isinstance(event.get("event-data"), dict):
        raise ValueError("Mailgun sends an object with a signature and event-data")
    return [event]


def _form(request: WebhookRequest) -> Any:
    form = django_request(request).POST.copy()
    for name in list(form):
        form.setlist(name, without_nul(form.getlist(name)))
    if "event" not in form:
        raise ValueError("Mailgun's form has no event; an inbound route belongs elsewhere")
    return form


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event of either form."""
    return [_report_json(raw, request) if type(raw) is dict else _report_form(raw, request)]


def _report_json(raw: dict[str, Any], request: WebhookRequest) -> ReportedEvent:
    fact = raw["event-data"]
    normal = vocabulary(VIEW).esp_to_anymail_event(raw)
    kind = kind_of(normal)
    if kind is EventKind.BOUNCED and fact.get("reason") in SUPPRESSED:
        kind = EventKind.REJECTED
    client = mapping(fact.get("client-info"))
    headers = mapping(mapping(fact.get("message")).get("headers"))
    return reported(
        "mailgun",
        normal,
        request,
        kind=kind,
        bounce=_bounce(fact),
        ip_address=fact.get("ip"),
        detail=fact.get("event") if kind is EventKind.UNKNOWN else None,
        provider_event_id=reference(fact.get("id")),
        campaign_id=_campaign(fact),
        campaign_name=_campaign_name(fact),
        subject=text(headers.get("subject")),
        sender=text(headers.get("from")),
        is_machine=client.get("bot") in BOTS,
    )


def _bounce(fact: dict[str, Any]) -> BounceClass | None:
    """A permanent failure whose status is of class 4 is a temporary one that was given up."""
    status = mapping(fact.get("delivery-status"))
    found = bounce_class(status.get("enhanced-code"), status.get("message"), status.get("code"))
    return found or SEVERITIES.get(str(fact.get("severity")))


def _first_campaign(fact: dict[str, Any]) -> Any:
    campaigns = fact.get("campaigns")
    return mapping(campaigns[0]) if isinstance(campaigns, list) and campaigns else {}


def _campaign(fact: dict[str, Any]) -> Any:
    return _first_campaign(fact).get("id")


def _campaign_name(fact: dict[str, Any]) -> Any:
    return _first_campaign(fact).get("name")


def _report_form(form: Any, request: WebhookRequest) -> ReportedEvent:
    normal = vocabulary(VIEW).mailgun_legacy_to_anymail_event(form)
    kind = kind_of(normal)
    return reported(
        "mailgun",
        normal,
        request,
        kind=kind,
        bounce=bounce_class(form.get("code"), form.get("error")) or BounceClass.HARD
        if kind is EventKind.BOUNCED
        else None,
        ip_address=form.get("ip"),
        detail=form.get("event") if kind is EventKind.UNKNOWN else None,
        campaign_id=form.get("campaign-id"),
        campaign_name=form.get("campaign-name"),
    )


PROVIDER = Provider(
    name="mailgun",
    title="Mailgun",
    view=VIEW,
    secrets=("webhook_signing_key",),
    options=("webhook_secret",),
    credential=Credential.BODY,
    content_types=JSON_TYPES | _FORMS,
    has_stable_event_ids=True,
    split=split,
    report=report,
    damaged_status=406,
)
