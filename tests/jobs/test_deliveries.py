"""Our own webhooks, sent to a real server on loopback."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from domain.errors import DomainError
from domain.outgoing_webhooks import (
    RETRIES,
    Nonce,
    is_public,
    live,
    rotated,
    secret_of,
    target,
    wait_after,
)
from domain.policy import Policy
from jobs import calling
from jobs.deliveries import Deliveries
from store.database import Database
from store.webhook_deliveries import claim, ping, purge, resend
from store.webhook_endpoints import (
    EndpointRow,
    delete_endpoint,
    insert_endpoint,
    rotate_secret,
)
from tests.jobs.mail import execute, rows
from tests.jobs.receiver import Receiver, answer

NOW = datetime.now(UTC).replace(microsecond=0)
KEY = b"k" * 32
POLICY = Policy(hash_key=KEY, webhook_allowed_hosts=frozenset({"127.0.0.1"}))
OK = answer(200, "thanks")


async def endpoint(database: Database, url: str) -> EndpointRow:
    async with database.transaction() as connection:
        return await insert_endpoint(connection, name="CRM", url=url, by="Ada", now=NOW)


async def send(database: Database, row: EndpointRow, *, at: datetime = NOW) -> int:
    async with database.transaction() as connection:
        return (await ping(connection, row.id, at)).id


async def deliver(
    database: Database, *, at: datetime = NOW, policy: Policy = POLICY
) -> list[tuple[Any, ...]]:
    """Send all that is due at a moment; the log afterwards."""
    deliveries = Deliveries(database, policy, lambda: at)
    while await deliveries.start_some():
        await deliveries.finish_all()
    await deliveries.close()
    return await rows(
        database,
        "SELECT status, attempts, response_status, error FROM webhook_delivery ORDER BY id",
    )


def secrets_of(row: EndpointRow) -> list[str]:
    return [secret_of(KEY, nonce.value) for nonce in row.nonces]


async def test_a_webhook_arrives_signed_and_is_done(database: Database) -> None:
    async with Receiver([OK]) as receiver:
        row = await endpoint(database, receiver.url)
        await send(database, row)
        assert await deliver(database) == [("DELIVERED", 1, 200, None)]
        assert await deliver(database) == [("DELIVERED", 1, 200, None)]

    (got,) = receiver.received
    assert got.target == "POST /hook HTTP/1.1"
    assert got.headers["content-type"] == "application/json"
    (secret,) = secrets_of(row)
    assert secret.startswith("whsec_")
    assert Webhook(secret).verify(got.body, got.headers)["type"] == "ping"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got.body + " ", got.headers)
    kept = await rows(database, "SELECT response FROM webhook_delivery")
    assert kept == [("thanks",)]


async def test_a_failure_is_tried_again_under_the_same_id_with_a_new_time(
    database: Database,
) -> None:
    async with Receiver([answer(500, "oops"), OK]) as receiver:
        row = await endpoint(database, receiver.url)
        await send(database, row)
        failed = await deliver(database)
        assert failed == [("PENDING", 1, 500, "answered 500: only 2xx says that it has arrived")]
        assert len(receiver.received) == 1
        later = NOW + RETRIES[0] * 1.2
        assert await deliver(database, at=later) == [("DELIVERED", 2, 200, None)]

    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.body == second.body


async def test_after_the_last_attempt_it_has_failed_for_good(database: Database) -> None:
    async with Receiver([answer(503)]) as receiver:
        row = await endpoint(database, receiver.url)
        delivery = await send(database, row)
        at = NOW
        for _ in range(len(RETRIES) + 2):
            last = await deliver(database, at=at)
            at += timedelta(days=2)
        assert last[0][:3] == ("FAILED", len(RETRIES) + 1, 503)
        assert len(receiver.received) == len(RETRIES) + 1

        receiver.answers = [OK]
        async with database.transaction() as connection:
            again = await resend(connection, delivery, by="Ada", now=at)
        assert (again.status, again.attempts) == ("PENDING", 0)
        assert (await deliver(database, at=at))[0][:3] == ("DELIVERED", 1, 200)
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1


async def test_gone_switches_the_endpoint_off(database: Database) -> None:
    async with Receiver([answer(410)]) as receiver:
        row = await endpoint(database, receiver.url)
        first = await send(database, row)
        await send(database, row, at=NOW + timedelta(hours=1))
        assert [d[:3] for d in await deliver(database)] == [
            ("FAILED", 1, 410),
            ("CANCELLED", 0, None),
        ]
    state = await rows(database, "SELECT is_enabled, disabled_because FROM webhook_endpoint")
    assert state == [(False, "it answered 410: it wants no more")]
    async with database.transaction() as connection:
        with pytest.raises(DomainError) as refused:
            await resend(connection, first, by="Ada", now=NOW)
    assert refused.value.code == "ENDPOINT_DISABLED"


async def test_no_redirect_is_followed(database: Database) -> None:
    async with Receiver([OK]) as elsewhere, Receiver([b""]) as receiver:
        receiver.answers = [answer(302, "", f"location: {elsewhere.url}")]
        await send(database, await endpoint(database, receiver.url))
        assert (await deliver(database))[0][:3] == ("PENDING", 1, 302)
    assert elsewhere.received == []


async def test_a_receiver_that_asks_for_time_gets_it(database: Database) -> None:
    async with Receiver([answer(429, "", "retry-after: 7200")]) as receiver:
        await send(database, await endpoint(database, receiver.url))
        await deliver(database)
    assert await rows(database, "SELECT due_at FROM webhook_delivery") == [
        (NOW + timedelta(hours=2),)
    ]


async def test_of_an_answer_without_end_a_little_is_read(database: Database) -> None:
    flood = b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n" + b"x\x00" * 500_000
    async with Receiver([flood]) as receiver:
        await send(database, await endpoint(database, receiver.url))
        assert await deliver(database) == [("DELIVERED", 1, 200, None)]
    ((length, has_nul),) = await rows(
        database, "SELECT length(response), response ~ 'y' FROM webhook_delivery"
    )
    assert (length, has_nul) == (calling.MOST_RESPONSE // 2, False)


async def test_who_does_not_answer_in_time_is_asked_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "TOTAL_SECONDS", 0.2)
    async with Receiver([OK], delay_seconds=1) as receiver:
        await send(database, await endpoint(database, receiver.url))
        assert await deliver(database) == [("PENDING", 1, None, "no answer in time")]


@pytest.mark.parametrize("garbage", [b"", b"\x00\x01garbage\r\n\r\n", b"HTTP/1.1 2"])
async def test_what_is_no_answer_is_a_failure(database: Database, garbage: bytes) -> None:
    async with Receiver([garbage]) as receiver:
        await send(database, await endpoint(database, receiver.url))
        ((status, attempts, code, error),) = await deliver(database)
    assert (status, attempts, code) == ("PENDING", 1, None)
    assert error


async def test_a_private_address_is_not_called_unless_it_is_allowed(database: Database) -> None:
    async with Receiver([OK]) as receiver:
        await send(database, await endpoint(database, receiver.url))
        await send(database, await endpoint(database, f"https://localhost:{receiver.port}/x"))
        log = await deliver(database, policy=replace(POLICY, webhook_allowed_hosts=frozenset()))
    assert receiver.received == []
    assert [d[:3] for d in log] == [("PENDING", 1, None)] * 2
    assert "must be https://" in log[0][3]
    assert "localhost leads to " in log[1][3]
    assert "no public address" in log[1][3]


async def test_the_address_that_was_checked_is_the_one_that_is_called(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers otherwise the second time is not asked a second time."""
    asked: list[str] = []
    async with Receiver([OK]) as receiver:

        async def rebinding(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            address = "203.0.113.7" if len(asked) == 1 else "127.0.0.1"
            return [(2, 1, 6, "", (address, port))]

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", rebinding)
        guard = calling._Guard(frozenset())
        with pytest.raises(calling.Refused):
            # 203.0.113.0/24 is for documentation, and so not public either.
            await guard.connect_tcp("rebind.example", receiver.port)
        with pytest.raises(calling.Refused):
            await guard.connect_tcp("rebind.example", receiver.port)
    assert asked == ["rebind.example"] * 2
    assert receiver.received == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "::", "::1",
        "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378::", "::127.0.0.1",
        "fd00:ec2::254", "no address",
    ],
)  # fmt: skip
def test_an_address_that_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/", "ftp://hooks.example/", "https://", "https://10.0.0.1/",
        "https://[::1]/", "https://user@hooks.example/", "https://hooks.example/#x",
        "https://hooks.example:99999/", "https://[bad/", "https://hooks.example/ x",
        "https://hooks.example/é", "https://hooks.example/" + "x" * 2048, "x", "",
        "https://127.0.0.1./",
    ],
)  # fmt: skip
def test_a_url_that_must_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(DomainError) as refused:
        target(url, frozenset())
    assert (refused.value.code, refused.value.field) == ("INVALID_URL", ("url",))


def test_an_operator_may_allow_a_host_or_a_port_of_it() -> None:
    assert target("http://crm.internal/x", frozenset({"crm.internal"})).port == 80
    assert target("http://10.0.0.7:8080/", frozenset({"10.0.0.7:8080"})).host == "10.0.0.7"
    with pytest.raises(DomainError):
        target("http://10.0.0.7:8081/", frozenset({"10.0.0.7:8080"}))


async def test_a_rotated_secret_signs_beside_the_one_before_for_a_day(database: Database) -> None:
    async with Receiver([OK]) as receiver:
        row = await endpoint(database, receiver.url)
        async with database.transaction() as connection:
            new = await rotate_secret(connection, row.id, by="Ada", now=NOW)
        fresh, before = secrets_of(new)
        assert [before] == secrets_of(row)
        await send(database, row)
        await deliver(database)
        await send(database, row, at=NOW + timedelta(hours=24))
        await deliver(database, at=NOW + timedelta(hours=24))

    both, one = receiver.received
    for secret in (fresh, before):
        Webhook(secret).verify(both.body, both.headers)
    assert len(one.headers["webhook-signature"].split(" ")) == 1


def test_secrets_in_use_at_once_are_bounded() -> None:
    nonces: tuple[Nonce, ...] = (Nonce("0", None),)
    for n in range(3):
        nonces = rotated(nonces, str(n + 1), NOW)
    with pytest.raises(DomainError):
        rotated(nonces, "x", NOW)
    assert live(nonces, NOW + timedelta(days=1)) == (Nonce("3", None),)


def test_waits_grow_over_three_days_and_are_spread() -> None:
    waits = [wait_after(n, 0.0) for n in range(1, len(RETRIES) + 2)]
    assert waits == [*RETRIES, None]
    assert sum((w for w in waits if w), timedelta()) > timedelta(days=3)
    assert wait_after(2, 1.0) == RETRIES[1] * 1.2
    assert wait_after(1, 0.0, asked=10**6) == timedelta(days=1)


async def test_a_slow_endpoint_keeps_nobody_else_waiting(database: Database) -> None:
    async with Receiver([OK], delay_seconds=0.3) as slow, Receiver([OK]) as quick:
        row = await endpoint(database, slow.url)
        for _ in range(30):
            await send(database, row)
        await send(database, await endpoint(database, quick.url))
        deliveries = Deliveries(database, POLICY, lambda: NOW)
        assert await deliveries.start_some() == 5
        await deliveries.finish_all()
        await deliveries.close()
        assert (len(slow.received), len(quick.received)) == (4, 1)


async def test_what_a_dead_worker_had_is_sent_by_another_after_its_lease(
    database: Database,
) -> None:
    async with Receiver([OK]) as receiver:
        await send(database, await endpoint(database, receiver.url))
        async with database.transaction() as connection:
            assert len(await claim(connection, NOW, most=5)) == 1
        assert (await deliver(database, at=NOW))[0][:2] == ("PENDING", 1)
        later = NOW + timedelta(seconds=61)
        assert (await deliver(database, at=later))[0][:2] == ("DELIVERED", 2)


async def test_an_endpoint_that_a_workflow_calls_stays(database: Database) -> None:
    row = await endpoint(database, "https://hooks.example/")
    await execute(
        database,
        "INSERT INTO workflow (name, description, is_enabled, condition, actions, window_days) "
        "VALUES ('Calls', '', true, '{\"silentForDays\": 1}', "
        f"'[{json.dumps({'callWebhook': {'endpointId': row.id}})}]', 30)",
    )
    async with database.transaction() as connection:
        with pytest.raises(DomainError) as refused:
            await delete_endpoint(connection, row.id, by="Ada", now=NOW)
    assert refused.value.code == "ENDPOINT_IN_USE"
    await execute(database, "DELETE FROM workflow")
    async with database.transaction() as connection:
        await delete_endpoint(connection, row.id, by="Ada", now=NOW)
    assert await rows(database, "SELECT id FROM webhook_endpoint") == []


async def test_the_log_forgets_after_its_time(database: Database) -> None:
    async with Receiver([OK]) as receiver:
        await send(database, await endpoint(database, receiver.url))
        await deliver(database)
    async with database.transaction() as connection:
        assert await purge(connection, NOW) == 0
        assert await purge(connection, NOW + timedelta(seconds=1)) == 1
