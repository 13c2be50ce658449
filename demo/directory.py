"""The portfolio and its campaigns as the service's mutations take them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from demo.campaigns import Campaign
from demo.portfolio import Customer, Portfolio
from demo.providers.naming import digest
from demo.traffic import Act

Input = dict[str, Any]

CUSTOMERS_PER_CALL = 40
RECIPIENTS_PER_CALL = 2_000

IMPORT = """
mutation ImportCustomers($input: ImportCustomersInput!) {
  importCustomers(input: $input) { userErrors { message field code } }
}
"""

REGISTER = """
mutation RegisterCampaign($input: RegisterCampaignInput!) {
  registerCampaign(input: $input) { userErrors { message field code } }
}
"""

RECORD = """
mutation RecordEngagement($input: RecordEngagementInput!) {
  recordEngagement(input: $input) { recorded duplicates rejected userErrors { message code } }
}
"""


def imports(portfolio: Portfolio) -> Iterator[Input]:
    """The inputs of `importCustomers` that together bring the whole portfolio."""
    for group in _groups(portfolio.customers, CUSTOMERS_PER_CALL):
        yield {"customers": [customer_input(customer) for customer in group]}


def customer_input(customer: Customer) -> Input:
    """One customer with everything the directory knows of it."""
    return {
        "externalId": customer.external_id,
        "name": customer.name,
        "segment": customer.segment,
        "timezone": customer.timezone,
        "renewsOn": customer.renews_on.isoformat(),
        "csm": {"email": customer.csm_email, "name": customer.csm_name},
        "domains": list(customer.domains),
        "stakeholders": [
            {
                "externalId": person.external_id,
                "name": person.name,
                "title": person.title,
                "timezone": person.habits.timezone,
                "addresses": list(person.addresses),
            }
            for person in customer.stakeholders
        ],
    }


def registrations(campaign: Campaign) -> Iterator[Input]:
    """The inputs of `registerCampaign` for one campaign; the later ones add recipients."""
    for group in _groups(campaign.readers, RECIPIENTS_PER_CALL):
        yield {
            "provider": campaign.provider,
            "externalId": campaign.external_id,
            "name": campaign.name,
            "type": campaign.type,
            "subject": campaign.subject,
            "sentAt": campaign.sent_at.isoformat(),
            "topics": list(campaign.topics),
            "links": [{"url": link.url, "topics": list(link.topics)} for link in campaign.links],
            "recipients": [reader.address for reader in group],
        }


def replies(acts: Iterable[Act]) -> list[Input]:
    """The replies among acts, which no provider's webhook reports: the mail service does.

    Left out are those to campaigns that only a tag or a subject tells: nobody could name those.
    """
    return [_reply(a) for a in acts if a.kind == "replied" and a.campaign.evidence == "id"]


def _reply(act: Act) -> Input:
    return {
        "provider": act.campaign.provider,
        "providerEventId": digest("reply", act.campaign.external_id, act.address).hex(),
        "campaign": {"externalId": act.campaign.external_id, "name": act.campaign.name},
        "address": act.address,
        "kind": "REPLIED",
        "occurredAt": act.at.isoformat(),
    }


def _groups(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
