"""`python -m server mail FILE…`: mails that lie in files are read and recorded."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from intake.mail import MailContext, read_mail
from intake.tokens import Tokens
from jobs.queue import Wake
from jobs.sources import mail_context
from server.mail_files import FoundMail, mail_files, mails_of, size_of
from server.policy import policy_of
from server.progress import reading
from server.settings import Settings, SettingsError
from store.database import Database
from store.recording import RecordOutcome, record

CHUNK_MAILS = 200
"""Mails recorded together."""

CHUNK_BYTES = 20_000_000
"""Bytes of mails that are held at once."""

CHUNK_EVENTS = 500
"""Events recorded in one transaction; a mail to a whole list is many."""

SHOWN_ERRORS = 20
"""Errors that are printed; the others are counted."""

KNOWN = "known before"
REFUSED = "too old, or of erased people"
FOREIGN = "not about mail of ours"
FAILED = "failed"

WORDS = {
    EventKind.ACCEPTED: "sent",
    EventKind.REPLIED: "replies",
    EventKind.AUTO_REPLIED: "auto-replies",
    EventKind.BOUNCED: "bounces",
    EventKind.DEFERRED: "delays",
    EventKind.DELIVERED: "delivery receipts",
    EventKind.COMPLAINED: "complaints",
    EventKind.UNSUBSCRIBED: "unsubscribes",
    EventKind.OPENED: "read receipts",
    EventKind.UNKNOWN: "other reports",
}
"""What a mail is called in the summary by the first thing it reports."""


def read_files(settings: Settings, paths: Sequence[Path]) -> int:
    """Record the mails in files and folders; returns the exit code: 1 if any could not be read.

    Raises SettingsError where nobody could tell which mails were sent and which received.
    """
    if not settings.internal_domains:
        raise SettingsError(
            "INTERNAL_DOMAINS is not set, so that no mail can be told to be yours: set it to the "
            "domains you send from, for example INTERNAL_DOMAINS=example.com"
        )
    return asyncio.run(_read(settings, paths))


async def _read(settings: Settings, paths: Sequence[Path]) -> int:
    database = Database(settings.database_url)
    wake = Wake(settings.redis_url)
    policy = policy_of(settings)
    context = mail_context(policy, Tokens(settings.secret_key.get_secret_value()))
    await database.connect()
    try:
        reading = MailReading(database, wake, policy, context)
        return await reading.run(paths, Console())
    finally:
        await wake.close()
        await database.close()


class MailReading:
    """Reads mails from files, chunk by chunk, and keeps account of them."""

    def __init__(
        self, database: Database, wake: Wake, policy: Policy, context: MailContext
    ) -> None:
        self._database = database
        self._wake = wake
        self._policy = policy
        self._context = context
        self.read = 0
        self.counts: Counter[str] = Counter()
        self.errors: list[str] = []

    async def run(self, paths: Sequence[Path], console: Console) -> int:
        """Read all mails with a progress bar, then say what they were.

        Returns 0, or 1 if a file or a mail could not be read; the others are recorded all the same.
        """
        files = mail_files(paths)
        with reading(console) as progress:
            bar = progress.add_task("mail", total=sum(map(size_of, files)))
            done = 0
            for file in files:
                for chunk in self._chunks(file):
                    await self._take(chunk)
                    progress.update(bar, completed=done + chunk[-1].read_bytes)
                done += size_of(file)
        self._report(console)
        return 1 if self.counts[FAILED] else 0

    def _chunks(self, file: Path) -> Iterator[list[FoundMail]]:
        """Runs of mails; what was read before an error of the disk counts."""
        chunk: list[FoundMail] = []
        try:
            for mail in mails_of(file):
                chunk.append(mail)
                if len(chunk) >= CHUNK_MAILS or sum(len(m.raw) for m in chunk) >= CHUNK_BYTES:
                    yield chunk
                    chunk = []
        except OSError as error:
            self._fail(f"{file} cannot be read: {error.strerror}")
        if chunk:
            yield chunk

    async def _take(self, chunk: Sequence[FoundMail]) -> None:
        now = datetime.now(UTC)
        events: list[ReportedEvent] = []
        owners: list[int] = []
        firsts: list[EventKind | None] = []
        for place, mail in enumerate(chunk):
            found = read_mail(mail.raw, now, self._context)
            events += found.events
            owners += [place] * len(found.events)
            firsts.append(found.events[0].kind if found.events else None)
            for problem in found.problems:
                self._fail(f"{mail.where}: {problem}")
            if not found.events and not found.problems:
                self.counts[FOREIGN] += 1
        became = await self._record(events, owners, now)
        self.read += len(chunk)
        for place, kind in enumerate(firsts):
            if kind is not None:
                self.counts[_word(kind, became[place])] += 1

    async def _record(
        self, events: Sequence[ReportedEvent], owners: Sequence[int], now: datetime
    ) -> Mapping[int, set[RecordOutcome]]:
        """Record events; returns what became of those of each mail."""
        became: dict[int, set[RecordOutcome]] = defaultdict(set)
        for start in range(0, len(events), CHUNK_EVENTS):
            part = events[start : start + CHUNK_EVENTS]
            recorded = await record(self._database, part, now, self._policy)
            for owner, one in zip(owners[start:], recorded, strict=False):
                became[owner].add(one.outcome)
            await self._wake.ingest()
        return became

    def _fail(self, problem: str) -> None:
        self.counts[FAILED] += 1
        if len(self.errors) < SHOWN_ERRORS:
            self.errors.append(problem)

    def _report(self, console: Console) -> None:
        table = Table("Mails", f"{self.read:,}", box=None)
        for word in _words():
            if self.counts[word] or word in ("sent", "replies", "bounces", FAILED):
                table.add_row(word, f"{self.counts[word]:,}")
        console.print(table)
        for error in self.errors:
            console.print(error, style="red", markup=False, highlight=False, soft_wrap=True)
        if self.counts[FAILED] > len(self.errors):
            console.print(f"and {self.counts[FAILED] - len(self.errors):,} more", style="red")


def _word(kind: EventKind, outcomes: set[RecordOutcome]) -> str:
    """What a mail counts as; one that tells anything new is what it is."""
    if outcomes <= {RecordOutcome.REJECTED}:
        return REFUSED
    if outcomes <= {RecordOutcome.REJECTED, RecordOutcome.DUPLICATE}:
        return KNOWN
    return WORDS.get(kind, WORDS[EventKind.UNKNOWN])


def _words() -> Iterable[str]:
    return (*WORDS.values(), KNOWN, REFUSED, FOREIGN, FAILED)
