"""The rules beside naïve answers, on people whose habits are known: few, so that it is quick."""

import pytest

from bench import evaluate
from bench.evaluate import Year


@pytest.fixture(scope="module")
def year() -> Year:
    return evaluate.simulate(11, 500)


def figures(lines: list[str]) -> list[float]:
    return [float(line.split()[-1]) for line in lines]


def test_the_score_ranks_people_better_than_counts_do(year: Year) -> None:
    ours, *naive = figures(list(evaluate.evaluate_score(year)))
    assert ours > max(naive)
    assert ours > 0.7


def test_the_likelihood_beats_the_base_rate_and_is_calibrated(year: Year) -> None:
    found = evaluate.predictions(year)
    ours = evaluate.brier((p.ours, p.is_success) for p in found)
    base = evaluate.brier((p.base, p.is_success) for p in found)
    assert ours < 0.95 * base
    # With 500 people a tenth is 270 predictions: chance alone moves it by 0.05 and more.
    assert max(abs(said - was) for said, was in evaluate.calibration(found)) < 0.12


def test_the_window_holds_the_best_hours_more_often_than_everybodys_does(year: Year) -> None:
    _, *rows = evaluate.evaluate_best_time(year)
    for row in rows[1:]:
        ours, naive = map(float, row.partition("|")[0].split()[-2:])
        assert ours > 5 * naive


def test_interests_beat_the_most_clicked_link(year: Year) -> None:
    _, *lines = evaluate.evaluate_interests(year)
    ours, link, topic, _ = figures(lines)
    assert ours > 1.4 * link
    assert ours >= topic - 0.03


def test_rank_correlation_is_spearmans() -> None:
    assert evaluate.rank_correlation([1, 2, 3], [10, 20, 30]) == pytest.approx(1.0)
    assert evaluate.rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1.0)
    assert evaluate.rank_correlation([1, 2, 2, 3], [1, 3, 2, 4]) == pytest.approx(0.9486833)
