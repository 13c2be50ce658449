"""The bulk sends of six months: what was sent, when, through which provider, to whom."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from demo.chance import named
from demo.names import OUR_DOMAIN
from demo.portfolio import Portfolio, Reader
from demo.sends import CALENDAR, LIVE, Send

DAYS = 182
"""The history reaches back half a year."""

SENDERS = {
    "ANNOUNCEMENT": f"Northlake <team@{OUR_DOMAIN}>",
    "NEWSLETTER": f"The Northlake Letter <letter@news.{OUR_DOMAIN}>",
    "MARKETING": f"Northlake Events <events@news.{OUR_DOMAIN}>",
    "PRODUCT_UPDATE": f"Northlake Product <product@{OUR_DOMAIN}>",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a campaign, with its topics; `path` begins with a slash."""

    path: str
    topics: tuple[str, ...]

    @property
    def url(self) -> str:
        """Where it leads."""
        return f"https://www.{OUR_DOMAIN}{self.path}"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One send. `evidence` is what its webhooks carry: an id, a tag or just the subject.

    `is_registered` campaigns are declared before they are sent, by `external_id`; the others are
    only seen in webhooks.
    """

    external_id: str
    provider: str
    name: str
    type: str
    subject: str
    sender: str
    topics: tuple[str, ...]
    links: tuple[Link, ...]
    sent_at: datetime
    evidence: str
    is_registered: bool
    readers: tuple[Reader, ...] = field(repr=False)


def make_campaigns(portfolio: Portfolio, today: date) -> tuple[Campaign, ...]:
    """The history's campaigns, oldest first; the last went out two days before `today`."""
    return tuple(_campaign(portfolio, send, n, today) for n, send in enumerate(CALENDAR))


def _campaign(portfolio: Portfolio, send: Send, number: int, today: date) -> Campaign:
    chance = named(portfolio.seed, "campaign", number)
    back = timedelta(days=2 + round((DAYS - 4) * (1 - number / (len(CALENDAR) - 1))))
    day = _working_day(today - back)
    sent_at = datetime.combine(day, time(chance.choice((7, 8, 9, 13, 14, 15)), 5), UTC)
    readers = _audience(chance, portfolio, send)
    return sent(send, f"nl-{day:%Y%m%d}-{number:02}", sent_at, readers)


def _working_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 3))


def _audience(chance: Random, portfolio: Portfolio, send: Send) -> tuple[Reader, ...]:
    return tuple(
        reader
        for reader in portfolio.readers
        if (not send.segments or reader.segment in send.segments) and chance.random() < send.share
    )


def sent(send: Send, external_id: str, at: datetime, readers: tuple[Reader, ...]) -> Campaign:
    """A send as it went out at `at` to these readers."""
    month = f"{at:%B}"
    return Campaign(
        external_id=external_id,
        provider=send.provider,
        name=send.name.replace("{month}", month),
        type=send.type,
        subject=send.subject,
        sender=SENDERS[send.type],
        topics=tuple(dict.fromkeys(topic for _, topics in send.links for topic in topics)),
        links=tuple(
            Link(path.replace("{month}", month.lower()), topics) for path, topics in send.links
        ),
        sent_at=at,
        evidence=send.evidence,
        is_registered=send.is_registered,
        readers=readers,
    )


def make_resets(portfolio: Portfolio, campaigns: tuple[Campaign, ...]) -> Iterator[Campaign]:
    """Password resets, one person at a time: they must never become campaigns."""
    for number, campaign in enumerate(campaigns[::6]):
        chance = named(portfolio.seed, "reset", number)
        send = Send(
            "Password reset", "ANNOUNCEMENT", "Reset your Northlake password",
            links=(("/reset", ()),), provider=("sendgrid", "mailgun")[number % 2],
            evidence=("tag", "subject")[number % 2],
        )  # fmt: skip
        at = campaign.sent_at + timedelta(days=2, minutes=chance.randint(0, 500))
        yield sent(send, "password-reset", at, (chance.choice(campaign.readers),))


def live_campaign(portfolio: Portfolio, number: int, at: datetime) -> Campaign:
    """The campaign that goes out at `at` while the demonstration runs; numbered from 0."""
    chance = named(portfolio.seed, "live", number, f"{at:%Y%m%d%H%M}")
    send = LIVE[number % len(LIVE)]
    readers = list(_audience(chance, portfolio, send))
    chance.shuffle(readers)
    return sent(send, f"nl-live-{at:%Y%m%d%H%M}", at, tuple(readers))
