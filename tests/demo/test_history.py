"""Half a year of mail: repeatable, believable, within its time."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from demo.history import Chapter, History, make_history
from demo.traffic import Act, traffic

ENDS_AT = datetime(2026, 11, 22, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> History:
    return make_history(7, ENDS_AT)


@pytest.fixture(scope="module")
def chapters(history: History) -> list[Chapter]:
    return list(history.chapters())


@pytest.fixture(scope="module")
def acts(chapters: list[Chapter]) -> list[Act]:
    return [act for chapter in chapters for act in chapter.acts]


def test_two_histories_of_a_seed_are_equal(chapters: list[Chapter]) -> None:
    again = make_history(7, ENDS_AT).chapters()
    for chapter in chapters[:3]:
        assert _facts(next(again)) == _facts(chapter)


def _facts(chapter: Chapter) -> list[tuple[object, ...]]:
    return [(a.kind, a.address, a.at, a.link, a.agent, a.ip, a.repeat) for a in chapter.acts]


def test_there_are_24_campaigns_of_all_types_over_six_months(history: History) -> None:
    campaigns = history.campaigns
    assert len(campaigns) == 24
    assert len({campaign.external_id for campaign in campaigns}) == 24
    assert {c.type for c in campaigns} == {
        "ANNOUNCEMENT", "MARKETING", "NEWSLETTER", "PRODUCT_UPDATE",
    }  # fmt: skip
    assert campaigns[-1].sent_at - campaigns[0].sent_at > timedelta(days=170)
    assert [c.name for c in campaigns if not 400 <= len(c.readers) <= 1_500] == []


def test_campaigns_are_known_by_every_kind_of_evidence(history: History) -> None:
    kinds = {(c.evidence, c.is_registered) for c in history.campaigns}
    assert kinds == {
        ("id", True), ("id", False), ("tag", True), ("tag", False), ("subject", False),
    }  # fmt: skip
    assert {c.provider for c in history.campaigns} == {
        "sendgrid", "postmark", "mailgun", "sparkpost",
    }  # fmt: skip


def test_password_resets_go_to_fewer_people_than_make_a_campaign(chapters: list[Chapter]) -> None:
    resets = [c.campaign for c in chapters if c.campaign.external_id == "password-reset"]
    assert len(resets) == 4
    assert [len(reset.readers) for reset in resets] == [1, 1, 1, 1]


def test_the_traffic_is_of_the_promised_size(acts: list[Act]) -> None:
    assert 55_000 <= len(acts) <= 90_000


def test_nothing_happens_after_the_end(acts: list[Act]) -> None:
    assert max(act.at for act in acts) <= ENDS_AT


def test_97_percent_of_what_was_accepted_is_delivered(acts: list[Act]) -> None:
    counts = Counter(act.kind for act in acts if not act.repeat)
    assert 0.97 <= counts["delivered"] / counts["accepted"] <= 0.99
    assert counts["hard bounce"] > 0
    assert counts["soft bounce"] > 0
    assert counts["replied"] > 0
    assert counts["unsubscribed"] > 0


def test_providers_repeat_themselves(acts: list[Act]) -> None:
    repeated = sum(act.repeat for act in acts)
    assert 0.02 <= repeated / len(acts) <= 0.04


def test_machines_open_and_gateways_click_every_link(acts: list[Act]) -> None:
    assert any(act.is_flagged and act.agent == "Mozilla/5.0" for act in acts)
    swept = [a for a in acts if a.kind == "clicked" and (a.ip or "").startswith("192.0.2.")]
    by_message: dict[tuple[str, str], set[str]] = {}
    for act in swept:
        links = by_message.setdefault((act.campaign.external_id, act.address), set())
        links.add(act.link.path if act.link else "")
    sizes = {c.campaign.external_id: len(c.campaign.links) for c in _once(acts)}
    assert by_message
    assert [k for k, links in by_message.items() if len(links) != sizes[k[0]]] == []


def _once(acts: list[Act]) -> list[Act]:
    return list({act.campaign.external_id: act for act in acts}.values())


def test_a_message_is_not_read_before_it_is_delivered(history: History) -> None:
    campaign = history.campaigns[0]
    delivered: dict[str, datetime] = {}
    for act in traffic(7, campaign, until=ENDS_AT):
        if act.kind == "delivered":
            delivered[act.address] = act.at
        if act.kind in ("opened", "clicked", "replied"):
            assert act.at >= delivered[act.address]
