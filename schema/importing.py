"""Customers in: what a company's own system knows of them."""

from collections import Counter

import strawberry

from domain.errors import DomainError
from resolvers import importing as resolve
from resolvers.importing import Imported
from schema import seen
from schema.enums import ImportOutcome
from schema.errors import UserError, expected, user_error
from schema.references import Customer
from schema.scalars import Info, Input


@strawberry.input(description="A person at the customer; give an external id or an address.")
class StakeholderInput:
    external_id: str | None = strawberry.field(
        default=None,
        description="Their id in your system; null: they are known by an address.",
    )
    name: str | None = strawberry.field(
        default=None, description="What they are called; null leaves it, empty clears it."
    )
    title: str | None = strawberry.field(
        default=None, description="What they do; null leaves it, empty clears it."
    )
    timezone: str | None = strawberry.field(
        default=None,
        description="IANA name, e.g. Europe/Berlin; null leaves it, empty clears it.",
    )
    tracking_consent: str | None = strawberry.field(
        default=None,
        description="GRANTED, DENIED or UNKNOWN; null leaves it, UNKNOWN for somebody new.",
    )
    addresses: list[str] | None = strawberry.field(
        default=None,
        description="All of their addresses, the primary one first, at most 50; those that are "
        "not listed are taken away. Null leaves them.",
    )


@strawberry.input(description="The customer success manager, known by the address.")
class CsmInput:
    email: str = strawberry.field(
        description="Their address; an unknown one makes a CSM, empty puts the customer in "
        "nobody's portfolio."
    )
    name: str | None = strawberry.field(
        default=None, description="What they are called; null leaves it."
    )


@strawberry.input(description="A customer with its stakeholders and domains.")
class CustomerInput:
    external_id: str = strawberry.field(
        description="Its id in your system, by which it is known; at most 320 characters."
    )
    name: str | None = strawberry.field(
        default=None, description="What it is called; null leaves it, a new one must have it."
    )
    segment: str | None = strawberry.field(
        default=None,
        description="Group of customers for comparison; null leaves it, empty clears it.",
    )
    timezone: str | None = strawberry.field(
        default=None,
        description="IANA name, e.g. Europe/Berlin; null leaves it, empty clears it.",
    )
    renews_on: str | None = strawberry.field(
        default=None,
        description="Day of renewal, e.g. 2027-03-31; null leaves it, empty clears it.",
    )
    csm: CsmInput | None = strawberry.field(
        default=None, description="Whose portfolio it is in; null leaves it."
    )
    domains: list[str] | None = strawberry.field(
        default=None,
        description="All of its mail domains, at most 200; those that are not listed are taken "
        "away. Free-mail and provider domains are refused. Null leaves them.",
    )
    stakeholders: list[StakeholderInput] | None = strawberry.field(
        default=None,
        description="People there, at most 1,000 with 2,000 addresses a call. Those that are not "
        "listed stay, as they do for null.",
    )


@strawberry.input(description="Customers as your system knows them.")
class ImportCustomersInput:
    customers: list[CustomerInput] = strawberry.field(
        description="At most 1,000; known ones are updated."
    )


@strawberry.type(description="What became of one customer.")
class ImportResult:
    customer_id: strawberry.Private[int | None]
    outcome: ImportOutcome = strawberry.field(description="What the import did.")
    error: UserError | None = strawberry.field(
        description="The first thing that is wrong with it; null when it was not rejected."
    )

    @strawberry.field(
        description="The customer as it is now; null when it was rejected, or when the token may "
        "not read it."
    )
    async def customer(self, info: Info) -> Customer | None:
        return await seen.customer(info, self.customer_id)


@strawberry.type(description="What became of the customers.")
class ImportCustomersPayload:
    results: list[ImportResult] = strawberry.field(
        description="One for each customer, in the order of the input; empty when the call as a "
        "whole was refused."
    )
    created: int = strawberry.field(description="How many have the outcome CREATED.")
    updated: int = strawberry.field(description="How many have the outcome UPDATED.")
    unchanged: int = strawberry.field(description="How many have the outcome UNCHANGED.")
    rejected: int = strawberry.field(description="How many have the outcome REJECTED.")
    user_errors: list[UserError] = strawberry.field(
        description="All that is wrong with those rejected, each with its path."
    )


@strawberry.type
class ImportMutation:
    @strawberry.mutation(
        description="Create or update customers, their stakeholders and domains, by external id. "
        "Idempotent; at most 1,000 a call, each with its own outcome: a bad one is rejected whole "
        "and never costs the good ones. Mail of addresses and domains that change hands is "
        "matched anew. For integrations and admins."
    )
    async def import_customers(
        self, info: Info, input: Input[ImportCustomersInput]
    ) -> ImportCustomersPayload:
        try:
            imported = await resolve.import_customers(
                info.context, [_customer(customer) for customer in input.customers]
            )
        except DomainError as error:
            return _payload([], [expected(error)])
        errors = [user_error(error) for one in imported for error in one.errors]
        return _payload([_result(one) for one in imported], errors)


def _customer(given: CustomerInput) -> dict[str, object]:
    csm = given.csm
    return {
        "externalId": given.external_id,
        "name": given.name,
        "segment": given.segment,
        "timezone": given.timezone,
        "renewsOn": given.renews_on,
        "csm": None if csm is None else {"email": csm.email, "name": csm.name},
        "domains": given.domains,
        "stakeholders": [_stakeholder(one) for one in given.stakeholders or ()],
    }


def _stakeholder(given: StakeholderInput) -> dict[str, object]:
    return {
        "externalId": given.external_id,
        "name": given.name,
        "title": given.title,
        "timezone": given.timezone,
        "trackingConsent": given.tracking_consent,
        "addresses": given.addresses,
    }


def _result(imported: Imported) -> ImportResult:
    first = next(iter(imported.errors), None)
    return ImportResult(
        customer_id=imported.customer_id,
        outcome=imported.outcome,
        error=None if first is None else user_error(first),
    )


def _payload(results: list[ImportResult], errors: list[UserError]) -> ImportCustomersPayload:
    counts = Counter(result.outcome for result in results)
    return ImportCustomersPayload(
        results=results,
        created=counts[ImportOutcome.CREATED],
        updated=counts[ImportOutcome.UPDATED],
        unchanged=counts[ImportOutcome.UNCHANGED],
        rejected=counts[ImportOutcome.REJECTED],
        user_errors=errors,
    )
