"""A small portfolio to report engagement of, and the tokens of those who look at it."""

import asyncio
from dataclasses import dataclass

from domain.viewer import Role
from schema.ids import encode
from store.access import create_api_key
from store.database import Database
from store.feed import feed_cursor
from tests.seeding import Seed
from tests.server.reports import CAMPAIGN

PROVIDERS = ("sendgrid", "postmark", "mailgun")

CUSTOMERS = {"Acme": "Mia", "Bolt": "Mia", "Core": "Joe"}
"""Customer → whose portfolio it is in."""


@dataclass(frozen=True)
class Portfolio:
    """Row ids by name, tokens by the name of the CSM or of the role."""

    database: Database
    customers: dict[str, int]
    csms: dict[str, int]
    campaigns: dict[str, int]
    tokens: dict[str, str]

    def customer(self, name: str) -> str:
        """The node id of a customer."""
        return encode("Customer", self.customers[name])

    def node(self, type_name: str, key: object) -> str:
        """The node id of any row."""
        assert isinstance(key, int)
        return encode(type_name, key)

    async def cursor(self) -> str:
        """Where the feed stands: who follows from here misses nothing, however late they begin."""
        async with self.database.snapshot() as connection:
            return await feed_cursor(connection)

    async def until(self, statement: str) -> None:
        """Wait until a question is answered with true."""
        async with asyncio.timeout(20):
            while not await self.value(statement):
                await asyncio.sleep(0.02)

    async def execute(self, statement: str, *args: object) -> None:
        async with self.database.connection() as connection:
            await connection.execute(statement, *args)

    async def value(self, statement: str, *args: object) -> object:
        async with self.database.connection() as connection:
            found: object = await connection.fetchval(statement, *args)
        return found


async def seed_portfolio(database: Database) -> Portfolio:
    """Each customer has ten stakeholders: `ann0@acme.com` to `ann9@acme.com`, and so on."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        csms = {name: await seed.csm(name) for name in ("Mia", "Joe")}
        customers = {}
        for name, csm in CUSTOMERS.items():
            customers[name] = await seed.customer(name, csms[csm])
            for number in range(10):
                await seed.stakeholder(customers[name], f"ann{number}@{name.lower()}.com")
        campaigns = {
            provider: await seed.campaign(
                "Spring",
                provider=provider,
                external_id=CAMPAIGN,
                is_declared=True,
                sent_at=None,
            )
            for provider in PROVIDERS
        }
    tokens = {
        name: await create_api_key(
            database, role=Role.CSM, name=name, csm_email=f"{name.lower()}@us.example"
        )
        for name in csms
    }
    for role in (Role.MANAGER, Role.INTEGRATION):
        tokens[role] = await create_api_key(database, role=role, name=role.value)
    return Portfolio(database, customers, csms, campaigns, tokens)
