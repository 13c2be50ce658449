"""Rows for tests of reading, put in place with plain inserts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from domain.addresses import alias_key, domain_of
from domain.likelihood import POINTS
from domain.policy import Policy
from domain.viewer import Role, Viewer
from intake.outgoing import Outgoing
from intake.tokens import Tokens
from resolvers.context import Context, Services
from store.bell import Bell
from store.database import Connection, Database
from store.live import Live
from store.recorder import Recorder

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

MANAGER = Viewer(Role.MANAGER, "Mia")
ADMIN = Viewer(Role.ADMIN, "Ada")
INTEGRATION = Viewer(Role.INTEGRATION, "feeder")


TOKENS = Tokens("k" * 48)
TRACKER = Outgoing(TOKENS, "https://track.us.example", "out@us.example", lambda: "minted")
"""Makes tracked mail, each with the same Message-ID."""


class SilentWake:
    """Counts the wake-ups instead of sending them: no worker runs here."""

    def __init__(self) -> None:
        self.count = 0

    async def ingest(self) -> None:
        self.count += 1


def services(database: Database, live: Live | None = None) -> Services:
    """What a process shares, with a clock that stands at NOW."""
    wake: Any = SilentWake()
    policy = Policy(frozenset({"us.example"}))
    return Services(
        database=database,
        policy=policy,
        recorder=Recorder(database, policy),
        wake=wake,
        live=live or Live(database, Bell("unix:///nowhere")),
        now=lambda: NOW,
        tracker=TRACKER,
    )


def context(database: Database, viewer: Viewer) -> Context:
    """A context for one operation; close it."""
    return Context(viewer, services(database))


def csm_viewer(csm_id: int) -> Viewer:
    """The viewer that a CSM is."""
    return Viewer(Role.CSM, f"csm {csm_id}", csm_id)


@dataclass
class Seed:
    """Inserts rows and returns their ids."""

    connection: Connection

    async def csm(self, name: str) -> int:
        return await self._insert("csm", name=name, email=f"{name.lower()}@us.example")

    async def customer(self, name: str, csm_id: int | None = None, **columns: Any) -> int:
        columns.setdefault("external_id", name.lower())
        return await self._insert("customer", name=name, csm_id=csm_id, **columns)

    async def domain(self, customer_id: int, domain: str) -> int:
        return await self._insert("customer_domain", customer_id=customer_id, domain=domain)

    async def stakeholder(self, customer_id: int, *addresses: str, **columns: Any) -> int:
        columns.setdefault("name", addresses[0].partition("@")[0] if addresses else None)
        stakeholder_id = await self._insert("stakeholder", customer_id=customer_id, **columns)
        for place, address in enumerate(addresses):
            await self._insert(
                "stakeholder_address",
                stakeholder_id=stakeholder_id,
                customer_id=customer_id,
                address=address,
                alias_key=alias_key(address),
                domain=domain_of(address),
                is_primary=place == 0,
            )
        return stakeholder_id

    async def address(self, address: str, reason: str | None = "UNKNOWN_DOMAIN") -> int:
        return await self._insert(
            "address",
            address=address,
            alias_key=alias_key(address),
            domain=domain_of(address),
            unmatched_reason=reason,
        )

    async def match(
        self,
        address_id: int,
        customer_id: int,
        stakeholder_id: int | None = None,
        method: str = "EXACT",
        confidence: float = 1.0,
    ) -> None:
        await self.connection.execute(
            "INSERT INTO match VALUES ($1, $2, $3, $4, $5)",
            address_id,
            customer_id,
            stakeholder_id,
            method,
            confidence,
        )
        await self.connection.execute(
            "UPDATE address SET unmatched_reason = NULL WHERE id = $1", address_id
        )

    async def matched(self, address: str, customer_id: int, stakeholder_id: int) -> int:
        """An address that is a stakeholder's."""
        address_id = await self.address(address, None)
        await self.match(address_id, customer_id, stakeholder_id)
        return address_id

    async def campaign(self, name: str, **columns: Any) -> int:
        values: dict[str, Any] = {
            "provider": "sendgrid",
            "external_id": name.lower(),
            "detection": "CAMPAIGN_ID",
            "is_provisional": False,
            "topics": [],
            "sent_at": NOW - timedelta(days=1),
        } | columns
        for column in ("subject", "type"):
            if column in values:
                values[f"declared_{column}"] = values.pop(column)
        return await self._insert("campaign", declared_name=name, **values)

    async def recipient(self, campaign_id: int, address_id: int, **columns: Any) -> int:
        values: dict[str, Any] = {"is_announced": True} | columns
        return await self._insert(
            "recipient", campaign_id=campaign_id, address_id=address_id, **values
        )

    async def event(
        self, recipient_id: int | None, kind: str, occurred_at: datetime, **columns: Any
    ) -> tuple[date, bytes]:
        """A projected event; its recipient's span of days follows."""
        key = (
            columns.pop("key", None)
            or sha256(repr((recipient_id, kind, occurred_at, columns)).encode()).digest()[:16]
        )
        values: dict[str, Any] = {
            "provider": "sendgrid",
            "received_at": occurred_at,
            "is_machine_flagged": False,
            "is_prefetch": False,
            "reasons": [],
            "actor": "HUMAN" if kind in ("OPENED", "CLICKED", "UNSUBSCRIBED") else None,
        } | columns
        fact_on = occurred_at.date()
        await self._add(
            "event",
            fact_on=fact_on,
            key=key,
            recipient_id=recipient_id,
            kind=kind,
            occurred_at=occurred_at,
            **values,
        )
        await self.connection.execute(
            "UPDATE recipient SET last_event_at = greatest(last_event_at, $2), "
            "first_fact_on = least(first_fact_on, $3), last_fact_on = greatest(last_fact_on, $3) "
            "WHERE id = $1",
            recipient_id,
            occurred_at,
            fact_on,
        )
        return fact_on, key

    async def payload(self, provider: str, status: str, **columns: Any) -> int:
        values: dict[str, Any] = {
            "received_on": NOW.date(),
            "received_at": NOW - timedelta(seconds=90),
            "headers": {},
            "query": "",
            "body": b"{}",
        } | columns
        return await self._insert("payload", provider=provider, status=status, **values)

    async def insight(self, stakeholder_id: int, customer_id: int, **columns: Any) -> None:
        """What is derived of somebody who was mailed once and did nothing."""
        nothing = {
            "mass": 0.0, "mass_before": 0.0, "delivered": 1, "last_sent_at": NOW, "known_sends": 1,
            "belief": [0.0] * POINTS, "act_hours": [], "act_weights": [], "types": {},
            "pace_hours": [], "interests": [], "derived_at": NOW,
        }  # fmt: skip
        await self._add(
            "stakeholder_insight",
            **nothing | {"stakeholder_id": stakeholder_id, "customer_id": customer_id} | columns,
        )

    async def _add(self, table: str, **columns: Any) -> None:
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        await self.connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *columns.values()
        )

    async def _insert(self, table: str, **columns: Any) -> int:
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        return int(
            await self.connection.fetchval(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) RETURNING id",
                *columns.values(),
            )
        )
