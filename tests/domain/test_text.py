"""Refused values as messages repeat them."""

import pytest

from domain.text import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("spring", "“spring”"),
        ("  two\nlines ", "“two lines”"),
        ("half \ud83d", "“half \\ud83d”"),
        ("x" * 61, "“" + "x" * 59 + "…”"),
        (True, "“True”"),
        (1.5, "“1.5”"),
        (None, "“None”"),
        ({"a": [1]}, "“{'a': [1]}”"),
    ],
)
def test_a_value_is_shown_in_one_short_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_what_is_nested_beyond_what_python_writes_out_is_shown_by_its_beginning() -> None:
    value: object = []
    for _ in range(5_000):
        value = [value]

    assert shown(value) == "“[[[[[[[...]]]]]]]”"
