"""A subscriber in the background, over WebSocket or SSE, that keeps all it is told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

CUSTOMER = """
subscription ($customerId: ID!, $after: String) {
  engagementRecorded(customerId: $customerId, after: $after) {
    cursor kind eventId customer { name } event { id kind } recipient { id address }
  }
}
"""

PORTFOLIO = """
subscription ($csmId: ID, $after: String) {
  portfolioEngagement(csmId: $csmId, after: $after) {
    cursor kind eventId customer { name } event { id kind } recipient { id address }
  }
}
"""


@dataclass
class Following:
    """What a subscription has told: updates (one field's values), when, and what went wrong."""

    updates: list[Any] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    is_over: bool = False

    def take(self, answer: dict[str, Any]) -> None:
        """One answer of the operation."""
        self.errors += answer.get("errors", ())
        if answer.get("data"):
            self.updates += answer["data"].values()
            self.times.append(time.perf_counter())

    @property
    def events(self) -> list[str]:
        """The ids of the events told, in order."""
        return [update["eventId"] for update in self.updates]

    @property
    def addresses(self) -> list[str]:
        """Whose mail the updates are about, in order."""
        return [update["recipient"]["address"] for update in self.updates]

    @property
    def cursor(self) -> str:
        """Where to resume."""
        cursor: str = self.updates[-1]["cursor"]
        return cursor

    async def told(self, count: int, *, seconds: float = 20) -> None:
        """Wait until this many updates have come; then none may come that is one too many."""
        await self.until(lambda: len(self.updates) >= count, seconds=seconds)
        assert len(self.updates) == count, self.updates[count:]

    async def until(self, condition: Callable[[], bool], *, seconds: float = 20) -> None:
        """Wait for a condition."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(
                f"{len(self.updates)} updates, errors {self.errors}, over: {self.is_over}"
            ) from None


@asynccontextmanager
async def following(
    url: str, token: str, query: str, **variables: object
) -> AsyncIterator[Following]:
    """Subscribe over WebSocket (graphql-transport-ws)."""
    found = Following()
    async with connect(
        f"{url.replace('http', 'ws')}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        compression=None,
    ) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"token": token}}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        payload = {"query": query, "variables": variables}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))

        async def listen() -> None:
            with suppress(ConnectionClosed):
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] == "next":
                        found.take(message["payload"])
                    elif message["type"] == "error":
                        found.errors += message["payload"]
                        break
                    elif message["type"] == "complete":
                        break
            found.is_over = True

        async with _running(listen()):
            yield found


@asynccontextmanager
async def streaming(
    url: str, token: str, query: str, **variables: object
) -> AsyncIterator[Following]:
    """Subscribe over server-sent events."""
    found = Following()
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream(
            "POST",
            f"{url}/graphql",
            json={"query": query, "variables": variables},
            headers=headers,
        ) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")

        async def listen() -> None:
            with suppress(httpx.TransportError):
                async for line in answer.aiter_lines():
                    if line.startswith("data: "):
                        found.take(json.loads(line.removeprefix("data: ")))
            found.is_over = True

        async with _running(listen()):
            yield found


@asynccontextmanager
async def _running(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
