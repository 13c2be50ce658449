"""Bounces of many systems: whose they are, of which class, about which message."""

import pytest

from tests.intake.mail import bounces_notes, bounces_standard
from tests.intake.mail.cases import Case, read

CASES = (*bounces_standard.CASES, *bounces_notes.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bounce_is_of_its_recipient_and_class_and_names_its_message(case: Case) -> None:
    found = read(case.raw)

    assert found.problems == []
    assert tuple((e.kind, e.address, e.bounce) for e in found.events) == case.expected
    named = {(e.message_reference or next(iter(e.thread), None)) for e in found.events}
    assert named == {case.reference}
    assert {e.carrier for e in found.events} == {case.carrier}


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len(CASES) >= 60
