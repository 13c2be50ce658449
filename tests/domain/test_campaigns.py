"""Which bulk send an event belongs to: the best evidence, the day, and what is no campaign."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.campaigns import (
    Detection,
    Neighbour,
    day_number,
    evidence,
    is_transactional,
    neighbours,
    normalise_subject,
)
from domain.events import EventKind, ReportedEvent, SentMail

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def report(**changes: Any) -> ReportedEvent:
    values: dict[str, Any] = {
        "provider": "sendgrid", "kind": EventKind.OPENED, "occurred_at": NOON,
    }  # fmt: skip
    return ReportedEvent(**(values | changes))


EVERYTHING = {
    "campaign_id": "42", "tags": ("news", "spring"), "subject": "News", "sender": "us@us.example",
}  # fmt: skip


def test_the_best_evidence_wins() -> None:
    declared = evidence(report(**EVERYTHING), frozenset({"spring"}))
    by_id = evidence(report(**EVERYTHING))
    tagged = evidence(report(**EVERYTHING | {"campaign_id": None}))
    by_subject = evidence(report(**EVERYTHING | {"campaign_id": None, "tags": ()}))
    assert declared is not None
    assert by_id is not None
    assert tagged is not None
    assert by_subject is not None
    assert (declared.external_id, declared.detection) == ("spring", Detection.CAMPAIGN_ID)
    assert (by_id.external_id, by_id.detection) == ("42", Detection.CAMPAIGN_ID)
    assert (tagged.tag, tagged.detection) == ("news", Detection.TAG)
    assert (by_subject.subject, by_subject.detection) == ("News", Detection.SUBJECT)
    assert by_id.order < tagged.order < by_subject.order
    assert declared.order < tagged.order


@pytest.mark.parametrize("missing", ["subject", "sender"])
def test_without_evidence_there_is_no_campaign(missing: str) -> None:
    weak = {"subject": "News", "sender": "us@us.example"} | {missing: None}
    assert evidence(report(**weak)) is None


def test_weak_evidence_holds_for_a_day() -> None:
    weak = {"tags": ("news",)}
    morning = NOON.replace(hour=3)
    day = evidence(report(**weak))
    assert evidence(report(**weak, occurred_at=morning)) == day
    assert evidence(report(**weak, occurred_at=morning + timedelta(hours=23, minutes=59))) == day
    assert evidence(report(**weak, occurred_at=morning - timedelta(seconds=1))) != day
    # The time a message was sent, where it is known, is the same for all its events.
    later = report(**weak, occurred_at=NOON + timedelta(days=5), sent_at=NOON)
    assert evidence(later) == day


def test_a_providers_campaign_id_holds_for_ever() -> None:
    one = evidence(report(campaign_id="42"))
    assert evidence(report(campaign_id="42", occurred_at=NOON + timedelta(days=400))) == one


def test_the_day_does_not_depend_on_the_zone_of_the_clock() -> None:
    assert day_number(NOON) == day_number(NOON.astimezone())


@pytest.mark.parametrize(
    ("subject", "normal"),
    [
        ("News", "news"),
        ("  News   of\tspring ", "news of spring"),
        ("Re: News", "news"),
        ("RE: Fwd: AW: News", "news"),
        ("re[2]: News", "news"),
        ("Antw: Odp: VS: R: RIF: News", "news"),
        ("Ynt: Ответ: 回复：News", "news"),
        ("RV: ENC: VB: I: TR: News", "news"),
        ("Ｎｅｗｓ", "news"),
        ("Reno: News", "reno: news"),
        ("STRASSE straße", "strasse strasse"),
        ("", ""),
    ],
)
def test_spellings_of_one_subject_are_one(subject: str, normal: str) -> None:
    assert normalise_subject(subject) == normal


@given(st.text(), st.text(min_size=1))
def test_any_subject_is_bounded_evidence(subject: str, sender: str) -> None:
    found = evidence(report(subject=subject * 50, sender=sender * 50))
    assert found is None or len(found.external_id) < 600


def test_long_subjects_that_differ_at_the_end_are_two_campaigns() -> None:
    one, other = (evidence(report(subject="x" * 900 + end, sender="s")) for end in "ab")
    assert one is not None
    assert other is not None
    assert one.external_id != other.external_id


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ({"subject": "Reset your password"}, True),
        ({"subject": "Ihr neues Passwort"}, True),
        ({"subject": "Invoice 42 from Acme"}, True),
        ({"subject": "Your sign-in code"}, True),
        ({"tags": ("password_reset",)}, True),
        ({"tags": ("welcome-series",)}, False),
        ({"subject": "What is new in spring"}, False),
        ({"campaign_id": "password-reset"}, False),
    ],
)
def test_mail_to_one_person_at_a_time_is_no_campaign(words: Any, is_found: bool) -> None:
    found = evidence(report(sender="us@us.example", **words))
    assert found is not None
    assert is_transactional(found) is is_found


def test_a_mail_merge_is_recognised_by_what_its_mails_share() -> None:
    def found(**changes: Any) -> str | None:
        mail = report(sender="Cy <CY@us.example>", sent=SentMail(), **changes)
        told = evidence(mail)
        return None if told is None else told.external_id

    merge = found(subject="Anna, our prices", address="Anna <a@acme.com>")
    assert merge == "subject:cy@us.example:..., our prices:020779"
    assert found(subject="Bo, our prices", address="bo@beta.com") == merge
    assert found(subject="Hi", address="a@acme.com") != found(subject="Re: Hi")
    assert found(subject=None) == "subject:cy@us.example::020779"


def test_neighbours_are_parted_by_the_quiet_hour() -> None:
    before, after = neighbours("subject:cy@us.example:news:020779")
    quiet = datetime(2026, 11, 22, 3, tzinfo=UTC)
    half = timedelta(hours=12)
    assert before == Neighbour("subject:cy@us.example:news:020778", quiet - half, quiet + half)
    quiet += timedelta(days=1)
    assert after == Neighbour("subject:cy@us.example:news:020780", quiet - half, quiet + half)


@pytest.mark.parametrize(
    "external_id", ["42", "tag:news:020779", "answer:cy:news:020779", "subject:cy:news:2932896"]
)
def test_others_have_no_neighbours(external_id: str) -> None:
    assert neighbours(external_id) == []
