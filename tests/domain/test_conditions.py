"""Conditions of workflows: as they are written, and when they hold."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.activity import Did, Mailed, Person, count, sent_until
from domain.conditions import (
    MAX_DEPTH,
    MAX_NODES,
    AllOf,
    AnyOf,
    AtLevel,
    Condition,
    Happened,
    InSegment,
    Not,
    Silent,
    Unanswered,
    parse,
    written,
)
from domain.errors import DomainError
from domain.events import CampaignType, EventKind
from domain.scoring import Level, contributions, score
from domain.triggering import firings, judge, level_at, like, moments, next_firing
from tests.domain.activities import did, mailed, person
from tests.domain.histories import NOW, ago, sent

CLICK, OPEN, REPLY = EventKind.CLICKED, EventKind.OPENED, EventKind.REPLIED
DAY = timedelta(days=1)

TREE: dict[str, Any] = {
    "all": [
        {"happened": {"kind": "CLICKED", "atLeast": 2, "withinDays": 30, "campaignId": 7,
                      "campaignType": "NEWSLETTER", "topic": "pricing", "urlPattern": "*/x"}},
        {"any": [{"silentForDays": 60}, {"unansweredSends": 5}]},
        {"not": {"segments": ["startup"]}},
        {"levels": ["HIGH", "LOW"]},
    ]
}  # fmt: skip


def test_a_tree_is_read_and_written_back_as_it_was() -> None:
    assert written(parse(TREE)) == TREE


def test_what_is_left_out_of_an_event_is_its_usual_value() -> None:
    assert parse({"happened": {"kind": "REPLIED"}}) == Happened(REPLY, 1, 30)


def nested(depth: int) -> dict[str, Any]:
    return {"not": nested(depth - 1)} if depth > 1 else {"silentForDays": 1}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({}, ()),
        ({"silentForDays": 1, "unansweredSends": 1}, ()),
        ({"never": True}, ()),
        ([], ()),
        ({"all": []}, ("all",)),
        ({"all": [{"silentForDays": 1}, {"silentForDays": 0}]}, ("all", "1", "silentForDays")),
        ({"silentForDays": 366}, ("silentForDays",)),
        ({"silentForDays": True}, ("silentForDays",)),
        ({"unansweredSends": 51}, ("unansweredSends",)),
        ({"happened": {"kind": "DANCED"}}, ("happened", "kind")),
        ({"happened": {"kind": "UNKNOWN"}}, ("happened", "kind")),
        ({"happened": {"kind": "CLICKED", "atLeast": 0}}, ("happened", "atLeast")),
        ({"happened": {"kind": "CLICKED", "withinDays": 366}}, ("happened", "withinDays")),
        ({"happened": {"kind": "OPENED", "urlPattern": "*"}}, ("happened", "urlPattern")),
        ({"happened": {"kind": "CLICKED", "topic": " "}}, ("happened", "topic")),
        ({"segments": []}, ("segments",)),
        ({"segments": ["a", "\x00"]}, ("segments", "1")),
        ({"levels": ["TOP"]}, ("levels", "0")),
        (nested(MAX_DEPTH + 1), ("not",) * MAX_DEPTH),
        ({"any": [{"silentForDays": 1}] * MAX_NODES}, ("any", str(MAX_NODES - 1))),
    ],
)
def test_what_is_wrong_with_a_tree_is_named_with_its_path(value: Any, path: tuple[str]) -> None:
    with pytest.raises(DomainError) as refused:
        parse(value)
    assert refused.value.code == "INVALID_CONDITION"
    assert refused.value.field == ("condition", *path)


def test_the_deepest_and_the_largest_tree_are_taken() -> None:
    parse(nested(MAX_DEPTH))
    parse({"any": [{"silentForDays": 1}] * (MAX_NODES - 1)})


@pytest.mark.parametrize(
    ("pattern", "url", "is_like"),
    [
        ("acme.example/pricing", "https://acme.example/pricing", True),
        ("acme.example/pricing", "https://acme.example/pricing?x", False),
        ("*pricing*", "https://acme.example/Pricing?x", True),
        ("https://*/pricing", "https://acme.example/pricing", True),
        ("http://*", "https://acme.example/", False),
        ("a*a", "https://a", False),
        ("*b*a*", "https://a.b", False),
        ("*", "https://", True),
    ],
)
def test_a_pattern_is_compared_with_the_whole_address(
    pattern: str, url: str, is_like: bool
) -> None:
    assert like(pattern, url) is is_like


ANN = person(
    mailed(20, 1),
    mailed(10, 2, type=CampaignType.MARKETING, topics=("price",)),
    did(19, CLICK, 1),
    did(18, OPEN, 1),
    did(9, CLICK, 2),
    did(9, CLICK, 2, source="tracking", key=b"same"),
    did(8, CLICK, 2, topics=("docs",), url="https://acme.example/docs"),
)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Happened(CLICK, 3), True),
        (Happened(CLICK, 4), False),  # what two sources saw is one click
        (Happened(CLICK, 3, within_days=15), False),
        (Happened(CLICK, 1, campaign_id=10), True),
        (Happened(CLICK, 2, campaign_id=10), False),
        (Happened(OPEN, 1, campaign_type=CampaignType.MARKETING), False),
        (Happened(CLICK, 2, campaign_type=CampaignType.MARKETING), True),
        (Happened(CLICK, 1, topic="Price"), True),
        (Happened(CLICK, 2, topic="price"), False),  # the second link has a topic of its own
        (Happened(CLICK, 1, topic="docs"), True),
        (Happened(CLICK, 1, url_pattern="*/docs"), True),
        (Happened(CLICK, 1, url_pattern="*/prices"), False),
        (Happened(REPLY), False),
        (InSegment(("startup", "x")), True),
        (InSegment(("enterprise",)), False),
        (Silent(5), False),
        (Unanswered(1), False),
        (Not(Happened(REPLY)), True),
        (AllOf((Happened(CLICK), Happened(REPLY))), False),
        (AnyOf((Happened(CLICK), Happened(REPLY))), True),
        (AtLevel((Level.NONE,)), True),  # two mails are not enough for a score
    ],
)
def test_a_condition_holds_when_it_should(condition: Condition, holds: bool) -> None:
    assert judge(condition, ANN, NOW).holds is holds


def test_a_verdict_says_in_words_and_events_what_matched() -> None:
    verdict = judge(AllOf((Happened(CLICK, 2, topic="news"), InSegment(("startup",)))), ANN, NOW)
    assert not verdict.holds
    verdict = judge(AllOf((Happened(OPEN), InSegment(("startup",)))), ANN, NOW)
    assert verdict.reasons == ("1 × OPENED within 30 days", "segment startup")
    assert [(d.kind, d.at) for d in verdict.evidence] == [(OPEN, ago(18))]


def test_silence_begins_with_the_last_engagement_or_the_first_mail() -> None:
    never = person(mailed(70, 1), mailed(30, 2))
    assert judge(Silent(60), never, NOW).holds
    assert not judge(Silent(60), never, ago(11)).holds
    once = person(mailed(70, 1), mailed(30, 2), did(65, OPEN, 1))
    assert judge(Silent(60), once, NOW).holds
    assert not judge(Silent(60), once, ago(6)).holds
    nothing_to_answer = person(mailed(70, 1), did(65, OPEN, 1))
    assert not judge(Silent(60), nothing_to_answer, NOW).holds


def test_mails_in_a_row_are_unanswered_until_an_engagement() -> None:
    five = [mailed(50 - n, n + 1) for n in range(5)]
    assert judge(Unanswered(5), person(*five), NOW).holds
    assert not judge(Unanswered(5), person(*five, did(48.5, OPEN, 1)), NOW).holds
    back = person(*five[:4], mailed(46, 5, delivered_at=None))
    assert not judge(Unanswered(5), back, NOW).holds


def test_the_level_of_a_moment_is_that_of_the_score_then() -> None:
    facts = [mailed(40 - n, n + 1) for n in range(4)]
    ann = person(*facts, *(did(30 - n, REPLY, n + 1) for n in range(4)))
    assert level_at(ann, ago(35)) is Level.NONE
    now = [
        sent(40 - n, n + 1, recipient_id=n + 1, campaign_id=(n + 1) * 10, replied=30 - n)
        for n in range(4)
    ]
    assert level_at(ann, NOW) is score(contributions(now), 4, NOW).level is Level.MEDIUM
    assert level_at(ann, ago(27)) is Level.HIGH


def test_a_history_of_the_past_knows_nothing_of_what_came_later() -> None:
    until = ago(18.5)
    did = {kind: [d for d in ANN.done if d.kind is kind and d.at <= until] for kind in EventKind}
    first = sent_until(ANN.mailed[1], did, until)
    assert (first.clicks, first.opens, first.first_open_at) == (1, 1, ago(19))
    assert (first.last_click_at, first.delivered_at) == (ago(19), ago(20))
    assert count(ANN.done) == 4


def test_a_workflow_fires_once_in_a_window_and_again_while_its_condition_holds() -> None:
    ann = person(mailed(80, 1), did(70, CLICK, 1), did(69, CLICK, 1, key=b"2"), did(10, CLICK, 1))
    fired = firings(Happened(CLICK), ann, 14 * DAY, since=ago(90), until=NOW)
    assert [f.at for f in fired] == [ago(70), ago(56), ago(42), ago(10)]
    once = firings(Happened(CLICK), ann, 90 * DAY, since=ago(90), until=NOW)
    assert [f.at for f in once] == [ago(70)]


def test_what_holds_when_a_workflow_is_turned_on_fires_then() -> None:
    silent = person(mailed(200, 1))
    assert [f.at for f in firings(Silent(60), silent, 90 * DAY, since=ago(30), until=NOW)] == [
        ago(30)
    ]


def test_time_alone_makes_silence_fire() -> None:
    ann = person(mailed(10, 1))
    assert next_firing(Silent(60), ann, 30 * DAY, now=NOW, fired_at=None) == NOW + 50 * DAY
    assert next_firing(Happened(CLICK), ann, 30 * DAY, now=NOW, fired_at=None) is None
    clicked = person(mailed(10, 1), did(1, CLICK, 1))
    again = next_firing(Happened(CLICK), clicked, 7 * DAY, now=NOW, fired_at=NOW)
    assert again == NOW + 7 * DAY
    assert next_firing(Happened(CLICK), clicked, 30 * DAY, now=NOW, fired_at=NOW) is None


KINDS = st.sampled_from([CLICK, OPEN, REPLY, EventKind.UNSUBSCRIBED, EventKind.BOUNCED])
HOURS = st.integers(0, 120 * 24)
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        Happened,
        kind=KINDS,
        at_least=st.integers(1, 3),
        within_days=st.integers(1, 60),
        campaign_id=st.sampled_from([None, 10, 20]),
    ),
    st.builds(Silent, st.integers(1, 60)),
    st.builds(Unanswered, st.integers(1, 4)),
    st.builds(
        AtLevel, st.lists(st.sampled_from(Level), min_size=1, max_size=2, unique=True).map(tuple)
    ),
    st.just(InSegment(("startup",))),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)


@st.composite
def people(draw: st.DrawFn) -> list[Mailed | Did]:
    """Up to six mails and a dozen events, each after its mail."""
    facts: list[Mailed | Did] = []
    hours = draw(st.lists(HOURS, min_size=1, max_size=6))
    for number, hour in enumerate(hours, start=1):
        facts.append(mailed(hour / 24, number))
    for place in range(draw(st.integers(0, 12))):
        number = draw(st.integers(1, len(hours)))
        hour = draw(st.integers(0, hours[number - 1]))
        facts.append(did(hour / 24, draw(KINDS), number, key=bytes([place])))
    return facts


def known_at(facts: list[Mailed | Did], at: datetime) -> Person:
    """The person as they are known at a moment."""
    return person(*(f for f in facts if (f.sent_at if isinstance(f, Mailed) else f.at) <= at))


def lived(facts: list[Mailed | Did], condition: Condition, window: timedelta) -> list[datetime]:
    """When it fires for whoever looks whenever something happens, or is bound to fire."""
    since, fired = ago(90), list[datetime]()
    news = sorted({(f.sent_at if isinstance(f, Mailed) else f.at) for f in facts})
    at: datetime | None = since
    while at is not None and at <= NOW:
        known = known_at(facts, at)
        last = fired[-1] if fired else None
        is_free = last is None or at >= last + window
        if is_free and judge(condition, known, at).holds:
            fired.append(at)
        alone = next_firing(condition, known, window, now=at, fired_at=fired[-1] if fired else None)
        later = [n for n in news if n > at]
        at = min([*later[:1], *([alone] if alone else [])], default=None)
    return fired


@settings(max_examples=150, deadline=None)
@given(people(), TREES, st.integers(1, 60))
def test_what_the_preview_says_is_what_it_does(
    facts: list[Mailed | Did], condition: Condition, days: int
) -> None:
    window = days * DAY
    said = firings(condition, person(*facts), window, since=ago(90), until=NOW)
    assert [f.at for f in said] == lived(facts, condition, window)


@settings(max_examples=60, deadline=None)
@given(people(), TREES, st.lists(HOURS, min_size=1, max_size=12))
def test_between_its_moments_a_condition_does_not_change(
    facts: list[Mailed | Did], condition: Condition, hours: list[int]
) -> None:
    ann = person(*facts)
    changes = [ago(130), *moments(condition, ann, ago(130), NOW)]
    for hour in hours:
        at = ago((hour + 0.3) / 24)
        before = max(m for m in changes if m <= at)
        assert judge(condition, ann, at).holds == judge(condition, ann, before).holds


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_every_tree_is_written_so_that_it_is_read_again(condition: Condition) -> None:
    assert parse(written(condition)) == condition
