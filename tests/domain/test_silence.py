from datetime import UTC, datetime, timedelta

import pytest

from domain.silence import silent_since

LAST = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pause_hours", "usual_hours"),
    [(None, 72), (0, 6), (2, 6), (3, 6), (4, 8), (168, 336)],
)
def test_silence_is_unusual_after_twice_the_longest_pause(
    pause_hours: int | None, usual_hours: int
) -> None:
    pause = None if pause_hours is None else timedelta(hours=pause_hours)
    due = LAST + timedelta(hours=usual_hours)
    assert silent_since(LAST, pause, due) is None
    assert silent_since(LAST, pause, due + timedelta(seconds=1)) == due
