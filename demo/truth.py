"""People whose habits are known, and a year of mail to them: what every insight is measured by.

Each person has a rate of opening, acting and replying that may change in time, hours in which they
read, and topics they care for. What they do with each mail is drawn from that, and nothing else is
told to whoever estimates; machines add their noise. The same seed gives the same year.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from demo.chance import named

END = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""When the estimates are asked for."""

DAYS = 365
TYPES = (("NEWSLETTER", 1.0), ("PRODUCT_UPDATE", 1.4), ("MARKETING", 0.6), ("ANNOUNCEMENT", 0.9))
"""Types of campaigns, and how willingly people act on them beside the average."""

SEGMENTS = (("enterprise", 1.25), ("mid-market", 1.0), ("startup", 0.75))
ZONES = ("Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Tokyo", "Europe/London")
TOPICS = ("analytics", "automation", "security", "integrations", "reporting", "billing", "ai")
FOOTER = "company"
"""A link in every mail that draws many clicks of nobody in particular."""

GATEWAY_SHARE, PRIVACY_SHARE = 0.25, 0.35
"""Customers whose gateway follows links; people whose mail program loads images by itself."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person and the truth about them. `change` is the day from which on they act `factor` times
    as much; `peaks` are (weekday or None for any, hour) they read at, by their own clock."""

    number: int
    customer: int
    segment: str
    timezone: str
    opening: float
    acting: float
    replying: float
    change: float
    factor: float
    peaks: tuple[tuple[int | None, float], ...]
    cares: dict[str, float] = field(repr=False)
    has_gateway: bool
    has_privacy: bool
    mail_share: float

    def level(self, at: datetime) -> float:
        """How active they are at a time, beside their usual self."""
        return self.factor if (END - at) / timedelta(days=1) < self.change else 1.0


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a mail: `pull` is how much it draws anybody's eye."""

    url: str
    topic: str
    pull: float


@dataclass(frozen=True, slots=True)
class Mail:
    """A campaign."""

    number: int
    type: str
    willing: float
    sent_at: datetime
    links: tuple[Link, ...]


@dataclass(slots=True)
class Outcome:
    """What one person did with one mail, and what machines did in their name."""

    mail: Mail
    opened_at: list[datetime] = field(default_factory=list)
    clicked_at: list[tuple[datetime, Link]] = field(default_factory=list)
    replied_at: datetime | None = None
    machine_opens: int = 0
    machine_clicks: int = 0


def make_people(seed: int, count: int) -> list[Person]:
    """People, about eight to a customer; those of one customer are somewhat alike."""
    return [_person(seed, number) for number in range(count)]


def _person(seed: int, number: int) -> Person:
    customer = number // 8
    theirs = named(seed, "customer", customer)
    segment, willing = theirs.choice(SEGMENTS)
    zone, has_gateway = theirs.choice(ZONES), theirs.random() < GATEWAY_SHARE
    spirit, office = theirs.gauss(0, 0.35), theirs.gauss(0, 1.0)
    chance = named(seed, "person", number)
    eager = math.exp(spirit + chance.gauss(0, 0.9)) * willing
    cares = {topic: math.exp(chance.gauss(0, 0.4)) for topic in TOPICS}
    for topic in chance.sample(TOPICS, 2):
        cares[topic] *= 4.0
    return Person(
        number,
        customer,
        segment,
        zone,
        opening=min(0.9, 0.35 * math.exp(0.5 * math.log(eager) + chance.gauss(0, 0.3))),
        acting=min(0.7, 0.08 * eager),
        replying=min(0.2, 0.008 * eager),
        change=chance.uniform(20, 300) if chance.random() < 0.5 else 0.0,
        factor=math.exp(chance.choice((-1.4, -0.7, 0.4, 0.7))),
        peaks=_peaks(chance, office),
        cares=cares,
        has_gateway=has_gateway,
        has_privacy=chance.random() < PRIVACY_SHARE,
        mail_share=chance.uniform(0.35, 1.0),
    )


def _peaks(chance: Random, office: float) -> tuple[tuple[int | None, float], ...]:
    """One or two times of the day, one of them perhaps on one weekday only."""
    first = min(max(chance.gauss(10.5 + office, 3.0), 6.0), 21.0)
    second = min(max(chance.gauss(15.5, 3.0), 6.0), 22.0)
    weekday = chance.randrange(5) if chance.random() < 0.5 else None
    return ((weekday, first),) if chance.random() < 0.6 else ((None, first), (weekday, second))


def make_mails(seed: int, count: int = 70) -> list[Mail]:
    """Campaigns of a year, oldest first, sent at all hours of the working week."""
    chance = named(seed, "mails")
    mails = []
    for number in range(count):
        at = END - timedelta(days=DAYS * (1 - number / count))
        at = (at - timedelta(days=max(0, at.weekday() - 4))).replace(
            hour=chance.randrange(5, 17), minute=chance.randrange(60)
        )
        kind, willing = chance.choice(TYPES)
        topics = chance.sample(TOPICS, 4)
        links = [
            Link(f"https://example.com/{topic}/{number}", topic, 2.0 if place == 0 else 1.0)
            for place, topic in enumerate(topics)
        ]
        footer = Link("https://example.com/company", FOOTER, 1.5)
        mails.append(Mail(number, kind, willing, at, (*links, footer)))
    return mails


def year_of(seed: int, person: Person, mails: Sequence[Mail]) -> Iterator[Outcome]:
    """What became of the mails that the person was sent."""
    for mail in mails:
        chance = named(seed, "outcome", person.number, mail.number)
        if chance.random() < person.mail_share:
            yield _outcome(chance, person, mail)


def action_rate(person: Person, mail: Mail) -> float:
    """The true probability that the person clicks or replies."""
    level = person.level(mail.sent_at)
    click = min(0.9, person.acting * level * mail.willing)
    return 1 - (1 - click) * (1 - min(0.5, person.replying * level))


def _outcome(chance: Random, person: Person, mail: Mail) -> Outcome:
    found = Outcome(mail)
    level = person.level(mail.sent_at)
    if chance.random() < min(0.9, person.acting * level * mail.willing):
        at = moment(chance, person, mail.sent_at)
        found.opened_at.append(at - timedelta(seconds=chance.uniform(10, 200)))
        for link in _chosen(chance, person, mail):
            at += timedelta(seconds=chance.uniform(5, 90))
            found.clicked_at.append((at, link))
    elif chance.random() < min(0.95, person.opening * level):
        found.opened_at.append(moment(chance, person, mail.sent_at))
    if chance.random() < min(0.5, person.replying * level):
        found.replied_at = moment(chance, person, mail.sent_at)
    if person.has_privacy:
        found.machine_opens += 1
    if person.has_gateway:
        found.machine_opens += 1
        found.machine_clicks += len(mail.links)
    return found


def _chosen(chance: Random, person: Person, mail: Mail) -> list[Link]:
    weights = [link.pull * person.cares.get(link.topic, 1.0) for link in mail.links]
    links = [chance.choices(mail.links, weights)[0]]
    if chance.random() < 0.25:
        links.append(chance.choices(mail.links, weights)[0])
    return list(dict.fromkeys(links))


def moment(chance: Random, person: Person, sent_at: datetime) -> datetime:
    """When the person gets to a mail: at once by chance, else at one of their times, soon."""
    if chance.random() < 0.15:
        return sent_at + timedelta(minutes=2 + chance.expovariate(1 / 30))
    zone = ZoneInfo(person.timezone)
    weekday, hour = chance.choice(person.peaks)
    local = sent_at.astimezone(zone).replace(tzinfo=None)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    wall = start + timedelta(hours=hour + chance.gauss(0, 0.8))
    while wall <= local or (weekday is not None and wall.weekday() != weekday):
        wall += timedelta(days=1)
    if weekday is None and wall.weekday() > 4 and chance.random() < 0.7:
        wall += timedelta(days=7 - wall.weekday())
    return wall.replace(tzinfo=zone).astimezone(UTC)


def busy_hours(person: Person) -> dict[tuple[int, int], float]:
    """The true share of their acts in each hour of the week (weekday, hour), by their own clock:
    from a great many draws, over sends at all hours."""
    chance = named(0, "busy", person.number)
    zone, counts = ZoneInfo(person.timezone), dict[tuple[int, int], float]()
    draws = 700
    for number in range(draws):
        sent_at = END - timedelta(hours=number * 168 * 7 / draws)
        local = moment(chance, person, sent_at).astimezone(zone)
        key = (local.weekday(), local.hour)
        counts[key] = counts.get(key, 0.0) + 1 / draws
    return counts
