"""People's answers are replies; programs' answers never are."""

import pytest

from domain.events import EventKind
from tests.intake.mail import automatic
from tests.intake.mail.answers import CASES, TOKEN_CASES, Answer
from tests.intake.mail.cases import OUR_ID, mail, read


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_person_answers_is_a_reply_in_its_thread(case: Answer) -> None:
    found = read(case.raw)

    assert found.problems == []
    (event,) = found.events
    assert (event.kind, event.address, event.thread) == (
        EventKind.REPLIED,
        case.author,
        case.thread,
    )
    assert (event.provider, event.provider_event_id) == ("mail", "answer.1@customer.example")
    assert (event.sender, event.carrier, event.message_reference) == (None, None, None)


@pytest.mark.parametrize("case", TOKEN_CASES, ids=lambda case: case.name)
def test_a_token_of_ours_tells_the_message_without_a_thread(case: Answer) -> None:
    (event,) = read(case.raw).events

    assert (event.kind, event.address) == (EventKind.REPLIED, case.author)
    assert (event.carrier, event.message_reference) == ("mail", OUR_ID)


@pytest.mark.parametrize(
    "raw", [raw for _, raw in automatic.CASES], ids=[name for name, _ in automatic.CASES]
)
def test_what_a_program_answers_is_never_a_reply(raw: bytes) -> None:
    found = read(raw)

    assert found.problems == []
    (event,) = found.events
    assert (event.kind, event.address) == (EventKind.AUTO_REPLIED, "ada@customer.example")


def test_an_absence_note_without_a_thread_keeps_the_subject_it_answers_to() -> None:
    raw = mail(
        "From: ada@customer.example\nTo: grace@acme.example\nSubject: Automatic reply: Spring news"
    )

    (event,) = read(raw).events

    assert (event.kind, event.subject, event.thread) == (
        EventKind.AUTO_REPLIED,
        "Spring news",
        (),
    )


@pytest.mark.parametrize(
    "headers",
    [
        "Subject: A question",
        "Subject: Their newsletter\nList-Unsubscribe: <https://x.example/u>\nPrecedence: bulk",
        "Subject: Your invoice\nAuto-Submitted: auto-generated",
        "Subject: Reorganisation",
    ],
)
def test_mail_from_outside_that_answers_nothing_of_ours_is_no_event(headers: str) -> None:
    found = read(mail(f"From: ada@customer.example\nTo: grace@acme.example\n{headers}", "Hello"))

    assert (found.events, found.problems) == ([], [])


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len(CASES) + len(TOKEN_CASES) >= 25
    assert len(automatic.CASES) >= 25
