"""How far campaigns got."""

import strawberry

from store.campaigns import FunnelRow


@strawberry.type(
    description="How far a campaign got: unique recipients at each step, of those the viewer sees "
    "(a CSM's are those of their own customers)."
)
class Funnel:
    recipients: int = strawberry.field(
        description="All recipients; the denominator of delivery and bounce rates."
    )
    internal: int = strawberry.field(description="The company's own addresses among them.")
    unmatched: int = strawberry.field(
        description="Those that are no customer's, internal ones left out. Coverage is "
        "(recipients − internal − unmatched) / (recipients − internal)."
    )
    delivered: int = strawberry.field(
        description="Taken by the receiving server and not bounced since; the denominator of open, "
        "click, reply and unsubscribe rates."
    )
    openers: "Actors" = strawberry.field(
        description="Who opened. The open rate is human / delivered."
    )
    clickers: "Actors" = strawberry.field(
        description="Who followed a link. The click rate is human / delivered, the click-to-open "
        "rate human / human openers, null when there are none."
    )
    repliers: int = strawberry.field(description="Who replied; a share of delivered.")
    forwarders: int = strawberry.field(
        description="Who passed it on, as far as is known; a share of delivered."
    )
    unsubscribers: int = strawberry.field(description="Who unsubscribed; a share of delivered.")
    bounced: "Bounced" = strawberry.field(description="Whose mail came back.")
    complained: int = strawberry.field(
        description="Who marked it as spam; they are among the delivered and a share of them."
    )
    rejected: int = strawberry.field(
        description="Whom the provider did not send it; a share of recipients."
    )


@strawberry.type(description="Recipients by who acted for them; one may count in both.")
class Actors:
    human: int = strawberry.field(description="Recipients for whom a person acted.")
    machine: int = strawberry.field(description="Recipients for whom a machine acted.")


@strawberry.type(description="Recipients whose mail came back; each counts in one at most.")
class Bounced:
    hard: int = strawberry.field(description="For good; a share of recipients.")
    soft: int = strawberry.field(description="For now; a share of recipients.")


def funnel_of(row: FunnelRow) -> Funnel:
    """From its row."""
    return Funnel(
        recipients=row.recipients,
        internal=row.internal,
        unmatched=row.unmatched,
        delivered=row.delivered,
        openers=Actors(human=row.openers_human, machine=row.openers_machine),
        clickers=Actors(human=row.clickers_human, machine=row.clickers_machine),
        repliers=row.repliers,
        forwarders=row.forwarders,
        unsubscribers=row.unsubscribers,
        bounced=Bounced(hard=row.bounced_hard, soft=row.bounced_soft),
        complained=row.complained,
        rejected=row.rejected,
    )
