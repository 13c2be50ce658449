"""Decisions about matches: what they write, who may make them, what they refuse."""

import pytest

from domain.campaigns import Detection
from domain.errors import DomainError
from store.database import Database
from store.matching import rematch_some
from store.reviewing import Confirmation, confirm_match
from tests.store.reviews import (
    MANAGER,
    NOW,
    POLICY,
    confirm,
    csm,
    customer,
    everything,
    matches,
    recipient,
    reject,
    rows,
    under_review,
    value,
)


@pytest.fixture
async def review(database: Database) -> Database:
    return await under_review(database)


async def test_confirming_a_proposal_makes_the_stakeholder_and_the_match_at_once(
    review: Database,
) -> None:
    assert await matches(review, "new@acme.com") == [("acme", None, "DOMAIN", pytest.approx(0.8))]
    await confirm(
        review, await csm(review, "mia@us.example"), "new@acme.com", "acme", name="Lee", title="CFO"
    )
    assert await matches(review, "new@acme.com") == [("acme", "Lee", "MANUAL", 1.0)]
    assert await rows(
        review,
        "SELECT s.external_id, s.title, a.address, a.is_primary FROM stakeholder s "
        "JOIN stakeholder_address a ON a.stakeholder_id = s.id WHERE s.name = 'Lee'",
    ) == [(None, "CFO", "new@acme.com", True)]
    lee = await value(review, "SELECT id FROM stakeholder WHERE name = 'Lee'")
    acme = await customer(review, "acme")
    assert await rows(
        review,
        "SELECT address, customer_id, stakeholder_id, is_confirmed, decided_by, decided_at "
        "FROM match_decision",
    ) == [("new@acme.com", acme, lee, True, "mia@us.example", NOW)]
    address_id = await value(review, "SELECT id FROM address WHERE address = 'new@acme.com'")
    assert await rows(review, "SELECT at, actor, action, subject, detail FROM audit") == [
        (
            NOW,
            "mia@us.example",
            "CONFIRM_MATCH",
            f"Customer:{acme}",
            {"address_id": address_id, "stakeholder_id": lee},
        )
    ]


async def test_confirming_again_changes_nothing(review: Database) -> None:
    mia = await csm(review, "mia@us.example")
    await confirm(review, mia, "new@acme.com", "acme", name="Lee", is_domain_theirs=True)
    before = await everything(review)
    await confirm(review, mia, "new@acme.com", "acme", name="Lee", is_domain_theirs=True)
    assert await everything(review) == before


async def test_confirming_for_a_known_stakeholder_gives_them_the_address(review: Database) -> None:
    kim = await value(review, "SELECT id FROM stakeholder WHERE name = 'Kim'")
    await confirm(review, MANAGER, "new@acme.com", "acme", stakeholder_id=kim)
    assert await matches(review, "new@acme.com") == [("acme", "Kim", "MANUAL", 1.0)]
    assert await rows(
        review,
        "SELECT address, is_primary FROM stakeholder_address WHERE stakeholder_id = $1 ORDER BY 1",
        kim,
    ) == [("kim@acme.com", True), ("new@acme.com", False)]
    assert await value(review, "SELECT count(*) FROM stakeholder") == 1


async def test_this_domain_is_theirs_matches_the_others_there(review: Database) -> None:
    assert await matches(review, "bob@other.com") == []
    await confirm(review, MANAGER, "ann@other.com", "beta", is_domain_theirs=True)
    assert await rows(review, "SELECT domain FROM customer_domain ORDER BY 1") == [
        ("acme.com",),
        ("other.com",),
    ]
    assert await rows(review, "SELECT action, detail->>'domain' FROM audit ORDER BY id") == [
        ("DECLARE_DOMAIN", "other.com"),
        ("CONFIRM_MATCH", None),
    ]
    async with review.transaction() as connection:
        await rematch_some(connection, POLICY)
    assert await matches(review, "ann@other.com") == [("beta", None, "MANUAL", 1.0)]
    assert await matches(review, "bob@other.com") == [("beta", None, "DOMAIN", pytest.approx(0.8))]


@pytest.mark.parametrize(
    ("address", "code"),
    [("free@gmail.com", "FREEMAIL_DOMAIN"), ("me@us.example", "INTERNAL_DOMAIN")],
)
async def test_a_domain_of_everybody_or_ours_cannot_be_theirs(
    review: Database, address: str, code: str
) -> None:
    before = await everything(review)
    with pytest.raises(DomainError) as refused:
        await confirm(review, MANAGER, address, "beta", is_domain_theirs=True)
    assert (refused.value.code, refused.value.field) == (code, ("domainIsTheirs",))
    assert await everything(review) == before


async def test_a_free_mail_address_can_be_confirmed_by_itself(review: Database) -> None:
    await confirm(review, MANAGER, "free@gmail.com", "beta", name="Free")
    assert await matches(review, "free@gmail.com") == [("beta", "Free", "MANUAL", 1.0)]
    assert (
        await value(review, "SELECT unmatched_reason FROM address WHERE address = 'free@gmail.com'")
        is None
    )


async def test_rejecting_a_proposal_ends_the_match_for_good(review: Database) -> None:
    mia = await csm(review, "mia@us.example")
    await reject(review, mia, "new@acme.com", "acme")
    assert await matches(review, "new@acme.com") == []
    assert await rows(
        review, "SELECT address, stakeholder_id, is_confirmed, decided_by FROM match_decision"
    ) == [("new@acme.com", None, False, "mia@us.example")]
    before = await everything(review)
    await reject(review, mia, "new@acme.com", "acme")
    assert await everything(review) == before


async def test_whoever_rejected_can_confirm_after_all(review: Database) -> None:
    mia = await csm(review, "mia@us.example")
    await reject(review, mia, "new@acme.com", "acme")
    await confirm(review, mia, "new@acme.com", "acme", name="Lee")
    assert await matches(review, "new@acme.com") == [("acme", "Lee", "MANUAL", 1.0)]
    await reject(review, mia, "new@acme.com", "acme")
    assert await matches(review, "new@acme.com") == []


@pytest.mark.parametrize(
    ("address", "external_id", "field"),
    [
        ("new@acme.com", "beta", "recipientId"),
        ("ann@other.com", "beta", "recipientId"),
        ("new@acme.com", "acme", "customerId"),
    ],
)
async def test_a_csm_decides_only_what_is_proposed_for_their_own_customers(
    review: Database, address: str, external_id: str, field: str
) -> None:
    joe = await csm(review, "joe@us.example")
    before = await everything(review)
    for decide in (confirm, reject):
        with pytest.raises(DomainError) as refused:
            await decide(review, joe, address, external_id)
        assert (refused.value.code, refused.value.field) == ("NOT_FOUND", (field,))
    assert await everything(review) == before


async def test_a_refusal_is_the_same_for_what_is_not_there_and_what_is_not_theirs(
    review: Database,
) -> None:
    joe = await csm(review, "joe@us.example")
    beta = await customer(review, "beta")
    said = set()
    for recipient_id in (await recipient(review, "new@acme.com"), 999_999):
        with pytest.raises(DomainError) as refused:
            await confirm_match(
                review, joe, Confirmation(recipient_id, beta), now=NOW, policy=POLICY
            )
        said.add(refused.value.message)
    assert said == {"there is no such recipient, or not for you to decide about"}


async def test_a_recipient_of_a_provisional_campaign_is_not_there(review: Database) -> None:
    await rows(
        review,
        "UPDATE campaign SET is_declared = false, is_provisional = true, detection = $1",
        Detection.TAG,
    )
    with pytest.raises(DomainError) as refused:
        await confirm(review, MANAGER, "new@acme.com", "acme")
    assert (refused.value.code, refused.value.field) == ("NOT_FOUND", ("recipientId",))


async def test_a_stakeholder_of_another_customer_is_refused(review: Database) -> None:
    kim = await value(review, "SELECT id FROM stakeholder WHERE name = 'Kim'")
    before = await everything(review)
    with pytest.raises(DomainError) as refused:
        await confirm(review, MANAGER, "ann@other.com", "beta", stakeholder_id=kim)
    assert (refused.value.code, refused.value.field) == ("NOT_FOUND", ("stakeholderId",))
    assert await everything(review) == before


async def test_an_address_that_another_stakeholder_has_is_not_taken_away(review: Database) -> None:
    kim = await value(review, "SELECT id FROM stakeholder WHERE name = 'Kim'")
    await confirm(review, MANAGER, "new@acme.com", "acme", name="Lee")
    before = await everything(review)
    with pytest.raises(DomainError) as refused:
        await confirm(review, MANAGER, "new@acme.com", "acme", stakeholder_id=kim)
    assert (refused.value.code, refused.value.field) == ("ADDRESS_TAKEN", ("stakeholderId",))
    assert refused.value.message == (
        "“new@acme.com” is the address of stakeholder “Lee” of this customer: "
        "leave stakeholderId out, or change the stakeholder by an import"
    )
    assert await everything(review) == before
