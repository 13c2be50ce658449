"""docs/providers.md says of every provider what the code knows."""

import json
import re
from pathlib import Path

import pytest

from intake.webhooks import PROVIDERS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "providers.md").read_text()
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", DOCUMENT, re.MULTILINE))
SECTIONS = re.findall(r"^## ([a-z-]+)$", DOCUMENT, re.MULTILINE)
LINKED = re.findall(r"^\| \[[^]]+\]\(#([a-z-]+)\)", DOCUMENT, re.MULTILINE)
EXAMPLES = [json.loads(one) for one in re.findall(r"PROVIDERS='(\{[^']+\})'", DOCUMENT)]


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


def test_the_table_at_the_top_leads_to_every_section() -> None:
    assert list(PROVIDERS) == LINKED


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_every_provider_has_an_example_of_its_setting(provider: str) -> None:
    spec = PROVIDERS[provider]
    (example,) = [one[provider] for one in EXAMPLES if list(one) == [provider]]

    assert set(example) <= {*spec.secrets, *spec.pulls_with, *spec.options}
    assert set(example) & {*spec.secrets, *spec.pulls_with}


@pytest.mark.parametrize("provider", [name for name in PROVIDERS if name != "hubspot"])
def test_every_section_says_what_is_mapped_and_what_is_never_told(provider: str) -> None:
    section = DOCUMENT.partition(f"\n## {provider}\n")[2].partition("\n## ")[0]

    assert section.count("\nMapped: ") == 1
    assert section.count("\nCannot tell: ") == 1
