"""What advice needs to know beyond the person it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.interests import Topics
from domain.people import PersonState
from domain.recommending import Key, Subject


class Colleague(NamedTuple):
    """Somebody of the same customer, and what they did with a campaign; counts are of people."""

    stakeholder_id: int
    name: str
    opens: int
    clicks: int
    has_replied: bool
    has_forwarded: bool


class Returned(NamedTuple):
    """An address that should not be mailed because mail came back; the latest recipients first."""

    since: datetime
    is_hard: bool
    recipient_ids: tuple[int, ...]
    words: str | None


class Silence(NamedTuple):
    """A customer whose people are silent: how many of those reached, some of whom mail reached
    without an answer, and when the last such mail was sent."""

    reached: int
    dark: int
    recipient_ids: tuple[int, ...]
    last_sent_at: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """By address: its text, why mail came back, when one of ours wrote to it. By subject: when it
    was last followed up. By campaign: its name. By (customer, campaign): who else got it.

    `live` are the keys of which there is a recommendation now.
    """

    addresses: Mapping[int, str] = field(default_factory=dict)
    returned: Mapping[int, Returned] = field(default_factory=dict)
    answered_at: Mapping[int, datetime] = field(default_factory=dict)
    followed_up_at: Mapping[Subject, datetime] = field(default_factory=dict)
    campaigns: Mapping[int, str] = field(default_factory=dict)
    topics: Topics = field(default_factory=dict)
    colleagues: Mapping[tuple[int, int], tuple[Colleague, ...]] = field(default_factory=dict)
    live: frozenset[Key] = frozenset()

    def campaign(self, campaign_id: int) -> str:
        """What a campaign is called."""
        return self.campaigns.get(campaign_id, "a campaign")


def subject_of(state: PersonState) -> Subject:
    """About whom advice on a person is: a stakeholder, or an address of nobody's yet."""
    if state.stakeholder_id is not None:
        return Subject(state.account.customer_id, state.stakeholder_id)
    return Subject(state.account.customer_id, None, state.address_ids[0])


def name_of(state: PersonState, around: Surroundings) -> str:
    """What the person is called: by name, else by address."""
    if state.name:
        return state.name
    known = [around.addresses[a] for a in state.address_ids if a in around.addresses]
    return known[0] if known else f"Somebody at {state.account.name}"
