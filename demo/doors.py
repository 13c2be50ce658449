"""The service's public doors, from outside: webhooks and GraphQL over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson

from demo.signing import Signed

PATIENCE_SECONDS = 60.0
"""How long we go on asking a service that is away or busy before we give up."""

PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 30.0


class Refused(Exception):  # noqa: N818 - says what the service did
    """The service will not take what we sent, now or later; the message is its own."""


class Away(Exception):  # noqa: N818 - says where the service is
    """The service did not answer for as long as our patience lasts."""


class Doors:
    """A client of the service; `token` is one of the role INTEGRATION, or of a manager to read."""

    def __init__(self, url: str, token: str, *, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS)

    async def __aenter__(self) -> "Doors":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def webhook(self, signed: Signed) -> None:
        """Deliver one webhook, again and again like a provider. Raises Refused, Away."""
        path = f"/webhooks/{signed.provider}"
        answer = await self._patiently(
            lambda: self._client.post(path, content=signed.body, headers=signed.headers)
        )
        if answer.status_code != 200:
            raise Refused(f"{path} answers {answer.status_code}: {answer.text[:300]}")

    async def graphql(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The data of an operation. Raises Refused where it has errors, Away."""
        body = orjson.dumps({"query": document, "variables": variables})
        answer = await self._patiently(
            lambda: self._client.post("/graphql", content=body, headers=self._headers)
        )
        try:
            found: dict[str, Any] = answer.json()
        except ValueError as error:
            raise Refused(f"/graphql answers {answer.status_code}, no JSON") from error
        if found.get("errors") or not isinstance(found.get("data"), dict):
            said = found.get("errors") or found.get("error")
            raise Refused(f"/graphql answers {answer.status_code}: {said}")
        return dict(found["data"])

    async def change(self, document: str, given: dict[str, Any]) -> dict[str, Any]:
        """The payload of a mutation with one `input`. Raises Refused where it has userErrors."""
        (payload,) = (await self.graphql(document, {"input": given})).values()
        if payload["userErrors"]:
            raise Refused(f"the service says {payload['userErrors'][:3]}")
        return dict(payload)

    async def _patiently(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            try:
                answer = await ask()
                if answer.status_code not in (429, 502, 503):
                    return answer
                said = f"it answers {answer.status_code}"
            except httpx.TransportError as error:
                said = repr(error)
            if asyncio.get_running_loop().time() > deadline:
                raise Away(f"{self._client.base_url} is away: {said}")
            await asyncio.sleep(PAUSE_SECONDS)
