"""Workflows as they are given."""

import strawberry

from schema import ids
from schema.conditions import ConditionInput, mapping

REASON = (
    "Why, in one sentence of at most 500 characters; `{stakeholder}` and `{customer}` stand for "
    "their names."
)
POINTS = "What to say, at most 10 texts, likewise; what is known of the person follows of itself."
DUE = "How many days after it fired the recommendation is due, 0 to 90."


@strawberry.input(description="A recommendation for whoever looks after the customer.")
class RecommendInput:
    reason: str = strawberry.field(description=REASON)
    talking_points: list[str] | None = strawberry.field(
        default=None, description=f"{POINTS} Null means none."
    )


@strawberry.input(description="A webhook to call.")
class CallWebhookInput:
    endpoint_id: strawberry.ID = strawberry.field(description="The receiver.")


@strawberry.input(description="When the recommendation is due.")
class SetDueDateInput:
    days: int = strawberry.field(description=DUE)


@strawberry.input(
    one_of=True,
    description="Something to do when the condition comes to hold: exactly one of these. A "
    "workflow has at most one of recommend and raiseRisk.",
)
class WorkflowActionInput:
    recommend: RecommendInput | None = strawberry.field(
        default=strawberry.UNSET, description="Make a recommendation of kind CUSTOM."
    )
    raise_risk: RecommendInput | None = strawberry.field(
        default=strawberry.UNSET, description="The same as one of the customer's risks."
    )
    call_webhook: CallWebhookInput | None = strawberry.field(
        default=strawberry.UNSET, description="Tell another system."
    )
    set_due_date: SetDueDateInput | None = strawberry.field(
        default=strawberry.UNSET, description="Say when the recommendation is due."
    )


@strawberry.input(description="A workflow as it is to be.")
class WorkflowInput:
    name: str = strawberry.field(description="What it is called, at most 200 characters.")
    description: str | None = strawberry.field(
        default=None, description="What it is for, at most 2,000 characters; null means nothing."
    )
    enabled: bool = strawberry.field(
        default=False,
        description="Whether it acts. Turned on, it is judged for everybody within minutes.",
    )
    condition: ConditionInput = strawberry.field(description="What must hold of a person.")
    actions: list[WorkflowActionInput] = strawberry.field(description="What is done then.")
    window_days: int | None = strawberry.field(
        default=None,
        description="It fires once for a person within so many days, 1 to 365, and again after "
        "that if its condition holds still; null means 30.",
    )
    version: int | None = strawberry.field(
        default=None,
        description="For updates: the version that was looked at, so that nobody's change is lost; "
        "null changes whatever is there.",
    )


def given(input: WorkflowInput) -> dict[str, object]:
    """A workflow as the domain reads it. Raises DomainError."""
    return {
        "name": input.name,
        "description": input.description,
        "enabled": input.enabled,
        "condition": mapping(input.condition),
        "actions": [_action(action, ("actions", str(n))) for n, action in enumerate(input.actions)],
        "windowDays": input.window_days,
    }


def _action(action: WorkflowActionInput, path: tuple[str, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, said in (("recommend", action.recommend), ("raiseRisk", action.raise_risk)):
        if said:
            found[name] = {"reason": said.reason, "talkingPoints": said.talking_points}
    if action.call_webhook:
        here = (*path, "callWebhook", "endpointId")
        number = ids.number(action.call_webhook.endpoint_id, "WebhookEndpoint", *here)
        found["callWebhook"] = {"endpointId": number}
    if action.set_due_date:
        found["setDueDate"] = {"days": action.set_due_date.days}
    return found
