"""Which campaigns, customers and recipients to list."""

from datetime import datetime

import strawberry

from domain.errors import DomainError
from domain.scoring import LEVELS, mass_at
from domain.text import is_storable
from schema import ids
from schema.enums import CampaignType, Level, RecommendationKind, RecommendationStatus
from schema.scalars import instant
from store import campaigns, customers, recipients, recommendations

MAX_SEARCH = 200
"""Characters of a search text."""

HOURS_OF_WEEK = 168


@strawberry.input(description="Which campaigns to list; each member that is given narrows.")
class CampaignFilter:
    type: CampaignType | None = strawberry.field(
        default=None, description="Only of this type; null means all, also those of none."
    )
    search: str | None = strawberry.field(
        default=None,
        description="Only those with this text, of at most 200 characters, in name or subject, "
        "whatever its case; null means all.",
    )
    sent_since: datetime | None = strawberry.field(
        default=None, description="Only those sent at or after this; null means no limit."
    )
    sent_until: datetime | None = strawberry.field(
        default=None, description="Only those sent before this; null means no limit."
    )
    provider: str | None = strawberry.field(
        default=None, description="Only those sent with this platform; null means all."
    )
    provisional: bool = strawberry.field(
        default=False,
        description="True lists what is not held to be a bulk send, or not yet, instead of "
        "campaigns: nothing for those who are neither managers nor admins.",
    )

    def chosen(self) -> campaigns.CampaignFilter:
        """As the store takes it. Raises DomainError."""
        since, until = self.sent_since, self.sent_until
        return campaigns.CampaignFilter(
            type=self.type,
            search=_text(self.search, "search"),
            sent_since=None if since is None else instant(since, "filter", "sentSince"),
            sent_until=None if until is None else instant(until, "filter", "sentUntil"),
            provider=_text(self.provider, "provider"),
            provisional=self.provisional,
        )


@strawberry.input(description="Which customers to list; each member that is given narrows.")
class CustomerFilter:
    search: str | None = strawberry.field(
        default=None,
        description="Only those with this text, of at most 200 characters, in name, external id or "
        "a domain, whatever its case; null means all.",
    )
    segment: str | None = strawberry.field(
        default=None, description="Only of this segment, as it is written; null means all."
    )
    csm_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only of this CSM's portfolio; null means all the viewer sees."
    )
    levels: list[Level] | None = strawberry.field(
        default=None,
        description="Only those whose score is of one of these levels, which must be neighbours "
        "and not NONE, e.g. [HIGH, MEDIUM]; null means all.",
    )
    dark: bool | None = strawberry.field(
        default=None,
        description="True lists only those of whom nobody has done anything for 60 days though "
        "mail arrived; null and false list all.",
    )

    def chosen(self, now: datetime) -> customers.CustomerFilter:
        """As the store takes it; scores are as of `now`. Raises DomainError."""
        least, most = _masses(self.levels, now)
        return customers.CustomerFilter(
            least_mass=least,
            most_mass=most,
            dark_by=now if self.dark else None,
            search=_text(self.search, "search"),
            segment=_text(self.segment, "segment"),
            csm_id=None if not self.csm_id else ids.number(self.csm_id, "Csm"),
        )


@strawberry.input(description="Which recommendations to list; each member that is given narrows.")
class RecommendationFilter:
    statuses: list[RecommendationStatus] | None = strawberry.field(
        default=None, description="Only of these; null means what is to be done: OPEN and STARTED."
    )
    kinds: list[RecommendationKind] | None = strawberry.field(
        default=None, description="Only of these kinds; null means all, an empty list none."
    )
    csm_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only of this CSM's customers; null means all the viewer sees."
    )
    is_risk: bool | None = strawberry.field(
        default=None, description="True lists only risks, false only others; null means both."
    )

    def chosen(self) -> recommendations.RecommendationFilter:
        """As the store takes it. Raises DomainError."""
        return recommendations.RecommendationFilter(
            statuses=recommendations.TO_DO
            if self.statuses is None
            else tuple(sorted(set(self.statuses))),
            kinds=None if self.kinds is None else tuple(self.kinds),
            csm_id=None if not self.csm_id else ids.number(self.csm_id, "Csm"),
            is_risk=self.is_risk,
        )


def _masses(levels: list[Level] | None, now: datetime) -> tuple[float | None, float | None]:
    """The stored sums between which scores of these levels lie."""
    if levels is None:
        return None, None
    places = sorted({ORDER.index(level) for level in levels if level in ORDER})
    if not places or Level.NONE in levels or places != list(range(places[0], places[-1] + 1)):
        message = "give neighbouring levels of HIGH, MEDIUM and LOW"
        raise DomainError("INVALID_LEVELS", message, ("filter", "levels"))
    above = LEVELS[places[0] - 1][0] if places[0] else None
    return mass_at(LEVELS[places[-1]][0], now), None if above is None else mass_at(above, now)


ORDER = [level for _, level in LEVELS]
"""The levels that scores have, highest first."""


@strawberry.input(description="Which recipients to list; each member that is given narrows.")
class RecipientFilter:
    engaged: bool | None = strawberry.field(
        default=None,
        description="Whether a person opened, clicked, replied or forwarded; null means either.",
    )
    opened: bool | None = strawberry.field(
        default=None, description="Whether a person opened; null means either."
    )
    clicked: bool | None = strawberry.field(
        default=None, description="Whether a person clicked; null means either."
    )
    replied: bool | None = strawberry.field(
        default=None, description="Whether a person replied; null means either."
    )
    bounced: bool | None = strawberry.field(
        default=None, description="Whether the mail came back, hard or soft; null means either."
    )
    unsubscribed: bool | None = strawberry.field(
        default=None, description="Whether a person unsubscribed; null means either."
    )
    matched: bool | None = strawberry.field(
        default=None, description="Whether the address is some customer's; null means either."
    )
    internal: bool | None = strawberry.field(
        default=None, description="Whether the address is the company's own; null means either."
    )
    delivered: bool | None = strawberry.field(
        default=None,
        description="Whether the mail arrived, as the funnel counts; null means either.",
    )
    hard_bounced: bool | None = strawberry.field(
        default=None, description="Whether the mail came back for good; null means either."
    )
    soft_bounced: bool | None = strawberry.field(
        default=None, description="Whether the mail came back for now; null means either."
    )
    rejected: bool | None = strawberry.field(
        default=None, description="Whether the provider did not send it; null means either."
    )
    complained: bool | None = strawberry.field(
        default=None, description="Whether it was marked as spam; null means either."
    )
    forwarded: bool | None = strawberry.field(
        default=None, description="Whether it was passed on, as far as is known; null means either."
    )
    opened_by_machine: bool | None = strawberry.field(
        default=None, description="Whether a machine opened; null means either."
    )
    clicked_by_machine: bool | None = strawberry.field(
        default=None, description="Whether a machine clicked; null means either."
    )
    clicked_url: str | None = strawberry.field(
        default=None,
        description="Only those for whom this very link was followed, by whomever; null means all.",
    )
    segment: str | None = strawberry.field(
        default=None,
        description="Only those matched to a customer of this segment, as it is written; empty "
        "text means customers without one, null all.",
    )
    csm_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those matched to a customer of this CSM; null means all."
    )
    opened_hour: int | None = strawberry.field(
        default=None,
        description="Only those whose first opening by a person fell into this hour of their own "
        "week, 0 (Monday 0:00) to 167; null means all.",
    )
    clicked_hour: int | None = strawberry.field(
        default=None,
        description="Only those whose first click by a person fell into this hour of their own "
        "week, 0 (Monday 0:00) to 167; null means all.",
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those matched to this customer; null means all."
    )

    def chosen(self) -> recipients.RecipientFilter:
        """As the store takes it. Raises DomainError."""
        return recipients.RecipientFilter(
            **{name: getattr(self, name) for name in FLAGS},
            customer_id=None if not self.customer_id else ids.number(self.customer_id, "Customer"),
            clicked_url=_storable(self.clicked_url, "clickedUrl"),
            segment=_text(self.segment, "segment"),
            csm_id=None if not self.csm_id else ids.number(self.csm_id, "Csm"),
            opened_hour=_hour(self.opened_hour, "openedHour"),
            clicked_hour=_hour(self.clicked_hour, "clickedHour"),
        )


def search_text(text: str) -> str:
    """A text that must be given. Raises DomainError."""
    if not 0 < len(text.strip()) <= MAX_SEARCH or not is_storable(text):
        message = f"search has 1 to {MAX_SEARCH} characters, none of them NUL"
        raise DomainError("INVALID_TEXT", message, ("search",))
    return text.strip()


def _text(text: str | None, name: str) -> str | None:
    if text is not None and (len(text) > MAX_SEARCH or not is_storable(text)):
        message = f"{name} has at most {MAX_SEARCH} characters, none of them NUL"
        raise DomainError("INVALID_TEXT", message, ("filter", name))
    return text


FLAGS = (
    "engaged", "opened", "clicked", "replied", "bounced", "unsubscribed", "matched", "internal",
    "delivered", "hard_bounced", "soft_bounced", "rejected", "complained", "forwarded",
    "opened_by_machine", "clicked_by_machine",
)  # fmt: skip
"""Members that are either so or not, named alike in the store."""


def _storable(text: str | None, name: str) -> str | None:
    if text is not None and not is_storable(text):
        raise DomainError("INVALID_TEXT", f"{name} has no NUL characters", ("filter", name))
    return text


def _hour(hour: int | None, name: str) -> int | None:
    if hour is not None and not 0 <= hour < HOURS_OF_WEEK:
        message = f"{name} is {hour}: give an hour of the week, 0 (Monday 0:00) to 167"
        raise DomainError("INVALID_HOUR", message, ("filter", name))
    return hour
