"""Digests: made once a morning from what people did, and mailed through a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from domain.digests import MAIL_TRIES, Line, Morning, Section, Told, due_on, pause_after
from domain.events import EventKind
from domain.letters import html, subject, text
from jobs.digest import LEASE, Plan, digest_all, mail_one
from server.outbox import Outbox
from server.smtp_url import parse_smtp_url
from store.database import Database
from tests.jobs.mail import execute, rows
from tests.store.advice import DAY, OTHER_LINK, acme, happen, report, sent

SENDER = "engagement@us.example"
CLICKED, REPLIED, OPENED = EventKind.CLICKED, EventKind.REPLIED, EventKind.OPENED


def soon(**later: float) -> datetime:
    """After all that the test has done so far has settled."""
    return datetime.now(UTC) + timedelta(minutes=1) + timedelta(**later)


@dataclass
class Inbox:
    """What an SMTP server has taken; it answers DATA with `answers` first."""

    answers: list[str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    controller: Any = None

    async def handle_DATA(self, _: Any, __: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 taken"

    @property
    def outbox(self) -> Outbox:
        return Outbox(parse_smtp_url(f"smtp://127.0.0.1:{self.controller.port}"), SENDER)

    @property
    def plan(self) -> Plan:
        return Plan(0, "UTC", "https://us.example", "us.example", self.outbox.send)


class _Controller(Controller):
    def _create_server(self) -> Any:
        return self.loop.create_server(
            self._factory_invoker, host=self.hostname, port=0, ssl=self.ssl_context
        )

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    inbox = Inbox()
    inbox.controller = _Controller(inbox, hostname="127.0.0.1")
    await asyncio.to_thread(inbox.controller.start)
    yield inbox
    await asyncio.to_thread(inbox.controller.stop)


QUIET = Plan(0, "UTC", "https://us.example", "us.example")


async def overnight(database: Database) -> None:
    """Ann replies and clicks, Bob's click is a machine's, a stranger unsubscribes."""
    await acme(database)
    await happen(database, *sent(1, 2, who=["ann", "bob", "dora"]))
    burst = datetime.now(UTC) - 1 * DAY + timedelta(hours=1)
    await happen(
        database,
        report(1, REPLIED),
        report(1, CLICKED),
        report(2, CLICKED),
        report(1, CLICKED, "bob", occurred_at=burst),
        report(1, CLICKED, "bob", occurred_at=burst + timedelta(milliseconds=300), url=OTHER_LINK),
        report(2, EventKind.UNSUBSCRIBED, "dora"),
    )


async def kept(database: Database) -> dict[str, list[tuple[str, int]]]:
    """Section → who is named and how often, of the only digest."""
    [(sections,)] = await rows(database, "SELECT sections FROM digest")
    called = dict(await rows(database, "SELECT id, name FROM stakeholder"))
    called |= {-i: a for i, a in await rows(database, "SELECT id, address FROM address")}
    return {
        name: [(called[line[1] or -line[2]], line[4]) for line in lines]
        for name, _, lines in sections
    }


async def mail_all(database: Database, plan: Plan, now: datetime) -> None:
    while await mail_one(database, plan, lambda: now):
        pass


async def test_a_digest_tells_what_people_did_and_not_what_machines_did(
    database: Database,
) -> None:
    await overnight(database)

    assert await digest_all(database, QUIET, soon()) == 1

    assert await kept(database) == {
        "REPLIED": [("Ann Acme", 1)],
        "RISK": [("dora@acme.com", 1)],
        "CLICKED": [("Ann Acme", 2)],
        "NEWLY_ENGAGED": [("Ann Acme", 3)],
    }


async def test_a_day_has_one_digest_however_often_it_is_looked(database: Database) -> None:
    await overnight(database)
    now = datetime.now(UTC).replace(hour=12)

    made = [await digest_all(database, QUIET, now) for _ in range(3)]
    side_by_side = await asyncio.gather(
        *(digest_all(database, QUIET, now + 1 * DAY) for _ in range(4))
    )

    assert made == [1, 0, 0]
    assert sum(side_by_side) == 1


async def test_the_next_digest_begins_where_the_last_one_ended(database: Database) -> None:
    await overnight(database)
    await digest_all(database, QUIET, soon())

    await digest_all(database, QUIET, soon(days=1))

    (one, until), (since, other) = await rows(
        database, "SELECT since, until FROM digest ORDER BY day"
    )
    assert until == since
    assert (until - one, other - until >= 1 * DAY) == (1 * DAY, True)
    [(sections,)] = await rows(database, "SELECT sections FROM digest ORDER BY day DESC LIMIT 1")
    assert sections == []


async def test_history_that_comes_in_is_no_news(database: Database) -> None:
    await acme(database)
    await happen(database, *sent(9), report(9, REPLIED))

    await digest_all(database, QUIET, soon())

    assert await kept(database) == {}


async def test_who_engaged_before_is_not_newly_engaged(database: Database) -> None:
    await acme(database)
    await happen(database, *sent(1, 40), report(40, OPENED), report(1, OPENED))

    await digest_all(database, QUIET, soon())

    assert await kept(database) == {}


async def test_what_is_held_out_is_not_recommended(database: Database) -> None:
    await overnight(database)
    await execute(database, "UPDATE recommendation SET is_held_out = (kind = 'REPLY_WAITING')")

    await digest_all(database, QUIET, soon())

    found = await rows(
        database,
        "SELECT r.kind FROM digest d JOIN recommendation r ON r.id = ANY(d.recommendation_ids) "
        "ORDER BY 1",
    )
    assert "REPLY_WAITING" not in [kind for (kind,) in found]
    assert found


def test_it_is_morning_by_the_csms_own_clock() -> None:
    early = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)

    assert due_on("Asia/Tokyo", 7, early) == date(2026, 11, 23)
    assert due_on("UTC", 7, datetime(2026, 11, 22, 6, 59, tzinfo=UTC)) is None
    assert due_on("America/New_York", 7, datetime(2026, 11, 22, 11, 59, tzinfo=UTC)) is None
    assert due_on("America/New_York", 7, datetime(2026, 11, 22, 12, tzinfo=UTC)) == date(
        2026, 11, 22
    )


def test_a_skipped_hour_delays_the_digest_and_does_not_lose_it() -> None:
    skipped = datetime(2026, 3, 29, 1, tzinfo=UTC)

    assert due_on("Europe/Berlin", 2, skipped - timedelta(minutes=1)) is None
    assert due_on("Europe/Berlin", 2, skipped) == date(2026, 3, 29)


async def test_it_is_mailed_once_as_text_and_html(database: Database, inbox: Inbox) -> None:
    await overnight(database)
    now = soon()
    await digest_all(database, inbox.plan, now)

    await mail_all(database, inbox.plan, now)
    await mail_all(database, inbox.plan, now + 9 * LEASE)

    [mail] = inbox.taken
    assert inbox.recipients == ["cora@us.example"]
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (
        SENDER,
        "cora@us.example",
        "auto-generated",
    )
    assert mail["Message-ID"] == f"<digest.1.{now.date()}@us.example>"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, page = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert "New replies (1)\n- Ann Acme, Acme: “News 1”, " in plain
    assert "Clicked (1)\n- Ann Acme, Acme: twice, “News 1”, " in plain
    assert "width=device-width" in page
    [(sent_at, due, error)] = await rows(
        database, "SELECT sent_at, mail_due_at, mail_error FROM digest"
    )
    assert (sent_at, due, error) == (now, None, None)


async def test_a_mail_that_is_refused_for_now_is_tried_again_under_its_name(
    database: Database, inbox: Inbox
) -> None:
    await overnight(database)
    now = soon()
    inbox.answers = ["451 later"]
    await digest_all(database, inbox.plan, now)

    await mail_all(database, inbox.plan, now)
    [(error, again_at)] = await rows(database, "SELECT mail_error, mail_due_at FROM digest")
    await mail_all(database, inbox.plan, now + timedelta(minutes=1))
    early = len(inbox.taken)
    await mail_all(database, inbox.plan, again_at)

    assert (error, again_at) == ("the mail server answered 451", now + timedelta(minutes=2))
    assert (early, len(inbox.taken)) == (0, 1)


async def test_a_mail_that_is_refused_for_good_is_given_up(
    database: Database, inbox: Inbox
) -> None:
    await overnight(database)
    inbox.answers = ["554 never"]
    await digest_all(database, inbox.plan, soon())

    await mail_all(database, inbox.plan, soon())
    await mail_all(database, inbox.plan, soon(days=1))

    assert inbox.taken == []
    assert await rows(database, "SELECT mail_error, mail_due_at, sent_at FROM digest") == [
        ("the mail server answered 554", None, None)
    ]


async def test_a_worker_that_died_while_it_sent_is_followed_by_another(
    database: Database, inbox: Inbox
) -> None:
    """The one window in which a mail may go out twice: it bears the same Message-ID then."""
    await overnight(database)
    now = soon()
    await digest_all(database, inbox.plan, now)
    await mail_all(database, inbox.plan, now)
    await execute(
        database,
        f"UPDATE digest SET sent_at = NULL, mail_due_at = '{(now + LEASE).isoformat()}'",
    )

    await mail_all(database, inbox.plan, now)
    before = len(inbox.taken)
    await mail_all(database, inbox.plan, now + LEASE)

    assert before == 1
    assert len({mail["Message-ID"] for mail in inbox.taken}) == 1
    assert len(inbox.taken) == 2


async def test_several_workers_send_a_mail_once(database: Database, inbox: Inbox) -> None:
    await overnight(database)
    now = soon()
    await digest_all(database, inbox.plan, now)

    await asyncio.gather(*(mail_all(database, inbox.plan, now) for _ in range(4)))

    assert len(inbox.taken) == 1


async def test_who_turned_mail_off_gets_none_and_has_the_digest(
    database: Database, inbox: Inbox
) -> None:
    await overnight(database)
    await execute(database, "UPDATE csm SET is_digest_mailed = false")

    await digest_all(database, inbox.plan, soon())
    await mail_all(database, inbox.plan, soon())

    assert inbox.taken == []
    assert len(await kept(database)) == 4


async def test_a_morning_without_news_is_kept_and_not_mailed(
    database: Database, inbox: Inbox
) -> None:
    await acme(database)

    made = await digest_all(database, inbox.plan, soon())
    await mail_all(database, inbox.plan, soon())

    assert (made, inbox.taken) == (1, [])


async def test_a_customer_handed_over_is_in_the_old_csms_mail_no_more(
    database: Database, inbox: Inbox
) -> None:
    await overnight(database)
    await digest_all(database, inbox.plan, soon())
    await execute(database, "UPDATE customer SET csm_id = NULL")

    await mail_all(database, inbox.plan, soon())

    assert "Acme" not in "".join(mail.as_string() for mail in inbox.taken)


async def test_a_server_that_is_away_is_no_loss(database: Database, inbox: Inbox) -> None:
    await overnight(database)
    away = Outbox(parse_smtp_url("smtp://127.0.0.1:1"), SENDER)
    now = soon()
    await digest_all(database, inbox.plan, now)

    await mail_one(database, Plan(0, "UTC", "u", "h", away.send), lambda: now)
    await mail_all(database, inbox.plan, now + timedelta(minutes=2))

    assert len(inbox.taken) == 1


def test_attempts_grow_apart_and_end() -> None:
    pauses = [pause_after(tries) for tries in range(1, MAIL_TRIES + 1)]

    assert pauses[:3] == [timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8)]
    assert (pauses[-2], pauses[-1]) == (timedelta(hours=2), None)


def morning(**changes: Any) -> Morning:
    line = Line("<b>Eve</b>", "A & B", None, 1, datetime(2026, 11, 22, 6, tzinfo=UTC))
    values: dict[str, Any] = {
        "day": date(2026, 11, 22),
        "csm": "Cora",
        "zone": "Europe/Berlin",
        "told": [Told(Section.REPLIED, 3, [line])],
        "recommendations": [("A & B", "Eve replied.")],
        "url": "https://us.example",
    }
    return Morning(**(values | changes))


def test_what_comes_from_outside_is_text_in_the_html() -> None:
    page = html(morning())

    assert "&lt;b&gt;Eve&lt;/b&gt;, A &amp; B: Sun 07:00" in page
    assert "<b>Eve" not in page


def test_the_subject_says_what_weighs_most_and_the_text_how_many_more_there_are() -> None:
    assert subject(morning()) == "Sunday, 22 November: 3 replies, 1 recommendation"
    assert subject(morning(told=[], recommendations=[])) == (
        "Sunday, 22 November: what happened overnight"
    )
    assert text(morning()) == (
        "Good morning, Cora.\n\nTo do first\n- A & B: Eve replied.\n\nNew replies (3)\n"
        "- <b>Eve</b>, A & B: Sun 07:00\n- and 2 more\n\nAll of it: https://us.example\n"
    )
