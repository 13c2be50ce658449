"""Workflows: a condition, and what is done about whoever it comes to hold for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.conditions import MAX_DAYS, Condition, Path, invalid, parse, text, whole
from domain.text import is_storable

MAX_NAME = 200

MAX_DESCRIPTION = 2_000

MAX_POINTS = 10
"""Talking points of a workflow."""

MAX_ENDPOINTS = 5
"""Webhooks that one workflow calls."""

MAX_DUE_DAYS = 90

WINDOW_DAYS = 30
"""Within which a workflow fires once for a person, where nothing is said."""

PLACES = ("{stakeholder}", "{customer}")
"""What a workflow's texts may have in place of names."""

_PLACE = re.compile(r"\{[^{}]*\}?|\}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A recommendation to make; with `is_risk` it is one of the customer's risks."""

    reason: str
    talking_points: tuple[str, ...] = ()
    is_risk: bool = False


@dataclass(frozen=True, slots=True)
class Actions:
    """What a workflow does; the suggestion is due `due_days` days after."""

    suggestion: Suggestion | None = None
    endpoint_ids: tuple[int, ...] = ()
    due_days: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A workflow as somebody wants it."""

    name: str
    description: str
    is_enabled: bool
    condition: Condition
    actions: Actions
    window_days: int = WINDOW_DAYS

    @property
    def window(self) -> timedelta:
        """How long it rests for a person after it fired."""
        return timedelta(days=self.window_days)


def plan(given: Mapping[str, object]) -> Plan:
    """A workflow from nested mappings. Raises DomainError with the path of what is wrong."""
    description = given.get("description") or ""
    if not (
        isinstance(description, str)
        and len(description) <= MAX_DESCRIPTION
        and is_storable(description)
    ):
        raise invalid(f"at most {MAX_DESCRIPTION} characters, without NUL", ("description",))
    name = text(given.get("name"), ("name",))
    if len(name) > MAX_NAME:
        raise invalid(f"a name has at most {MAX_NAME} characters", ("name",))
    return Plan(
        name=name,
        description=description.strip(),
        is_enabled=given.get("enabled") is True,
        condition=parse(given.get("condition")),
        actions=actions(given.get("actions")),
        window_days=whole(given.get("windowDays"), 1, MAX_DAYS, ("windowDays",), WINDOW_DAYS),
    )


def actions(given: object, path: Path = ("actions",)) -> Actions:
    """Actions from a list of mappings with one member each. Raises DomainError."""
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise invalid("say what is to be done: give at least one action", path)
    suggestions: list[Suggestion] = []
    endpoints: list[int] = []
    due: list[int] = []
    for place, one in enumerate(given):
        here = (*path, str(place))
        if not isinstance(one, Mapping) or len(one) != 1:
            raise invalid("give exactly one of recommend, raiseRisk, callWebhook, setDueDate", here)
        ((name, value),) = one.items()
        inside = (*here, name)
        members = value if isinstance(value, Mapping) else {}
        match name:
            case "recommend" | "raiseRisk":
                suggestions.append(_suggestion(members, name == "raiseRisk", inside))
            case "callWebhook":
                id_ = whole(members.get("endpointId"), 1, 2**63 - 1, (*inside, "endpointId"))
                endpoints.append(id_)
            case "setDueDate":
                due.append(whole(members.get("days"), 0, MAX_DUE_DAYS, (*inside, "days")))
            case _:
                raise invalid(f"“{name}” is no action", here)
    return _together(suggestions, list(dict.fromkeys(endpoints)), due, path)


def _together(
    suggestions: list[Suggestion], endpoints: list[int], due: list[int], path: Path
) -> Actions:
    if len(suggestions) > 1:
        raise invalid("either recommend or raiseRisk, once: a risk is recommended too", path)
    if len(due) > 1 or (due and not suggestions):
        raise invalid("one setDueDate, beside recommend or raiseRisk: it is when that is due", path)
    if len(endpoints) > MAX_ENDPOINTS:
        raise invalid(f"at most {MAX_ENDPOINTS} webhooks", path)
    return Actions(
        suggestions[0] if suggestions else None, tuple(endpoints), due[0] if due else None
    )


def _suggestion(given: Mapping[str, object], is_risk: bool, path: Path) -> Suggestion:
    points = given.get("talkingPoints") or ()
    if not isinstance(points, Sequence) or len(points) > MAX_POINTS:
        raise invalid(f"at most {MAX_POINTS} talking points", (*path, "talkingPoints"))
    said = [_wording(p, (*path, "talkingPoints", str(n))) for n, p in enumerate(points)]
    return Suggestion(_wording(given.get("reason"), (*path, "reason")), tuple(said), is_risk)


def _wording(given: object, path: Path) -> str:
    found = text(given, path)
    for place in _PLACE.findall(found):
        if place not in PLACES:
            message = f"“{place}” stands for nothing: {' and '.join(PLACES)} stand for names"
            raise invalid(message, path)
    return found


def worded(template: str, stakeholder: str, customer: str) -> str:
    """A text with the names in it."""
    names = {"{stakeholder}": stakeholder, "{customer}": customer}
    return _PLACE.sub(lambda found: names.get(found[0], found[0]), template)


def written_actions(done: Actions) -> list[dict[str, dict[str, object]]]:
    """Actions as mappings, which `actions` reads back."""
    found: list[dict[str, dict[str, object]]] = []
    if (made := done.suggestion) is not None:
        said: dict[str, object] = {
            "reason": made.reason,
            "talkingPoints": list(made.talking_points),
        }
        found.append({"raiseRisk" if made.is_risk else "recommend": said})
    found += [{"callWebhook": {"endpointId": id_}} for id_ in done.endpoint_ids]
    if done.due_days is not None:
        found.append({"setDueDate": {"days": done.due_days}})
    return found
