"""Figures of campaigns: rows of one shape, so that one statement reads several of them, and the
campaign itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.viewer import Viewer
from store.campaigns import CampaignRow, is_seen
from store.database import Connection
from store.paging import Args
from store.parts import Names, part

T = TypeVar("T")

Told = tuple[str, Sequence[Any]]
"""A row of any figure: what it is of, and its numbers, an array of however many dimensions."""


@dataclass(frozen=True, eq=False, slots=True)
class Figure(Generic[T]):
    """Something that is counted of campaigns, of the part that a viewer may know.

    `select` is the statement of its rows, each as `Told`, of the campaign `k`; it takes the viewer,
    the statement's arguments, and what is given by name. `made` is what the rows come to.
    """

    select: Callable[..., str]
    made: Callable[[Viewer, Sequence[Told]], T]

    async def __call__(
        self, connection: Connection, viewer: Viewer, campaign_ids: Sequence[int], **given: object
    ) -> Mapping[int, T]:
        """The figure of each of the campaigns that has rows of it."""
        args = Args()
        records = await connection.fetch(
            "SELECT k.id, told.* FROM campaign k "
            f"CROSS JOIN LATERAL ({self.select(viewer, args, **given)}) told "
            f"WHERE k.id = ANY({args.add(campaign_ids)}::bigint[])",
            *args,
        )
        found: dict[int, list[Told]] = {}
        for campaign_id, name, numbers in records:
            found.setdefault(campaign_id, []).append((name, numbers))
        return {campaign_id: self.made(viewer, rows) for campaign_id, rows in found.items()}


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """A campaign, as far as it was selected, and figures of it."""

    campaign: CampaignRow
    figures: Mapping[Figure[Any], Any]


async def campaign_figures(
    connection: Connection,
    viewer: Viewer,
    campaign_id: int,
    *,
    names: Names,
    figures: Sequence[Figure[Any]],
) -> CampaignFigures | None:
    """The campaign and figures of it; None where the viewer sees no such campaign."""
    seen, value = is_seen(viewer)
    args = Args(value)
    campaign = part(CampaignRow, "k", names)
    records = await connection.fetch(
        f"SELECT {campaign.sql}{', told.*' if figures else ''} "
        f"FROM campaign k {_told(viewer, args, figures)} "
        f"WHERE k.id = {args.add(campaign_id)} AND {seen}",
        *args,
    )
    if not records:
        return None
    rows: list[list[Told]] = [[] for _ in figures]
    for record in records if figures else ():
        which, name, numbers = record[campaign.size :]
        if which is not None:
            rows[which].append((name, numbers))
    made = [figure.made(viewer, own) for figure, own in zip(figures, rows, strict=True)]
    return CampaignFigures(
        campaign.make(records[0][: campaign.size]), dict(zip(figures, made, strict=True))
    )


def _told(viewer: Viewer, args: Args, figures: Sequence[Figure[Any]]) -> str:
    """The join of the figures' rows, each figure's together and in their order, told apart by the
    figure's place."""
    if not figures:
        return ""
    all_ = " UNION ALL ".join(
        f"SELECT {which}, rows.* FROM ({figure.select(viewer, args)}) rows"
        for which, figure in enumerate(figures)
    )
    return f"LEFT JOIN LATERAL ({all_}) told ON true"
