"""What acts tell only together: bursts, sweeps, decoys, and gateways that are known."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.engagement import Fact
from domain.events import Actor, EventKind, MachineReason
from domain.gateways import GatewayProfile
from domain.judging import Circumstances, judge
from domain.links import link_key
from tests.domain.facts import HUMAN, SCANNER, at, fact, folded

K, R = EventKind, MachineReason
A, B, C = (f"https://us.example/{name}" for name in "abc")
SECOND = 1 / 60
"""In minutes, as `fact` takes times."""

ALL_LINKS = Circumstances(links=frozenset({A, B, C}))
PROFILE = GatewayProfile(
    "acme.example", at(0).date(), 20, 20, delay_low=30, delay_median=40, delay_high=60
)
KNOWN = Circumstances(profiles=((at(0).date(), PROFILE),))


def click(second: float, url: str = A, **changes: Any) -> Fact:
    return fact(K.CLICKED, second * SECOND, url=url, **changes)


def decoy(second: float, **changes: Any) -> Fact:
    return click(second, "https://us.example/decoy", is_decoy=True, **changes)


def reasons(*facts: Fact, given: Circumstances = ALL_LINKS) -> list[tuple[str, ...]]:
    """The reasons for each fact, empty where it is a person's."""
    verdicts = judge(facts, given)
    assert all((v.actor == Actor.MACHINE) is bool(v.reasons) for v in verdicts)
    return [v.reasons for v in verdicts]


BURST, SWEEP, DECOY, LEARNED = ((r,) for r in (R.BURST, R.SWEEP, R.DECOY, R.LEARNED))
NOBODY: tuple[str, ...] = ()


@pytest.mark.parametrize("pause", [0, 0.2, 1])
def test_two_links_within_a_second_are_a_burst(pause: float) -> None:
    assert reasons(click(0), click(pause, B)) == [BURST, BURST]


def test_links_further_apart_are_no_burst() -> None:
    assert reasons(click(0), click(1.01, B)) == [NOBODY, NOBODY]


def test_the_window_of_a_burst_is_the_operators() -> None:
    given = Circumstances(burst=timedelta(seconds=3))
    assert reasons(click(0), click(2.5, B), given=given) == [BURST, BURST]


def test_one_link_followed_twice_is_no_burst() -> None:
    assert reasons(click(0), click(0.5)) == [NOBODY, NOBODY]


def test_each_click_near_another_link_is_of_the_burst_and_no_other() -> None:
    found = reasons(click(0), click(0.5), click(0.9, B), click(1.8, B), click(3))
    assert found == [BURST, BURST, BURST, NOBODY, NOBODY]


def test_a_click_without_a_link_tells_of_none() -> None:
    assert reasons(click(0), click(0.2, "")) == [NOBODY, NOBODY]


def test_one_act_seen_by_two_sources_under_two_names_is_no_burst() -> None:
    theirs = click(0, "https://ct.provider.example/x?upn=1")
    assert reasons(theirs, click(0.3, provider="tracking")) == [NOBODY, NOBODY]


def test_what_another_source_saw_of_a_burst_is_of_the_burst() -> None:
    seen = click(0.3, "https://ct.provider.example/x", provider="mailgun")
    assert reasons(click(0), click(0.2, B), seen) == [BURST, BURST, BURST]


def test_an_unsubscription_and_an_open_inside_a_burst_are_the_machines() -> None:
    found = reasons(
        click(10),
        click(10.5, B),
        fact(K.UNSUBSCRIBED, 10.8 * SECOND),
        fact(K.OPENED, 9.9 * SECOND),
        fact(K.OPENED, 60 * SECOND),
        fact(K.UNSUBSCRIBED, 61 * SECOND),
    )
    assert found == [BURST, BURST, BURST, BURST, NOBODY, NOBODY]


def test_following_the_link_to_unsubscribe_is_no_burst() -> None:
    found = reasons(click(0, "https://us.example/unsubscribe"), fact(K.UNSUBSCRIBED, 0))
    assert found == [NOBODY, NOBODY]


def test_every_link_within_ten_minutes_is_a_sweep() -> None:
    assert reasons(click(0), click(200, B), click(600, C)) == [SWEEP] * 3


def test_a_thorough_reader_takes_longer() -> None:
    assert reasons(click(0), click(200, B), click(601, C)) == [NOBODY] * 3


def test_some_links_of_a_message_are_no_sweep() -> None:
    assert reasons(click(0), click(20, B)) == [NOBODY] * 2


def test_all_of_two_links_are_no_sweep() -> None:
    given = Circumstances(links=frozenset({A, B}))
    assert reasons(click(0), click(20, B), given=given) == [NOBODY] * 2


def test_without_knowing_the_links_there_is_no_sweep() -> None:
    assert reasons(click(0), click(9, B), click(20, C), given=Circumstances()) == [NOBODY] * 3


def test_the_first_click_on_each_link_is_the_sweeps_and_the_rest_are_a_persons() -> None:
    found = reasons(click(0), click(9, B), click(20, C), click(40, B), click(900, A))
    assert found == [SWEEP, SWEEP, SWEEP, NOBODY, NOBODY]


def test_of_two_clicks_on_a_link_during_a_sweep_the_second_is_a_persons() -> None:
    assert reasons(click(0), click(5), click(9, B), click(20, C)) == [SWEEP, NOBODY, SWEEP, SWEEP]


def test_a_person_who_was_there_before_the_sweep_stays_one() -> None:
    found = reasons(click(0), click(3_000), click(3_009, B), click(3_020, C))
    assert found == [NOBODY, SWEEP, SWEEP, SWEEP]


def test_an_unsubscription_within_a_sweep_is_the_machines() -> None:
    acts = (click(0), click(9, B), click(20, C), fact(K.UNSUBSCRIBED, 12 * SECOND))
    assert reasons(*acts) == [SWEEP] * 4


def test_an_open_within_a_sweep_is_the_machines_where_ip_and_agent_agree() -> None:
    hand: dict[str, Any] = {"ip_hash": b"i", "agent_hash": b"a"}
    sweep = (click(0, **hand), click(9, B, **hand), click(20, C, **hand))
    same = fact(K.OPENED, 0, **hand)
    other = fact(K.OPENED, 1 * SECOND, ip_hash=b"i", agent_hash=b"b")
    assert reasons(*sweep, same, other) == [SWEEP] * 4 + [NOBODY]


def test_links_are_compared_without_what_providers_add() -> None:
    tagged = [click(n * 9, f"{url}/?utm_source=x#top") for n, url in enumerate((A, B, C))]
    assert reasons(*tagged) == [SWEEP] * 3


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://us.example/a", A),
        ("HTTPS://US.example/a/#part", A),
        ("https://us.example/a?utm_medium=email&UTM_source=x", A),
        ("https://us.example/a?q=1&utm_id=2&r", "https://us.example/a?q=1&r"),
        ("https://us.example/A", "https://us.example/A"),
        ("http://[", "http://["),
        ("", "://"),
    ],
)
def test_one_page_is_one_link(url: str, key: str) -> None:
    assert link_key(url) == key


@given(st.text())
def test_any_text_can_be_a_link(text: str) -> None:
    assert isinstance(link_key(text), str)


def test_a_followed_decoy_is_a_machines_and_so_is_what_was_done_around_it() -> None:
    found = reasons(
        decoy(100),
        click(90),
        click(110, B),
        fact(K.OPENED, 105 * SECOND),
        click(112),
        fact(K.DELIVERED, 0),
    )
    assert found == [DECOY, DECOY, DECOY, DECOY, NOBODY, NOBODY]


@pytest.mark.parametrize("trace", ["ip_hash", "agent_hash"])
def test_whoever_followed_a_decoy_is_known_for_a_quarter_of_an_hour_after_each_act(
    trace: str,
) -> None:
    hand: dict[str, Any] = {trace: b"x"}
    found = reasons(
        click(-60, B, **hand),
        decoy(0, **hand),
        click(900, **hand),
        click(1_800, B, **hand),
        click(2_701, B, **hand),
        click(60, B, **{trace: b"y"}),
    )
    assert found == [NOBODY, DECOY, DECOY, DECOY, NOBODY, NOBODY]


def test_decoys_are_machine_activity_but_no_link() -> None:
    e = folded(decoy(0), decoy(500), click(2_000))
    assert (e.clicks_human, e.clicks_machine) == (1, 2)
    assert [link.url for link in e.links or ()] == [A]
    assert folded(decoy(0)).links is None


def test_a_decoy_seen_by_two_sources_counts_once() -> None:
    assert folded(decoy(0), decoy(0, provider="tracking")).clicks_machine == 1


def test_an_open_and_a_click_from_one_ip_are_a_person() -> None:
    hand: dict[str, Any] = {"ip_hash": b"i", "agent_hash": b"a", "network_hash": b"n"}
    assert reasons(fact(K.OPENED, 0, **hand), click(1, **hand)) == [NOBODY, NOBODY]


@pytest.mark.parametrize("second", [0, 1, 43])
def test_time_since_delivery_alone_tells_nothing(second: float) -> None:
    assert reasons(fact(K.DELIVERED, 0), click(second)) == [NOBODY, NOBODY]


DELIVERED = fact(K.DELIVERED, 0)


@pytest.mark.parametrize(
    ("second", "reason"), [(21, NOBODY), (23, LEARNED), (45, LEARNED), (67, LEARNED), (68, NOBODY)]
)
def test_a_known_gateway_follows_a_single_link_when_it_usually_does(
    second: float, reason: tuple[str, ...]
) -> None:
    assert reasons(DELIVERED, click(second), given=KNOWN)[1] == reason


def test_only_the_first_click_is_the_known_gateways() -> None:
    assert reasons(DELIVERED, click(40), click(50), given=KNOWN)[1:] == [LEARNED, NOBODY]


def test_whoever_opened_the_mail_before_is_no_gateway() -> None:
    hand: dict[str, Any] = {"ip_hash": b"i", "agent_hash": b"a"}
    acts = (DELIVERED, fact(K.OPENED, 30 * SECOND, ip_hash=b"i"), click(40, **hand))
    assert reasons(*acts, given=KNOWN)[2] == NOBODY


def test_a_gateway_that_loads_the_images_as_it_follows_the_link_is_known_as_well() -> None:
    hand: dict[str, Any] = {"ip_hash": b"i", "agent_hash": b"a"}
    acts = (DELIVERED, fact(K.OPENED, 39.5 * SECOND, **hand), click(40, **hand))
    assert reasons(*acts, given=KNOWN)[1:] == [LEARNED, LEARNED]


def test_where_a_machine_has_been_already_the_next_click_is_a_persons() -> None:
    acts = (DELIVERED, click(35, user_agent=SCANNER), click(50))
    assert reasons(*acts, given=KNOWN)[1:] == [(R.SCANNER_AGENT,), NOBODY]


def test_habits_are_for_mails_in_which_nothing_else_can_show() -> None:
    burst = (DELIVERED, click(35), click(35.2, B), click(50))
    assert reasons(*burst, given=KNOWN)[1:] == [BURST, BURST, NOBODY]
    several = Circumstances(links=frozenset({A, B}), profiles=KNOWN.profiles)
    assert reasons(DELIVERED, click(40), given=several)[1] == NOBODY


@pytest.mark.parametrize(
    "changes", [{"swept": 4.9}, {"followed": 26}, {"delay_low": None}, {"delay_high": 700}]
)
def test_a_gateway_of_which_too_little_is_known_is_not_held_against_anyone(
    changes: dict[str, float],
) -> None:
    values = {
        "domain": "acme.example", "in_force_on": at(0).date(), "swept": 20, "followed": 20,
        "delay_low": 30, "delay_median": 40, "delay_high": 60,
    } | changes  # fmt: skip
    given = Circumstances(profiles=((at(0).date(), GatewayProfile(**values)),))  # type: ignore[arg-type]
    assert reasons(DELIVERED, click(40), given=given)[1] == NOBODY


def test_a_profile_is_in_force_on_the_day_of_the_click() -> None:
    given = Circumstances(profiles=((at(1_440).date(), PROFILE),))
    assert reasons(DELIVERED, click(40), given=given)[1] == NOBODY


def test_a_machines_unsubscription_waits_for_a_persons_word() -> None:
    acts = (click(10), click(10.5, B), fact(K.UNSUBSCRIBED, 10.8 * SECOND))
    e = folded(*acts)
    assert (e.unsubscribed_at, e.unsubscribe_unconfirmed_at) == (None, at(10.8 * SECOND))
    e = folded(*acts, fact(K.UNSUBSCRIBED, 90))
    assert (e.unsubscribed_at, e.unsubscribe_unconfirmed_at) == (at(90), None)
    assert folded(*acts, fact(K.RESUBSCRIBED, 90)).unsubscribe_unconfirmed_at is None


@st.composite
def messages(draw: st.DrawFn) -> list[Fact]:
    """Acts close enough to each other for every rule to have a say."""
    trace = st.sampled_from([None, b"x", b"y"])
    return draw(
        st.lists(
            st.builds(
                fact,
                st.sampled_from([K.CLICKED, K.CLICKED, K.OPENED, K.UNSUBSCRIBED, K.DELIVERED]),
                st.integers(0, 90).map(lambda s: s * SECOND / 2),
                url=st.sampled_from([A, B, C, None]),
                provider=st.sampled_from(["sendgrid", "tracking"]),
                user_agent=st.sampled_from([HUMAN, SCANNER]),
                ip_hash=trace,
                agent_hash=trace,
                is_decoy=st.sampled_from([False] * 5 + [True]),
            ),
            max_size=14,
            unique_by=lambda f: f.key,
        )
    )


@given(messages(), st.sampled_from([ALL_LINKS, KNOWN, Circumstances()]), st.integers(0, 2**16))
def test_no_rule_depends_on_the_order_of_the_facts(
    facts: list[Fact], given: Circumstances, seed: int
) -> None:
    shuffled = list(facts)
    random.Random(seed).shuffle(shuffled)
    by_key = {f.key: v for f, v in zip(shuffled, judge(shuffled, given), strict=True)}
    assert [by_key[f.key] for f in facts] == judge(facts, given)
