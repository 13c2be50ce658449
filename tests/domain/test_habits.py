from domain.habits import Shift, TypePattern, by_type, habits_of, pace, shifts
from tests.domain.histories import sent


def test_habits_count_what_arrived_by_type_and_how_soon_it_was_acted_on() -> None:
    found = habits_of(
        [sent(9, 1, opened=8.5), sent(8, 2), sent(7, 3, type=None), sent(6, 4, delivered_at=None)]
    )
    assert found.types == {"NEWSLETTER": (2, 1), "": (1, 0)}
    assert [round(hours, 6) for hours in found.pace_hours] == [12.0]


def test_types_are_ordered_by_how_often_they_are_engaged_with() -> None:
    people = [{"NEWSLETTER": (4, 1), "MARKETING": (2, 2)}, {"NEWSLETTER": (4, 1)}]
    assert by_type(people) == [TypePattern("MARKETING", 2, 2), TypePattern("NEWSLETTER", 8, 2)]


def test_pace_is_the_median_and_nothing_without_acts() -> None:
    assert pace([1.0, 9.0, 2.0]) == 2.0
    assert pace([]) is None


def test_engagement_that_moves_from_one_person_to_another_is_told() -> None:
    assert shifts({1: (8.0, 1.0), 2: (2.0, 3.0), 3: (0.0, 0.2)}) == [
        Shift(1, 0.8, 1 / 4.2),
        Shift(2, 0.2, 3 / 4.2),
    ]
    assert shifts({1: (1.0, 1.0), 2: (1.0, 1.05)}) == []
    assert shifts({1: (0.0, 1.0)}) == []
