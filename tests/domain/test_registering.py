"""Declaring a campaign: what is taken, and what is said of the rest."""

from datetime import UTC, datetime

import pytest

from domain.errors import DomainError
from domain.events import CampaignType
from domain.registering import (
    DeclaredCampaign,
    DeclaredLink,
    read_campaign,
    read_recipients,
)


def test_a_campaign_is_read_whole() -> None:
    assert read_campaign(
        {
            "provider": " SendGrid ",
            "externalId": "launch-7",
            "name": "Launch",
            "subject": "We have launched",
            "sender": "News <News@Us.example>",
            "type": "announcement",
            "topics": ["launch", "launch", " pricing "],
            "tag": "launch",
            "sentAt": "2026-11-22T10:00:00+01:00",
            "links": [
                {"url": "https://us.example/a", "topics": ["a"]},
                {"url": "https://us.example/b"},
            ],
        }
    ) == DeclaredCampaign(
        provider="sendgrid",
        external_id="launch-7",
        name="Launch",
        subject="We have launched",
        sender="news@us.example",
        type=CampaignType.ANNOUNCEMENT,
        topics=("launch", "pricing"),
        tag="launch",
        sent_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        links=(DeclaredLink("https://us.example/a", ("a",)), DeclaredLink("https://us.example/b")),
    )


def test_what_is_not_said_is_left_as_it_is() -> None:
    assert read_campaign({"provider": "mailgun", "externalId": 12}) == DeclaredCampaign(
        "mailgun", "12"
    )


def test_every_problem_of_a_campaign_is_named_with_its_path() -> None:
    problems = read_campaign(
        {
            "provider": " ",
            "externalId": "tag:x:1",
            "sender": "nobody",
            "type": "BLAST",
            "topics": [7, None],
            "sentAt": "2026-11-22T10:00:00",
            "links": [{"url": "ftp://x"}, "https://us.example", {}],
        }
    )
    assert isinstance(problems, list)
    assert [(p.code, p.field) for p in problems] == [
        ("INVALID_URL", ("links", "0", "url")),
        ("INVALID_TYPE", ("links", "1")),
        ("MISSING", ("links", "1", "url")),
        ("MISSING", ("links", "2", "url")),
        ("MISSING", ("provider",)),
        ("INVALID_EXTERNAL_ID", ("externalId",)),
        ("INVALID_ADDRESS", ("sender",)),
        ("INVALID_TYPE", ("type",)),
        ("MISSING", ("topics", "1")),
        ("INVALID_TIME", ("sentAt",)),
    ]
    assert problems[-1].message == ("“2026-11-22T10:00:00” has no zone: end it in Z or +01:00")


def test_recipients_are_normalised_and_each_taken_once() -> None:
    good, problems = read_recipients(["Kim@Acme.com", "kim@acme.com", "lee@bücher.example"])
    assert good == ["kim@acme.com", "lee@xn--bcher-kva.example"]
    assert problems == []


def test_a_bad_recipient_does_not_cost_the_good_ones() -> None:
    good, problems = read_recipients(["kim@acme.com", "kim", None, "a\x00b@acme.com"])
    assert good == ["kim@acme.com"]
    assert [(p.code, p.field) for p in problems] == [
        ("INVALID_ADDRESS", ("recipients", "1")),
        ("INVALID_ADDRESS", ("recipients", "2")),
        ("INVALID_TEXT", ("recipients", "3")),
    ]
    assert problems[0].message == "“kim” is not an email address: give it as name@domain"


def test_too_many_recipients_are_refused_with_the_way_out() -> None:
    with pytest.raises(DomainError) as refused:
        read_recipients(["kim@acme.com"] * 10_001)
    assert refused.value.code == "TOO_MANY"
    assert refused.value.message == (
        "10001 recipients are too many at once: give at most 10000 a call; calling again adds more"
    )
