"""The table of measurements and the arithmetic behind it."""

from pathlib import Path

import pytest

from bench.measure import Measure, milliseconds, percentile
from bench.report import BEGIN, END, table, write

ROWS = [
    Measure("ingest", "8,000 events/s", "COPY 80,000 rows/s", 0.1),
    Measure("the same", "CPU", "route"),
]
TABLE = (
    "| what | ours | ceiling, same run | ratio |\n"
    "|---|---|---|---:|\n"
    "| ingest | 8,000 events/s | COPY 80,000 rows/s | 0.10 |\n"
    "| the same | CPU | route |  |"
)


def test_the_table_has_a_row_a_measurement() -> None:
    assert table(ROWS) == TABLE


def test_writing_replaces_what_stands_between_the_marks_and_keeps_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    write("2 cores", ROWS, page)
    text = page.read_text()
    assert text.startswith(f"# Before\n\n{BEGIN}\n\nMeasured on ")
    assert text.endswith(f": 2 cores.\n\n{TABLE}\n\n{END}\n\nafter\n")
    assert "old" not in text


def test_a_page_without_marks_is_refused_and_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Nothing\n")
    with pytest.raises(ValueError, match="no place"):
        write("2 cores", ROWS, page)
    assert page.read_text() == "# Nothing\n"


def test_the_documentation_has_a_place_for_the_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
    assert text.index(BEGIN) < text.index(END)


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.99) == 5.0


def test_seconds_are_shown_as_milliseconds() -> None:
    assert milliseconds([0.001, 0.002, 0.0105]) == "p50 2.0 ms, p99 10.5 ms"
