"""A simulated portfolio of which is known who acted: people of many habits, machines of many kinds.

Deterministic by its seed. Three months of campaigns, some with one link and some with several, go
to people at plain companies and at companies whose gateway follows links. Labels are by key.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from domain.agents import agent_family, agent_reason
from domain.engagement import Fact
from domain.events import Actor, EventKind

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAYS = 90

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari"
EDGE = f"{CHROME}/537.36 Edg/131.0.0.0"
OUTLOOK = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.17928)"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
GMAIL_PROXY = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
)
APPLE = "Mozilla/5.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@dataclass(frozen=True)
class Gateway:
    """How a company's gateway follows links: so long after delivery, so fast, on so many mails."""

    delay: float
    spread: float
    pace: tuple[float, float]
    share: float = 0.97
    agent: str = CHROME


class Kind(NamedTuple):
    """How a person reads: the agents that open and click, and the pauses between links in s."""

    opener: str | None
    clicker: str
    pauses: tuple[float, float] = (20, 90)
    all_links: bool = False
    shares_ip: bool = True


OUTLOOK_READER = Kind(OUTLOOK, EDGE)
ONE_PROGRAM = Kind(CHROME, CHROME)
GMAIL_READER = Kind(GMAIL_PROXY, CHROME, shares_ip=False)
APPLE_READER = Kind(None, SAFARI)
FAST = Kind(OUTLOOK, EDGE, (2, 5))
THOROUGH = Kind(CHROME, CHROME, (200, 420), all_links=True)
PEOPLE = (OUTLOOK_READER, ONE_PROGRAM, GMAIL_READER, APPLE_READER, FAST, THOROUGH)

GATEWAYS = {
    "burst.example": Gateway(43, 0.25, (0.02, 0.4)),
    "late-burst.example": Gateway(240, 0.2, (0.05, 0.6)),
    "at-the-door.example": Gateway(4, 0.3, (0.01, 0.2)),
    "slow.example": Gateway(60, 0.3, (3, 45)),
    "seldom.example": Gateway(30, 0.3, (0.02, 0.3), share=0.5),
    "named.example": Gateway(20, 0.3, (0.1, 0.5), agent=BOT),
}
PLAIN = tuple(f"plain-{number}.example" for number in range(6))


@dataclass
class Mail:
    """One recipient's mail: its facts, and who did each."""

    domain: str
    on: date
    links: frozenset[str]
    facts: list[Fact] = field(default_factory=list)
    labels: dict[bytes, Actor] = field(default_factory=dict)

    def add(self, kind: EventKind, at: datetime, actor: Actor | None = None, **traces: str) -> None:
        """A fact, with its label where it has one."""
        key = f"{self.domain} {id(self)} {len(self.facts)}".encode()
        agent, ip = traces.get("agent"), traces.get("ip")
        self.facts.append(
            Fact(
                recipient_id=1,
                fact_on=at.date(),
                key=key,
                kind=kind,
                provider="sendgrid",
                occurred_at=at,
                url=traces.get("url"),
                detail=None,
                agent_reason=agent_reason(agent),
                agent_family=agent_family(agent),
                agent_hash=agent.encode() if agent else None,
                ip_hash=ip.encode() if ip else None,
                network_hash=ip.rpartition(".")[0].encode() if ip else None,
                bounce=None,
                is_machine_flagged=False,
                is_prefetch=False,
                is_decoy="decoy" in traces.get("url", ""),
                actor=None,
                reasons=(),
            )
        )
        if actor is not None:
            self.labels[key] = actor


def simulate(seed: int) -> Iterator[Mail]:
    """Every mail of the portfolio, in the order of the days."""
    rnd = random.Random(seed)
    people = [(domain, rnd.choice(PEOPLE)) for domain in (*GATEWAYS, *PLAIN) for _ in range(12)]
    for day in range(DAYS):
        if day % 3:
            continue
        sent = START + timedelta(days=day)
        count = rnd.choice((1, 1, 3, 4, 5, 8))
        links = tuple(f"https://us.example/{day}/{n}" for n in range(count))
        has_decoy = rnd.random() < 0.2
        for domain, kind in people:
            delivered = sent + timedelta(seconds=rnd.uniform(0, 120))
            mail = Mail(domain, sent.date(), frozenset(links))
            mail.add(EventKind.DELIVERED, delivered)
            _machines(rnd, mail, delivered, links, has_decoy, kind)
            _person(rnd, mail, delivered, links, kind)
            rnd.shuffle(mail.facts)
            yield mail


def _machines(
    rnd: random.Random,
    mail: Mail,
    delivered: datetime,
    links: tuple[str, ...],
    has_decoy: bool,
    kind: Kind,
) -> None:
    if kind is APPLE_READER:
        at = delivered + timedelta(seconds=rnd.uniform(2, 600))
        mail.add(EventKind.OPENED, at, Actor.MACHINE, agent=APPLE, ip="17.58.0.1")
    gateway = GATEWAYS.get(mail.domain)
    if gateway is None or rnd.random() > gateway.share:
        return
    at = delivered + timedelta(seconds=gateway.delay * rnd.lognormvariate(0, gateway.spread))
    ip = f"203.0.113.{rnd.randint(1, 9)}"
    if rnd.random() < 0.5:
        mail.add(EventKind.OPENED, at, Actor.MACHINE, agent=gateway.agent, ip=ip)
    for link in (*links, *(["https://us.example/decoy"] if has_decoy else [])):
        mail.add(EventKind.CLICKED, at, Actor.MACHINE, agent=gateway.agent, ip=ip, url=link)
        at += timedelta(seconds=rnd.uniform(*gateway.pace))


def _person(
    rnd: random.Random, mail: Mail, delivered: datetime, links: tuple[str, ...], kind: Kind
) -> None:
    if rnd.random() > 0.5:
        return
    at = delivered + timedelta(seconds=rnd.lognormvariate(8.5, 1.6))
    ip = f"198.51.{rnd.randint(0, 99)}.{rnd.randint(1, 250)}"
    if kind.opener is not None:
        opened_from = ip if kind.shares_ip else "66.249.84.1"
        for _ in range(rnd.choice((1, 1, 2))):
            mail.add(EventKind.OPENED, at, Actor.HUMAN, agent=kind.opener, ip=opened_from)
            at += timedelta(seconds=rnd.uniform(4, 40))
    if rnd.random() > 0.5:
        return
    wanted = len(links) if kind.all_links else rnd.choice((1, 1, 1, 2, 2, 3))
    followed = rnd.sample(links, min(wanted, len(links)))
    for link in followed:
        mail.add(EventKind.CLICKED, at, Actor.HUMAN, agent=kind.clicker, ip=ip, url=link)
        at += timedelta(seconds=rnd.uniform(*kind.pauses))
