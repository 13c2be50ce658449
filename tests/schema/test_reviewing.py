"""`confirmMatch` and `rejectMatch` as clients see them."""

from dataclasses import dataclass
from typing import Any

import pytest

from domain.viewer import Viewer
from schema.ids import encode
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import INTEGRATION, MANAGER, Seed, csm_viewer

CONFIRM = """
mutation ($input: ConfirmMatchInput!) {
  confirmMatch(input: $input) {
    recipient { address matches { customer { name } stakeholder { name title } method confidence } }
    userErrors { code field }
  }
}
"""

REJECT = """
mutation ($input: RejectMatchInput!) {
  rejectMatch(input: $input) {
    recipient { address unmatchedReason matches { method } }
    userErrors { code field }
  }
}
"""


@dataclass
class Case:
    """Acme is Mia's; its proposal is `recipient`, and `stranger` is nobody's."""

    mia: Viewer
    joe: Viewer
    customer: str
    recipient: str
    stranger: str


@pytest.fixture
async def case(database: Database) -> Case:
    async with database.connection() as connection:
        seed = Seed(connection)
        mia, joe = await seed.csm("Mia"), await seed.csm("Joe")
        acme = await seed.customer("Acme", mia)
        await seed.domain(acme, "acme.com")
        address = await seed.address("lee@acme.com", None)
        await seed.match(address, acme, None, "DOMAIN", 0.8)
        launch = await seed.campaign("Launch")
        recipient = await seed.recipient(launch, address)
        stranger = await seed.recipient(launch, await seed.address("ann@gmail.com", "FREEMAIL"))
    return Case(
        csm_viewer(mia),
        csm_viewer(joe),
        encode("Customer", acme),
        encode("Recipient", recipient),
        encode("Recipient", stranger),
    )


async def decide(run: Run, viewer: Viewer, document: str, **fields: Any) -> dict[str, Any]:
    done = await run(viewer, document, input=fields)
    (found,) = done.values()
    assert isinstance(found, dict), done
    return found


async def test_a_confirmed_recipient_comes_back_as_it_is_matched_now(run: Run, case: Case) -> None:
    assert await decide(
        run,
        case.mia,
        CONFIRM,
        recipientId=case.recipient,
        customerId=case.customer,
        newStakeholder={"name": "Lee", "title": "CFO"},
        domainIsTheirs=True,
    ) == {
        "recipient": {
            "address": "lee@acme.com",
            "matches": [
                {
                    "customer": {"name": "Acme"},
                    "stakeholder": {"name": "Lee", "title": "CFO"},
                    "method": "MANUAL",
                    "confidence": 1.0,
                }
            ],
        },
        "userErrors": [],
    }


async def test_a_rejected_recipient_comes_back_unmatched_and_leaves_a_csm(
    run: Run, case: Case
) -> None:
    ids = {"recipientId": case.recipient, "customerId": case.customer}
    assert await decide(run, MANAGER, REJECT, **ids) == {
        "recipient": {
            "address": "lee@acme.com",
            "unmatchedReason": "UNKNOWN_DOMAIN",
            "matches": [],
        },
        "userErrors": [],
    }
    assert await decide(run, case.mia, REJECT, **ids) == {"recipient": None, "userErrors": []}


@both_executions
async def test_what_is_not_theirs_is_not_there_for_another_csm(run: Run, case: Case) -> None:
    ids = {"recipientId": case.recipient, "customerId": case.customer}
    for document in (CONFIRM, REJECT):
        assert await decide(run, case.joe, document, **ids) == {
            "recipient": None,
            "userErrors": [{"code": "NOT_FOUND", "field": ["customerId"]}],
        }


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"recipientId": "x"}, {"code": "INVALID_ID", "field": ["recipientId"]}),
        ({"stakeholderId": "x"}, {"code": "INVALID_ID", "field": ["stakeholderId"]}),
        (
            {"stakeholderId": "x", "newStakeholder": {"name": "Lee"}},
            {"code": "CONFLICTING_INPUT", "field": ["newStakeholder"]},
        ),
        (
            {"newStakeholder": {"name": "a\x00b"}},
            {"code": "INVALID_TEXT", "field": ["newStakeholder", "name"]},
        ),
    ],
)
async def test_bad_input_is_named_by_its_path(
    run: Run, case: Case, fields: dict[str, Any], error: dict[str, Any]
) -> None:
    ids = {"recipientId": case.recipient, "customerId": case.customer}
    done = await decide(run, MANAGER, CONFIRM, **{**ids, **fields})
    assert done == {"recipient": None, "userErrors": [error]}


async def test_an_id_of_another_kind_is_refused(run: Run, case: Case) -> None:
    done = await decide(run, MANAGER, REJECT, recipientId=case.customer, customerId=case.recipient)
    assert done["userErrors"] == [{"code": "INVALID_ID", "field": ["recipientId"]}]


async def test_a_free_mail_domain_cannot_be_theirs(run: Run, case: Case) -> None:
    ids = {"recipientId": case.stranger, "customerId": case.customer}
    done = await decide(run, MANAGER, CONFIRM, **ids, domainIsTheirs=True)
    assert done["userErrors"] == [{"code": "FREEMAIL_DOMAIN", "field": ["domainIsTheirs"]}]
    done = await decide(run, MANAGER, CONFIRM, **ids)
    assert done["recipient"]["matches"] == [
        {
            "customer": {"name": "Acme"},
            "stakeholder": {"name": None, "title": None},
            "method": "MANUAL",
            "confidence": 1.0,
        }
    ]


@both_executions
async def test_an_integration_may_not_decide(run: Run, case: Case) -> None:
    done = await run(
        INTEGRATION,
        CONFIRM,
        input={"recipientId": case.recipient, "customerId": case.customer},
    )
    assert done["data"] is None
    assert "may not do this" in str(done["errors"][0].message)
