"""How well the service matched: coverage as it says, coverage and precision by the truth."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from demo.doors import Doors
from demo.names import OUR_DOMAIN
from demo.strangers import Owner

PAGE = 100

CAMPAIGNS = """
query Campaigns($after: String) {
  campaigns(first: 100, after: $after) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
}
"""

RECIPIENTS = """
query Recipients($id: ID!, $first: Int!, $after: String) {
  campaign(id: $id) {
    recipients(first: $first, after: $after) {
      nodes {
        address
        matches { customer { externalId } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A recipient and the customers the service matched it to (external ids)."""

    address: str
    customers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares are fractions 0–1, None where there is nothing to divide by."""

    recipients: int
    internal: int
    matched: int
    asserted: int
    right: int

    @property
    def coverage(self) -> float | None:
        """Matched ÷ (recipients − internal)."""
        external = self.recipients - self.internal
        return self.matched / external if external else None

    @property
    def precision(self) -> float | None:
        """Right ÷ asserted pairs of recipient and customer."""
        return self.right / self.asserted if self.asserted else None


def score(found: Iterable[Found], truth: Mapping[str, tuple[Owner, ...]]) -> Score:
    """Compare what was found with the truth; an address the truth does not know is nobody's."""
    recipients = internal = matched = asserted = right = 0
    for one in found:
        recipients += 1
        if one.address.endswith(f"@{OUR_DOMAIN}"):
            internal += 1
            continue
        owners = {owner.customer for owner in truth.get(one.address, ())}
        matched += bool(one.customers)
        asserted += len(one.customers)
        right += sum(customer in owners for customer in one.customers)
    return Score(recipients, internal, matched, asserted, right)


async def recipients(doors: Doors) -> AsyncIterator[Found]:
    """Every recipient of every campaign, as a manager sees them. Raises Refused, Away."""
    async for campaign in _pages(doors, CAMPAIGNS, {}, ("campaigns",)):
        async for node in _pages(
            doors, RECIPIENTS, {"id": campaign["id"], "first": PAGE}, ("campaign", "recipients")
        ):
            matches = node["matches"]
            yield Found(node["address"], tuple(m["customer"]["externalId"] for m in matches))


async def _pages(
    doors: Doors, document: str, variables: Mapping[str, object], path: tuple[str, ...]
) -> AsyncIterator[Any]:
    after: str | None = None
    while True:
        page: Any = await doors.graphql(document, {**variables, "after": after})
        for name in path:
            page = page[name]
        for node in page["nodes"]:
            yield node
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


async def evaluate(doors: Doors, truth: Mapping[str, tuple[Owner, ...]]) -> Score:
    """Ask for all recipients and score them."""
    return score([found async for found in recipients(doors)], truth)
