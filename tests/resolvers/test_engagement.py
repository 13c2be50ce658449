"""What follows from all of a customer's people is worked out once in an operation."""

from datetime import timedelta

from resolvers import engagement
from store.database import Database
from store.priors import Priors
from tests.seeding import MANAGER, NOW, Seed, context


async def test_a_customers_people_are_read_once(database: Database) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        for name in ("ann", "bob"):
            who = await seed.stakeholder(acme, f"{name}@acme.example")
            await seed.insight(who, acme, last_sent_at=NOW - timedelta(days=3), known_sends=4)
    operation = context(database, MANAGER)

    first, second = [await engagement.people(operation, acme) for _ in range(2)]
    await operation.close()

    assert first is second
    assert len(first) == 2
    people = engagement.People(first)
    beliefs = people.beliefs(Priors().action)
    assert beliefs.people == 2
    assert people.beliefs(Priors().action) == beliefs


def test_what_follows_from_all_people_is_worked_out_once_for_the_same_priors() -> None:
    priors, others = Priors(), Priors()
    people, acts = engagement.People(()), engagement.Acts(())

    assert people.beliefs(priors.action) is people.beliefs(priors.action)
    assert acts.together(priors.rhythm) is acts.together(priors.rhythm)
    assert acts.together(priors.rhythm).windows is acts.together(priors.rhythm).windows
    assert people.beliefs(priors.action) is not people.beliefs(others.action)
