"""docs/providers.md says of every provider what the code knows."""

import re
from pathlib import Path

import pytest

from intake.webhooks import PROVIDERS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "providers.md").read_text()
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", DOCUMENT, re.MULTILINE))
SECTIONS = re.findall(r"^## ([a-z-]+)$", DOCUMENT, re.MULTILINE)


def test_every_provider_has_a_row_and_a_section_and_none_besides() -> None:
    assert list(ROWS) == list(PROVIDERS)
    assert list(PROVIDERS) == SECTIONS


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_a_row_names_every_setting_and_whether_event_ids_are_stable(provider: str) -> None:
    spec = PROVIDERS[provider]
    setting, _, event_id, *_ = ROWS[provider].split(" | ")

    assert set(re.findall(r"`(\w+)`", setting)) == {
        *spec.secrets,
        *spec.pulls_with,
        *spec.options,
    }
    assert event_id.startswith("–") is not spec.has_stable_event_ids
