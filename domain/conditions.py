"""The conditions of workflows: a tree of what happened, what did not, and whom it is about.

A tree is written as nested mappings, each with the one member that it is:
`{"all": [{"levels": ["HIGH"]}, {"not": {"segments": ["startup"]}}]}`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from domain.errors import DomainError
from domain.events import CampaignType, EventKind
from domain.scoring import Level
from domain.text import is_storable

MAX_DEPTH = 6
"""Conditions within one another; deeper ones nobody understands."""

MAX_NODES = 40
"""Conditions of a tree in all."""

MAX_DAYS = 365
"""How far back a condition may look."""

MAX_COUNT = 1_000

MAX_SENDS = 50

MAX_TEXT = 500
"""Characters of a topic, a segment or a pattern."""

MAX_NAMED = 50
"""Segments or levels of a list."""

WITHIN_DAYS = 30
"""How far back is looked where nothing is said."""

Path = tuple[str, ...]
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Happened:
    """Events of a kind, at least `at_least` of them within the last `within_days` days; each passes
    every filter that is not None. `url_pattern` may have `*` for anything."""

    kind: EventKind
    at_least: int = 1
    within_days: int = WITHIN_DAYS
    campaign_id: int | None = None
    campaign_type: CampaignType | None = None
    topic: str | None = None
    url_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """Mail arrived, and for so many days nothing came of it."""

    days: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """At least so many mails in a row arrived without any engagement since."""

    sends: int


@dataclass(frozen=True, slots=True)
class InSegment:
    """The customer is of one of these segments."""

    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtLevel:
    """The person's score is of one of these levels."""

    levels: tuple[Level, ...]


Condition = AllOf | AnyOf | Not | Happened | Silent | Unanswered | InSegment | AtLevel


def parse(value: object, path: Path = ("condition",)) -> Condition:
    """A tree from nested mappings. Raises DomainError INVALID_CONDITION with the path."""
    return _Reader().read(value, path, 1)


class _Reader:
    """Counts the conditions of one tree while it reads them."""

    def __init__(self) -> None:
        self._nodes = 0

    def read(self, value: object, path: Path, depth: int) -> Condition:
        """One condition and all within it."""
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise invalid(f"conditions may be nested {MAX_DEPTH} deep: make it flatter", path)
        if self._nodes > MAX_NODES:
            raise invalid(f"a tree has at most {MAX_NODES} conditions: split the workflow", path)
        if not isinstance(value, Mapping) or len(value) != 1:
            raise invalid(f"give exactly one of {', '.join(_MEMBERS)}", path)
        ((name, given),) = value.items()
        if name in ("all", "any"):
            return _GROUPS[name](self._parts(given, (*path, name), depth))
        if name == "not":
            return Not(self.read(given, (*path, "not"), depth + 1))
        if name not in _LEAVES:
            raise invalid(f"“{name}” is no condition: give one of {', '.join(_MEMBERS)}", path)
        return _LEAVES[name](given, (*path, name))

    def _parts(self, given: object, path: Path, depth: int) -> tuple[Condition, ...]:
        if not isinstance(given, Sequence) or isinstance(given, str) or not given:
            raise invalid("give at least one condition", path)
        return tuple(self.read(v, (*path, str(i)), depth + 1) for i, v in enumerate(given))


def _happened(given: object, path: Path) -> Happened:
    if not isinstance(given, Mapping):
        raise invalid("say which kind of event", path)
    kind = choice(EventKind, given.get("kind"), (*path, "kind"))
    if kind is EventKind.UNKNOWN:
        raise invalid("what is not understood cannot be waited for: name a kind", (*path, "kind"))
    type_ = given.get("campaignType")
    found = Happened(
        kind=kind,
        at_least=whole(given.get("atLeast"), 1, MAX_COUNT, (*path, "atLeast"), 1),
        within_days=whole(given.get("withinDays"), 1, MAX_DAYS, (*path, "withinDays"), WITHIN_DAYS),
        campaign_id=_campaign(given.get("campaignId"), (*path, "campaignId")),
        campaign_type=None if type_ is None else choice(CampaignType, type_, path),
        topic=_optional(given.get("topic"), (*path, "topic")),
        url_pattern=_optional(given.get("urlPattern"), (*path, "urlPattern")),
    )
    if found.url_pattern is not None and kind is not EventKind.CLICKED:
        message = f"only clicks have links, {kind} has none: ask for CLICKED"
        raise invalid(message, (*path, "urlPattern"))
    return found


def _segments(given: object, path: Path) -> InSegment:
    return InSegment(tuple(text(v, (*path, str(i))) for i, v in enumerate(_list(given, path))))


def _levels(given: object, path: Path) -> AtLevel:
    found = [choice(Level, v, (*path, str(i))) for i, v in enumerate(_list(given, path))]
    return AtLevel(tuple(dict.fromkeys(found)))


_GROUPS: Mapping[str, Callable[[tuple[Condition, ...]], Condition]] = {"all": AllOf, "any": AnyOf}

_LEAVES: Mapping[str, Callable[[object, Path], Condition]] = {
    "happened": _happened,
    "silentForDays": lambda given, path: Silent(whole(given, 1, MAX_DAYS, path)),
    "unansweredSends": lambda given, path: Unanswered(whole(given, 1, MAX_SENDS, path)),
    "segments": _segments,
    "levels": _levels,
}

_MEMBERS = ("all", "any", "not", *_LEAVES)


def written(condition: Condition) -> dict[str, object]:
    """A tree as nested mappings, which `parse` reads back."""
    match condition:
        case AllOf(parts):
            return {"all": [written(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [written(part) for part in parts]}
        case Not(part):
            return {"not": written(part)}
        case Silent(days):
            return {"silentForDays": days}
        case Unanswered(sends):
            return {"unansweredSends": sends}
        case InSegment(segments):
            return {"segments": list(segments)}
        case AtLevel(levels):
            return {"levels": [level.value for level in levels]}
        case Happened():
            return {"happened": _written_event(condition)}


def _written_event(leaf: Happened) -> dict[str, object]:
    found: dict[str, object | None] = {
        "kind": leaf.kind.value,
        "atLeast": leaf.at_least,
        "withinDays": leaf.within_days,
        "campaignId": leaf.campaign_id,
        "campaignType": leaf.campaign_type and leaf.campaign_type.value,
        "topic": leaf.topic,
        "urlPattern": leaf.url_pattern,
    }
    return {name: value for name, value in found.items() if value is not None}


def leaves(condition: Condition) -> list[Condition]:
    """The conditions of a tree that are made of no others."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case Not(part):
            return leaves(part)
        case _:
            return [condition]


def whole(given: object, low: int, high: int, path: Path, usual: int | None = None) -> int:
    """A whole number within bounds; `usual` where none is given. Raises DomainError."""
    if given is None and usual is not None:
        return usual
    if not isinstance(given, int) or isinstance(given, bool) or not low <= given <= high:
        raise invalid(f"{given} is not a whole number from {low} to {high}", path)
    return given


def choice(kind: type[E], given: object, path: Path) -> E:
    """A value of a closed set. Raises DomainError."""
    try:
        return kind(str(given))
    except ValueError:
        raise invalid(f"“{given}” is none of {', '.join(kind)}", path) from None


def text(given: object, path: Path) -> str:
    """A text that says something. Raises DomainError."""
    found = given.strip() if isinstance(given, str) else ""
    if not (0 < len(found) <= MAX_TEXT and is_storable(found)):
        raise invalid(f"give 1 to {MAX_TEXT} characters, without NUL", path)
    return found


def _optional(given: object, path: Path) -> str | None:
    return None if given is None else text(given, path)


def _list(given: object, path: Path) -> Sequence[object]:
    if not isinstance(given, list | tuple) or not 0 < len(given) <= MAX_NAMED:
        raise invalid(f"give 1 to {MAX_NAMED} values", path)
    return given


def _campaign(given: object, path: Path) -> int | None:
    return None if given is None else whole(given, 1, 2**63 - 1, path)


def invalid(message: str, path: Path) -> DomainError:
    """What is wrong with a part of a workflow."""
    return DomainError("INVALID_CONDITION", message, path)
