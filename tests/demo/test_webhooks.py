"""What the demonstration sends is what providers send: signed, and read as it was meant."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from demo import secrets
from demo.history import Chapter, History, make_history
from demo.requests import requests
from demo.secrets import Secrets
from demo.signing import Signed, Signer
from demo.stream import sendgrid_batches
from demo.traffic import Act, reported, traffic
from domain.events import BounceClass, EventKind, ReportedEvent
from domain.identity import event_key
from intake.requests import Refused, WebhookRequest
from intake.webhooks import parse, verify
from tests.intake.signing import certificates

ENDS_AT = datetime(2026, 11, 22, 14, tzinfo=UTC)
SIGNED_AT = int(ENDS_AT.timestamp())

KINDS = {
    "accepted": EventKind.ACCEPTED,
    "deferred": EventKind.DEFERRED,
    "delivered": EventKind.DELIVERED,
    "soft bounce": EventKind.BOUNCED,
    "hard bounce": EventKind.BOUNCED,
    "opened": EventKind.OPENED,
    "clicked": EventKind.CLICKED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "complained": EventKind.COMPLAINED,
}
UNTOLD = {"postmark": {"accepted", "deferred"}, "mailgun": {"accepted"}}
"""What a provider has no webhook for."""

PROVIDERS = ("sendgrid", "postmark", "mailgun", "brevo", "sparkpost")


@pytest.fixture(scope="module")
def history() -> History:
    return make_history(7, ENDS_AT)


@pytest.fixture(scope="module")
def chapters(history: History) -> Mapping[str, Chapter]:
    """One campaign as each provider would have sent it."""
    return {provider: _sent_through(provider, history) for provider in PROVIDERS}


def _sent_through(provider: str, history: History) -> Chapter:
    campaign = replace(history.campaigns[0], provider=provider)
    return Chapter(campaign, tuple(reported(7, traffic(7, campaign, until=ENDS_AT))))


@pytest.fixture(scope="module")
def known() -> Secrets:
    return secrets.make(ENDS_AT)


def _request(signed: Signed) -> WebhookRequest:
    return WebhookRequest(body=signed.body, headers=signed.headers, received_at=ENDS_AT)


def _read(signed: Sequence[Signed]) -> list[ReportedEvent]:
    events: list[ReportedEvent] = []
    for one in signed:
        parsed = parse(one.provider, _request(one))
        assert parsed.problems == []
        events += parsed.events
    return events


def _sample(chapter: Chapter) -> list[Act]:
    """Every kind of act of a campaign, some of each."""
    taken: Counter[str] = Counter()
    sample = []
    for act in chapter.acts:
        taken[act.kind] += 1
        if taken[act.kind] <= 4 and not act.repeat:
            sample.append(act)
    return sample


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_signature_is_accepted(
    provider: str, chapters: Mapping[str, Chapter], known: Secrets
) -> None:
    for signed in requests(_sample(chapters[provider]), Signer(known), signed_at=SIGNED_AT):
        await verify(provider, _request(signed), [known.providers[provider]], certificates())


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_stranger_s_signature_is_refused(
    provider: str, chapters: Mapping[str, Chapter], known: Secrets
) -> None:
    stranger = Signer(secrets.make(ENDS_AT))
    signed = next(requests(_sample(chapters[provider]), stranger, signed_at=SIGNED_AT))
    with pytest.raises(Refused) as refused:
        await verify(provider, _request(signed), [known.providers[provider]], certificates())
    assert refused.value.status in (401, 403)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_act_is_read_as_it_was_meant(
    provider: str, chapters: Mapping[str, Chapter], known: Secrets
) -> None:
    untold = {"replied", *UNTOLD.get(provider, ())}
    acts = [act for act in _sample(chapters[provider]) if act.kind not in untold]
    events = _read(list(requests(acts, Signer(known), signed_at=SIGNED_AT)))
    expected = [
        # Mailgun's temporary failure is a deferral, its permanent one may be soft all the same.
        (KINDS[act.kind], act.address, act.at, act.link.url if act.link else None)
        for act in acts
    ]
    assert [(e.kind, e.address, e.occurred_at, e.url) for e in events] == expected


@pytest.mark.parametrize("provider", PROVIDERS)
def test_hard_and_soft_bounces_are_told_apart(
    provider: str, chapters: Mapping[str, Chapter], known: Secrets
) -> None:
    classes = {"hard bounce": BounceClass.HARD, "soft bounce": BounceClass.SOFT}
    acts = [act for act in _sample(chapters[provider]) if act.kind in classes]
    events = _read(list(requests(acts, Signer(known), signed_at=SIGNED_AT)))
    assert acts
    assert [event.bounce for event in events] == [classes[act.kind] for act in acts]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_acts_on_a_message_name_the_same_message(
    provider: str, chapters: Mapping[str, Chapter], known: Secrets
) -> None:
    reader = chapters[provider].campaign.readers[0].address
    acts = [act for act in chapters[provider].acts if act.address == reader]
    events = _read(list(requests(acts, Signer(known), signed_at=SIGNED_AT)))
    assert len({event.message_reference for event in events}) == 1


def test_machine_opens_carry_sendgrid_s_flag(
    chapters: Mapping[str, Chapter], known: Secrets
) -> None:
    acts = [act for act in chapters["sendgrid"].acts if act.kind == "opened"][:50]
    events = _read(list(requests(acts, Signer(known), signed_at=SIGNED_AT)))
    assert [event.is_machine for event in events] == [act.is_flagged for act in acts]
    assert {event.is_machine for event in events} == {True, False}


def test_a_repetition_is_the_same_fact(history: History, known: Secrets) -> None:
    chapter = next(history.chapters())
    events = _read(list(requests(chapter.acts, Signer(known), signed_at=SIGNED_AT)))
    facts = {event_key(event, event.address) for event in events}
    assert len(events) == sum(act.kind != "replied" for act in chapter.acts)
    assert len(facts) < len(events)
    assert len(events) - len(facts) >= sum(a.repeat for a in chapter.acts if a.kind != "replied")


def test_the_stream_for_measurements_holds_as_many_facts_as_asked(
    history: History, known: Secrets
) -> None:
    signed = list(
        sendgrid_batches(history.portfolio, Signer(known), events=1_250, batch=500, at=ENDS_AT)
    )
    events = _read(signed)
    assert [one.events for one in signed] == [500, 500, 250]
    assert len({event_key(event, event.address) for event in events}) == 1_250
