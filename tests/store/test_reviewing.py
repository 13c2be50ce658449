"""Decisions about matches: what they write, who may make them, what they do to history."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.campaigns import Detection
from domain.directory import ImportedCustomer, read_customer
from domain.errors import DomainError
from domain.policy import Policy
from domain.registering import DeclaredCampaign
from domain.viewer import Role, Viewer
from store.database import Database
from store.importing import import_customers
from store.matching import rematch_some
from store.registering import register_campaign
from store.reviewing import Confirmation, confirm_match, reject_match

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({"us.example"}))
MANAGER = Viewer(Role.MANAGER, "max")

ADDRESSES = ("new@acme.com", "ann@other.com", "bob@other.com", "free@gmail.com", "me@us.example")


async def rows(database: Database, sql: str, *args: object) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql, *args)]


async def value(database: Database, sql: str, *args: object) -> Any:
    return (await rows(database, sql, *args))[0][0]


@pytest.fixture
async def review(database: Database) -> Database:
    """Acme (Mia's, declares acme.com, has Kim) and Beta (Joe's); one campaign to five addresses."""
    raws = [
        {
            "externalId": "acme",
            "name": "Acme",
            "csm": {"email": "mia@us.example"},
            "domains": ["acme.com"],
            "stakeholders": [{"externalId": "p1", "name": "Kim", "addresses": ["kim@acme.com"]}],
        },
        {"externalId": "beta", "name": "Beta", "csm": {"email": "joe@us.example"}},
    ]
    items = [read_customer(raw, ()) for raw in raws]
    await import_customers(database, [i for i in items if isinstance(i, ImportedCustomer)], now=NOW)
    await register_campaign(
        database, DeclaredCampaign("sendgrid", "launch"), ADDRESSES, now=NOW, policy=POLICY
    )
    await rows(database, "DELETE FROM rematch_queue")
    return database


async def customer(database: Database, external_id: str) -> int:
    return int(await value(database, "SELECT id FROM customer WHERE external_id = $1", external_id))


async def recipient(database: Database, address: str) -> int:
    sql = "SELECT r.id FROM recipient r JOIN address a ON a.id = r.address_id WHERE address = $1"
    return int(await value(database, sql, address))


async def csm(database: Database, email: str) -> Viewer:
    id_ = await value(database, "SELECT id FROM csm WHERE email = $1", email)
    return Viewer(Role.CSM, email, csm_id=id_)


async def matches(database: Database, address: str) -> list[tuple[Any, ...]]:
    return await rows(
        database,
        "SELECT c.external_id, s.name, m.method, m.confidence FROM match m "
        "JOIN address a ON a.id = m.address_id JOIN customer c ON c.id = m.customer_id "
        "LEFT JOIN stakeholder s ON s.id = m.stakeholder_id WHERE a.address = $1 ORDER BY 1",
        address,
    )


async def confirm(
    database: Database, viewer: Viewer, address: str, external_id: str, **more: Any
) -> None:
    await confirm_match(
        database,
        viewer,
        Confirmation(
            await recipient(database, address), await customer(database, external_id), **more
        ),
        now=NOW,
        policy=POLICY,
    )


async def reject(database: Database, viewer: Viewer, address: str, external_id: str) -> None:
    await reject_match(
        database,
        viewer,
        await recipient(database, address),
        await customer(database, external_id),
        now=NOW,
        policy=POLICY,
    )


async def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    tables = (
        "match_decision", "audit", "match", "stakeholder", "stakeholder_address",
        "customer_domain", "rematch_queue",
    )  # fmt: skip
    return [await rows(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


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
