"""The review queue: managers see all of it, a CSM the proposals for their customers."""

from store.database import Database
from tests.schema.conftest import Run
from tests.seeding import INTEGRATION, MANAGER, Seed, csm_viewer

QUEUE = """{ recipientsToReview(first: 10) { totalCount nodes {
    address unmatchedReason campaign { name } matches { customer { name } method confidence } } } }
"""


async def test_the_queue_holds_each_waiting_address_once(run: Run, database: Database) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        ann, bob = await seed.csm("Ann"), await seed.csm("Bob")
        acme = await seed.customer("Acme", ann)
        spring, summer = await seed.campaign("Spring"), await seed.campaign("Summer")
        sure = await seed.address("sure@acme.example", None)
        await seed.match(sure, acme)
        proposed = await seed.address("new@acme.example", None)
        await seed.match(proposed, acme, method="DOMAIN", confidence=0.8)
        unknown = await seed.address("who@nowhere.example", "UNKNOWN_DOMAIN")
        internal = await seed.address("me@us.example", "INTERNAL")
        for address in (sure, proposed, unknown, internal):
            await seed.recipient(spring, address)
        await seed.recipient(summer, unknown)
    proposal = {
        "address": "new@acme.example",
        "unmatchedReason": None,
        "campaign": {"name": "Spring"},
        "matches": [{"customer": {"name": "Acme"}, "method": "DOMAIN", "confidence": 0.8}],
    }
    stranger = {
        "address": "who@nowhere.example",
        "unmatchedReason": "UNKNOWN_DOMAIN",
        "campaign": {"name": "Summer"},
        "matches": [],
    }

    assert (await run(MANAGER, QUEUE))["recipientsToReview"] == {
        "totalCount": 2,
        "nodes": [proposal, stranger],
    }
    assert (await run(csm_viewer(ann), QUEUE))["recipientsToReview"] == {
        "totalCount": 1,
        "nodes": [proposal],
    }
    for nobody in (csm_viewer(bob), INTEGRATION):
        assert (await run(nobody, QUEUE))["recipientsToReview"] == {"totalCount": 0, "nodes": []}
