"""What follows from all of a customer's people is worked out once in an operation."""

from datetime import timedelta

from resolvers import engagement
from store.database import Database
from tests.seeding import MANAGER, NOW, Seed, context


async def test_what_follows_from_all_people_is_worked_out_once(database: Database) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        for name in ("ann", "bob"):
            who = await seed.stakeholder(acme, f"{name}@acme.example")
            await seed.insight(who, acme, last_sent_at=NOW - timedelta(days=3), known_sends=4)
    operation = context(database, MANAGER)

    first, second = [await engagement.whole(operation, acme) for _ in range(2)]
    await operation.close()

    assert first is second
    assert (first.beliefs.people, first.beliefs is second.beliefs) == (2, True)
    assert first.acts.windows is second.acts.windows
