"""Mailchimp's audience webhooks: one change of an audience a request, as a form.

https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/

They tell who subscribed, unsubscribed and was cleaned from the audience, never who was sent a
campaign, opened or clicked it. There is no id of the event, and nothing is signed: the URL carries
a secret, as the guide advises. `fired_at` is in UTC without saying so. (Mailchimp Transactional,
with opens and clicks, is `mandrill`.)
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.events import stated
from intake.providers.specification import FORM_TYPES, Credential, Provider
from intake.reading import read_form, text
from intake.requests import WebhookRequest
from intake.signatures import is_same, require_length

PARAMETER = "secret"
"""The parameter of the webhook's URL that carries `url_secret`."""

KINDS = {
    ("subscribe", ""): EventKind.RESUBSCRIBED,
    ("unsubscribe", ""): EventKind.UNSUBSCRIBED,
    ("unsubscribe", "manual"): EventKind.UNSUBSCRIBED,
    ("unsubscribe", "abuse"): EventKind.COMPLAINED,
    ("cleaned", "hard"): EventKind.BOUNCED,
    ("cleaned", "abuse"): EventKind.COMPLAINED,
}
"""`type` and `data[reason]` → kind. `profile`, `upemail` (another address), `campaign` (sent or
cancelled) and what is added later are UNKNOWN."""

DELETED = "delete"
"""`data[action]` of an unsubscribe that only took the person out of the audience."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The fields of the form, as one event."""
    fields = dict(read_form(request.body))
    if "type" not in fields:
        raise ValueError("Mailchimp sends a form with a type")
    return [fields]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One change."""
    get = raw.get
    name, reason = raw["type"], get("data[reason]", "")
    kind = KINDS.get((name, reason), EventKind.UNKNOWN)
    is_campaign = name == "campaign"
    if get("data[action]") == DELETED:
        kind, name = EventKind.UNKNOWN, f"{name}: {DELETED}"
    event = stated(
        "mailchimp",
        kind,
        request,
        occurred_at=get("fired_at"),
        to=get("data[email]") or get("data[old_email]"),
        name=name,
        campaign_id=get("data[id]") if is_campaign else get("data[campaign_id]"),
        detail=reason,
        bounce=BounceClass.HARD,
        subject=text(get("data[subject]")) if is_campaign else None,
    )
    return (event,)


def check(request: WebhookRequest, settings: Mapping[str, str]) -> bool:
    """Whether the URL that was called has `url_secret`. Raises KeyError, ValueError."""
    given = [value for name, value in parse_qsl(request.query) if name == PARAMETER]
    return len(given) == 1 and is_same(given[0], settings["url_secret"])


def check_settings(settings: Mapping[str, str]) -> None:
    """Raises ValueError for a secret that could be guessed."""
    require_length(settings, "url_secret")


PROVIDER = Provider(
    name="mailchimp",
    title="Mailchimp",
    secrets=("url_secret",),
    credential=Credential.BEARER,
    secret_parameter=PARAMETER,
    check=check,
    check_settings=check_settings,
    content_types=FORM_TYPES,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
