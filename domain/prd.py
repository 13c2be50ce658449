"""Engagement as a state: what a platform that keeps no events tells, turned into facts.

A state names the campaign and, for each recipient, what they have done by now. It becomes events
by this table; each id, with the campaign's hash for `C`, is the same whenever the state is told
again, so a repeat adds nothing:

| member of `engagement`      | event                 | id                      | time             |
|-----------------------------|-----------------------|-------------------------|------------------|
| `delivered`                 | DELIVERED             | `state:C:delivered`     | `sentAt`         |
| `opened`, `openCount` (n)   | n × OPENED            | `state:C:open:1` … `:n` | `openedAt`       |
| each of `clickedLinks`      | CLICKED of that link  | `state:C:click:<hash>`  | `openedAt`       |
| `clicked` without links     | CLICKED               | `state:C:click`         | `openedAt`       |
| `replied`                   | REPLIED               | `state:C:reply`         | `openedAt`       |
| `unsubscribed`              | UNSUBSCRIBED          | `state:C:unsubscribe`   | `openedAt`       |
| `bounced`                   | BOUNCED               | `state:C:bounce`        | `sentAt`         |

Without `openedAt` the time is `sentAt`; one of the two must be given wherever something happened.
A count of `opened` without `openCount` is one. False and null tell nothing and undo nothing.
Customer, stakeholder and follow-up are not read: whose an address is follows from the directory.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from domain.errors import DomainError
from domain.reports import Report, instant, reported_event
from domain.text import shown

PROVIDER = "api"
"""Who tells, where a state does not say."""

MAX_OPENS = 100
"""Opens of one recipient that are told apart; a larger count is a loop, not a reader."""

MAX_LINKS = 100
MAX_RECIPIENTS = 1_000
"""Recipients of one state."""

_FLAGS = ("delivered", "opened", "clicked", "replied", "unsubscribed", "bounced")

_OF_CAMPAIGN: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("provider",): ("provider",),
    ("campaign", "externalId"): ("campaignId",),
    ("campaign", "name"): ("campaignName",),
    ("campaign", "type"): ("campaignType",),
    ("sentAt",): ("sentAt",),
}
_OF_RECIPIENT: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("address",): ("email",),
    ("url",): ("engagement", "clickedLinks"),
    ("occurredAt",): ("engagement", "openedAt"),
}
"""What a member of an event is called in a state."""

Path = tuple[str, ...]
Item = Report | DomainError


def reports_of_state(body: Mapping[str, Any]) -> list[Item]:
    """The events of a campaign's state, or of one recipient's with its campaign.

    What is wrong with one recipient costs only that one: it stands in the list as its error.
    Raises DomainError for what is wrong with the whole.
    """
    campaign = _campaign(body)
    if "customerEngagements" not in body:
        return _recipient(campaign, body, ())
    states = body["customerEngagements"]
    if not isinstance(states, list):
        raise _wrong("INVALID_TYPE", f"{shown(states)} is no list", "customerEngagements")
    if len(states) > MAX_RECIPIENTS:
        message = f"{len(states)} recipients: tell at most {MAX_RECIPIENTS} at once"
        raise _wrong("TOO_MANY", message, "customerEngagements")
    found: list[Item] = []
    for place, state in enumerate(states):
        found += _recipient(campaign, state, ("customerEngagements", str(place)))
    return found


def _campaign(body: Mapping[str, Any]) -> Mapping[str, Any]:
    campaign_id = body.get("campaignId")
    if campaign_id is None:
        raise _wrong("MISSING", "campaignId is missing: whose mail was it?", "campaignId")
    if not isinstance(campaign_id, str):
        raise _wrong("INVALID_TYPE", f"{shown(campaign_id)} is not text", "campaignId")
    kind = body.get("campaignType")
    if isinstance(kind, str):
        kind = kind.strip().upper().replace("-", "_").replace(" ", "_") or None
    if body.get("sentAt") is not None:
        instant(body["sentAt"], "sentAt")
    return {
        "provider": PROVIDER if body.get("provider") is None else body["provider"],
        "campaign_id": campaign_id.strip(),
        "campaign_name": body.get("campaignName"),
        "campaign_type": kind,
        "sent_at": body.get("sentAt"),
    }


def _recipient(campaign: Mapping[str, Any], state: object, path: Path) -> list[Item]:
    try:
        reports = list(_events(campaign, state))
        for report in reports:
            reported_event(report)
    except DomainError as error:
        field = error.field or ()
        if field in _OF_CAMPAIGN:
            raise DomainError(error.code, error.message, _OF_CAMPAIGN[field]) from error
        return [DomainError(error.code, error.message, (*path, *_OF_RECIPIENT.get(field, field)))]
    return list(reports)


def _events(campaign: Mapping[str, Any], state: object) -> Iterator[Report]:
    email, engagement = _engagement(state)
    opened_at = engagement.get("openedAt")
    sent_at = campaign["sent_at"]
    # The same act of the same person on another campaign is another fact.
    whose = _hash(campaign["campaign_id"])
    for kind, told_by, url in _acts(engagement):
        is_sending = kind in ("DELIVERED", "BOUNCED")
        at = sent_at if is_sending or opened_at is None else opened_at
        at = opened_at if at is None else at
        if at is None:
            message = "sentAt is missing: without it a repeat would count again"
            raise _wrong("MISSING", message, "sentAt")
        yield Report(
            **campaign,
            provider_event_id=f"state:{whose}:{told_by}",
            address=email,
            kind=kind,
            occurred_at=at,
            url=url,
        )


def _engagement(state: object) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(state, Mapping):
        raise _wrong("INVALID_TYPE", f"{shown(state)} is no recipient: give an object")
    if not isinstance(state.get("email"), str):
        raise _wrong("MISSING", "email is missing: whose mail was it?", "email")
    engagement = state.get("engagement")
    if not isinstance(engagement, Mapping):
        raise _wrong("MISSING", "engagement is missing: what did they do?", "engagement")
    for name in _FLAGS:
        if not isinstance(engagement.get(name), bool | None):
            message = f"{shown(engagement[name])} is neither true nor false"
            raise _wrong("INVALID_TYPE", message, "engagement", name)
    return state["email"], engagement


def _acts(engagement: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Kind, id and link of each event that the state tells."""
    if engagement.get("delivered"):
        yield "DELIVERED", "delivered", None
    for number in range(1, _opens(engagement) + 1):
        yield "OPENED", f"open:{number}", None
    links = _links(engagement)
    for link in links:
        yield "CLICKED", f"click:{_hash(link)}", link
    if engagement.get("clicked") and not links:
        yield "CLICKED", "click", None
    if engagement.get("replied"):
        yield "REPLIED", "reply", None
    if engagement.get("unsubscribed"):
        yield "UNSUBSCRIBED", "unsubscribe", None
    if engagement.get("bounced"):
        yield "BOUNCED", "bounce", None


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _opens(engagement: Mapping[str, Any]) -> int:
    count = engagement.get("openCount")
    if count is None:
        count = 0
    if type(count) is not int or count < 0:
        message = f"{shown(count)} is no count of opens"
        raise _wrong("INVALID_TYPE", message, "engagement", "openCount")
    return min(MAX_OPENS, max(count, int(bool(engagement.get("opened")))))


def _links(engagement: Mapping[str, Any]) -> Sequence[str]:
    links = engagement.get("clickedLinks")
    if links is None:
        return ()
    if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
        message = f"{shown(links)} is no list of links"
        raise _wrong("INVALID_TYPE", message, "engagement", "clickedLinks")
    if len(links) > MAX_LINKS:
        message = f"{len(links)} links: tell at most {MAX_LINKS} a recipient"
        raise _wrong("TOO_MANY", message, "engagement", "clickedLinks")
    return sorted(set(links))


def _wrong(code: str, message: str, *path: str) -> DomainError:
    return DomainError(code, message, path or None)
