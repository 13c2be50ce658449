"""Half a year of traffic, campaign by campaign: a pure function of seed and moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from demo.campaigns import Campaign, make_campaigns, make_resets
from demo.portfolio import Portfolio, make_portfolio
from demo.traffic import Act, reported, traffic


@dataclass(frozen=True)
class Chapter:
    """A campaign with everything that happened to it, as reported."""

    campaign: Campaign
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class History:
    """The portfolio and what was sent to it until `ends_at`."""

    portfolio: Portfolio
    campaigns: tuple[Campaign, ...]
    ends_at: datetime

    def chapters(self) -> Iterator[Chapter]:
        """Each campaign in turn, oldest first, then the mail that is none."""
        seed = self.portfolio.seed
        for campaign in (*self.campaigns, *make_resets(self.portfolio, self.campaigns)):
            acts = traffic(seed, campaign, until=self.ends_at)
            yield Chapter(campaign, tuple(reported(seed, acts)))


def make_history(seed: int, ends_at: datetime) -> History:
    """The demonstration's history, the same for the same seed and end (aware, UTC)."""
    portfolio = make_portfolio(seed, ends_at.date())
    return History(portfolio, make_campaigns(portfolio, ends_at.date()), ends_at)
