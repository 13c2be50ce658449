"""The mail command: messages, mboxes, Maildirs and folders, recorded once."""

import mailbox
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from jobs.queue import Wake
from jobs.sources import mail_context
from server import mail_files
from server.mail_files import mails_of
from server.mailing import MailReading, read_files
from server.settings import SettingsError, load
from store.database import Database
from tests.jobs.mail import POLICY, rows
from tests.server import mails

NOWHERE = "unix:///nowhere/valkey.sock"


async def run(database: Database, *paths: Path) -> tuple[int, str]:
    """The command's exit code and what it printed, narrowed to single spaces."""
    shown = StringIO()
    console = Console(file=shown, width=200, no_color=True)
    wake = Wake(NOWHERE)
    reading = MailReading(database, wake, POLICY, mail_context(POLICY, None))
    code = await reading.run(paths, console)
    await wake.close()
    return code, "\n".join(" ".join(line.split()) for line in shown.getvalue().strip().splitlines())


def sent(number: int = 1) -> bytes:
    return mails.mail(
        "mia@us.example", f"ann{number}@acme.com", "News", message_id=f"m{number}@us.example",
        text="From here on\nall is new.\n",
    )  # fmt: skip


MAILS = [
    sent(),
    mails.reply("ann1@acme.com", "mia@us.example", "News", "m1@us.example",
                message_id="r1@acme.com"),
    mails.bounce("ann2@acme.com", "mia@us.example", "m2@us.example", subject="News",
                 message_id="b1@us.example"),
    mails.mail("shop@far.example", "mia@us.example", "Sale", message_id="s1@far.example"),
]  # fmt: skip


def maildir(folder: Path, raws: Sequence[bytes]) -> Path:
    box = mailbox.Maildir(folder, create=True)
    for place, raw in enumerate(raws):
        kept = mailbox.MaildirMessage(message_from_bytes(raw))
        kept.set_subdir("cur" if place % 2 else "new")
        box.add(kept)
    (folder / "tmp" / "half").write_bytes(b"From: half\n")
    (folder / "dovecot-uidlist").write_text("3 V1\n")
    return folder


def mbox(path: Path, raws: Sequence[bytes]) -> Path:
    box = mailbox.mbox(path, create=True)
    for raw in raws:
        box.add(message_from_bytes(raw))
    box.close()
    return path


def single(path: Path, raws: Sequence[bytes]) -> Path:
    path.mkdir()
    for place, raw in enumerate(raws):
        (path / f"{place}.eml").write_bytes(raw)
    (path / ".DS_Store").write_bytes(b"\x00")
    return path


SUMMARY = """Mails 4
sent 1
replies 1
bounces 1
not about mail of ours 1
failed 0"""


@pytest.mark.parametrize("form", [maildir, mbox, single])
async def test_mails_are_recorded_once_in_whatever_form_they_lie(
    database: Database, tmp_path: Path, form: object
) -> None:
    assert callable(form)
    path = form(tmp_path / "mail", MAILS)
    assert await run(database, path) == (0, SUMMARY)
    kinds = "SELECT kind FROM event ORDER BY kind"
    assert await rows(database, kinds) == [("ACCEPTED",), ("BOUNCED",), ("REPLIED",)]
    code, said = await run(database, path)
    assert code == 0
    assert "known before 3" in said
    assert "sent 0" in said
    assert len(await rows(database, kinds)) == 3


async def test_folders_within_a_maildir_are_read_too(database: Database, tmp_path: Path) -> None:
    maildir(maildir(tmp_path / "mail", [sent(1)]) / ".Sent", [sent(2), sent(3)])
    code, said = await run(database, tmp_path / "mail", tmp_path / "mail" / ".Sent")
    assert code == 0
    assert "sent 3" in said
    assert "known" not in said


def test_an_mbox_gives_back_what_was_put_in(tmp_path: Path) -> None:
    raws = [sent(1), sent(2)]
    found = list(mails_of(mbox(tmp_path / "box", raws)))
    assert [mail.raw.rstrip() for mail in found] == [raw.rstrip() for raw in raws]
    assert [mail.where for mail in found] == [f"{tmp_path / 'box'}, mail {n}" for n in (1, 2)]
    assert found[-1].read_bytes == (tmp_path / "box").stat().st_size


def test_an_mbox_is_read_mail_by_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without holding more than one, and of a huge one only what can matter."""
    monkeypatch.setattr(mail_files, "LONGEST_MAIL", 100_000)
    path = tmp_path / "box"
    with path.open("wb") as file:
        for number in range(3):
            file.write(b"From mia@us.example Fri Nov 20 12:00:00 2026\r\n")
            file.write(f"Subject: {number}\r\n\r\n".encode() + b"x" * 300_000 + b"\r\n\r\n")
    found = mails_of(path)
    first = next(found)
    assert first.read_bytes < 400_000
    sizes = [len(mail.raw) for mail in (first, *found)]
    assert sizes == [sizes[0]] * 3
    assert sizes[0] < 200_000


async def test_what_cannot_be_read_is_named_and_fails_the_command(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "good.eml").write_bytes(sent())
    (tmp_path / "odd.eml").write_bytes(b"no mail\n")
    code, said = await run(database, tmp_path / "good.eml", tmp_path / "odd.eml")
    assert code == 1
    assert "sent 1" in said
    assert "failed 1" in said
    assert f"{tmp_path / 'odd.eml'}: the body is no mail" in said


async def test_a_file_that_is_gone_fails_the_command_and_costs_no_other(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good.eml").write_bytes(sent())
    gone = tmp_path / "gone.eml"
    monkeypatch.setattr("server.mailing.mail_files", lambda _: [gone, tmp_path / "good.eml"])
    code, said = await run(database, tmp_path)
    assert code == 1
    assert "sent 1" in said
    assert f"{gone} cannot be read: No such file or directory" in said


async def test_what_is_no_longer_kept_is_said_so(database: Database, tmp_path: Path) -> None:
    async with database.connection() as connection:
        await connection.execute("INSERT INTO retention (dropped_before) VALUES ('2026-01-01')")
    old = mails.mail("mia@us.example", "ann@acme.com", "News", message_id="old@us.example",
                     at=mails.NOW - timedelta(days=3650))  # fmt: skip
    (tmp_path / "old.eml").write_bytes(old)
    code, said = await run(database, tmp_path / "old.eml")
    assert code == 0
    assert "sent 0" in said
    assert "too old, or of erased people 1" in said
    assert await rows(database, "SELECT count(*) FROM event") == [(0,)]


async def test_a_mail_to_a_whole_list_is_recorded_in_parts(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.mailing.CHUNK_EVENTS", 4)
    to = ", ".join(f"p{n}@acme.com" for n in range(10))
    raw = mails.mail("mia@us.example", to, "News", message_id="list@us.example")
    (tmp_path / "list.eml").write_bytes(raw)
    code, said = await run(database, tmp_path / "list.eml")
    assert code == 0
    assert "sent 1" in said
    assert await rows(database, "SELECT count(*) FROM event") == [(10,)]


def test_without_our_own_domains_no_mail_can_be_told_to_be_ours(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="INTERNAL_DOMAINS is not set"):
        read_files(load(internal_domains=()), [tmp_path])
