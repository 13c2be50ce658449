"""The conditions of workflows, as they are given and as they are shown."""

from collections.abc import Mapping
from typing import Any

import strawberry

from domain.conditions import (
    AllOf,
    AnyOf,
    AtLevel,
    Happened,
    InSegment,
    Not,
    Silent,
    Unanswered,
)
from domain.conditions import (
    Condition as Tree,
)
from schema import ids, seen
from schema.enums import CampaignType, EventKind, Level
from schema.references import Campaign
from schema.scalars import Info

KIND = "The kind of event; opens, clicks and unsubscribes are people's, never machines'."
AT_LEAST = "How many at least, 1 to 1,000."
WITHIN = "Within how many days, 1 to 365."
TYPE = "Of campaigns of this type; null means of any."
TOPIC = "About this topic: the link's own, else the campaign's; null means any."
PATTERN = (
    "Of links like this, `*` being anything, e.g. `*/pricing*`; compared with the whole address, "
    "without its scheme where the pattern has none. Only for CLICKED; null means any."
)
ALL = "Every one of these holds."
ANY = "At least one of these holds."
NOT = "This does not hold."
SILENT = "Mail arrived, and for so many days (1 to 365) the person did nothing with any."
UNANSWERED = "So many mails (1 to 50) in a row arrived without any engagement since."
SEGMENTS = "The customer is of one of these segments."
LEVELS = "The person's score is of one of these levels."
HAPPENED = "Events of a kind happened, often enough and lately enough."


@strawberry.input(description="Events of the person that happened; all that is given has to fit.")
class HappenedInput:
    kind: EventKind = strawberry.field(description=KIND)
    at_least: int | None = strawberry.field(default=None, description=f"{AT_LEAST} Null means 1.")
    within_days: int | None = strawberry.field(default=None, description=f"{WITHIN} Null means 30.")
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this campaign; null means of any."
    )
    campaign_type: CampaignType | None = strawberry.field(default=None, description=TYPE)
    topic: str | None = strawberry.field(default=None, description=TOPIC)
    url_pattern: str | None = strawberry.field(default=None, description=PATTERN)

    def mapping(self, path: tuple[str, ...]) -> dict[str, object]:
        """As the domain reads it."""
        found: dict[str, object | None] = {
            "kind": EventKind(self.kind).value,
            "atLeast": self.at_least,
            "withinDays": self.within_days,
            "campaignId": None
            if self.campaign_id is None
            else ids.number(self.campaign_id, "Campaign", *path, "campaignId"),
            "campaignType": self.campaign_type and CampaignType(self.campaign_type).value,
            "topic": self.topic,
            "urlPattern": self.url_pattern,
        }
        return {name: value for name, value in found.items() if value is not None}


@strawberry.input(
    one_of=True,
    description="What must hold of a person: exactly one of these. Nested at most 6 deep, at most "
    "40 conditions in all.",
)
class ConditionInput:
    all: list["ConditionInput"] | None = strawberry.field(default=strawberry.UNSET, description=ALL)
    any: list["ConditionInput"] | None = strawberry.field(default=strawberry.UNSET, description=ANY)
    not_: "ConditionInput | None" = strawberry.field(
        name="not", default=strawberry.UNSET, description=NOT
    )
    happened: HappenedInput | None = strawberry.field(
        default=strawberry.UNSET, description=HAPPENED
    )
    silent_for_days: int | None = strawberry.field(default=strawberry.UNSET, description=SILENT)
    unanswered_sends: int | None = strawberry.field(
        default=strawberry.UNSET, description=UNANSWERED
    )
    segments: list[str] | None = strawberry.field(default=strawberry.UNSET, description=SEGMENTS)
    levels: list[Level] | None = strawberry.field(default=strawberry.UNSET, description=LEVELS)


def mapping(given: ConditionInput, path: tuple[str, ...] = ("condition",)) -> dict[str, object]:
    """A condition as the domain reads it. Raises DomainError."""
    found: dict[str, object] = {}
    for name, value in (("all", given.all), ("any", given.any)):
        if value:
            found[name] = [mapping(v, (*path, name, str(n))) for n, v in enumerate(value)]
        elif value is not None and value is not strawberry.UNSET:
            found[name] = []
    if given.not_:
        found["not"] = mapping(given.not_, (*path, "not"))
    if given.happened:
        found["happened"] = given.happened.mapping((*path, "happened"))
    plain: Mapping[str, Any] = {
        "silentForDays": given.silent_for_days,
        "unansweredSends": given.unanswered_sends,
        "segments": given.segments,
        "levels": given.levels and [Level(level).value for level in given.levels],
    }
    for name, value in plain.items():
        if value is not None and value is not strawberry.UNSET:
            found[name] = value
    return found


@strawberry.type(description="Events of the person that happened; all that is not null has to fit.")
class HappenedCondition:
    leaf: strawberry.Private[Happened]
    kind: EventKind = strawberry.field(description=KIND)
    at_least: int = strawberry.field(description=AT_LEAST)
    within_days: int = strawberry.field(description=WITHIN)
    campaign_type: CampaignType | None = strawberry.field(description=TYPE)
    topic: str | None = strawberry.field(description=TOPIC)
    url_pattern: str | None = strawberry.field(description=PATTERN)

    @strawberry.field(
        description="The id of the campaign, also of one that is there no more; null means of any. "
        "Whoever gives the condition back as it is, gives this back."
    )
    def campaign_id(self) -> strawberry.ID | None:
        key = self.leaf.campaign_id
        return None if key is None else strawberry.ID(ids.encode("Campaign", key))

    @strawberry.field(description="Of this campaign; null means of any, or it is there no more.")
    async def campaign(self, info: Info) -> Campaign | None:
        return await seen.campaign(info, self.leaf.campaign_id)


@strawberry.type(
    name="Condition",
    description="What must hold of a person: exactly one of these is not null. It has the shape "
    "that `ConditionInput` takes.",
)
class ConditionType:
    all: list["ConditionType"] | None = strawberry.field(default=None, description=ALL)
    any: list["ConditionType"] | None = strawberry.field(default=None, description=ANY)
    not_: "ConditionType | None" = strawberry.field(name="not", default=None, description=NOT)
    happened: HappenedCondition | None = strawberry.field(default=None, description=HAPPENED)
    silent_for_days: int | None = strawberry.field(default=None, description=SILENT)
    unanswered_sends: int | None = strawberry.field(default=None, description=UNANSWERED)
    segments: list[str] | None = strawberry.field(default=None, description=SEGMENTS)
    levels: list[Level] | None = strawberry.field(default=None, description=LEVELS)


def shown(tree: Tree) -> ConditionType:
    """A condition as the contract gives it."""
    match tree:
        case AllOf(parts):
            return ConditionType(all=[shown(part) for part in parts])
        case AnyOf(parts):
            return ConditionType(any=[shown(part) for part in parts])
        case Not(part):
            return ConditionType(not_=shown(part))
        case Silent(days):
            return ConditionType(silent_for_days=days)
        case Unanswered(sends):
            return ConditionType(unanswered_sends=sends)
        case InSegment(segments):
            return ConditionType(segments=list(segments))
        case AtLevel(levels):
            return ConditionType(levels=[Level(level) for level in levels])
        case Happened():
            return ConditionType(happened=_happened(tree))


def _happened(leaf: Happened) -> HappenedCondition:
    return HappenedCondition(
        leaf=leaf,
        kind=EventKind(leaf.kind),
        at_least=leaf.at_least,
        within_days=leaf.within_days,
        campaign_type=leaf.campaign_type and CampaignType(leaf.campaign_type),
        topic=leaf.topic,
        url_pattern=leaf.url_pattern,
    )
