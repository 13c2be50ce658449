"""A company's day of bulk mail, to be replayed: many sends, a daily curve, every kind of event.

A pure function of seed, size and moment. `demo.traffic` says what people do with a mail; here there
are more mailboxes than the directory has people, and sends go out all day long, each in turn like
one of the year's (`demo.sends`), so that providers and evidence come as mixed as there.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from demo.campaigns import Campaign, sent
from demo.chance import named
from demo.history import Chapter
from demo.people import make_habits
from demo.portfolio import Portfolio, Reader
from demo.providers import BATCHED
from demo.sends import CALENDAR, LIVE, Send
from demo.traffic import Act, reported, traffic

SENDS = (*CALENDAR, *LIVE)
"""What goes out, in turn."""

CURVE = (1, 1, 1, 1, 1, 2, 4, 8, 12, 13, 12, 9, 8, 11, 13, 12, 9, 6, 4, 3, 2, 2, 1, 1)
"""Sends by hour of the day (UTC), in proportion."""

SENDS_AN_HOUR = 6
"""On an average of the day."""

SMALL_SHARE = 0.05
"""How large a send is, beside the others, whose provider reports one event a request: as in the
year's sends, those go to small segments."""

MAILS_TO_ONE = 2
"""How many of a day's sends reach the same mailbox, on an average."""


def make_readers(portfolio: Portfolio, count: int) -> tuple[Reader, ...]:
    """So many mailboxes at the domains of the portfolio's customers, each with habits."""
    customers = portfolio.customers
    return tuple(
        _reader(portfolio.seed, number, customers[number % len(customers)].mail_domain)
        for number in range(count)
    )


def _reader(seed: int, number: int, domain: str) -> Reader:
    chance = named(seed, "mailbox", number)
    habits = make_habits(chance, "Europe/Berlin", has_gateway=number % 16 == 0)
    return Reader(f"mailbox{number}@{domain}", "Mid-market", habits)


def chapters(
    portfolio: Portfolio, mails: int, ends_at: datetime, hours: float
) -> Iterator[Chapter]:
    """The sends of the hours before `ends_at`, about `mails` in all, the earliest first, each with
    what is reported of it by then; imagined when it is asked for."""
    seed = portfolio.seed
    for campaign in _campaigns(portfolio, mails, ends_at, hours):
        acts = traffic(seed, campaign, until=ends_at)
        yield Chapter(campaign, tuple(reported(seed, acts)))


def _campaigns(
    portfolio: Portfolio, mails: int, ends_at: datetime, hours: float
) -> Iterator[Campaign]:
    times = _times(ends_at, hours)
    sends = [SENDS[number % len(SENDS)] for number in range(len(times))]
    weights = [1.0 if send.provider in BATCHED else SMALL_SHARE for send in sends]
    readers = make_readers(portfolio, max(1, mails // MAILS_TO_ONE))
    first = 0
    for number, (at, send, weight) in enumerate(zip(times, sends, weights, strict=True)):
        size = max(1, round(mails * weight / sum(weights)))
        chosen = tuple(readers[(first + n) % len(readers)] for n in range(min(size, len(readers))))
        first += size
        yield sent(_named(send, number), f"day-{ends_at:%Y%m%d%H%M}-{number}", at, chosen)


def _named(send: Send, number: int) -> Send:
    """A send of its own, which no tag and no subject mixes up with the next like it."""
    return replace(
        send,
        name=f"{send.name} {number}",
        subject=f"{send.subject} {number}",
        is_registered=False,
    )


def _times(ends_at: datetime, hours: float) -> list[datetime]:
    """When sends go out: as many in each hour as the curve says, evenly within it."""
    found = []
    minute = ends_at - timedelta(hours=hours)
    due = 0.5
    while minute < ends_at:
        due += CURVE[minute.hour] / sum(CURVE) * 24 * SENDS_AN_HOUR / 60
        while due >= 1:
            found.append(minute)
            due -= 1
        minute += timedelta(minutes=1)
    return found or [ends_at - timedelta(hours=hours)]


def merged(told: Iterable[Chapter]) -> Iterator[Act]:
    """What happened to all sends in one stream: each in its own order, the earliest act first. A
    send is asked for when what was before it has been told."""
    heads: list[tuple[datetime, int]] = []
    left: dict[int, list[Act]] = {}
    for number, chapter in enumerate(told):
        while heads and heads[0][0] < chapter.campaign.sent_at:
            yield _next(heads, left)
        if chapter.acts:
            left[number] = list(reversed(chapter.acts))
            heapq.heappush(heads, (left[number][-1].at, number))
    while heads:
        yield _next(heads, left)


def _next(heads: list[tuple[datetime, int]], left: dict[int, list[Act]]) -> Act:
    """Take the earliest act out; what is told of is forgotten."""
    _, number = heads[0]
    act = left[number].pop()
    if left[number]:
        heapq.heapreplace(heads, (left[number][-1].at, number))
    else:
        heapq.heappop(heads)
        del left[number]
    return act
