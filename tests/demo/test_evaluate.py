"""Scores by the truth."""

from demo.evaluate import Found, score
from demo.names import OUR_DOMAIN
from demo.strangers import Owner

TRUTH = {
    "ana@acme.com": (Owner("C-1", "S-1"),),
    "guest@advisory.com": (Owner("C-1", "S-2"), Owner("C-2", "S-3")),
    "who@elsewhere.com": (),
}


def test_coverage_leaves_internal_addresses_out() -> None:
    found = [Found("ana@acme.com", ("C-1",)), Found("who@elsewhere.com", ()),
             Found(f"test@{OUR_DOMAIN}", ())]  # fmt: skip
    assert score(found, TRUTH).coverage == 0.5


def test_precision_counts_each_customer_asserted() -> None:
    found = [
        Found("guest@advisory.com", ("C-1", "C-2", "C-3")),
        Found("who@elsewhere.com", ("C-1",)),
    ]
    assert score(found, TRUTH).precision == 0.5


def test_nothing_found_is_no_score() -> None:
    assert (score([], TRUTH).coverage, score([], TRUTH).precision) == (None, None)
