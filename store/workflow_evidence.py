"""The events that a run rests on, as they are kept with it."""

from collections.abc import Iterable, Sequence
from datetime import date


def event_keys(kept: Iterable[Sequence[str]]) -> list[tuple[date, bytes]]:
    """Day and key of each event."""
    return [(date.fromisoformat(day), bytes.fromhex(key)) for day, key in kept]
