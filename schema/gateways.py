"""Who acted: the rules' version, and mail gateways that are known to follow links."""

from datetime import UTC, datetime, time
from typing import Self

import strawberry

from domain.gateways import HALF_LIFE_DAYS, MIN_SHARE, MIN_SWEPT, GatewayProfile
from domain.judging import JUDGE_VERSION
from resolvers import gateways as resolve
from schema.scalars import Info


@strawberry.type(description="When a gateway typically follows the first link, after delivery.")
class GatewayDelay:
    low_seconds: float = strawberry.field(
        description="Seconds before which it does so in 5 % of the messages; negative where it "
        "looks before it takes the mail."
    )
    median_seconds: float = strawberry.field(
        description="Seconds before which it does so in half of them."
    )
    high_seconds: float = strawberry.field(
        description="Seconds before which it does so in 95 % of them."
    )


@strawberry.type(
    description="What was learned of a domain's mail gateway: a snapshot of one day. Messages are "
    f"weighted by age, with a half-life of {HALF_LIFE_DAYS:.0f} days; only those with several "
    "links count, in which a sweep would show."
)
class Gateway:
    domain: str = strawberry.field(description="The registrable domain of the addresses.")
    in_force_from: datetime = strawberry.field(
        description="The beginning of the day from which on clicks are judged by it; earlier ones "
        "stay as they were judged."
    )
    messages_swept: float = strawberry.field(
        description="Messages in which a machine followed the links, weighted."
    )
    messages_followed: float = strawberry.field(
        description="Messages in which anybody followed a link, weighted."
    )
    share: float = strawberry.field(description="messagesSwept / messagesFollowed, 0 to 1.")
    delay: GatewayDelay | None = strawberry.field(
        description="When it acts; null where no delivery was reported to count from."
    )
    pace_seconds: float | None = strawberry.field(
        description="Seconds from one link to the next, the median; null where it is unknown."
    )
    applied: bool = strawberry.field(
        description="Whether a first click within the typical delay is held to be the gateway's "
        f"(LEARNED) where a message has a single link: from {MIN_SWEPT:.0f} messages swept, a "
        f"share of {MIN_SHARE:.0%} and a typical delay."
    )
    explanation: str = strawberry.field(description="The same in a sentence.")

    @classmethod
    def of(cls, profile: GatewayProfile) -> Self:
        """From its profile."""
        return cls(
            domain=profile.domain,
            in_force_from=datetime.combine(profile.in_force_on, time(), UTC),
            messages_swept=profile.swept,
            messages_followed=profile.followed,
            share=profile.share,
            delay=_delay(profile),
            pace_seconds=profile.pace,
            applied=profile.is_applied,
            explanation=_explain(profile),
        )


def _delay(profile: GatewayProfile) -> GatewayDelay | None:
    low, median, high = profile.delay_low, profile.delay_median, profile.delay_high
    if low is None or median is None or high is None:
        return None
    return GatewayDelay(low_seconds=low, median_seconds=median, high_seconds=high)


def _explain(profile: GatewayProfile) -> str:
    found = (
        f"Of {profile.followed:.1f} messages in which links were followed, a machine swept "
        f"{profile.swept:.1f} ({profile.share:.0%})"
    )
    window = profile.window
    if window is None:
        return f"{found}, at no typical time after delivery: single clicks are not judged by it."
    low, high = (edge.total_seconds() for edge in window)
    when = f"{found}, typically {low:.0f} to {high:.0f} s after delivery"
    if profile.is_applied:
        return f"{when}: then a first click on a single link is held to be the gateway's."
    return f"{when}: too little to judge single clicks by."


@strawberry.type(description="How it is judged who acted.")
class Judging:
    version: int = strawberry.field(
        description="The version of the rules; verdicts of older ones stand until something new "
        "comes in, or `rebuild` is run."
    )

    @strawberry.field(
        description="Recipients that were last judged by an older version; 0 after a `rebuild`."
    )
    async def outdated_recipients(self, info: Info) -> int:
        return await resolve.count_outdated(info.context)


def judging() -> Judging:
    """The rules in force."""
    return Judging(version=JUDGE_VERSION)
