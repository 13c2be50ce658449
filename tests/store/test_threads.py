"""Answers find the message they answer to, whoever wrote them and whatever came first."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from domain.events import BounceClass, EventKind, ReportedEvent
from store.answers import answer_some
from store.database import Database
from store.rebuilding import rebuild
from store.recording import record
from store.threads import count_waiting, forget_names, give_up, wake_waiting
from tests.conftest import EMPTY
from tests.jobs.states import derived_state
from tests.store.conversations import (
    NOW,
    POLICY,
    answers,
    bulk,
    directory,
    drain,
    received,
    rows,
    sent,
    tell,
    value,
)

ANNS = "m-ann@acme.com"
"""The reference of Ann's copy of the mail merge."""


@pytest.mark.parametrize(
    "writer", ["ann@acme.com", "Ann@ACME.com", "ann+news@acme.com", "ann.lee@gmail.com",
               "annlee+x@googlemail.com"],
)  # fmt: skip
async def test_a_reply_counts_for_whoever_was_mailed_whichever_address_they_write_from(
    database: Database, writer: str
) -> None:
    await directory(database)
    await tell(database, bulk(), received(writer, ANNS))
    assert await answers(database) == [("REPLIED", "ann@acme.com", "news")]
    assert await value(
        database,
        "SELECT replied_at = '2026-11-20 12:00+00' AND engaged FROM recipient r "
        "JOIN address a ON a.id = r.address_id WHERE a.address = 'ann@acme.com'",
    )
    assert await rows(database, "SELECT kind FROM feed ORDER BY xid, id") == [
        ("RECORDED",),
        ("RECORDED",),
    ]


async def test_a_colleagues_reply_is_their_own_and_proves_a_forward(database: Database) -> None:
    await directory(database)
    await tell(database, bulk(), received("carl@acme.com", "unknown@x", ANNS))
    assert await answers(database) == [
        ("FORWARDED", "ann@acme.com", "news"),
        ("REPLIED", "carl@acme.com", "news"),
    ]
    assert await rows(
        database,
        "SELECT a.address, m.method, m.stakeholder_id FROM match m "
        "JOIN address a ON a.id = m.address_id WHERE a.address LIKE 'carl%'",
    ) == [("carl@acme.com", "DOMAIN", None)]
    assert await value(
        database,
        "SELECT forwarded_at = '2026-11-20 12:00+00' AND replied_at IS NULL FROM recipient r "
        "JOIN address a ON a.id = r.address_id WHERE a.address = 'ann@acme.com'",
    )


async def test_a_colleague_who_was_mailed_too_did_not_get_it_from_anybody(
    database: Database,
) -> None:
    await directory(database)
    bobs = sent("bob@acme.com", "m-bob")
    await tell(database, bulk(), bobs, received("bob@acme.com", ANNS))
    assert await answers(database) == [("REPLIED", "bob@acme.com", "news")]


async def test_a_stranger_answers_for_themselves_and_proves_a_forward(database: Database) -> None:
    await directory(database)
    await tell(database, bulk(), received("zoe@nobody-knows.org", ANNS))
    assert await answers(database) == [
        ("FORWARDED", "ann@acme.com", "news"),
        ("REPLIED", "zoe@nobody-knows.org", "news"),
    ]
    assert await rows(
        database, "SELECT unmatched_reason FROM address WHERE address LIKE 'zoe%'"
    ) == [("UNKNOWN_DOMAIN",)]


async def test_a_message_to_several_tells_of_no_forward(database: Database) -> None:
    await directory(database)
    to_all = [sent(f"{name}@acme.com", "m1") for name in ("ann", "bob", "dan", "eve", "flo")]
    await tell(
        database, to_all, received("bob@acme.com", "m1"), received("gil@acme.com", "m1", mail="r2")
    )
    assert await answers(database) == [
        ("REPLIED", "bob@acme.com", "news"),
        ("REPLIED", "gil@acme.com", "news"),
    ]


async def test_an_auto_reply_is_never_a_reply_whoever_sends_it(database: Database) -> None:
    await directory(database)
    automatic = {"kind": EventKind.AUTO_REPLIED}
    await tell(
        database,
        bulk(),
        received("ann@acme.com", ANNS, **automatic),
        received("tickets@acme.com", ANNS, mail="r2", **automatic),
        received("noreply@helpdesk.example", ANNS, mail="r3", **automatic),
    )
    assert await answers(database) == [("AUTO_REPLIED", "ann@acme.com", "news")] * 3
    assert await value(database, "SELECT count(*) FROM recipient WHERE replied_at IS NOT NULL") == 0
    assert await value(database, "SELECT count(*) FROM address WHERE address LIKE 'tick%'") == 0


async def test_an_auto_reply_to_several_stays_with_the_one_at_its_domain(
    database: Database,
) -> None:
    automatic = {"kind": EventKind.AUTO_REPLIED}
    await tell(
        database,
        [sent("ann@acme.com", "m1"), sent("cy@bolt.com", "m1"), sent("di@bolt.com", "m1")],
        received("tickets@acme.com", "m1", **automatic),
        received("tickets@bolt.com", "m1", mail="r2", **automatic),
    )
    assert await answers(database) == [
        ("AUTO_REPLIED", "ann@acme.com", "news"),
        ("AUTO_REPLIED", None, None),
    ]


async def test_a_bounce_without_its_recipient_is_the_only_ones(database: Database) -> None:
    bounce: dict[str, Any] = {"kind": EventKind.BOUNCED, "bounce": BounceClass.HARD}
    await tell(
        database,
        bulk(),
        received(None, subject=None, message_reference=ANNS, **bounce),
        received(
            "ann.lee@intern.acme.com", subject=None, message_reference="m-p0@elsewhere0.com",
            mail="r2", **bounce,
        ),
    )  # fmt: skip
    assert await answers(database) == [
        ("BOUNCED", "ann@acme.com", "news"),
        ("BOUNCED", "p0@elsewhere0.com", "news"),
    ]
    assert await rows(database, "SELECT a.address, reason FROM suppression s "
                      "JOIN address a ON a.id = s.address_id ORDER BY 1") == [
        ("ann@acme.com", "HARD_BOUNCE"),
        ("p0@elsewhere0.com", "HARD_BOUNCE"),
    ]  # fmt: skip


async def test_what_turns_out_to_be_ambiguous_waits_again_and_counts_for_its_address(
    database: Database,
) -> None:
    bounce = received("x@mx.far.example", "m1", kind=EventKind.BOUNCED, bounce=BounceClass.HARD)
    reasons = "SELECT a.address FROM suppression s JOIN address a ON a.id = s.address_id"
    await tell(database, sent("ann@acme.com", "m1"), bounce)
    assert await answers(database) == [("BOUNCED", "ann@acme.com", "news")]
    assert await rows(database, reasons) == [("ann@acme.com",)]
    await tell(database, sent("cy@bolt.com", "m1"))
    assert await answers(database) == [("BOUNCED", None, None)]
    assert await value(database, "SELECT count(*) FROM orphan") == 1
    assert await rows(database, reasons) == [("x@mx.far.example",)]
    expected = await derived_state(database)
    await empty(database)
    await tell(database, bounce, sent("cy@bolt.com", "m1"), sent("ann@acme.com", "m1"))
    assert await derived_state(database) == expected


async def test_an_unsubscription_by_mail_counts_for_whoever_was_mailed(database: Database) -> None:
    await directory(database)
    left = received("carl@acme.com", ANNS, kind=EventKind.UNSUBSCRIBED, subject="unsubscribe")
    await tell(database, bulk(), left)
    assert await answers(database) == [("UNSUBSCRIBED", "ann@acme.com", "news")]


async def test_a_mail_without_a_thread_answers_to_the_last_of_its_subject(
    database: Database,
) -> None:
    await directory(database)
    old = {"occurred_at": NOW - timedelta(days=9)}
    await tell(
        database,
        [sent("ann@acme.com", "old", **old), sent("ann@acme.com", "new")],
        received("ann+x@acme.com", subject="AW:  NEWS"),
    )
    assert await answers(database) == [("REPLIED", "ann@acme.com", "news")]
    assert await value(
        database,
        "SELECT m.reference FROM event e JOIN message m ON m.recipient_id = e.recipient_id "
        "WHERE e.kind = 'REPLIED'",
    ) == "new"  # fmt: skip


@pytest.mark.parametrize(
    ("days", "subject", "is_found"),
    [(29, "Re: News", True), (31, "Re: News", False), (1, "Re: Newsletter", False), (1, "", False)],
)
async def test_by_subject_only_what_was_sent_in_the_thirty_days_before_counts(
    database: Database, days: int, subject: str, is_found: bool
) -> None:
    at = NOW - timedelta(days=days)
    await tell(
        database, sent("ann@acme.com", occurred_at=at), received("ann@acme.com", subject=subject)
    )
    expected = ("ann@acme.com", "news") if is_found else (None, None)
    assert await answers(database) == [("REPLIED", *expected)]
    assert await waiting(database) == (0 if is_found else 1, 0)


async def test_by_subject_a_mail_merge_is_found_that_greets_by_name(database: Database) -> None:
    await directory(database)
    names = ("Ann", "Bob", "Cleo", "Dora", "Emil", "Finn")
    merge = [sent(f"{n.lower()}@acme.com", f"g-{n}", subject=f"{n}, your report") for n in names]
    await tell(database, merge, received("ann@acme.com", subject="Re: Ann, your report"))
    assert await value(
        database,
        "SELECT a.address FROM event e JOIN recipient r ON r.id = e.recipient_id "
        "JOIN address a ON a.id = r.address_id WHERE e.kind = 'REPLIED'",
    ) == "ann@acme.com"  # fmt: skip


async def test_a_colleague_without_a_thread_is_not_guessed_at(database: Database) -> None:
    await directory(database)
    await tell(database, bulk(), received("carl@acme.com"))
    assert await answers(database) == [("REPLIED", None, None)]


async def waiting(database: Database) -> tuple[int, int]:
    async with database.connection() as connection:
        return await count_waiting(connection)


async def test_a_reply_within_a_conversation_counts_for_the_campaign_it_came_from(
    database: Database,
) -> None:
    await directory(database)
    personal = sent("ann@acme.com", "s2", subject="Re: Your question")
    await tell(database, bulk(), personal, received("ann@acme.com", "s2", "r0", ANNS))
    assert await answers(database) == [("REPLIED", "ann@acme.com", "news")]


async def test_of_two_campaigns_in_a_thread_the_nearer_one_was_answered(
    database: Database,
) -> None:
    await directory(database)
    await tell(
        database,
        bulk(),
        bulk("n", "Step two"),
        received("ann@acme.com", "n-ann@acme.com", ANNS),
    )
    assert await answers(database) == [("REPLIED", "ann@acme.com", "step two")]


async def test_a_mail_seen_twice_is_one_reply(database: Database) -> None:
    """By BCC and by the mailbox: the same Message-ID, at the same time of its own."""
    await directory(database)
    reply = received("ann@acme.com", ANNS)
    await tell(database, bulk(), reply, reply, [reply, reply])
    assert await value(database, "SELECT count(*) FROM event WHERE kind = 'REPLIED'") == 1
    assert await value(database, "SELECT count(*) FROM feed") == 2


async def test_an_answer_to_a_message_of_a_provider_is_found_by_its_message_id(
    database: Database,
) -> None:
    """Journaling sees the Message-ID, the webhook does not."""
    await directory(database)
    clicked = ReportedEvent(
        "sendgrid", EventKind.CLICKED, NOW - timedelta(hours=1), "ann@acme.com",
        message_reference="XYZ", campaign_id="spring", url="https://us.example",
    )  # fmt: skip
    journaled = sent("ann@acme.com", "id@us.example", message_reference="XYZ", carrier="sendgrid")
    reply = received("ann@acme.com", "id@us.example")
    for order in permutations([clicked, journaled, reply]):
        await empty(database)
        await tell(database, *order)
        assert await answers(database) == [("REPLIED", "ann@acme.com", "spring")]


async def test_message_ids_are_forgotten_when_their_time_is_over(database: Database) -> None:
    await directory(database)
    for name in ("old", "new"):
        await tell(
            database,
            sent("ann@acme.com", f"{name}@us.example", message_reference=name, carrier="sendgrid"),
        )
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE message_alias SET learned_at = $1 WHERE reference = 'old'", NOW
        )
        assert await forget_names(connection, NOW) == 0
        assert await forget_names(connection, NOW + timedelta(seconds=1)) == 1
        assert await connection.fetchval("SELECT array_agg(reference) FROM message_alias") == [
            "new"
        ]


async def empty(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(EMPTY)


CONVERSATION = [
    [sent("ann@acme.com", "m1", subject="News")],
    [sent(f"p{n}@elsewhere{n}.com", f"m-{n}", subject="News") for n in range(5)],
    [received("carl@acme.com", "s1", "m1")],
    [sent("carl@acme.com", "s1", subject="Re: News", occurred_at=NOW - timedelta(days=2))],
    [received("ann@acme.com", mail="r3", subject="Re: News"),
     received("tickets@acme.com", "m1", mail="r4", kind=EventKind.AUTO_REPLIED)],
]  # fmt: skip


@pytest.mark.parametrize("order", [*permutations(range(len(CONVERSATION)))][::7])
async def test_the_outcome_does_not_depend_on_the_order(
    database: Database, order: tuple[int, ...]
) -> None:
    await directory(database)
    await tell(database, *CONVERSATION)
    expected = await derived_state(database)
    await empty(database)
    await directory(database)
    await tell(database, *(CONVERSATION[place] for place in order))
    found = await derived_state(database)
    assert {k: v for k, v in found.items() if v != expected[k]} == {}
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_an_answer_follows_its_message_to_a_better_campaign(database: Database) -> None:
    await directory(database)
    first = sent("ann@acme.com", "m1", carrier="sendgrid", provider_event_id="id1")
    named = ReportedEvent(
        "sendgrid", EventKind.DELIVERED, NOW - timedelta(hours=1), "ann@acme.com",
        message_reference="m1", campaign_id="spring",
    )  # fmt: skip
    await tell(database, first, received("carl@acme.com", "id1"))
    assert await answers(database) == [
        ("FORWARDED", "ann@acme.com", "news"),
        ("REPLIED", "carl@acme.com", "news"),
    ]
    await tell(database, named)
    assert await answers(database) == [
        ("FORWARDED", "ann@acme.com", "spring"),
        ("REPLIED", "carl@acme.com", "spring"),
    ]
    assert await value(database, "SELECT count(*) FROM recipient") == 2


async def test_a_forward_is_taken_back_when_the_writer_turns_out_to_have_been_mailed(
    database: Database,
) -> None:
    await directory(database)
    await tell(database, bulk(), received("bob@acme.com", ANNS))
    assert ("FORWARDED", "ann@acme.com", "news") in await answers(database)
    await tell(database, sent("bob@acme.com", "m-bob"))
    assert await answers(database) == [("REPLIED", "bob@acme.com", "news")]
    assert (
        await value(database, "SELECT count(*) FROM recipient WHERE forwarded_at IS NOT NULL") == 0
    )
    told = dict(await rows(database, "SELECT kind, count(*) FROM feed GROUP BY kind"))
    assert told["REMOVED"] == 1
    await empty(database)
    await directory(database)
    await tell(database, sent("bob@acme.com", "m-bob"), bulk(), received("bob@acme.com", ANNS))
    assert await answers(database) == [("REPLIED", "bob@acme.com", "news")]


async def test_what_moves_before_anybody_was_told_is_told_once_where_it_belongs(
    database: Database,
) -> None:
    named = ReportedEvent(
        "sendgrid", EventKind.DELIVERED, NOW - timedelta(hours=1), "ann@acme.com",
        message_reference="m1", campaign_id="spring",
    )  # fmt: skip
    first = sent("ann@acme.com", "id1", carrier="sendgrid", message_reference="m1")
    others = [sent(f"p{n}@elsewhere{n}.com", f"o{n}", carrier="sendgrid") for n in range(5)]
    reports = [first, *others, received("bob@acme.com", "id1"), named, sent("bob@acme.com", "o9",
               carrier="sendgrid", campaign_id="spring")]  # fmt: skip
    await directory(database)
    await tell(database, *reports)
    expected = await derived_state(database)
    await empty(database)
    await directory(database)
    for event in reports:
        await record(database, [event], NOW + timedelta(minutes=1), POLICY)
        async with database.transaction() as connection:
            await answer_some(connection, POLICY)
    assert await value(database, "SELECT count(*) FROM feed") == 0
    await drain(database)
    assert await derived_state(database) == expected
    assert await rows(database, "SELECT kind FROM feed WHERE kind <> 'RECORDED'") == []


async def test_whoever_learns_the_message_at_the_same_time_is_seen_by_the_second_look(
    database: Database,
) -> None:
    await directory(database)
    await tell(database, received("ann@acme.com", ANNS))
    assert await rows(database, "SELECT due_at > now() FROM thread_queue") == [(True,)]
    await record(database, bulk(), NOW, POLICY)
    async with database.connection() as connection:
        # Who learned the message has not seen the answer, and left no note.
        await connection.execute("DELETE FROM thread_queue WHERE due_at <= now()")
        await connection.execute("UPDATE thread_queue SET due_at = now()")
    await drain(database)
    assert await answers(database) == [("REPLIED", "ann@acme.com", "news")]


async def test_after_thirty_days_what_answers_to_nothing_is_given_up_and_counted(
    database: Database,
) -> None:
    await directory(database)
    await tell(
        database,
        bulk(),
        received("ann@acme.com", ANNS),
        received("ann@acme.com", "x", mail="r2", subject=None),
    )
    async with database.transaction() as connection:
        assert await give_up(connection, NOW - timedelta(days=365)) == 0
        before = await connection.fetchval("SELECT now() + interval '1 second'")
        assert await give_up(connection, before) == 2
    assert await waiting(database) == (0, 1)
    assert await value(database, "SELECT count(*) FROM thread_reference") == 0
    assert await value(database, "SELECT count(*) FROM event WHERE kind = 'REPLIED'") == 2
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_what_is_learned_without_a_note_is_found_when_all_are_looked_at(
    database: Database,
) -> None:
    """Who wrote turns out to be Ann: a person says whose address it is."""
    await directory(database)
    hers = ReportedEvent(
        "sendgrid", EventKind.CLICKED, NOW, "ann@private.example", campaign_id="spring",
        url="https://us.example",
    )  # fmt: skip
    await tell(database, hers, bulk(), received("ann@private.example"))
    assert await answers(database) == [("REPLIED", None, None)]
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO match (address_id, customer_id, stakeholder_id, method, confidence) "
            "SELECT a.id, s.customer_id, s.id, 'MANUAL', 1 FROM address a, stakeholder s "
            "WHERE a.address = 'ann@private.example' AND s.name = 'ann'"
        )
        await wake_waiting(connection)
    await drain(database)
    assert await answers(database) == [("REPLIED", "ann@acme.com", "news")]
