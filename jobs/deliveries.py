"""Sending our own webhooks: signed, tried again over days, each message under one id for good."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import httpcore
import structlog
from standardwebhooks.webhooks import Webhook

from domain.errors import DomainError
from domain.outgoing_webhooks import live, secret_of, target, wait_after
from domain.policy import Policy
from jobs.calling import Answer, Caller, Refused
from store.database import Database, Unavailable
from store.webhook_deliveries import (
    EACH,
    Attempt,
    Due,
    claim,
    disable,
    finish,
    kept_since,
    purge,
)

IDLE_SECONDS = 1.0
"""How often it is looked whether something is due."""

AT_ONCE = 20
"""Deliveries under way in one worker."""

PURGE_SECONDS = 3_600.0

GONE = 410
"""The receiver wants no more (Standard Webhooks: disable the endpoint)."""

AGENT = "campaign-engagement-webhooks/1"

logger = structlog.get_logger(__name__)


class Deliveries:
    """Sends what is due; make one for each worker and `close` it."""

    def __init__(self, database: Database, policy: Policy, now: Callable[[], datetime]) -> None:
        self._database = database
        self._policy = policy
        self._now = now
        self._caller = Caller(policy.webhook_allowed_hosts)
        self._under_way: dict[asyncio.Task[None], int] = {}

    async def keep_delivering(self) -> None:
        """Send whatever becomes due, for ever; a failure is logged and tried again."""
        loop = asyncio.get_running_loop()
        purge_at = loop.time()
        while True:
            try:
                await self.start_some()
                if loop.time() >= purge_at:
                    purge_at = loop.time() + PURGE_SECONDS
                    await self._purge()
            except Unavailable as error:
                logger.info("webhooks have to wait", error=str(error))
            except Exception:
                logger.exception("sending webhooks failed, trying again")
            if self._under_way:
                await asyncio.wait(
                    self._under_way, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
            else:
                await asyncio.sleep(IDLE_SECONDS)

    async def start_some(self) -> int:
        """Begin to send what is due, as far as there is room; how many."""
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            return 0
        each = Counter(self._under_way.values())
        busy = [endpoint_id for endpoint_id, n in each.items() if n >= EACH]
        async with self._database.transaction() as connection:
            found = await claim(connection, self._now(), most=room, busy=busy)
        for due in found:
            task = asyncio.create_task(self._deliver(due))
            self._under_way[task] = due.endpoint_id
            task.add_done_callback(lambda done: self._under_way.pop(done, None))
        return len(found)

    async def finish_all(self) -> None:
        """Wait for what is under way."""
        while self._under_way:
            await asyncio.wait(list(self._under_way))

    async def close(self) -> None:
        """Leave off; what is under way is sent again by somebody else when its lease is over."""
        for task in list(self._under_way):
            task.cancel()
        await self._caller.close()

    async def _deliver(self, due: Due) -> None:
        try:
            attempt, is_gone = await self._attempt(due)
            async with self._database.transaction() as connection:
                await finish(connection, due, attempt)
                if is_gone:
                    because = "it answered 410: it wants no more"
                    await disable(connection, due.endpoint_id, because, attempt.at)
        except Unavailable as error:
            logger.info("a webhook's outcome has to wait", error=str(error))
        except Exception:
            logger.exception("a webhook's outcome could not be kept", delivery=due.id)

    async def _attempt(self, due: Due) -> tuple[Attempt, bool]:
        answer, error = await self._send(due)
        now = self._now()
        if answer is not None and 200 <= answer.status < 300:
            return Attempt(now, answer.status, answer.body, None), False
        if answer is not None and answer.status == GONE:
            return Attempt(now, GONE, answer.body, "it wants no more webhooks"), True
        asked = answer.retry_after if answer is not None else None
        wait = wait_after(due.attempts, random.random(), asked)  # noqa: S311 - spreads load
        retry_at = None if wait is None else now + wait
        if answer is None:
            return Attempt(now, None, "", error, retry_at), False
        why = f"answered {answer.status}: only 2xx says that it has arrived"
        return Attempt(now, answer.status, answer.body, why, retry_at), False

    async def _send(self, due: Due) -> tuple[Answer | None, str | None]:
        try:
            # What an operator allows may have changed since the endpoint was made.
            target(due.url, self._policy.webhook_allowed_hosts)
            headers = signed(due, self._policy.hash_key, self._now())
            return await self._caller.post(due.url, headers, due.body.encode()), None
        except DomainError as error:
            return None, error.message
        except Refused as error:
            return None, str(error)
        except TimeoutError:
            return None, "no answer in time"
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            return None, f"{type(error).__name__}: {error}"[:500].replace("\x00", "")

    async def _purge(self) -> None:
        gone = 1
        while gone:
            async with self._database.transaction() as connection:
                gone = await purge(connection, kept_since(self._now()))


def signed(due: Due, key: bytes, now: datetime) -> dict[str, str]:
    """A delivery's headers, signed with every secret that is live."""
    signatures = [
        Webhook(secret_of(key, nonce.value)).sign(due.message_id, now, due.body)
        for nonce in live(due.nonces, now)
    ]
    return {
        "content-type": "application/json",
        "user-agent": AGENT,
        "webhook-id": due.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
