"""What three providers report of an act, signed as they sign it, and how they send it."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from intake.requests import WebhookRequest
from tests.intake.signing import sign

HUMAN = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"

CAMPAIGN = "spring"
"""Declared for every provider that reports in these tests."""


def sendgrid(
    address: str, at: datetime, *, message: str = "m1", kind: str = "click", event_id: str = "e1"
) -> dict[str, Any]:
    """An element of SendGrid's array; its time has whole seconds."""
    return {
        "email": address,
        "timestamp": int(at.timestamp()),
        "event": kind,
        "sg_event_id": event_id,
        "sg_message_id": f"{message}.recvd-6f9c4d7b8-5k2vw-1-65A1B2C3-1F.0",
        "category": [CAMPAIGN],
        "useragent": HUMAN,
        "url": f"https://example.com/{message}",
    }


def postmark(address: str, at: datetime, *, message: str = "m1") -> dict[str, Any]:
    """An opening."""
    return {
        "RecordType": "Open",
        "Recipient": address,
        "MessageID": message,
        "ReceivedAt": at.isoformat(),
        "FirstOpen": True,
        "UserAgent": HUMAN,
        "Tag": CAMPAIGN,
        "Metadata": {},
    }


def mailgun(address: str, at: datetime, *, message: str = "m1") -> dict[str, Any]:
    """An opening, within the block that is signed."""
    event = {
        "id": f"open-{message}",
        "event": "opened",
        "timestamp": at.timestamp(),
        "recipient": address,
        "message": {"headers": {"message-id": message}},
        "tags": [CAMPAIGN],
        "user-variables": {},
        "client-info": {"user-agent": HUMAN, "bot": ""},
    }
    return {"event-data": event}


def signed(provider: str, payload: object) -> WebhookRequest:
    """The provider's request, signed now."""
    return sign(provider, json.dumps(payload).encode(), at=datetime.now(UTC))


async def post(client: httpx.AsyncClient, url: str, provider: str, payload: object) -> int:
    """Send a payload once; the status of the answer."""
    request = signed(provider, payload)
    answer = await client.post(
        f"{url}/webhooks/{provider}", content=request.body, headers=dict(request.headers)
    )
    return answer.status_code


async def deliver(client: httpx.AsyncClient, url: str, provider: str, payload: object) -> int:
    """Send a payload until it is taken, as providers do; returns how often it was sent."""
    async with asyncio.timeout(60):
        for attempt in range(1, 1_000):
            try:
                if await post(client, url, provider, payload) == 200:
                    return attempt
            except httpx.TransportError:
                pass
            await asyncio.sleep(min(0.05 * attempt, 0.5))
    raise AssertionError("unreachable")


async def deliver_all(url: str, payloads: Sequence[object], *, senders: int = 4) -> int:
    """Deliver SendGrid's payloads, some at a time; returns how often one was sent again."""
    waiting = list(reversed(payloads))
    limits = httpx.Limits(max_keepalive_connections=senders)
    async with httpx.AsyncClient(limits=limits, timeout=10) as client:

        async def sender() -> int:
            again = 0
            while waiting:
                again += await deliver(client, url, "sendgrid", waiting.pop()) - 1
            return again

        return sum(await asyncio.gather(*(sender() for _ in range(senders))))
