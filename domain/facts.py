"""A fact: an event as it is judged and folded."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from domain.events import Actor, BounceClass, EventKind


class Fact(NamedTuple):
    """An event as it is folded, and as it is read. `actor` is the stored verdict."""

    recipient_id: int
    fact_on: date
    key: bytes
    kind: EventKind
    provider: str
    occurred_at: datetime
    url: str | None
    detail: str | None
    agent_reason: str | None
    agent_family: str | None
    agent_hash: bytes | None
    ip_hash: bytes | None
    network_hash: bytes | None
    bounce: BounceClass | None
    is_machine_flagged: bool
    is_prefetch: bool
    is_decoy: bool
    actor: Actor | None
    reasons: Sequence[str]
