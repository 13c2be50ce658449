"""Facts for tests of the rules: what one recipient's provider reports."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.agents import agent_reason
from domain.engagement import Engagement, Fact, fold
from domain.events import BounceClass, EventKind
from domain.judging import judge

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
HUMAN = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
SCANNER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def fact(kind: EventKind, minute: float = 0, **changes: Any) -> Fact:
    """A fact of its own: two with other kinds, minutes, links or providers have other keys."""
    values: dict[str, Any] = {
        "recipient_id": 1,
        "fact_on": at(minute).date(),
        "key": b"",
        "kind": kind,
        "provider": "sendgrid",
        "occurred_at": at(minute),
        "url": "https://a.example" if kind is EventKind.CLICKED else None,
        "detail": None,
        "user_agent": HUMAN,
        "agent_family": None,
        "agent_hash": None,
        "ip_hash": None,
        "network_hash": None,
        "bounce": None,
        "is_machine_flagged": False,
        "is_prefetch": False,
        "is_decoy": False,
        "actor": None,
        "reasons": (),
    } | changes
    values["agent_reason"] = agent_reason(values.pop("user_agent"))
    if not values["key"]:
        words = (kind, minute, values["provider"], values["url"], values["bounce"])
        values["key"] = repr(words).encode()
    return Fact(**values)


def folded(*facts: Fact) -> Engagement:
    """The engagement that follows, with the verdicts that follow."""
    return fold(facts, [verdict.actor for verdict in judge(facts)])


@st.composite
def some_facts(draw: st.DrawFn) -> list[Fact]:
    """Facts of one recipient, each once."""
    return draw(
        st.lists(
            st.builds(
                fact,
                st.sampled_from(EventKind),
                st.integers(0, 6),
                url=st.sampled_from(["https://a.example", "https://b.example"]),
                provider=st.sampled_from(["sendgrid", "pixel"]),
                user_agent=st.sampled_from([HUMAN, SCANNER, "", None]),
                bounce=st.sampled_from([*BounceClass, None]),
            ),
            max_size=12,
            unique_by=lambda f: f.key,
        )
    )
