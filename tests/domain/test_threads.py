"""Whom an answer counts for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from domain.threads import (
    NOWHERE,
    Answer,
    Candidate,
    Mailed,
    Sent,
    Writer,
    by_subject,
    choose,
    is_answer,
    own_of,
    references,
    settle,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANN = Mailed(1, 7, "ann@acme.com", frozenset({11}))
BOB = Mailed(2, 7, "bob@acme.com", frozenset({12}))
CY = Mailed(3, 7, "cy@bolt.com")


def event(**values: Any) -> ReportedEvent:
    given: dict[str, Any] = {"provider": "mail", "kind": EventKind.REPLIED, "occurred_at": NOW}
    return ReportedEvent(**(given | values))


def message(*mailed: Mailed, **values: Any) -> Candidate:
    given: dict[str, Any] = {
        "position": 0,
        "provider": "mail",
        "reference": "m",
        "evidence": "3:x",
        "campaign_id": 7,
        "is_provisional": False,
        "mailed": mailed,
    }
    return Candidate(**(given | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"thread": ("m",)}, True),
        ({"subject": "Re: News"}, True),
        ({"kind": EventKind.BOUNCED, "message_reference": "m"}, True),
        ({"kind": EventKind.ACCEPTED, "message_reference": "m", "thread": ("m",)}, False),
        ({"thread": ("m",), "campaign_id": "spring"}, False),
        ({"thread": ("m",), "tags": ("spring",)}, False),
        ({"subject": "News", "sender": "mia@us.example"}, False),
        ({"provider": "sendgrid", "kind": EventKind.OPENED}, False),
        ({"provider": "sendgrid", "thread": ("m",)}, True),
    ],
)
def test_what_tells_no_campaign_of_its_own_answers_to_a_message(
    values: dict[str, Any], expected: bool
) -> None:
    assert is_answer(event(**values)) is expected


def test_a_token_s_message_comes_before_those_of_the_thread() -> None:
    assert references(event(message_reference="t", thread=("b", "t", "a"))) == ("t", "b", "a")


@pytest.mark.parametrize(
    ("address", "stakeholders", "expected"),
    [
        ("ann@acme.com", set(), ANN),
        ("ann+x@acme.com", set(), ANN),
        ("ann@home.example", {11}, ANN),
        ("bob@acme.com", {11, 12}, BOB),
        ("carl@acme.com", set(), None),
        (None, set(), None),
    ],
)
def test_the_writer_is_known_by_address_alias_or_person(
    address: str | None, stakeholders: set[int], expected: Mailed | None
) -> None:
    for mailed in ([ANN, BOB, CY], [CY, BOB, ANN]):
        assert own_of(Writer(address, frozenset(stakeholders)), mailed) == expected


REPLIED, AUTO, BOUNCED = EventKind.REPLIED, EventKind.AUTO_REPLIED, EventKind.BOUNCED


@pytest.mark.parametrize(
    ("kind", "writer", "mailed", "expected"),
    [
        (REPLIED, "ann@acme.com", (ANN, BOB), Answer(recipient_id=1)),
        (REPLIED, "carl@acme.com", (ANN,), Answer(campaign_id=7, forwarder=ANN)),
        (REPLIED, "carl@acme.com", (ANN, BOB), Answer(campaign_id=7)),
        (REPLIED, "zoe@far.example", (ANN,), Answer(campaign_id=7, forwarder=ANN)),
        (REPLIED, None, (ANN,), Answer(recipient_id=1)),
        (REPLIED, None, (ANN, BOB), NOWHERE),
        (AUTO, "tickets@acme.com", (ANN,), Answer(recipient_id=1)),
        (AUTO, "tickets@bolt.com", (ANN, CY), Answer(recipient_id=3)),
        (AUTO, "tickets@acme.com", (ANN, BOB), NOWHERE),
        (BOUNCED, None, (ANN,), Answer(recipient_id=1)),
        (BOUNCED, "ann@mx.acme.com", (ANN, CY), Answer(recipient_id=1)),
        (BOUNCED, "x@far.example", (ANN, CY), NOWHERE),
    ],
)
def test_where_an_answer_belongs(
    kind: EventKind, writer: str | None, mailed: tuple[Mailed, ...], expected: Answer
) -> None:
    assert settle(kind, Writer(writer), message(*mailed)) == expected


def test_whoever_was_mailed_the_campaign_otherwise_proves_no_forward() -> None:
    found = message(ANN, elsewhere=(BOB,))
    assert settle(REPLIED, Writer("bob@acme.com"), found) == Answer(recipient_id=2)


def test_the_nearest_bulk_mail_is_answered_else_the_nearest() -> None:
    near = message(ANN, position=0, is_provisional=True)
    bulk = message(ANN, position=1)
    older = message(ANN, position=2)
    assert choose([older, near, bulk]) == bulk
    assert choose([near, message(ANN, position=3, is_provisional=True)]) == near
    assert choose([]) is None


def test_a_reference_of_two_providers_is_the_one_with_the_better_evidence() -> None:
    mail = message(ANN, evidence="3:subject")
    named = message(ANN, provider="sendgrid", evidence="1:spring")
    assert choose([mail, named]) == choose([named, mail]) == named


def sent(subject: str, days: float, external_id: str = "c", to: Mailed = ANN) -> Sent:
    return Sent(to, external_id, subject, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("mails", "expected"),
    [
        ([sent("News", 3)], ANN),
        ([sent("RE: NEWS ", 30)], ANN),
        ([sent("Ann, News", 3)], None),
        ([sent("News", 30.1)], None),
        ([sent("News", -0.9)], ANN),
        ([sent("News", -1.1)], None),
        ([sent("Other", 3)], None),
        ([sent("News", 3, "a", BOB), sent("News", 1, "b", ANN)], ANN),
        ([sent("News", 3, "c", CY)], None),
        ([], None),
    ],
)
def test_by_subject_the_last_of_thirty_days_was_answered(
    mails: list[Sent], expected: Mailed | None
) -> None:
    writer = Writer("ann@acme.com", frozenset({12}))
    assert by_subject(writer, "news", NOW, mails) == expected
    assert by_subject(writer, "news", NOW, reversed(mails)) == expected
    assert by_subject(writer, None, NOW, mails) is None
