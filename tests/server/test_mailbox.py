"""A mailbox read over IMAP: everything once, nothing changed, whatever happens to the server."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from jobs.pulling import Source, SourceFailed, pull
from server import mailbox as module
from server.mailbox import Mailbox
from server.mailbox_url import parse_mailbox_url
from store.database import Database
from tests.jobs.mail import directory, drain_of, rows
from tests.server.imap import ARRIVED, FOLDER, ImapServer, imap_server
from tests.server.mails import mail as letter
from tests.server.mails import reply

GONE = (4, 5, 6, 10)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FACTS = "SELECT kind, count(*) FROM event GROUP BY 1 ORDER BY 1"
CHANGES = ("STORE", "EXPUNGE", "COPY", "MOVE", "APPEND", "CREATE", "DELETE", "SELECT", "CLOSE")
"""Commands that change a mailbox, or open it for changes."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ImapServer]:
    async with imap_server(tmp_path) as found:
        yield found


def mail(number: int, size: int = 0) -> bytes:
    return (
        b"From: Ann <ann@acme.com>\r\nMessage-ID: <%d@acme.com>\r\nSubject: No. %d\r\n\r\n%s\r\n"
        % (number, number, b"x" * size)
    )


def mailbox(server: ImapServer, **changes: Any) -> Mailbox:
    values: dict[str, Any] = {
        "now": lambda: NOW,
        "first_look": timedelta(days=30),
        "size_limit": 10_000,
    }
    url = changes.pop("url", server.url())
    return Mailbox(parse_mailbox_url(url), **(values | changes))


async def read(database: Database, box: Mailbox) -> list[bytes]:
    """Look into the mailbox once more; every mail that was ever taken from it."""
    async with database.connection() as connection:
        await connection.execute("UPDATE pull SET due_at = now()")
    source = Source(
        name=box.name,
        provider="mail",
        seconds=30,
        fetch=box.fetch,
        headers={"content-type": "message/rfc822"},
    )
    await pull(database, source, lambda: NOW)
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT body FROM payload ORDER BY id")
    return [row[0] for row in rows]


async def error(database: Database) -> str | None:
    async with database.connection() as connection:
        found: str | None = await connection.fetchval("SELECT error FROM pull")
    return found


async def cursor(database: Database) -> dict[str, Any]:
    async with database.connection() as connection:
        found: dict[str, Any] = await connection.fetchval("SELECT cursor FROM pull")
    return found


async def test_mails_become_payloads_once_and_the_mailbox_stays_as_it_is(
    database: Database, server: ImapServer
) -> None:
    await server.deliver(*map(mail, range(3)))
    box = mailbox(server)

    assert await read(database, box) == [mail(0), mail(1), mail(2)]
    assert await read(database, box) == [mail(0), mail(1), mail(2)]
    await server.deliver(mail(3))
    assert await read(database, box) == [mail(n) for n in range(4)]

    assert await server.flags() == [(), (), (), ()]
    assert [c for c in server.commands if any(word in c.split() for word in CHANGES)] == []
    assert sum(c.startswith("LOGIN") for c in server.commands) == 1
    assert [c for c in server.commands if "BODY" in c and "BODY.PEEK" not in c] == []
    async with database.connection() as connection:
        (row,) = await connection.fetch(
            "SELECT DISTINCT provider, headers, received_at, received_on::text FROM payload"
        )
    assert tuple(row) == ("mail", {"content-type": "message/rfc822"}, NOW, "2026-11-22")
    box.close()


async def test_another_worker_goes_on_where_the_first_stopped(
    database: Database, server: ImapServer
) -> None:
    await server.deliver(mail(0))
    first, second = mailbox(server), mailbox(server)
    await read(database, first)
    await server.deliver(mail(1))

    assert await read(database, second) == [mail(0), mail(1)]
    first.close()
    second.close()


async def test_a_worker_killed_in_the_middle_is_resumed_at_the_batch(
    database: Database, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_MESSAGES", 2)
    await server.deliver(*map(mail, range(7)))

    class Dying(Mailbox):
        batches = 0

        async def fetch(self, cursor: Any) -> Any:
            page = await super().fetch(cursor)
            self.batches += 1
            if self.batches == 3:
                raise asyncio.CancelledError
            return page

    dying = Dying(
        parse_mailbox_url(server.url()),
        now=lambda: NOW,
        first_look=timedelta(days=30),
        size_limit=10_000,
    )
    with pytest.raises(asyncio.CancelledError):
        await read(database, dying)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM payload") == 4

    heir = mailbox(server)
    assert await read(database, heir) == [mail(n) for n in range(7)]
    heir.close()
    dying.close()


async def test_spans_and_batches_leave_nothing_out(
    database: Database, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPAN", 3)
    monkeypatch.setattr(module, "BATCH_BYTES", 2_000)
    mails = [mail(n, size=700 * (n % 4)) for n in range(12)]
    await server.deliver(*mails)
    last = await server.use(lambda client: expunge(client, *GONE))
    box = mailbox(server)

    kept = [one for n, one in enumerate(mails, 1) if n not in GONE]
    assert await read(database, box) == kept
    assert set(await cursor(database)) == {"uidvalidity", "uid"}
    assert (await cursor(database))["uid"] == last
    box.close()


def expunge(client: IMAPClient, *positions: int) -> int:
    """Take messages out of the folder, counted from 1; the last UID that is left."""
    client.select_folder(FOLDER)
    uids = client.search()
    client.delete_messages([uids[position - 1] for position in positions])
    client.expunge()
    last: int = max(client.search())
    return last


def anew(client: IMAPClient) -> None:
    """Make the folder again, with nothing in it: it gets a new UIDVALIDITY."""
    client.delete_folder(FOLDER)
    client.create_folder(FOLDER)


async def test_a_new_uidvalidity_starts_again_and_the_cursor_follows(
    database: Database, server: ImapServer
) -> None:
    """The mails are taken twice and are known again by their Message-ID."""
    await server.deliver(mail(0), mail(1))
    box = mailbox(server)
    await read(database, box)
    before = await cursor(database)

    await server.use(anew)
    await server.deliver(mail(0), mail(2))

    assert await read(database, box) == [mail(0), mail(1), mail(0), mail(2)]
    assert (await cursor(database))["uidvalidity"] != before["uidvalidity"]
    box.close()


async def test_a_mail_taken_twice_is_one_fact(database: Database, server: ImapServer) -> None:
    """Copies of what was sent and what came back, before and after the folder was made anew."""
    at = NOW - timedelta(hours=3)
    told = "mia@us.example", "ann@acme.com", "Our news"
    mails = [
        letter(*told, message_id="m1@us.example", at=at),
        letter("mia@us.example", "bob@acme.com", "Our news", message_id="m2@us.example", at=at),
        reply("ann@acme.com", "mia@us.example", "Our news", "m1@us.example", message_id="r1@acme"),
    ]
    await directory(database)
    box = mailbox(server)
    await server.deliver(*mails)
    await read(database, box)
    await drain_of(database).until(0)
    once = await rows(database, FACTS)

    await server.use(anew)
    await server.deliver(*reversed(mails))
    assert len(await read(database, box)) == 6
    await drain_of(database).until(0)

    assert once == [("ACCEPTED", 2), ("REPLIED", 1)]
    assert await rows(database, FACTS) == once
    box.close()


async def test_the_first_look_leaves_old_mail_alone_and_later_ones_take_everything(
    database: Database, server: ImapServer
) -> None:
    await server.deliver(mail(0), at=NOW - timedelta(days=40))
    await server.deliver(mail(1), at=NOW - timedelta(days=20))
    box = mailbox(server)
    assert await read(database, box) == [mail(1)]

    await server.deliver(mail(2), at=NOW - timedelta(days=400))
    assert await read(database, box) == [mail(1), mail(2)]
    box.close()


async def test_of_a_large_mail_the_beginning_is_taken(
    database: Database, server: ImapServer
) -> None:
    large = mail(0, size=50_000)
    await server.deliver(large, mail(1))
    box = mailbox(server)

    assert await read(database, box) == [large[:10_000], mail(1)]
    box.close()


async def test_a_connection_that_the_server_closed_is_made_anew_without_a_word(
    database: Database, server: ImapServer
) -> None:
    await server.deliver(mail(0))
    box = mailbox(server)
    await read(database, box)
    await server.hang_up()
    await server.deliver(mail(1))

    assert await read(database, box) == [mail(0), mail(1)]
    assert await error(database) is None
    box.close()


async def test_a_server_that_is_away_is_told_and_asked_again(
    database: Database, server: ImapServer
) -> None:
    await server.deliver(mail(0))
    server.is_open = False
    box = mailbox(server)

    assert await read(database, box) == []
    name = f"imap://reader@us.example@127.0.0.1:{server.port}/{FOLDER}"
    assert (await error(database) or "").startswith(f"{name} cannot be read: ")

    server.is_open = True
    assert await read(database, box) == [mail(0)]
    assert await error(database) is None
    box.close()


async def test_a_wrong_password_is_told_and_never_shown(
    database: Database, server: ImapServer
) -> None:
    box = mailbox(server, url=server.url(password="opensesame"))

    assert await read(database, box) == []
    told = await error(database) or ""
    assert "LoginError" in told
    assert "opensesame" not in told


async def test_a_folder_that_is_not_there_is_told(database: Database, server: ImapServer) -> None:
    box = mailbox(server, url=server.url(folder="Nowhere"))

    assert await read(database, box) == []
    assert "/Nowhere cannot be read: " in (await error(database) or "")


async def test_a_certificate_that_nobody_vouches_for_is_refused(server: ImapServer) -> None:
    await server.deliver(mail(0))
    url = (
        server.url().replace("imap:", "imaps:").replace(f":{server.port}/", f":{server.tls_port}/")
    )

    with pytest.raises(SourceFailed, match="certificate verify failed"):
        await mailbox(server, url=url).fetch({})

    known = ssl.create_default_context(cafile=server.certificate)
    box = mailbox(server, url=url, tls=known)
    assert (await box.fetch({})).bodies == [mail(0)]
    assert await box.count() == 1
    box.close()

    elsewhere = mailbox(server, url=url.replace("127.0.0.1", "localhost"), tls=known)
    with pytest.raises(SourceFailed, match=r"Hostname mismatch|not valid for"):
        await elsewhere.fetch({})


async def test_a_server_elsewhere_must_offer_tls(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.mailbox_url.LOCAL_HOSTS", frozenset())

    with pytest.raises(SourceFailed, match="STARTTLS"):
        await mailbox(server).fetch({})
    assert [c for c in server.commands if c.startswith("LOGIN")] == []


def test_a_silent_server_keeps_no_worker_from_ending() -> None:
    """It would be waited for half a minute."""

    async def stopped(port: int) -> None:
        url = parse_mailbox_url(f"imap://a:b@127.0.0.1:{port}/")
        days = timedelta(days=30)
        box = Mailbox(url, now=lambda: NOW, first_look=days, size_limit=10_000)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(box.fetch({}), 0.2)

    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asyncio.run(stopped(silent.getsockname()[1]))
    assert time.monotonic() - began < 5


def test_arrived_is_within_the_first_look() -> None:
    """Or the tests above would prove nothing."""
    assert NOW - timedelta(days=30) < ARRIVED < NOW
