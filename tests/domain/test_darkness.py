from datetime import datetime

import pytest

from domain.darkness import dark_at, last_engaged_at
from domain.history import Sent
from tests.domain.histories import ago, sent


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], None),
        ([sent(5, opened=4)], None),
        ([sent(5)], ago(5 - 60)),
        ([sent(90, opened=89), sent(5)], ago(5)),
        ([sent(20, opened=19), sent(5)], ago(19 - 60)),
        ([sent(day, day) for day in (9, 8, 7, 6)], ago(9 - 60)),
        ([sent(day, day) for day in (9, 8, 7, 6, 5, 4)], ago(5)),
        ([sent(5, delivered_at=None)], None),
    ],
)
def test_somebody_is_dark_after_five_unanswered_sends_or_sixty_days(
    history: list[Sent], expected: datetime | None
) -> None:
    assert dark_at(history) == expected


def test_any_act_of_a_person_counts_as_engagement() -> None:
    assert last_engaged_at([sent(9, 1, opened=8), sent(7, 2, replied=6), sent(5, 3)]) == ago(6)
    assert last_engaged_at([sent(9)]) is None
