"""Shared subscriptions, with the real feed and contract behind them."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from starlette.requests import HTTPConnection

from domain.viewer import Viewer
from resolvers.context import Services, make_context
from schema import ids
from server.graphql import Schema, documents_of, run
from server.protocol import sharing
from server.protocol.answer import Answer
from server.protocol.limits import Limits
from server.protocol.operation import Operation
from server.protocol.service import Service
from server.protocol.sessions import Sessions
from server.protocol.sharing import Batch, Sharing, key_of
from server.protocol.trusted import TrustedDocuments
from store.database import Connection, Database
from tests.schema.conftest import schema as schema
from tests.seeding import MANAGER, NOW, Seed, csm_viewer, services
from tests.server.protocol.sockets import eventually

CUSTOMER = """subscription ($id: ID!, $after: String) {
  engagementRecorded(customerId: $id, after: $after) {
    cursor kind eventId customer { name } event { id kind } recipient { address opens { human } }
  } }"""

PORTFOLIO = """subscription Mine($after: String) {
  told: portfolioEngagement(after: $after) { cursor eventId customer { name } event { id } } }"""


@dataclass(eq=False)
class Ear:
    """A listener that keeps what it is told; `room` says whether it keeps up."""

    batches: list[Batch] = field(default_factory=list)
    room: asyncio.Event = field(default_factory=asyncio.Event)
    refused: Answer | None = None
    has_left: bool = False

    def tell(self, batch: Batch) -> bool:
        self.batches.append(batch)
        return self.room.is_set()

    async def drained(self) -> None:
        await self.room.wait()

    def leave(self) -> None:
        self.has_left = True

    @property
    def answers(self) -> list[Answer]:
        return [answer for batch in self.batches for answer in batch.answers]

    @property
    def updates(self) -> list[dict[str, Any]]:
        """What the updates said, in order."""
        return [
            update
            for answer in self.answers
            for update in orjson.loads(answer.body)["data"].values()
        ]

    @property
    def events(self) -> list[str]:
        return [update["eventId"] for update in self.updates]


@dataclass
class Hall:
    """A service on a portfolio: Acme is Ann's, Bolt is Bob's; each has a recipient."""

    database: Database
    services: Services
    service: Service
    alone: Service
    csm: dict[str, int]
    customer: dict[str, int]
    recipient: dict[str, int]
    _stack: AsyncExitStack

    async def follow(
        self, viewer: Viewer, document: str, *, is_shared: bool = True, **variables: Any
    ) -> Ear:
        """Subscribe; returns when what has happened before is told."""
        ear = Ear()
        ear.room.set()
        await self._stack.enter_async_context(
            following(self.service if is_shared else self.alone, ear, viewer, document, variables)
        )
        return ear

    async def record(self, customer: str, count: int = 1, kind: str = "RECORDED") -> list[str]:
        """So many events at a customer, in one transaction; their ids."""
        async with self.database.transaction() as connection:
            found = [await self._record(connection, customer, kind) for _ in range(count)]
        self.services.live.ring()
        return found

    async def _record(self, connection: Connection, customer: str, kind: str) -> str:
        seed, recipient = Seed(connection), self.recipient[customer]
        number = await connection.fetchval("SELECT count(*) FROM event")
        fact_on, key = await seed.event(recipient, "OPENED", NOW, detail=str(number))
        await seed._add(
            "feed",
            customer_id=self.customer[customer],
            kind=kind,
            fact_on=fact_on,
            key=key,
            recipient_id=recipient,
        )
        return ids.encode_event(fact_on, key)

    def acme(self) -> str:
        return ids.encode("Customer", self.customer["Acme"])


@asynccontextmanager
async def following(
    service: Service, ear: Ear, viewer: Viewer, document: str, variables: dict[str, Any]
) -> AsyncIterator[None]:
    """A subscription in the background, once it stands among others, or alone for a while."""
    prepared = service.prepare(Operation(document, None, variables, None))
    connection = HTTPConnection({"type": "websocket", "headers": []})

    async def follow() -> None:
        ear.refused = await service.follow(prepared, viewer, connection, ear)

    def has_begun() -> bool:
        groups = service.sharing._groups.values()
        listeners = [member.listener for group in groups for member in group._members]
        return task.done() or ear in listeners or bool(ear.batches)

    task = asyncio.create_task(follow())
    if service.sharing._is_on:
        await eventually(has_begun)
    else:
        await asyncio.sleep(0.5)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def hall(database: Database, schema: Schema) -> AsyncIterator[Hall]:
    found = services(database)

    def service(*, is_on: bool) -> Service:
        async def nobody(_: object) -> Any:
            raise NotImplementedError

        return Service(
            run=lambda prepared, context: run(schema, schema.plans, prepared, context),
            documents=documents_of(schema, Limits()),
            trusted=TrustedDocuments(),
            authenticate=nobody,
            make_context=lambda viewer, _: make_context(viewer, found),
            sessions=Sessions(nobody, 30),
            limits=Limits(),
            sharing=Sharing(is_on=is_on),
        )

    async with database.transaction() as connection:
        seed = Seed(connection)
        csm = {name: await seed.csm(name) for name in ("Ann", "Bob")}
        customer = {
            "Acme": await seed.customer("Acme", csm["Ann"]),
            "Bolt": await seed.customer("Bolt", csm["Bob"]),
        }
        spring, recipient = await seed.campaign("Spring"), {}
        for name, customer_id in customer.items():
            person = await seed.stakeholder(customer_id, f"a@{name.lower()}.example")
            address = await seed.matched(f"a@{name.lower()}.example", customer_id, person)
            recipient[name] = await seed.recipient(spring, address, opens_human=2)
    reading = asyncio.create_task(found.live.run())
    async with AsyncExitStack() as stack:
        yield Hall(
            database, found, service(is_on=True), service(is_on=False),
            csm, customer, recipient, stack,
        )  # fmt: skip
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def told(count: int, *ears: Ear) -> None:
    await eventually(lambda: all(len(ear.answers) >= count for ear in ears))


async def test_who_asks_the_same_with_the_same_rights_is_told_the_very_same_bytes(
    hall: Hall,
) -> None:
    ann = csm_viewer(hall.csm["Ann"])
    also_ann = Viewer(ann.role, "another key of hers", ann.csm_id, api_key_id=7)
    ears = [await hall.follow(viewer, CUSTOMER, id=hall.acme()) for viewer in (ann, also_ann, ann)]
    events = await hall.record("Acme") + await hall.record("Acme")
    await told(2, *ears)
    assert [ear.events for ear in ears] == [events] * 3
    first, *others = ears
    for other in others:
        assert all(a is b for a, b in zip(first.answers, other.answers, strict=True))
    assert len(hall.service.sharing) == 1


@pytest.mark.parametrize(
    ("document", "who"), [(CUSTOMER, "Ann"), (PORTFOLIO, "Ann"), (PORTFOLIO, None)]
)
async def test_what_is_shared_is_to_the_byte_what_each_would_be_told_alone(
    hall: Hall, document: str, who: str | None
) -> None:
    viewer = csm_viewer(hall.csm[who]) if who else MANAGER
    variables: dict[str, Any] = {"id": hall.acme()} if document is CUSTOMER else {}
    shared = [await hall.follow(viewer, document, **variables) for _ in range(3)]
    alone = await hall.follow(viewer, document, is_shared=False, **variables)
    await hall.record("Acme", 3)
    await hall.record("Bolt")
    await hall.record("Acme", kind="REMOVED")
    await hall.record("Acme", kind="CORRECTED")
    expected = 6 if who is None else 5
    await told(expected, alone, *shared)
    bodies = [answer.body for answer in alone.answers]
    assert len(bodies) == expected
    for ear in shared:
        assert [answer.body for answer in ear.answers] == bodies


async def test_viewers_of_different_rights_share_nothing(hall: Hall) -> None:
    ann, bob = (csm_viewer(hall.csm[name]) for name in ("Ann", "Bob"))
    ears = [await hall.follow(viewer, PORTFOLIO) for viewer in (ann, bob, MANAGER)]
    for_ann, for_bob = await hall.record("Acme"), await hall.record("Bolt")
    await told(2, ears[2])
    await told(1, *ears)
    await asyncio.sleep(0.1)
    assert [ear.events for ear in ears] == [for_ann, for_bob, for_ann + for_bob]
    assert len(hall.service.sharing) == 3


async def test_who_may_not_see_a_customer_joins_nobody_who_does(hall: Hall) -> None:
    ann, bob = (csm_viewer(hall.csm[name]) for name in ("Ann", "Bob"))
    hers = await hall.follow(ann, CUSTOMER, id=hall.acme())
    his = await hall.follow(bob, CUSTOMER, id=hall.acme())
    assert his.refused is not None
    assert [error["extensions"]["code"] for error in his.refused.errors] == ["NOT_FOUND"]
    await hall.record("Acme")
    await told(1, hers)
    assert his.answers == []


async def test_a_customer_that_changes_hands_is_told_to_the_old_csm_no_more(hall: Hall) -> None:
    ann, bob = (csm_viewer(hall.csm[name]) for name in ("Ann", "Bob"))
    hers = [await hall.follow(ann, PORTFOLIO) for _ in range(2)]
    his = [await hall.follow(bob, PORTFOLIO) for _ in range(2)]
    before = await hall.record("Acme")
    await told(1, *hers)
    async with hall.database.transaction() as connection:
        await connection.execute(
            "UPDATE customer SET csm_id = $2 WHERE id = $1", hall.customer["Acme"], hall.csm["Bob"]
        )
    await asyncio.sleep(2.5)
    after = await hall.record("Acme")
    await told(2, *his)
    assert [ear.events for ear in hers] == [before] * 2
    # Who gains a customer is told what has happened there since they began.
    assert [ear.events for ear in his] == [before + after] * 2


async def test_each_goes_on_from_its_own_cursor_and_then_with_the_others(hall: Hall) -> None:
    ann = csm_viewer(hall.csm["Ann"])
    early = await hall.follow(ann, CUSTOMER, id=hall.acme())
    events = await hall.record("Acme") + await hall.record("Acme") + await hall.record("Acme")
    await told(3, early)
    cursors = [update["cursor"] for update in early.updates]
    late = [await hall.follow(ann, CUSTOMER, id=hall.acme(), after=at) for at in cursors]
    events += await hall.record("Acme")
    await eventually(lambda: all(ear.events[-1:] == events[-1:] for ear in (early, *late)))
    assert early.events == events
    assert [ear.events for ear in late] == [events[1:], events[2:], events[3:]]
    assert len(hall.service.sharing) == 1
    assert all(ear.answers[-1] is early.answers[-1] for ear in late)


async def test_events_that_come_together_leave_together(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "TOGETHER_SECONDS", 10)
    ears = [await hall.follow(MANAGER, PORTFOLIO) for _ in range(2)]
    first = await hall.record("Acme")
    await told(1, *ears)
    together = await hall.record("Acme", 3)
    await told(4, *ears)
    for ear in ears:
        assert ear.events == first + together
        assert len(ear.batches[-1].answers) == 3


@pytest.mark.parametrize("kept", [128, 2])
async def test_who_falls_behind_holds_nobody_up_and_misses_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(sharing, "RECENT_ANSWERS", kept)
    slow, quick = [await hall.follow(MANAGER, PORTFOLIO) for _ in range(2)]
    slow.room.clear()
    events = [event for _ in range(8) for event in await hall.record("Acme")]
    await told(8, quick)
    assert quick.events == events
    assert len(slow.batches) == 1  # what it was told, and no more before that has left
    slow.room.set()
    await told(8, slow)
    events += await hall.record("Bolt")
    await told(9, slow, quick)
    assert slow.events == quick.events == events
    assert slow.answers[-1] is quick.answers[-1]


async def test_whoever_comes_goes_or_stalls_is_told_everything_once_and_in_order(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "RECENT_ANSWERS", 4)
    chance = random.Random(11)
    events: list[str] = await hall.record("Acme")
    ears: list[Ear] = []
    witness = await hall.follow(MANAGER, PORTFOLIO)

    async def write() -> None:
        for _ in range(60):
            events.extend(await hall.record(chance.choice(("Acme", "Bolt")), chance.randint(1, 3)))
            await asyncio.sleep(chance.choice((0, 0, 0.02)))

    async def fidget() -> None:
        while True:
            await asyncio.sleep(0.01)
            for ear in ears:
                (ear.room.clear if chance.random() < 0.3 else ear.room.set)()

    writing, fidgeting = asyncio.create_task(write()), asyncio.create_task(fidget())
    starts: list[int] = []
    while not writing.done():
        await asyncio.sleep(0.05)
        at = len(witness.updates)
        if not at or len(ears) == 10:
            continue
        cursors = [update["cursor"] for update in witness.updates]
        starts.append(chance.randrange(at))
        ears.append(await hall.follow(MANAGER, PORTFOLIO, after=cursors[starts[-1]]))
    fidgeting.cancel()
    for ear in ears:
        ear.room.set()
    await writing
    await eventually(lambda: witness.events[-1:] == events[-1:], 60)
    await eventually(lambda: all(ear.events[-1:] == events[-1:] for ear in ears), 60)
    assert witness.events == events[1:]
    assert len(ears) > 3
    for ear, start in zip(ears, starts, strict=True):
        assert ear.events == witness.events[start + 1 :]


async def test_a_listener_that_breaks_is_alone_in_it(hall: Hall) -> None:
    class Broken(Ear):
        def tell(self, batch: Batch) -> bool:
            raise ConnectionResetError

    broken, sound = Broken(), await hall.follow(MANAGER, PORTFOLIO)
    async with following(hall.service, broken, MANAGER, PORTFOLIO, {}):
        events = await hall.record("Acme") + await hall.record("Acme")
        await told(2, sound)
        await eventually(lambda: broken.has_left)
    assert sound.events == events


async def test_nothing_is_executed_for_nobody(hall: Hall) -> None:
    ears = [Ear(), Ear()]
    async with AsyncExitStack() as stack:
        for ear in ears:
            ear.room.set()
            await stack.enter_async_context(following(hall.service, ear, MANAGER, PORTFOLIO, {}))
        assert len(hall.services.live._followers) == 1
    await eventually(lambda: not hall.services.live._followers)
    assert len(hall.service.sharing) == 0


def keys(hall: Hall, *asked: tuple[str, dict[str, Any]], viewer: Viewer = MANAGER) -> set[object]:
    return {
        key_of(hall.service.prepare(Operation(document, None, variables, None)), viewer)
        for document, variables in asked
    }


async def test_asking_the_same_is_a_matter_of_document_variables_and_rights(hall: Hall) -> None:
    one, other = hall.acme(), ids.encode("Customer", hall.customer["Bolt"])
    same: list[tuple[str, dict[str, Any]]] = [
        (CUSTOMER, {"id": one}),
        (CUSTOMER, {"id": one, "after": None}),
        (CUSTOMER, {"after": "somewhere", "id": one}),
    ]
    assert len(keys(hall, *same)) == 1
    assert len(keys(hall, (CUSTOMER, {"id": one}), (CUSTOMER, {"id": other}))) == 2
    assert len(keys(hall, *same) | keys(hall, *same, viewer=csm_viewer(1))) == 2
    twice = CUSTOMER.replace("cursor kind", "cursor @include(if: $on) kind").replace(
        "$after: String)", "$after: String, $on: Boolean!)"
    )
    assert len(keys(hall, *((twice, {"id": one, "on": on}) for on in (True, False)))) == 2
