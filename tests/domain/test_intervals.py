import pytest

from domain.intervals import beta_below, wilson


def test_the_wilson_interval_is_that_of_the_textbooks() -> None:
    # Newcombe, Statistics in Medicine 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for part, whole, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(part, whole)
        assert found is not None
        assert found == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 0) is None


def test_the_incomplete_beta_function_has_its_closed_forms() -> None:
    for x in (0.0, 0.001, 0.2, 0.5, 0.77, 0.999, 1.0):
        assert beta_below(1, 1, x) == pytest.approx(x, abs=1e-12)
        assert beta_below(2, 1, x) == pytest.approx(x * x, abs=1e-12)
        assert beta_below(1, 3, x) == pytest.approx(1 - (1 - x) ** 3, abs=1e-12)
        assert beta_below(2, 2, x) == pytest.approx(3 * x**2 - 2 * x**3, abs=1e-12)
    assert beta_below(0.5, 0.5, 0.5) == pytest.approx(0.5, abs=1e-12)
