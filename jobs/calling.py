"""Requests to strangers' servers: only into the open internet, never redirected, never for long,
never more than a little of the answer.

Where a name leads is checked on the address that is then connected to, so that no answer of a name
server given later (DNS rebinding) leads elsewhere.
"""

import asyncio
import socket
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import httpcore

from domain.outgoing_webhooks import is_allowed, is_public

CONNECT_SECONDS = 5.0
"""What resolving and connecting may take."""

TOTAL_SECONDS = 15.0
"""What a request may take in all (Standard Webhooks asks receivers to answer within 15 s)."""

MOST_RESPONSE = 1_024
"""Bytes of an answer that are read."""

MOST_ADDRESSES = 3
"""Addresses of a name that are tried."""

CONNECTIONS = 32


class Refused(Exception):  # noqa: N818 - says what was done, not that we erred
    """A name that leads where nothing may be sent."""


class Answer(NamedTuple):
    """What a server answered: status, some of its body, seconds it asked to wait."""

    status: int
    body: str
    retry_after: int | None


class _Guard(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, but for hosts that the operator allowed."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        error: Exception | None = None
        for address in await self._addresses(host, port):
            try:
                return await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error or httpcore.ConnectError(f"{host} has no address")

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not is_allowed(host, port, self._allowed):
            private = [address for address in addresses if not is_public(address)]
            if private:
                raise Refused(
                    f"{host} leads to {private[0]}, which is no public address: "
                    "WEBHOOK_ALLOWED_HOSTS does not name it"
                )
        return addresses[:MOST_ADDRESSES]

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise Refused("webhooks go to no unix socket")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Caller:
    """Posts to strangers; `allowed` are hosts that may be in private networks."""

    def __init__(self, allowed: frozenset[str]) -> None:
        # A connection is used once: what was checked is what is connected to.
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=_Guard(allowed),
            max_connections=CONNECTIONS,
            max_keepalive_connections=0,
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post a body and read the beginning of the answer, whatever its status.

        Raises Refused, TimeoutError and what httpcore raises.
        """
        waits = {"connect": CONNECT_SECONDS, "read": TOTAL_SECONDS, "write": TOTAL_SECONDS}
        async with (
            asyncio.timeout(TOTAL_SECONDS),
            self._pool.stream(
                "POST",
                url,
                headers=[(k.encode("ascii"), v.encode("ascii")) for k, v in headers.items()],
                content=body,
                extensions={"timeout": waits},
            ) as response,
        ):
            return Answer(
                response.status,
                await _beginning(response),
                _seconds(dict(response.headers).get(b"retry-after")),
            )

    async def close(self) -> None:
        """End all connections."""
        await self._pool.aclose()


async def _beginning(response: httpcore.Response) -> str:
    found = b""
    async for chunk in response.aiter_stream():
        found += chunk
        if len(found) >= MOST_RESPONSE:
            break
    # What a database cannot hold is not worth failing for.
    return found[:MOST_RESPONSE].decode("utf-8", "replace").replace("\x00", "")


def _seconds(given: bytes | None) -> int | None:
    """Retry-After in seconds; as a date it is not heeded."""
    return int(given) if given is not None and given.isdigit() and len(given) < 8 else None
