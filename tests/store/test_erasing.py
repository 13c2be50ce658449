"""Erasure: nothing that names the person is left anywhere; what they did is still counted."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import DomainError
from domain.events import BounceClass, EventKind
from resolvers.importing import take
from store.consent import denied_addresses
from store.database import Database
from store.erasing import erase
from store.erasing_traces import erase_some
from store.payloads import accept, replay
from store.rebuilding import rebuild
from store.recording import RecordOutcome, record
from tests.jobs.mail import NOW, POLICY, directory, drain_of, event, execute, queue, rows
from tests.jobs.test_drain import report

K = EventKind
EVERYTHING = """
SELECT table_name, column_name, data_type = 'bytea' FROM information_schema.columns
WHERE table_schema = 'public' AND (data_type IN ('text', 'character varying', 'jsonb', 'bytea')
    OR (data_type = 'ARRAY' AND udt_name IN ('_text', '_jsonb', '_bytea')))
"""


async def put(database: Database, *events: Any) -> None:
    await record(database, events, NOW, POLICY)
    await drain_of(database).until(0)


async def erased(database: Database, stakeholder_id: int = 1) -> None:
    """Erase and work until it is done."""
    await erase(database, stakeholder_id, by="Ada", policy=POLICY, now=NOW)
    await drain_of(database).until(0)
    assert await rows(
        database, f"SELECT step FROM erasure WHERE stakeholder_id = {stakeholder_id}"
    ) == [("DONE",)]


async def where_is(database: Database, word: str) -> list[tuple[str, str]]:
    """Every column of every table that holds the word, in whatever case."""
    looks = []
    for table, column, is_bytes in await rows(database, EVERYTHING):
        said = f"encode({column}, 'escape')" if is_bytes else f"{column}::text"
        holds = f"SELECT FROM {table} WHERE lower({said}) LIKE '%{word}%'"
        looks.append(f"SELECT '{table}', '{column}' WHERE EXISTS ({holds})")
    return await rows(database, " UNION ALL ".join(looks))


async def differences(database: Database) -> list[str]:
    found = await rebuild(database, POLICY, is_check=True, report=lambda *_: None)
    return [f"{difference.table}: {difference.what}" for difference in found]


async def busy(database: Database) -> None:
    """Ann and Bob, and much about them in many tables."""
    await directory(database)
    payload = [
        event(1, to="Ann@ACME.com", ip="203.0.113.7"),
        event(2, to="ann+news@acme.com", event="click", url="https://x.example/?who=ann@acme.com"),
        event(3, to="bob@acme.com"),
    ]
    await queue(database, *payload)
    await queue(database, event(4, to="bob@acme.com"))
    await accept(
        database,
        "sendgrid",
        headers={"content-type": "application/json"},
        query="who=ann%40acme.com",
        body=b"{ damaged: ann\\u0040acme.com",
        received_at=NOW,
    )
    bounced = report(
        9, kind=K.BOUNCED, bounce=BounceClass.SOFT, detail="550 <ann@acme.com> unknown"
    )
    lost = report(10, kind=K.UNSUBSCRIBED, campaign_id=None, message_reference=None)
    await put(database, bounced, lost, report(11, kind=K.CLICKED, url="https://y.example/#ann"))


async def test_the_test_would_find_the_address_wherever_it_is(database: Database) -> None:
    await busy(database)
    tables = {table for table, _ in await where_is(database, "ann@acme.com")}
    assert {"address", "stakeholder_address", "event", "payload"} <= tables


async def test_nothing_that_names_the_person_is_left_anywhere(database: Database) -> None:
    await busy(database)
    await execute(database, "UPDATE stakeholder SET name = 'Ann Zuckerbrot' WHERE id = 1")
    await execute(
        database,
        "INSERT INTO match_decision (address, customer_id, stakeholder_id, is_confirmed, "
        "decided_by, decided_at) VALUES ('ann@acme.com', 1, 1, true, 'Mia', now())",
    )
    await erased(database)
    for word in ("ann@acme", "ann+news", "ann%40", "ann\\\\u0040", "zuckerbrot", "203.0.113"):
        assert await where_is(database, word) == [], word
    assert await differences(database) == []


async def test_a_subject_made_for_the_person_names_them_no_longer(database: Database) -> None:
    await directory(database)
    await execute(database, "UPDATE stakeholder SET name = 'Ann Zuckerbrot' WHERE id = 1")
    for number, (who, name) in enumerate((("x7", "Ann"), ("bob", "Bob"))):
        # The address tells no name, so that nothing was taken out when it came.
        address = f"{who}@acme.com"
        if who == "x7":
            await execute(
                database,
                f"UPDATE stakeholder_address SET address = '{address}', alias_key = '{address}' "
                "WHERE stakeholder_id = 1",
            )
        await put(
            database,
            *(
                report(
                    10 * number + n,
                    kind=K.DELIVERED,
                    address=address,
                    message_reference=f"{campaign}-{who}",
                    campaign_id=campaign,
                    subject=f'{name}, the "Zuckerbrot" offer for you',
                    sender="mia@us.example",
                )
                for n, campaign in enumerate(("offer", None))
            ),
        )
    named = (
        "SELECT name FROM campaign WHERE reported_subject LIKE 'Ann%' OR mail_subject LIKE 'Ann%'"
    )
    assert await rows(database, named) == [('Ann, the "Zuckerbrot" offer for you',)] * 2
    await execute(
        database,
        "INSERT INTO recommendation (customer_id, stakeholder_id, is_held_out, is_risk, reason, "
        "priority, parts, evidence, evidenced_at, topics, talking_points, named_ids, expires_at, "
        "created_at, changed_at, kind) SELECT 1, 2, false, false, 'Opened ' || name, 1, '[]', "
        "'[]', now(), '[]', jsonb_build_array('About ' || name), '{}', now(), now(), "
        "now(), 'CHECK_IN' "
        "FROM campaign WHERE external_id = 'offer'",
    )

    await erased(database)

    assert await where_is(database, "ann,") == []
    assert await rows(
        database, "SELECT reason, talking_points->>0 FROM recommendation WHERE kind = 'CHECK_IN'"
    ) == [('Opened …, the "Zuckerbrot" offer for you', 'About …, the "Zuckerbrot" offer for you')]
    assert await differences(database) == []


async def test_the_message_ids_of_the_person_go_and_those_of_others_stay(
    database: Database,
) -> None:
    await busy(database)
    await execute(
        database,
        "INSERT INTO message_alias (name, provider, reference) SELECT 'id-' || a.address, "
        "m.provider, m.reference FROM message m JOIN address a ON a.id = m.address_id",
    )
    await erased(database)
    assert {name for (name,) in await rows(database, "SELECT name FROM message_alias")} == {
        "id-bob@acme.com"
    }


async def test_recommendations_name_the_person_no_longer(database: Database) -> None:
    await busy(database)
    about = (
        "(1, {}, false, false, {}, 1, '[]', '[]', now(), '[]', '[\"Ask Ann\"]', {}, now(), "
        "now(), now(), {})"
    )
    await execute(
        database,
        "INSERT INTO recommendation (customer_id, stakeholder_id, is_held_out, is_risk, reason, "
        "priority, parts, evidence, evidenced_at, topics, talking_points, named_ids, expires_at, "
        "created_at, changed_at, kind) VALUES "
        + about.format("NULL", "'Ann Zuckerbrot is dark'", "'{1,2}'", "'CHECK_IN'")
        + ", "
        + about.format("1", "'Ann Zuckerbrot replied'", "'{1}'", "'REPLY_WAITING'"),
    )
    await erased(database)
    assert await rows(database, "SELECT reason, talking_points, named_ids FROM recommendation") == [
        ("It named somebody who was erased.", [], [])
    ]
    assert await where_is(database, "zuckerbrot") == []


async def test_what_the_person_did_still_counts(database: Database) -> None:
    await busy(database)
    counted = """
        SELECT count(*), sum(opens_human), sum(clicks_human), sum(clicks_machine), max(status),
            min(first_open_at), max(last_event_at) FROM recipient
    """
    before = await rows(database, counted)
    await erased(database)
    assert await rows(database, counted) == before
    assert await rows(
        database,
        "SELECT count(*) FROM recipient r JOIN address a ON a.id = r.address_id "
        "WHERE a.unmatched_reason = 'ERASED' AND a.address LIKE 'erased-%'",
    ) == [(2,)]
    assert await rows(database, "SELECT addresses, recipients, events, payloads FROM erasure") == [
        (2, 2, 5, 2)
    ]


async def test_links_keep_their_page_and_bounces_lose_their_words(database: Database) -> None:
    await busy(database)
    await erased(database)
    links = await rows(
        database,
        "SELECT l ->> 'url' FROM recipient r, jsonb_array_elements(r.links) l ORDER BY 1",
    )
    assert links == [("https://x.example/",), ("https://y.example/",)]
    assert await rows(database, "SELECT count(bounce_reason) FROM recipient") == [(0,)]


async def test_followers_are_told_at_once_that_it_is_gone(database: Database) -> None:
    await busy(database)
    told = await rows(
        database,
        "SELECT f.key FROM feed f JOIN recipient r ON r.id = f.recipient_id "
        "JOIN address a ON a.id = r.address_id WHERE a.address LIKE 'ann%' ORDER BY f.key",
    )
    assert len(told) == 4
    await erase(database, 1, by="Ada", policy=POLICY, now=NOW)
    removed = "SELECT key FROM feed WHERE kind = 'REMOVED' ORDER BY key"
    assert await rows(database, removed) == told
    await drain_of(database).until(0)
    assert await rows(database, removed) == told


async def test_others_lose_nothing_but_the_payloads_they_shared(database: Database) -> None:
    await busy(database)
    bob = (
        "SELECT * FROM recipient r JOIN address a ON a.id = r.address_id WHERE address LIKE 'bob%'"
    )
    before = await rows(database, bob)
    await erased(database)
    assert await rows(database, bob) == before
    assert await rows(database, "SELECT id, length(body) > 0 FROM payload ORDER BY id") == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert await rows(database, "SELECT status FROM payload WHERE id = 3") == [("DONE",)]
    async with database.connection() as connection:
        assert await replay(connection, [1, 3]) == 0


async def test_what_is_reported_later_is_not_kept(database: Database) -> None:
    await busy(database)
    await erased(database)
    outcomes = await record(
        database,
        [report(50), report(51, address="Ann+other@acme.com"), report(52, address="bob@acme.com")],
        NOW,
        POLICY,
    )
    assert [(o.outcome, o.refused) for o in outcomes] == [
        (RecordOutcome.REJECTED, "ERASED"),
        (RecordOutcome.REJECTED, "ERASED"),
        (RecordOutcome.RECORDED, None),
    ]
    await queue(database, event(60), event(61, to="bob@acme.com"))
    await drain_of(database).until(0)
    assert await rows(
        database, "SELECT status, events, length(body) FROM payload ORDER BY id DESC LIMIT 1"
    ) == [("DONE", 1, 0)]
    assert await where_is(database, "ann@acme") == []
    assert await differences(database) == []


async def test_duplicates_of_erased_facts_are_refused_too(database: Database) -> None:
    await busy(database)
    await erased(database)
    (found,) = await record(database, [report(11, kind=K.CLICKED)], NOW, POLICY)
    assert found.outcome is RecordOutcome.REJECTED


async def test_a_payload_that_waits_is_worked_off_first_and_then_emptied(
    database: Database,
) -> None:
    await directory(database)
    await put(database, report(0))
    await queue(database, event(5), event(6, to="bob@acme.com"))
    await erase(database, 1, by="Ada", policy=POLICY, now=NOW)
    for _ in range(5):
        async with database.transaction() as connection:
            await erase_some(connection, POLICY, NOW)
    assert await rows(database, "SELECT step FROM erasure") == [("PAYLOADS",)]
    await drain_of(database).until(0)
    assert await rows(database, "SELECT step FROM erasure") == [("DONE",)]
    assert await rows(database, "SELECT status, events, length(body) FROM payload") == [
        ("DONE", 1, 0)
    ]
    assert await where_is(database, "ann@acme") == []


async def test_what_waits_for_the_last_payload_is_done_by_the_same_drain(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory(database)
    await put(database, report(0))
    await queue(database, event(5))
    await erase(database, 1, by="Ada", policy=POLICY, now=NOW)
    drain = drain_of(database)
    store = drain._lanes.store

    async def slow(batch: Any) -> None:
        await asyncio.sleep(0.3)  # by then nothing else is left to do
        await store(batch)

    monkeypatch.setattr(drain._lanes, "store", slow)
    await drain.until(0)
    assert await rows(database, "SELECT step FROM erasure") == [("DONE",)]


async def test_whoever_still_knows_the_address_meanwhile_does_not_bring_it_back(
    database: Database,
) -> None:
    """A transaction that has looked for tombstones, and stores the address when it was erased."""
    await directory(database)
    async with database.transaction() as slow:
        await slow.execute("SELECT pg_current_xact_id()")
        await erase(database, 1, by="Ada", policy=POLICY, now=NOW)
        await drain_of(database).until(0)
        assert await rows(database, "SELECT step FROM erasure") == [("WAIT",)]
        await slow.execute(
            "INSERT INTO address (address, alias_key, domain) "
            "VALUES ('ann@acme.com', 'ann@acme.com', 'acme.com')"
        )
    await drain_of(database).until(0)
    assert await rows(database, "SELECT step FROM erasure") == [("DONE",)]
    assert await where_is(database, "ann@acme") == []


async def test_the_same_person_at_other_customers_goes_as_well(database: Database) -> None:
    await directory(database)
    await execute(
        database,
        "WITH c AS (INSERT INTO customer (external_id, name) VALUES ('globex', 'Globex') "
        "RETURNING id), s AS (INSERT INTO stakeholder (customer_id, name) SELECT id, n FROM c, "
        "unnest(ARRAY['Only Ann', 'Ann and Carl']) n RETURNING id, customer_id, name) "
        "INSERT INTO stakeholder_address (stakeholder_id, customer_id, address, alias_key, domain) "
        "SELECT s.id, customer_id, a, a, 'acme.com' FROM s, unnest(CASE WHEN name = 'Only Ann' "
        "THEN ARRAY['ann@acme.com'] ELSE ARRAY['carl@acme.com'] END) a",
    )
    await put(database, report(0))
    await erased(database)
    assert await rows(database, "SELECT name FROM stakeholder WHERE customer_id = 2") == [
        ("Ann and Carl",)
    ]
    assert await rows(database, "SELECT count(*) FROM match") == [(0,)]


async def test_an_import_does_not_bring_the_person_back(database: Database) -> None:
    await directory(database)
    await erased(database)
    stakeholders = [
        {"name": "Ann", "addresses": ["ann+x@acme.com"]},
        {"name": "Bob", "addresses": ["bob@acme.com", "ANN@acme.com"]},
    ]
    raw = {"externalId": "new", "name": "New", "stakeholders": stakeholders}
    (found,) = await take(database, [((), raw)], now=NOW, policy=POLICY)
    assert (found.outcome.value, list(found.errors)) == ("CREATED", [])
    assert await rows(
        database,
        f"SELECT s.name, a.address FROM stakeholder s JOIN stakeholder_address a "
        f"ON a.stakeholder_id = s.id WHERE s.customer_id = {found.customer_id}",
    ) == [("Bob", "bob@acme.com")]


async def test_our_own_doors_record_nothing_of_somebody_erased(database: Database) -> None:
    await directory(database)
    await erased(database)
    async with database.connection() as connection:
        asked = ["ann@acme.com", "ann+a@acme.com", "bob@acme.com"]
        assert await denied_addresses(connection, asked, POLICY) == set(asked[:2])


async def test_the_audit_says_who_did_it_and_not_to_which_address(database: Database) -> None:
    await directory(database)
    await erased(database)
    assert await rows(database, "SELECT actor, action, subject, detail FROM audit") == [
        ("Ada", "ERASE_STAKEHOLDER", "Customer:1", {"stakeholder_id": 1})
    ]


async def test_erasing_again_says_how_far_it_is(database: Database) -> None:
    await directory(database)
    first = await erase(database, 1, by="Ada", policy=POLICY, now=NOW)
    assert first.completed_at is None
    await drain_of(database).until(0)
    later = NOW + timedelta(days=1)
    again = await erase(database, 1, by="Eve", policy=POLICY, now=later)
    assert (again.id, again.requested_at) == (first.id, NOW)
    assert again.completed_at is not None
    assert await rows(database, "SELECT count(*) FROM audit") == [(1,)]


async def test_nobody_is_not_found(database: Database) -> None:
    with pytest.raises(DomainError, match="no such stakeholder"):
        await erase(database, 99, by="Ada", policy=POLICY, now=NOW)
