"""A person as everything derived of them is at one moment: what advice is given on."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.best_time import Moment
from domain.history import History
from domain.interests import Interest
from domain.likelihood import Belief, Persona
from domain.scoring import Score


@dataclass(frozen=True, slots=True)
class Account:
    """The customer a person is of; `timezone` is the customer's, where it is known."""

    customer_id: int
    name: str
    segment: str | None
    timezone: str | None
    renews_on: date | None
    csm_id: int | None


@dataclass(frozen=True, slots=True)
class PersonState:
    """What is known of a person at one customer.

    Somebody who is nobody's stakeholder yet (matched by domain alone) has `stakeholder_id` None and
    exactly one address. `is_settled` is False while a click or unsubscribe is so young that a
    machine may still turn out to have made it: nothing acts on the person's clicks then.
    """

    account: Account
    stakeholder_id: int | None
    address_ids: tuple[int, ...]
    name: str | None
    title: str | None
    timezone: str
    history: History
    score: Score
    delivered: int
    last_engaged_at: datetime | None
    dark_at: datetime | None
    persona: Persona | None
    known_sends: int
    belief: Belief
    moments: tuple[Moment, ...]
    interests: tuple[Interest, ...]
    is_settled: bool
