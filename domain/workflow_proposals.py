"""What a workflow that fired recommends."""

from datetime import datetime, timedelta

from domain.people import PersonState
from domain.priorities import engagement, parts, renewal, role
from domain.recommending import Cited, Key, Kind, Proposal
from domain.surroundings import Surroundings, name_of, subject_of
from domain.talking import points
from domain.triggering import Firing
from domain.workflows import Plan, worded

LASTS = timedelta(days=30)
"""How long it is offered at least; with a longer window, as long as that."""

MOST_POINTS = 10


def proposal(
    plan: Plan,
    workflow_id: int,
    state: PersonState,
    firing: Firing,
    around: Surroundings,
    now: datetime,
) -> Proposal | None:
    """The recommendation, in the words of the workflow and with the facts of the person; None
    where it recommends nothing."""
    said = plan.actions.suggestion
    if said is None:
        return None
    cited = {d.recipient_id for d in firing.evidence}
    sends = [s for s in state.history if s.recipient_id in cited]
    facts, named = points(state, sends, around)
    names = (name_of(state, around), state.account.name)
    own = tuple(worded(point, *names) for point in said.talking_points)
    found = (role(state.title), renewal(state.account.renews_on, now.date()))
    evidence = tuple(Cited(d.recipient_id, d.kind) for d in firing.evidence)
    due_days = plan.actions.due_days
    return Proposal(
        key=Key(Kind.CUSTOM, subject_of(state), workflow_id),
        reason=worded(said.reason, *names),
        parts=parts(Kind.CUSTOM, [*found, engagement(state.score.value)]),
        evidence=tuple(dict.fromkeys(evidence)),
        evidenced_at=max((d.at for d in firing.evidence), default=now),
        expires_at=now + max(LASTS, plan.window),
        due_at=None if due_days is None else now + timedelta(days=due_days),
        campaign_id=sends[-1].campaign_id if sends else None,
        topics=tuple(dict.fromkeys(t for s in sends for t in s.topics)),
        talking_points=(*own, *facts)[:MOST_POINTS],
        named_ids=named,
        is_risk=said.is_risk,
    )
