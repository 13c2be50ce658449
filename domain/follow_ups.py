"""What a CSM does about a recommendation: which step follows which."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import DomainError
from domain.recommending import LIVE, Status

LONGEST_SNOOZE = timedelta(days=366)
"""Longer is no snooze."""

LONGEST_REASON = 500
"""Characters of why a recommendation was dismissed."""

TIME_ONCE_STARTED = timedelta(days=30)
"""A follow-up that was started stays at least this long."""


class Outcome(StrEnum):
    """What came of a follow-up."""

    CONVERSATION = "CONVERSATION"
    MEETING = "MEETING"
    NO_ANSWER = "NO_ANSWER"
    NOT_NEEDED = "NOT_NEEDED"


CONTACTED = frozenset({Outcome.CONVERSATION, Outcome.MEETING, Outcome.NO_ANSWER})
"""Outcomes after which nobody waits for an answer any more."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a recommendation is."""

    status: Status
    expires_at: datetime
    started_at: datetime | None = None
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    because: str | None = None


def start(state: State, now: datetime) -> State:
    """Somebody is at it. Raises DomainError."""
    if state.status is Status.STARTED:
        return state
    _require_live(state, "start")
    expires_at = max(state.expires_at, now + TIME_ONCE_STARTED)
    return replace(
        state, status=Status.STARTED, started_at=now, snoozed_until=None, expires_at=expires_at
    )


def complete(state: State, outcome: Outcome, now: datetime) -> State:
    """It is done. Raises DomainError."""
    if state.status is Status.COMPLETED:
        if state.outcome is outcome:
            return state
        raise DomainError(
            "ALREADY_COMPLETED",
            f"it was completed with the outcome {state.outcome}, which stays: what has happened "
            "since belongs to the next recommendation",
            ("outcome",),
        )
    _require_live(state, "complete")
    return replace(
        state, status=Status.COMPLETED, outcome=outcome, closed_at=now, snoozed_until=None
    )


def snooze(state: State, until: datetime, now: datetime) -> State:
    """Not now. Raises DomainError."""
    if state.status is Status.SNOOZED and state.snoozed_until == until:
        return state
    _require_live(state, "snooze")
    if not now < until <= now + LONGEST_SNOOZE:
        raise DomainError(
            "INVALID_TIME",
            f"{until.isoformat()} is not within the next {LONGEST_SNOOZE.days} days: give a time "
            "to come, or dismiss the recommendation",
            ("until",),
        )
    if until >= state.expires_at:
        raise DomainError(
            "SNOOZED_TOO_LONG",
            f"it expires at {state.expires_at.isoformat()}: snooze it until before that, or "
            "dismiss it",
            ("until",),
        )
    return replace(state, status=Status.SNOOZED, snoozed_until=until)


def dismiss(state: State, because: str, now: datetime) -> State:
    """It is not wanted. Raises DomainError."""
    if not because.strip() or len(because) > LONGEST_REASON:
        message = f"say why in 1 to {LONGEST_REASON} characters, so that others can learn from it"
        raise DomainError("INVALID_REASON", message, ("reason",))
    if state.status is Status.DISMISSED:
        return state
    _require_live(state, "dismiss")
    return replace(
        state,
        status=Status.DISMISSED,
        because=because.strip(),
        closed_at=now,
        snoozed_until=None,
    )


def _require_live(state: State, act: str) -> None:
    if state.status not in LIVE:
        raise DomainError(
            "RECOMMENDATION_CLOSED",
            f"you cannot {act} it: it is {state.status.value.lower()}. If there is reason again, "
            "a new one appears in recommendations",
            ("id",),
        )
