"""What workflows would have done."""

from datetime import UTC, datetime, time
from typing import Self

import strawberry

from resolvers import workflows as resolve
from schema import events as event_types
from schema import seen
from schema.references import Customer, Event, Stakeholder
from schema.scalars import Info
from store.workflow_preview import Preview, Would


@strawberry.type(description="A workflow would have fired for a person.")
class WorkflowFiring:
    row: strawberry.Private[Would]
    at: datetime = strawberry.field(description="When.")
    reasons: list[str] = strawberry.field(description="What would have matched, in words.")

    @strawberry.field(description="At which customer; null when they are no longer seen.")
    async def customer(self, info: Info) -> Customer | None:
        return await seen.customer(info, self.row.customer_id)

    @strawberry.field(description="For whom; null when they are no longer seen.")
    async def stakeholder(self, info: Info) -> Stakeholder | None:
        return await seen.stakeholder(info, self.row.stakeholder_id)

    @strawberry.field(description="The events that would have matched, the oldest first.")
    async def evidence(self, info: Info) -> list[Event]:
        rows = await resolve.events(info.context, self.row.firing)
        return [event_types.Event.of(row) for row in rows]


@strawberry.type(description="A day on which a workflow would have fired.")
class WorkflowPreviewDay:
    day: datetime = strawberry.field(description="Its beginning, in UTC.")
    times: int = strawberry.field(description="How often, 1 or more.")


@strawberry.type(
    description="What a workflow would have done, had it been turned on at `since`; judged by what "
    "is known now of then."
)
class WorkflowPreview:
    since: datetime = strawberry.field(description="From when on.")
    looked_at: int = strawberry.field(
        description="People looked at: all, or of more than 2,000 a fixed sample."
    )
    people_in_all: int = strawberry.field(description="People whom mail was sent to.")
    times: int = strawberry.field(description="How often it would have fired.")
    people: int = strawberry.field(description="For how many people.")
    customers: int = strawberry.field(description="At how many customers.")
    days: list[WorkflowPreviewDay] = strawberry.field(
        description="The days on which it would have fired, the oldest first; all of `times` are "
        "in them, also those that `firings` has no room for."
    )
    firings: list[WorkflowFiring] = strawberry.field(description="The latest 100, newest first.")

    @classmethod
    def of(cls, found: Preview) -> Self:
        """From what was worked out."""
        return cls(
            since=found.since,
            looked_at=found.looked_at,
            people_in_all=found.people_in_all,
            times=found.times,
            people=found.people,
            customers=found.customers,
            days=[
                WorkflowPreviewDay(day=datetime.combine(day, time(), UTC), times=times)
                for day, times in found.days
            ],
            firings=[
                WorkflowFiring(row=would, at=would.firing.at, reasons=list(would.firing.reasons))
                for would in found.shown
            ],
        )
