"""From raw mail to what a CSM sees, through real processes."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.viewer import Role
from schema.ids import encode
from server import embedded
from store.access import create_api_key
from store.database import Database
from tests.seeding import Seed
from tests.server import mails, reports
from tests.server.portfolio import Portfolio
from tests.server.service import Service

CUSTOMERS = 40
MIA = "Mia Moss <mia@us.example>"


@pytest.fixture(scope="module")
async def service(database_url: str) -> AsyncIterator[Service]:
    """Web and worker of a company whose mail comes from us.example."""
    place = Path(tempfile.mkdtemp(prefix="engagement-mail-"))
    ours = {"INTERNAL_DOMAINS": "us.example"}
    found = Service(database_url, embedded.start_valkey(place), place, settings=ours)
    try:
        found.start("web", "worker")
        await found.ready()
        yield found
    finally:
        found.end()
        embedded.stop_valkey(place)
        shutil.rmtree(place, ignore_errors=True)


@dataclass
class Post:
    """Sends mail in, and asks what is seen of it."""

    service: Service
    database: Database
    tokens: dict[str, str]
    customers: list[int]

    async def mail(self, *raw: bytes) -> None:
        """Journaled mails, one after the other; wait until they are read."""
        headers = {
            "authorization": f"Bearer {self.tokens[Role.INTEGRATION]}",
            "content-type": "message/rfc822",
        }
        async with httpx.AsyncClient(timeout=20, headers=headers) as client:
            for one in raw:
                answer = await client.post(f"{self.service.url}/mail", content=one)
                assert answer.status_code == 202, answer.text
        await self.settled()

    async def webhook(self, provider: str, *payloads: object) -> None:
        """A provider's webhooks; wait until they are read."""
        async with httpx.AsyncClient(timeout=20) as client:
            for one in payloads:
                assert await reports.post(client, self.service.url, provider, one) == 200
        await self.settled()

    async def settled(self) -> None:
        """Wait until nothing is left to do at once."""
        await self._portfolio.until(
            "SELECT NOT EXISTS (SELECT FROM payload WHERE status = 'PENDING') "
            "AND NOT EXISTS (SELECT FROM projection_queue) "
            "AND NOT EXISTS (SELECT FROM thread_queue WHERE due_at <= now()) "
            "AND NOT EXISTS (SELECT FROM recount_queue) "
            "AND NOT EXISTS (SELECT FROM retell_queue) "
            "AND NOT EXISTS (SELECT FROM announce_queue)"
        )
        assert await self._portfolio.value("SELECT count(*) FROM payload WHERE error <> ''") == 0

    @property
    def _portfolio(self) -> Portfolio:
        return Portfolio(self.database, {}, {}, {}, self.tokens)

    async def ask(self, query: str, **variables: object) -> Any:
        """As Mia."""
        return await self.service.ask(self.tokens["Mia"], query, **variables)

    def customer(self, number: int) -> str:
        """The node id of the n-th customer."""
        return encode("Customer", self.customers[number])


@pytest.fixture
async def post(service: Service, database: Database) -> Post:
    """Mia's forty customers, each with one stakeholder."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        mia = await seed.csm("Mia")
        customers = [await seed.customer(f"Customer {n}", mia) for n in range(CUSTOMERS)]
        for number, customer in enumerate(customers):
            await seed.stakeholder(customer, address(number))
    tokens = {"Mia": await create_api_key(database, role=Role.CSM, name="Mia",
                                          csm_email="mia@us.example")}  # fmt: skip
    for role in (Role.INTEGRATION, Role.MANAGER):
        tokens[role] = await create_api_key(database, role=role, name=role.value)
    return Post(service, database, tokens, customers)


def address(number: int) -> str:
    return f"ann@customer{number}.com"


def merged(number: int) -> bytes:
    """The n-th mail of Mia's mail merge, as her mail server sends it: no header says bulk."""
    return mails.mail(
        MIA,
        f"Ann <{address(number)}>",
        "What changes for you in December",
        message_id=f"merge-{number}@us.example",
        text=f"Dear Ann {number},\n\nour new reports are here: https://us.example/reports\n\nMia\n",
        at=mails.NOW - timedelta(hours=2, seconds=-number),
    )


REASON = f"550 5.1.1 <{address(6)}>: Recipient address rejected: User unknown"

CAMPAIGNS = """
{ campaigns { totalCount nodes { id name provider sentAt
    recipients(first: 1) { totalCount } } } }
"""

MATCHED = """
query ($id: ID!) { campaign(id: $id) {
    recipients(first: 100, filter: {matched: true}) { totalCount
        nodes { address matches { method customer { name } } } } } }
"""

TIMELINE = """
query ($id: ID!) { customer(id: $id) { events { nodes { kind provider occurredAt detail
    campaign { name }
    recipient { address repliedAt delivery { status bounce { hard reason } } } } } } }
"""

TO_REVIEW = """
{ recipientsToReview { nodes { address matches { method customer { name } } } } }
"""


async def test_a_mail_merge_to_forty_customers_is_one_campaign(post: Post) -> None:
    await post.mail(*(merged(number) for number in range(CUSTOMERS)))
    found = (await post.ask(CAMPAIGNS))["campaigns"]
    assert found["totalCount"] == 1
    (campaign,) = found["nodes"]
    assert campaign["name"] == "What changes for you in December"
    assert campaign["sentAt"] == (mails.NOW - timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    assert campaign["recipients"] == {"totalCount": CUSTOMERS}
    matched = (await post.ask(MATCHED, id=campaign["id"]))["campaign"]["recipients"]
    assert matched["totalCount"] == CUSTOMERS
    assert {
        node["address"]: [(m["method"], m["customer"]["name"]) for m in node["matches"]]
        for node in matched["nodes"]
    } == {address(n): [("EXACT", f"Customer {n}")] for n in range(CUSTOMERS)}


async def test_a_personal_mail_to_two_is_no_campaign(post: Post) -> None:
    to = f"{address(0)}, {address(1)}"
    await post.mail(mails.mail(MIA, to, "Lunch on Monday?", message_id="p1@us.example"))
    assert await post.ask(CAMPAIGNS) == {"campaigns": {"totalCount": 0, "nodes": []}}
    timeline = await post.ask(TIMELINE, id=post.customer(0))
    assert timeline["customer"]["events"]["nodes"] == []


async def test_replies_and_bounces_of_a_merge_are_seen_at_their_customers(post: Post) -> None:
    reply = mails.reply(f"Ann <{address(3)}>", MIA, "What changes for you in December",
                        "merge-3@us.example", message_id="r3@customer3.com")  # fmt: skip
    colleague = mails.reply("Bob Lee <bob@customer4.com>", MIA, "What changes for you in December",
                            "merge-4@us.example", message_id="r4@customer4.com")  # fmt: skip
    away = mails.reply(f"Ann <{address(5)}>", MIA, "What changes for you in December",
                       "merge-5@us.example", message_id="r5@customer5.com",
                       Auto_Submitted="auto-replied")  # fmt: skip
    bounce = mails.bounce(address(6), "mia@us.example", "merge-6@us.example",
                          subject="What changes for you in December",
                          message_id="b6@mx.us.example")  # fmt: skip
    # The reply is read before the mail that it answers.
    await post.mail(reply, *(merged(number) for number in range(10)), colleague, away, bounce)

    assert await of(post, 3) == [("REPLIED", address(3)), ("ACCEPTED", address(3))]
    assert await of(post, 4) == [
        ("FORWARDED", address(4)),
        ("REPLIED", "bob@customer4.com"),
        ("ACCEPTED", address(4)),
    ]
    assert await of(post, 5) == [("AUTO_REPLIED", address(5)), ("ACCEPTED", address(5))]
    assert await of(post, 6) == [("BOUNCED", address(6)), ("ACCEPTED", address(6))]
    events = (await post.ask(TIMELINE, id=post.customer(5)))["customer"]["events"]["nodes"]
    assert events[0]["recipient"]["repliedAt"] is None
    events = (await post.ask(TIMELINE, id=post.customer(6)))["customer"]["events"]["nodes"]
    assert events[0]["recipient"]["delivery"] == {
        "status": "HARD_BOUNCED",
        "bounce": {"hard": True, "reason": REASON},
    }
    assert events[0]["detail"] == REASON
    proposed = (await post.ask(TO_REVIEW))["recipientsToReview"]["nodes"]
    assert proposed == [
        {
            "address": "bob@customer4.com",
            "matches": [{"method": "DOMAIN", "customer": {"name": "Customer 4"}}],
        }
    ]


async def of(post: Post, number: int) -> list[tuple[str, str]]:
    """The n-th customer's timeline: kinds and addresses, newest first, equal times by kind."""
    found = await post.ask(TIMELINE, id=post.customer(number))
    nodes = found["customer"]["events"]["nodes"]
    nodes.sort(key=lambda node: node["kind"])
    nodes.sort(key=lambda node: node["occurredAt"], reverse=True)
    return [(node["kind"], node["recipient"]["address"]) for node in nodes]


def journaled(number: int) -> bytes:
    """A newsletter that Postmark carried, as journaling saw it leave."""
    return mails.mail(
        "News <news@us.example>",
        address(number),
        "Winter news",
        message_id=f"news-{number}@us.example",
        at=mails.NOW - timedelta(hours=2, seconds=-number),
        X_PM_Message_Id=reference(number),
        X_PM_Message_Stream="broadcast",
        X_PM_Tag="winter",
        List_Unsubscribe="<https://us.example/leave>",
    )


def reference(number: int) -> str:
    return f"0a129aee-e1cd-480d-b08d-4f48548f{number:04}"


def delivered(number: int, *, opened: bool = False) -> dict[str, Any]:
    """What Postmark's webhook tells of it."""
    at = (mails.NOW - timedelta(minutes=30)).isoformat()
    found = {
        "Recipient": address(number),
        "MessageID": reference(number),
        "Tag": "winter",
        "MessageStream": "broadcast",
        "Metadata": {},
    }
    if opened:
        return found | {"RecordType": "Open", "ReceivedAt": at, "UserAgent": reports.HUMAN,
                        "FirstOpen": True}  # fmt: skip
    return found | {"RecordType": "Delivery", "DeliveredAt": at, "Details": "250 OK"}


@pytest.mark.parametrize("is_journaled_first", [True, False])
async def test_a_newsletter_seen_by_journaling_and_by_webhook_is_one_campaign(
    post: Post, is_journaled_first: bool
) -> None:
    mailed = [journaled(number) for number in range(12)]
    told = [delivered(n) for n in range(12)] + [delivered(0, opened=True)]
    if is_journaled_first:
        await post.mail(*mailed)
        await post.webhook("postmark", *told)
    else:
        await post.webhook("postmark", *told)
        await post.mail(*mailed)
    found = (await post.ask(CAMPAIGNS))["campaigns"]
    assert found["totalCount"] == 1, found
    (campaign,) = found["nodes"]
    assert campaign["provider"] == "postmark"
    assert campaign["recipients"] == {"totalCount": 12}
    assert await of(post, 0) == [
        ("DELIVERED", address(0)),
        ("OPENED", address(0)),
        ("ACCEPTED", address(0)),
    ]
    # The answer names the Message-ID, which Postmark's webhook does not know.
    reply = mails.reply(address(1), "news@us.example", "Winter news", "news-1@us.example",
                        message_id="n1@customer1.com")  # fmt: skip
    await post.mail(reply)
    assert ("REPLIED", address(1)) in await of(post, 1)
