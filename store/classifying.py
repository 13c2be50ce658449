"""What people say of a campaign: its type, and whether it is bulk. Their word stands."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.bulk import decide
from domain.errors import DomainError
from domain.events import CampaignType
from domain.policy import Policy
from domain.viewer import Viewer
from store.database import Connection, Database, retried
from store.deciding import sends
from store.recounting import queue_retelling


@dataclass(frozen=True, slots=True)
class Classification:
    """What a person says of a campaign; None says nothing, and the rules decide."""

    type: CampaignType | None = None
    is_bulk: bool | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What to change of it; what is not to be set stays."""

    said: Classification
    sets_type: bool = False
    sets_bulk: bool = False

    def applied(self, before: Classification) -> Classification:
        """What is said afterwards."""
        return Classification(
            self.said.type if self.sets_type else before.type,
            self.said.is_bulk if self.sets_bulk else before.is_bulk,
        )


async def classify_campaign(
    database: Database,
    viewer: Viewer,
    campaign_id: int,
    change: Change,
    *,
    now: datetime,
    policy: Policy,
) -> None:
    """Change what people say of a campaign; its history is announced or taken back by a worker.

    Repeating changes nothing. Raises DomainError NOT_FOUND.
    """

    async def work() -> None:
        async with database.transaction() as connection:
            before = await _open(connection, campaign_id)
            after = change.applied(before)
            if after != before:
                await _say(connection, viewer, campaign_id, after, now)
                await _decide(connection, campaign_id, after, policy)
                await _audit(connection, viewer, campaign_id, (before, after), now)

    await retried(work)


async def _open(connection: Connection, campaign_id: int) -> Classification:
    """What is said so far; the campaign is held, also against new recipients."""
    row = await connection.fetchrow(
        "SELECT said_type, said_bulk FROM campaign WHERE id = $1 FOR UPDATE", campaign_id
    )
    if row is None:
        raise DomainError("NOT_FOUND", "there is no such campaign", ("campaignId",))
    return Classification(row[0] and CampaignType(row[0]), row[1])


async def _say(
    connection: Connection,
    viewer: Viewer,
    campaign_id: int,
    said: Classification,
    now: datetime,
) -> None:
    is_said = said != Classification()
    await connection.execute(
        "UPDATE campaign SET said_type = $2, said_by = $3, said_at = $4 WHERE id = $1",
        campaign_id,
        said.type,
        viewer.name if is_said else None,
        now if is_said else None,
    )


async def _decide(
    connection: Connection, campaign_id: int, said: Classification, policy: Policy
) -> None:
    """Show the campaign or hide it, as it is decided now."""
    ((_, was_provisional, send),) = await sends(connection, [campaign_id], policy)
    is_bulk = decide(replace(send, said=said.is_bulk), policy.bulk_recipients).is_bulk
    await connection.execute(
        "UPDATE campaign SET said_bulk = $2, is_provisional = $3 WHERE id = $1",
        campaign_id,
        said.is_bulk,
        not is_bulk,
    )
    if was_provisional is is_bulk:
        await queue_retelling(connection, [campaign_id])


async def _audit(
    connection: Connection,
    viewer: Viewer,
    campaign_id: int,
    said: tuple[Classification, Classification],
    now: datetime,
) -> None:
    before, after = said
    await connection.execute(
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        now,
        viewer.name,
        "CLASSIFY_CAMPAIGN",
        f"Campaign:{campaign_id}",
        {
            "type": after.type,
            "is_bulk": after.is_bulk,
            "type_before": before.type,
            "is_bulk_before": before.is_bulk,
        },
    )
