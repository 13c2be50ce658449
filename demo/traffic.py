"""What happens to a campaign's mail: delivery, reading, scanning, replying; repeatable chance."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from demo.campaigns import Campaign, Link
from demo.chance import named
from demo.portfolio import Reader

SEND_MINUTES = 25
"""A campaign leaves the provider over this long."""

HARD_BOUNCE, SOFT_BOUNCE, DEFERRAL = 0.006, 0.016, 0.025
"""Share of the mail that does not arrive at once; the rest, 97 % and more, is delivered."""

READING = {
    "loyalist": (0.78, 0.3),
    "window shopper": (0.62, 0.05),
    "selective": (0.3, 0.38),
    "dormant": (0.05, 0.04),
}
"""Persona → probability to open, and to click once opened."""

REPLY_SHARE, UNSUBSCRIBE_SHARE, COMPLAINT_SHARE = 0.02, 0.003, 0.0007
"""Of those who opened."""

APPLE_AGENT = "Mozilla/5.0"
GMAIL_PROXY = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
)
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
READER_AGENTS = {
    "apple": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT}",
    "gmail": GMAIL_PROXY,
    "outlook": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "mobile": f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} Mobile/15E148",
}
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.1 Safari/605.1.15",
)
GATEWAY_AGENTS = (
    "",
    "Mozilla/5.0 (compatible; SafeLinkScanner/2.1; crawler)",
    BROWSERS[0],
)
"""Security gateways that follow links: no agent at all, one that says so, one in disguise."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened to one message, as the provider will report it.

    `kind` is one of accepted, deferred, delivered, soft bounce, hard bounce, opened, clicked,
    replied, unsubscribed, complained. `is_flagged` says that the provider knows a machine did it;
    `repeat` counts the provider's own repetitions of the same report.
    """

    kind: str
    campaign: Campaign
    address: str
    at: datetime
    link: Link | None = None
    agent: str | None = None
    ip: str | None = None
    is_flagged: bool = False
    repeat: int = 0


def traffic(seed: int, campaign: Campaign, *, until: datetime, pace: float = 1.0) -> list[Act]:
    """Everything that happened by `until`, in the order in which it happened.

    `pace` scales the delays of readers: below 1 they react sooner than people do.
    """
    acts = [
        act
        for reader in campaign.readers
        for act in _message(
            named(seed, campaign.external_id, reader.address), campaign, reader, pace
        )
        if act.at <= until
    ]
    return sorted(acts, key=lambda act: (act.at, act.address, act.kind))


def reported(seed: int, acts: Iterable[Act], *, repeated: float = 0.03) -> Iterator[Act]:
    """The acts as a provider reports them: slightly out of order, some of them twice."""
    late: list[tuple[datetime, int, Act]] = []
    for number, act in enumerate(acts):
        chance = named(seed, "report", number, act.at.timestamp(), act.address)
        late.append((act.at + timedelta(seconds=chance.random() * 20), number, act))
        if chance.random() < repeated:
            again = act.at + timedelta(minutes=1 + chance.random() * 30)
            late.append((again, number, replace(act, repeat=1)))
    return (act for _, _, act in sorted(late, key=lambda entry: entry[:2]))


def _message(chance: Random, campaign: Campaign, reader: Reader, pace: float) -> Iterator[Act]:
    sent = campaign.sent_at + timedelta(seconds=int(chance.random() * SEND_MINUTES * 60))
    accepted = Act("accepted", campaign, reader.address, sent)
    yield accepted
    fate = chance.random()
    if fate < HARD_BOUNCE:
        yield _later(accepted, "hard bounce", chance.uniform(1, 40))
        return
    if fate < HARD_BOUNCE + SOFT_BOUNCE:
        yield _later(accepted, "soft bounce", chance.uniform(60, 900))
        return
    delivered = _later(accepted, "delivered", chance.uniform(1, 8))
    if fate < HARD_BOUNCE + SOFT_BOUNCE + DEFERRAL:
        yield _later(accepted, "deferred", 5)
        delivered = _later(accepted, "delivered", chance.uniform(300, 1800))
    yield delivered
    yield from _machines(chance, delivered, reader)
    yield from _person(chance, delivered, reader, pace)


def _later(
    act: Act,
    kind: str,
    seconds: float,
    *,
    link: Link | None = None,
    agent: str | None = None,
    ip: str | None = None,
    is_flagged: bool = False,
) -> Act:
    at = act.at + timedelta(seconds=int(seconds))
    return Act(kind, act.campaign, act.address, at, link, agent, ip, is_flagged)


def _machines(chance: Random, delivered: Act, reader: Reader) -> Iterator[Act]:
    """Privacy proxies that load every image, gateways that follow every link."""
    if reader.habits.client == "apple" and chance.random() < 0.85:
        yield _later(
            delivered, "opened", chance.expovariate(1 / 900),
            agent=APPLE_AGENT, ip=_machine_ip(chance), is_flagged=True,
        )  # fmt: skip
    if reader.habits.has_gateway and chance.random() < 0.8:
        agent, ip = chance.choice(GATEWAY_AGENTS), _machine_ip(chance)
        start = chance.expovariate(1 / 45) + 3
        yield _later(delivered, "opened", start, agent=agent, ip=ip)
        for number, link in enumerate(delivered.campaign.links):
            moment = start + 0.4 * number
            yield _later(delivered, "clicked", moment, link=link, agent=agent, ip=ip)


def _person(chance: Random, delivered: Act, reader: Reader, pace: float) -> Iterator[Act]:
    to_open, to_click = READING[reader.habits.persona]
    wanted = set(reader.habits.interests) & set(delivered.campaign.topics)
    if chance.random() > to_open * (1.1 if wanted else 0.8):
        return
    agent, ip = READER_AGENTS[reader.habits.client], _home_ip(reader)
    first = _opening_delay(chance, delivered.at, reader) * pace
    for again in range(1 + int(chance.expovariate(2))):
        delay = first + again * pace * chance.uniform(600, 90_000)
        yield _later(delivered, "opened", delay, agent=agent, ip=ip)
    opened = _later(delivered, "opened", first)
    if chance.random() < to_click * (1.3 if wanted else 0.6):
        link = _chosen(chance, delivered.campaign.links, wanted)
        seconds = chance.uniform(8, 240)
        yield _later(
            opened, "clicked", seconds, link=link, agent=BROWSERS[len(ip) % 2], ip=ip
        )  # fmt: skip
    yield from _answer(chance, opened, pace)


def _answer(chance: Random, opened: Act, pace: float) -> Iterator[Act]:
    for kind, share in (
        ("replied", REPLY_SHARE),
        ("unsubscribed", UNSUBSCRIBE_SHARE),
        ("complained", COMPLAINT_SHARE),
    ):
        if chance.random() < share:
            yield _later(opened, kind, pace * chance.uniform(60, 20_000))


def _opening_delay(chance: Random, at: datetime, reader: Reader) -> float:
    """Seconds until the first open: soon, or when the reader usually reads, today or later."""
    if chance.random() < 0.35:
        return 30 + chance.expovariate(1 / 1500)
    local = at.astimezone(_zone(reader.habits.timezone))
    hour = chance.gauss(reader.habits.peak_hour, 1.2)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    wall = start + timedelta(hours=hour, days=int(chance.expovariate(1.3)))
    wait = (wall.replace(tzinfo=local.tzinfo).astimezone(UTC) - at).total_seconds()
    return wait if wait > 20 else wait % 86_400 + 20


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _chosen(chance: Random, links: tuple[Link, ...], wanted: set[str]) -> Link:
    """The first link draws the eye, a link about one's own topics more so."""
    weights = [
        (1.6 if place == 0 else 1.0) + 3 * len(wanted & set(link.topics))
        for place, link in enumerate(links)
    ]
    return chance.choices(links, weights)[0]


def _home_ip(reader: Reader) -> str:
    """An address of the ranges kept for documentation (RFC 5737), one a reader."""
    place = sum(reader.address.encode()) + len(reader.address) * 31
    return f"{('203.0.113', '198.51.100')[place % 2]}.{place % 253 + 1}"


def _machine_ip(chance: Random) -> str:
    return f"192.0.2.{chance.randint(1, 254)}"
