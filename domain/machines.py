"""What acts on one message tell only together: bursts, sweeps, decoys, a gateway's habits.

Each rule takes the acts in the order of their times and marks those that a machine did. Times and
links are compared within one source: two sources see one act under different names, and that is no
burst. What a source's clicks give away holds for the acts that others saw at the same moment.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.events import EventKind, MachineReason
from domain.facts import Fact
from domain.gateways import GatewayProfile
from domain.links import link_key

SWEPT_LINKS = 3
"""Links a message must have before following all of them tells a machine."""

AROUND_DECOY = timedelta(seconds=10)
"""Acts this near to a followed decoy are the same machine's."""

AFTER_DECOY = timedelta(minutes=15)
"""How long whoever followed a decoy is known by their IP or agent; each act begins it anew."""

READING = timedelta(seconds=2)
"""A person looks at a mail this long at the least before following a link in it."""


class Act(NamedTuple):
    """An open, click or unsubscription, with its place among the recipient's facts."""

    place: int
    fact: Fact

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.fact.occurred_at

    @property
    def is_followed(self) -> bool:
        """Whether a link that people can see was followed, and which one is known."""
        return self.fact.kind == EventKind.CLICKED and not self.fact.is_decoy and bool(self.url)

    @property
    def url(self) -> str:
        """The link as its source calls it."""
        return self.fact.url or ""


Marks = dict[int, set[MachineReason]]
"""Place of a fact → reasons to hold it a machine's."""

Span = tuple[datetime, datetime]


def mark(marks: Marks, act: Act, *, reason: MachineReason) -> None:
    """Add a reason to an act."""
    marks.setdefault(act.place, set()).add(reason)


def followed_by_source(acts: Iterable[Act]) -> dict[str, list[Act]]:
    """Clicks on visible links, by the source that saw them, in the order of their times."""
    found: dict[str, list[Act]] = {}
    for act in acts:
        if act.is_followed:
            found.setdefault(act.fact.provider, []).append(act)
    return found


def mark_bursts(acts: Sequence[Act], marks: Marks, *, window: timedelta) -> None:
    """Two distinct links followed within the window; and what else was done at that moment."""
    caught: set[int] = set()
    sources: set[str] = set()
    for source, clicks in followed_by_source(acts).items():
        hasty = [*_hasty(clicks, window), *_hasty(clicks[::-1], window)]
        caught.update(act.place for act in hasty)
        if hasty:
            sources.add(source)
    times = [act.at for act in acts if act.place in caught]
    for act in acts:
        is_judged_by_itself = act.is_followed and act.fact.provider in sources
        if act.place in caught or (
            not is_judged_by_itself and _is_near(times, act.at, within=window)
        ):
            mark(marks, act, reason=MachineReason.BURST)


def _hasty(clicks: Iterable[Act], window: timedelta) -> Iterable[Act]:
    """Clicks that another link's click preceded by no more than the window, as they are given."""
    last: Act | None = None
    other: Act | None = None  # the last one on another link than `last`
    for act in clicks:
        is_same = last is not None and last.url == act.url
        rival = other if is_same else last
        if rival is not None and abs(act.at - rival.at) <= window:
            yield act
        if not is_same:
            other = last
        last = act


def _is_near(times: Sequence[datetime], at: datetime, *, within: timedelta) -> bool:
    """Whether one of the sorted times is that near to another."""
    place = bisect_left(times, at - within)
    return place < len(times) and times[place] <= at + within


def mark_decoys(acts: Sequence[Act], marks: Marks) -> None:
    """Whoever followed a link that nobody can see: that click, what was done around it, and what
    the same IP or agent did later."""
    times = [act.at for act in acts if act.fact.is_decoy]
    if not times:
        return
    known: dict[bytes, datetime] = {}
    for act in sorted(acts, key=lambda a: (a.at, not a.fact.is_decoy)):
        traces = [t for t in (act.fact.ip_hash, act.fact.agent_hash) if t is not None]
        again = [t for t in traces if t in known and act.at <= known[t]]
        if act.fact.is_decoy or again or _is_near(times, act.at, within=AROUND_DECOY):
            mark(marks, act, reason=MachineReason.DECOY)
        for trace in traces if act.fact.is_decoy else again:
            known[trace] = act.at + AFTER_DECOY


def mark_sweeps(
    acts: Sequence[Act], marks: Marks, *, links: Set[str], within: timedelta, around: timedelta
) -> None:
    """Every link of a message followed within a time no reader takes: the first click on each is
    the sweep's, further ones are a person's. `links` are keys (`domain.links`)."""
    if len(links) < SWEPT_LINKS:
        return
    for clicks in followed_by_source(acts).values():
        span = _sweep(clicks, links, within=within)
        if span is not None:
            _mark_swept(acts, marks, span=span, around=around, reason=MachineReason.SWEEP)


def _sweep(clicks: Sequence[Act], links: Set[str], *, within: timedelta) -> Span | None:
    """From when to when all links were first followed within the time, if ever."""
    latest: dict[str, datetime] = {}
    for act in clicks:
        link = link_key(act.url)
        if link in links:
            latest[link] = act.at
            if len(latest) == len(links) and min(latest.values()) >= act.at - within:
                return max(clicks[0].at, act.at - within), act.at
    return None


def _mark_swept(
    acts: Sequence[Act], marks: Marks, *, span: Span, around: timedelta, reason: MachineReason
) -> None:
    """Mark the first click on each link in the span, unsubscriptions in it, and opens at the same
    moment by the same IP and agent."""
    start, end = span[0] - around, span[1] + around
    swept: list[Act] = []
    for clicks in followed_by_source(acts).values():
        first: dict[str, Act] = {}
        for act in clicks:
            if start <= act.at <= end:
                first.setdefault(link_key(act.url), act)
        swept += first.values()
    hands = {(a.fact.ip_hash, a.fact.agent_hash) for a in swept} - {(None, None)}
    for act in swept:
        mark(marks, act, reason=reason)
    for act in acts:
        if start <= act.at <= end and (
            act.fact.kind == EventKind.UNSUBSCRIBED
            or (
                act.fact.kind == EventKind.OPENED
                and (act.fact.ip_hash, act.fact.agent_hash) in hands
            )
        ):
            mark(marks, act, reason=reason)


def mark_learned(
    acts: Sequence[Act],
    marks: Marks,
    *,
    profile: GatewayProfile,
    arrived_at: datetime,
    around: timedelta,
    known: Set[int],
) -> None:
    """The one link of a message, first followed when the domain's gateway does.

    `known` are the places of acts that are a machine's by themselves. A click is a person's all
    the same if whoever followed the link had opened the mail before.
    """
    by_source = followed_by_source(acts)
    window = profile.window
    if window is None or any(len({a.url for a in clicks}) > 1 for clicks in by_source.values()):
        return
    opens = [a for a in acts if a.fact.kind == EventKind.OPENED and a.place not in known]
    for clicks in by_source.values():
        timely = [a for a in clicks if window[0] <= a.at - arrived_at <= window[1]]
        if timely and timely[0].place not in known and not _has_read(timely[0], opens):
            at = timely[0].at
            _mark_swept(acts, marks, span=(at, at), around=around, reason=MachineReason.LEARNED)


def _has_read(click: Act, opens: Iterable[Act]) -> bool:
    """Whether the same IP or agent had opened the mail, long enough before to have read of it."""
    fact = click.fact
    return any(
        a.at + READING <= click.at
        and (
            (fact.ip_hash is not None and a.fact.ip_hash == fact.ip_hash)
            or (fact.agent_hash is not None and a.fact.agent_hash == fact.agent_hash)
        )
        for a in opens
    )
