"""What the evidence on a person calls for: of machines' doing, nothing."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.darkness import dark_at, last_engaged_at
from domain.engagement import Fact
from domain.events import EventKind
from domain.history import LinkClicked, Sent
from domain.people import Account, PersonState
from domain.proposing import of_customer, proposals
from domain.recommending import Kind
from domain.scoring import Level, contributions, score
from domain.surroundings import Silence, Surroundings
from tests.domain.facts import SCANNER, fact, folded
from tests.domain.histories import NOW, ago, sent

ACME = Account(1, "Acme", "startup", "UTC", None, 1)


def person(*history: Sent, stakeholder_id: int | None = 2, **changes: Any) -> PersonState:
    """Ann with this history, as her insights would tell."""
    delivered = sum(one.delivered_at is not None for one in history)
    values: dict[str, Any] = {
        "account": ACME,
        "stakeholder_id": stakeholder_id,
        "address_ids": (3,),
        "name": "Ann" if stakeholder_id else None,
        "title": None,
        "timezone": "UTC",
        "history": history,
        "score": score(contributions(history), delivered, NOW),
        "delivered": delivered,
        "last_engaged_at": last_engaged_at(history),
        "dark_at": dark_at(history),
        "persona": None,
        "known_sends": 0,
        "belief": (),
        "moments": (),
        "interests": (),
        "is_settled": True,
    }
    return PersonState(**(values | changes))


def kinds(state: PersonState, around: Surroundings | None = None) -> list[Kind]:
    return [p.key.kind for p in proposals(state, around or Surroundings(), NOW)]


@st.composite
def machine_facts(draw: st.DrawFn) -> list[Fact]:
    """Opens, clicks and unsubscribes that programs made, of one mail that arrived."""
    acts = st.sampled_from([EventKind.OPENED, EventKind.CLICKED, EventKind.UNSUBSCRIBED])
    made = st.lists(
        st.builds(
            fact,
            acts,
            st.integers(1, 600),
            url=st.sampled_from(["https://a.example/security", "https://b.example"]),
            user_agent=st.just(SCANNER),
        ),
        max_size=8,
        unique_by=lambda f: f.key,
    )
    return [fact(EventKind.DELIVERED), *draw(made)]


def as_sent(number: int, facts: list[Fact]) -> Sent:
    """A campaign as a person got it, from the facts reported of it."""
    e = folded(*facts)
    links = tuple(
        LinkClicked(k.url, k.human, k.machine, k.first_at, k.last_at)
        for k in e.links or ()
        if k.human
    )
    return sent(
        number,
        topics=("security",),
        opens=e.opens_human,
        first_open_at=e.first_open_at,
        last_open_at=e.last_open_at,
        clicks=e.clicks_human,
        first_click_at=e.first_click_at,
        last_click_at=e.last_click_at,
        links=links,
        unsubscribed_at=e.unsubscribed_at,
    )


@given(st.lists(machine_facts(), min_size=1, max_size=8), st.sampled_from([2, None]))
def test_what_machines_did_calls_for_nothing(mails: list[list[Fact]], who: int | None) -> None:
    history = [as_sent(number, facts) for number, facts in enumerate(mails, start=1)]
    history.sort(key=lambda s: s.sent_at)
    is_dark = who is not None and len(history) >= 5
    assert kinds(person(*history, stakeholder_id=who)) == [Kind.CHECK_IN] * is_dark


def test_one_click_is_no_conversation_and_two_campaigns_are() -> None:
    assert kinds(person(sent(9, clicked=8), sent(3))) == []
    assert kinds(person(sent(9, clicked=8), sent(3, clicked=2))) == [Kind.START_CONVERSATION]
    assert kinds(person(sent(50, clicked=45), sent(3, clicked=2))) == []


def test_a_conversation_stays_called_for_while_engagement_is_medium() -> None:
    history = [sent(days, clicked=days - 1, replied=days - 1) for days in (40, 36, 33)]
    state = person(*history)
    assert state.score.level in (Level.MEDIUM, Level.LOW)
    once = person(sent(40), *history)
    (high,) = proposals(person(sent(9, clicked=8), sent(3, clicked=2)), Surroundings(), NOW)
    around = Surroundings(live=frozenset({high.key}))
    kept = Kind.START_CONVERSATION in kinds(once, around)
    assert kept is (once.score.level is Level.MEDIUM)


def test_an_executives_reply_near_the_renewal_goes_first() -> None:
    plain = person(sent(3, replied=2))
    account = Account(1, "Acme", None, "UTC", (NOW + timedelta(days=9)).date(), 1)
    weighty = person(sent(3, replied=2), title="CTO", account=account)
    (less,), (more,) = (proposals(p, Surroundings(), NOW) for p in (plain, weighty))
    assert more.priority - less.priority == 30
    assert sum(part.points for part in more.parts) == more.priority


def test_silence_is_told_by_mail_that_is_not_answered() -> None:
    (found,) = proposals(
        person(*(sent(days) for days in (50, 40, 30, 20, 10))), Surroundings(), NOW
    )
    assert found.reason == "Ann has not taken up the last five mails: ask how they are doing."
    assert found.expires_at == ago(10) + timedelta(days=60)


def test_a_customer_is_silent_when_half_of_three_are() -> None:
    for reached, dark, count in ((3, 2, 1), (3, 1, 0), (2, 2, 0), (4, 2, 1)):
        silence = Silence(reached, dark, (7,), ago(5))
        assert len(of_customer(ACME, silence, NOW)) == count
    (found,) = of_customer(ACME, Silence(5, 3, (7,), ago(5)), NOW)
    assert found.reason.startswith("Three of five people reached at Acme have gone silent")
    assert of_customer(ACME, None, NOW) == []
