"""`doctor` asks a mailbox and HubSpot, and says what is wrong with them."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from server import doctor
from server.doctor import State
from server.hubspot import HubSpot
from server.pulling import utc_now
from store.database import Database
from store.pulls import fail, take
from tests.server.fake_hubspot import TOKEN, fake_hubspot
from tests.server.imap import ImapServer, imap_server
from tests.server.test_cli import command


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ImapServer]:
    async with imap_server(tmp_path) as found:
        yield found


async def examined(database_url: str, redis_url: str, **settings: str) -> tuple[int, str]:
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": "k" * 40}
    report = await asyncio.to_thread(command, "doctor", **given, **settings)
    return report.returncode, re.sub(r"[\s│]+", " ", report.stdout)


async def test_a_mailbox_that_answers_is_well(
    database_url: str, redis_url: str, server: ImapServer
) -> None:
    await server.deliver(b"Subject: Hello\r\n\r\n", b"Subject: Hello\r\n\r\n")
    code, report = await examined(database_url, redis_url, IMAP_URL=server.url())

    assert code == 0, report
    assert "mailbox ok imap://reader@us.example@127.0.0.1" in report
    assert "2 messages" in report
    assert "p%40ss" not in report
    assert "p@ss" not in report
    assert "HubSpot ok not pulled" in report


async def test_a_mailbox_that_refuses_is_broken_and_the_password_is_not_shown(
    database_url: str, redis_url: str, server: ImapServer
) -> None:
    url = server.url(password="opensesame")
    code, report = await examined(database_url, redis_url, IMAP_URL=url)

    assert code == 1
    assert "mailbox broken" in report
    assert "opensesame" not in report


async def test_what_pulling_last_met_is_shown(
    database: Database, database_url: str, redis_url: str
) -> None:
    held = await take(database, "hubspot", holder=uuid4(), lease=timedelta(seconds=5))
    assert held is not None
    await fail(database, held, "HubSpot answered 502", timedelta(0))
    code, report = await examined(database_url, redis_url)

    assert code == 0
    assert "pulling note hubspot: HubSpot answered 502" in report
    assert "mailbox ok none: IMAP_URL is not set" in report


async def test_hubspot_is_asked() -> None:
    async with fake_hubspot() as fake:

        async def found(token: str) -> tuple[State, str]:
            account = HubSpot([token], now=utc_now, first_look=timedelta(days=1), api=fake.url)
            finding = await asyncio.to_thread(
                doctor.judge_source, "HubSpot", account.check(), lambda _: "answers"
            )
            return finding.state, finding.detail

        assert await found(TOKEN) == (State.OK, "answers")
        state, detail = await found("pat-stolen")

    assert state is State.BROKEN
    assert detail.startswith("HubSpot refuses access_token (401)")
