"""One mailbox, read over IMAP (RFC 3501) and left as it is: nothing is marked, moved or deleted."""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from imaplib import IMAP4
from threading import Thread
from typing import Any, TypeVar, cast

from imapclient import IMAPClient

from jobs.pulling import Page, SourceFailed
from server.mailbox_tokens import AccessTokens
from server.mailbox_url import MailboxUrl
from store.pulls import Cursor

BATCH_MESSAGES = 50
BATCH_BYTES = 4_000_000
"""What is fetched at once, and stored in one transaction: at least one message."""

SPAN = 20_000
"""UIDs looked through at once: a server's answer is one line, and lines have their limit."""

TIMEOUT_SECONDS = 30.0
"""How long the server may be silent."""

T = TypeVar("T")

_FAILURES = (OSError, IMAP4.error, ValueError)
"""What imaplib, IMAPClient and TLS raise for a server that is away, refuses or makes no sense."""

_UIDVALIDITY, _UIDNEXT, _SIZE, _BODY = b"UIDVALIDITY", b"UIDNEXT", b"RFC822.SIZE", b"BODY[]<0>"


class Mailbox:
    """A folder. Its cursor: the folder's UIDVALIDITY and the last UID read; on the first look also
    the day before which messages are left alone. The connection is kept from one look to the next.

    Of a message larger than `size_limit` bytes the beginning is fetched, with all its headers.
    """

    def __init__(
        self,
        url: MailboxUrl,
        *,
        now: Callable[[], datetime],
        first_look: timedelta,
        size_limit: int,
        tokens: AccessTokens | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tokens` are signed in with instead of the URL's password."""
        self._url = url
        self._tokens = tokens
        self._now = now
        self._first_look = first_look
        self._size_limit = size_limit
        self._tls = tls or ssl.create_default_context()
        self._client: IMAPClient | None = None

    @property
    def name(self) -> str:
        """The mailbox as people see it, without its password."""
        return self._url.name

    async def fetch(self, cursor: Cursor) -> Page:
        """The next messages. Raises SourceFailed."""
        try:
            return await _in_thread(lambda: self._fetch(cursor))
        except asyncio.CancelledError:
            self.close()
            raise

    async def count(self) -> int:
        """How many messages the folder has, over a connection of its own. Raises SourceFailed."""
        return await _in_thread(self._count)

    def close(self) -> None:
        """Drop the connection, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_FAILURES):
                client.shutdown()

    def _fetch(self, cursor: Cursor) -> Page:
        if self._client is not None:
            # The server may have closed what was kept since the last look: that is no failure.
            with suppress(*_FAILURES):
                return self._read(self._client, cursor)
            self.close()
        try:
            self._client = self._connected()
            return self._read(self._client, cursor)
        except _FAILURES as error:
            self.close()
            raise SourceFailed(self._told(error)) from error

    def _count(self) -> int:
        try:
            with self._connected() as client:
                return int(client.select_folder(self._url.folder, readonly=True)[b"EXISTS"])
        except _FAILURES as error:
            raise SourceFailed(self._told(error)) from error

    def _connected(self) -> IMAPClient:
        url = self._url
        tls = self._tls if url.is_tls else None
        client = IMAPClient(
            url.host, url.port, ssl=url.is_tls, ssl_context=tls, timeout=TIMEOUT_SECONDS
        )
        try:
            if not url.is_tls and not url.is_local:
                client.starttls(self._tls)
            self._sign_in(client)
        except _FAILURES:
            with suppress(*_FAILURES):
                client.shutdown()
            raise
        return client

    def _sign_in(self, client: IMAPClient) -> None:
        user = self._url.user
        if self._tokens is None:
            client.login(user, self._url.password.get_secret_value())
            return
        try:
            client.sasl_login("XOAUTH2", _token_answers(user, self._tokens.current()))
        except IMAP4.error:
            self._tokens.forget()
            raise

    def _read(self, client: IMAPClient, cursor: Cursor) -> Page:
        validity, following = self._select(client)
        where = dict(cursor)
        if where.get("uidvalidity") != validity:
            where = self._beginning(validity)
        first, last = where["uid"] + 1, min(where["uid"] + SPAN, following - 1)
        if first > last:
            return Page([], _behind(where, where["uid"]), False)
        batch, is_whole = self._batch(client, first, last, where.get("since"))
        bodies = self._bodies(client, batch)
        reached = last if is_whole else batch[-1]
        more = reached < following - 1
        return Page(bodies, where | {"uid": reached} if more else _behind(where, reached), more)

    def _select(self, client: IMAPClient) -> tuple[int, int]:
        """The folder's UIDVALIDITY and UIDNEXT, which some servers give only when asked for it."""
        folder = client.select_folder(self._url.folder, readonly=True)
        if _UIDVALIDITY not in folder:
            raise ValueError("the server gives the folder no UIDVALIDITY")
        if _UIDNEXT not in folder:
            folder = folder | client.folder_status(self._url.folder, ["UIDNEXT"])
        return int(folder[_UIDVALIDITY]), int(folder[_UIDNEXT])

    def _beginning(self, validity: int) -> dict[str, Any]:
        """All UIDs are void under a new UIDVALIDITY (RFC 3501 §2.3.1.1): start again. What was read
        before is known again by its Message-ID."""
        since = (self._now() - self._first_look).date().isoformat()
        return {"uidvalidity": validity, "uid": 0, "since": since}

    def _batch(
        self, client: IMAPClient, first: int, last: int, since: str | None
    ) -> tuple[Sequence[int], bool]:
        """UIDs to fetch now, ascending, and whether these are all of the span."""
        wanted: list[str | date] = ["UID", f"{first}:{last}"]
        if since is not None:
            wanted += ["SINCE", date.fromisoformat(since)]
        found = sorted(uid for uid in client.search(wanted) if first <= uid <= last)
        sizes = client.fetch(found[:BATCH_MESSAGES], ["RFC822.SIZE"])
        batch = _fitting(
            {uid: min(sizes.get(uid, {}).get(_SIZE, 0), self._size_limit) for uid in found}
        )
        return batch, len(batch) == len(found)

    def _bodies(self, client: IMAPClient, batch: Sequence[int]) -> list[bytes]:
        """The messages; those expunged meanwhile are left out. PEEK leaves them unread."""
        found = client.fetch(batch, [f"BODY.PEEK[]<0.{self._size_limit}>"])
        return [body for uid in batch if (body := found.get(uid, {}).get(_BODY))]

    def _told(self, error: Exception) -> str:
        """Why, for people: a server might repeat a secret to us, we never do."""
        said = f"{type(error).__name__}: {error}"
        for secret in self._secrets():
            said = said.replace(secret, "…")
        return f"{self._url.name} cannot be read: {said[:300]}"

    def _secrets(self) -> Sequence[str]:
        password = self._url.password.get_secret_value()
        kept = [password] if password else []
        return kept if self._tokens is None else [*kept, *self._tokens.secrets]


def _token_answers(user: str, token: str) -> Callable[[bytes], str]:
    """What XOAUTH2 says: user and token, then nothing more. A server that refuses tells why in a
    challenge, and does so aloud once that was answered with nothing."""
    answers = iter([f"user={user}\x01auth=Bearer {token}\x01\x01"])
    return lambda challenge: next(answers, "")


async def _in_thread(work: Callable[[], T]) -> T:
    """The result of blocking work in a thread that keeps nobody from ending: the threads of
    `asyncio.to_thread` are waited for at the end, however long a server is silent."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast("T", result))

    def run() -> None:
        try:
            answer: tuple[T | None, Exception | None] = work(), None
        except Exception as error:
            answer = None, error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, *answer)

    Thread(target=run, name="mailbox", daemon=True).start()
    return await done


def _behind(where: Cursor, reached: int) -> Cursor:
    """The cursor when the folder's end was reached: from now on everything counts."""
    return {"uidvalidity": where["uidvalidity"], "uid": reached}


def _fitting(sizes: Mapping[int, int]) -> list[int]:
    """The first UIDs that fit into a batch; one at least, if there is any."""
    batch: list[int] = []
    room = BATCH_BYTES
    for uid, size in sizes.items():
        if batch and (size > room or len(batch) == BATCH_MESSAGES):
            break
        batch.append(uid)
        room -= size
    return batch
