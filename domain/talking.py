"""Talking points: facts that a CSM can say aloud."""

from collections.abc import Iterable, Sequence

from domain.history import LinkClicked, Sent
from domain.people import PersonState
from domain.surroundings import Colleague, Surroundings, name_of
from domain.wording import link_name, listed, number, on_day, quoted, times

MOST_POINTS = 6
MOST_CAMPAIGNS = 3
MOST_NAMES = 3


def points(
    state: PersonState, sends: Sequence[Sent], around: Surroundings
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """What the person did with these campaigns, who else did, and what they care about; and the
    colleagues that are named."""
    said: list[str] = []
    named: list[int] = []
    for sent in sorted(sends, key=lambda s: (s.sent_at, s.recipient_id), reverse=True):
        if len(said) >= MOST_CAMPAIGNS * 2:
            break
        said += acts(state, sent, around)
        others = around.colleagues.get((state.account.customer_id, sent.campaign_id), ())
        more, who = company(state, sent, others, around)
        said += more
        named += who
    said += cares(state) + renews(state)
    return tuple(dict.fromkeys(said))[:MOST_POINTS], tuple(sorted(set(named)))


def acts(state: PersonState, sent: Sent, around: Surroundings) -> list[str]:
    """What the person did with one campaign, in a sentence."""
    title = quoted(around.campaign(sent.campaign_id))
    done = []
    if sent.clicks:
        done.append(_clicked(sent.links, sent.clicks))
    elif sent.opens:
        done.append(f"opened it {times(sent.opens)}")
    if sent.replied_at is not None:
        done.append("replied")
    if sent.forwarded_at is not None:
        done.append("passed it on")
    at = sent.engaged_at
    if not done or at is None:
        return []
    day = on_day(at, state.timezone)
    told = listed([f"got {title}", *done])
    return [f"{name_of(state, around)} {told}, last {day}."]


def _clicked(links: Sequence[LinkClicked], clicks: int) -> str:
    known = sorted((k for k in links if k.url), key=lambda k: (-k.clicks, k.url))
    if not known:
        return f"followed its links {times(clicks)}"
    told = [f"{link_name(k.url)} {times(k.clicks)}" for k in known[:2]]
    more = len(known) - 2
    if more > 0:
        told.append(f"{number(more)} other {'link' if more == 1 else 'links'}")
    return f"followed {listed(told)}"


def company(
    state: PersonState, sent: Sent, others: Iterable[Colleague], around: Surroundings
) -> tuple[list[str], list[int]]:
    """Who else at the customer took to the same campaign."""
    title = quoted(around.campaign(sent.campaign_id))
    rest = [o for o in others if o.stakeholder_id != state.stakeholder_id]
    said: list[str] = []
    named: list[int] = []
    for verb, some in (
        ("replied to", [o for o in rest if o.has_replied]),
        ("followed links in", [o for o in rest if o.clicks and not o.has_replied]),
        ("opened", [o for o in rest if o.opens and not o.clicks and not o.has_replied]),
    ):
        if some:
            shown = some[:MOST_NAMES]
            more = len(some) - len(shown)
            names = [o.name for o in shown] + ([f"{number(more)} more"] if more else [])
            said.append(f"{listed(names)} {verb} {title}, too.")
            named += [o.stakeholder_id for o in shown]
            break
    return said, named


def cares(state: PersonState) -> list[str]:
    """What the person reads more about than others do."""
    topics = [i.topic for i in state.interests[:3]]
    return [f"What draws them more than others: {listed(topics)}."] if topics else []


def renews(state: PersonState) -> list[str]:
    """When the contract ends."""
    day = state.account.renews_on
    if day is None:
        return []
    return [f"The contract of {state.account.name} renews on {day.day} {day:%B %Y}."]
