"""Nested objects, asked for one by one and read together: one statement a question."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from domain.viewer import Viewer
from store import (
    campaigns,
    csms,
    customers,
    events,
    feed,
    recipients,
    recommendations,
    stakeholders,
)
from store.campaigns import CampaignRow
from store.csms import CsmRow
from store.customers import CustomerRow
from store.database import Connection
from store.events import EventKey, EventRow
from store.recipients import MatchRow, RecipientRow
from store.recommendations import RecommendationRow
from store.stakeholders import StakeholderRow

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
Read = Callable[[], AbstractAsyncContextManager[Connection]]
ByIds = Callable[[Connection, Viewer, Sequence[Any]], Awaitable[Sequence[R]]]
ByOwners = Callable[..., Awaitable[Mapping[Any, R]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one owner, e.g. a page of a campaign's recipients.

    `question` takes connection, viewer and owners, then `arguments` by name.
    """

    question: ByOwners[Any]
    owner: int | str
    arguments: tuple[tuple[str, Hashable], ...]


class Loaders:
    """Readers of nested objects, of one operation or of those that follow with the same rights; all
    are scoped to the viewer."""

    def __init__(self, read: Read, viewer: Viewer, *, is_caching: bool) -> None:
        self._read = read
        self._viewer = viewer
        self._is_caching = is_caching
        self.campaigns: DataLoader[int, CampaignRow | None] = self._by_id(
            campaigns.campaigns_by_ids
        )
        self.csms: DataLoader[int, CsmRow | None] = self._by_id(csms.csms_by_ids)
        self.customers: DataLoader[int, CustomerRow | None] = self._by_id(
            customers.customers_by_ids
        )
        self.events: DataLoader[EventKey, EventRow | None] = self._by_id(events.events_by_ids)
        self.recipients: DataLoader[int, RecipientRow | None] = self._by_id(
            recipients.recipients_by_ids
        )
        self.recommendations: DataLoader[int, RecommendationRow | None] = self._by_id(
            recommendations.recommendations_by_ids
        )
        self.stakeholders: DataLoader[int, StakeholderRow | None] = self._by_id(
            stakeholders.stakeholders_by_ids
        )
        self.matches: DataLoader[int, Sequence[MatchRow]] = DataLoader(
            self._matches, cache=is_caching
        )
        self.link_topics: DataLoader[tuple[int, str], Sequence[str]] = DataLoader(
            self._link_topics, cache=is_caching
        )
        self.recorded: DataLoader[EventKey, EventRow | None] = DataLoader(
            self._recorded, cache=is_caching
        )
        self._cursor: DataLoader[None, str] = DataLoader(self._cursors, cache=is_caching)
        self._nested: DataLoader[Asked, Any] = DataLoader(self._answers, cache=is_caching)

    async def of(
        self, question: ByOwners[R], owner: int | str, default: R, **arguments: Hashable
    ) -> R:
        """The answer to a question about one owner, read together with the others' like it."""
        asked = Asked(question, owner, tuple(sorted(arguments.items())))
        found: R | None = await self._nested.load(asked)
        return default if found is None else found

    def know(self, question: ByOwners[R], owner: int | str, answer: R) -> None:
        """Take the answer to a question about one owner that was read with something else."""
        self._nested.prime(Asked(question, owner, ()), answer)

    async def feed_cursor(self) -> str:
        """Where the feed stood when this operation's snapshot was taken."""
        return await self._cursor.load(None)

    def _by_id(self, question: ByIds[Any]) -> DataLoader[Any, Any]:
        async def load(ids: list[Any]) -> Sequence[Any]:
            async with self._read() as connection:
                rows = await question(connection, self._viewer, list(dict.fromkeys(ids)))
            found = {row.id: row for row in rows}
            return [found.get(id_) for id_ in ids]

        return DataLoader(load, cache=self._is_caching)

    async def _matches(self, address_ids: list[int]) -> Sequence[Sequence[MatchRow]]:
        async with self._read() as connection:
            found = await recipients.matches_of_addresses(connection, self._viewer, address_ids)
        return [found.get(address_id, ()) for address_id in address_ids]

    async def _link_topics(self, links: list[tuple[int, str]]) -> Sequence[Sequence[str]]:
        async with self._read() as connection:
            found = await campaigns.link_topics(connection, links)
        return [found.get(link, ()) for link in links]

    async def _recorded(self, keys: list[EventKey]) -> Sequence[EventRow | None]:
        async with self._read() as connection:
            found = await events.recorded_events(connection, keys)
        return [found.get(key) for key in keys]

    async def _cursors(self, asked: list[None]) -> Sequence[str]:
        async with self._read() as connection:
            cursor = await feed.feed_cursor(connection)
        return [cursor] * len(asked)

    async def _answers(self, asked: list[Asked]) -> Sequence[Any]:
        alike: dict[tuple[ByOwners[Any], tuple[tuple[str, Hashable], ...]], list[Any]] = {}
        for one in asked:
            alike.setdefault((one.question, one.arguments), []).append(one.owner)
        answers: dict[Asked, Any] = {}
        for (question, arguments), owners in alike.items():
            async with self._read() as connection:
                found = await question(
                    connection, self._viewer, sorted(set(owners)), **dict(arguments)
                )
            answers |= {Asked(question, o, arguments): found.get(o) for o in owners}
        return [answers[one] for one in asked]
