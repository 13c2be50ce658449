"""What the marketing platforms document, from the stored payload to recipients and counts."""

from typing import Any

import orjson
import pytest

from domain.identity import event_key
from intake.webhooks import stored_headers
from store.database import Database
from store.payloads import accept
from tests.intake.cases import Case
from tests.intake.payloads import braze, customerio, iterable, klaviyo
from tests.intake.signing import NOW, sign
from tests.intake.test_payloads import MODULES
from tests.jobs.mail import drain_of, rows

PLATFORMS = ("customerio", "klaviyo", "mailchimp", "iterable", "braze")


async def queue(database: Database, provider: str, body: bytes) -> None:
    headers = stored_headers(provider, sign(provider, body).headers)
    await accept(database, provider, headers=headers, query="", body=body, received_at=NOW)


@pytest.mark.parametrize("provider", PLATFORMS)
async def test_every_documented_payload_sent_twice_is_stored_once(
    database: Database, provider: str
) -> None:
    cases: list[Case] = MODULES[provider].CASES
    keys = {event_key(event, event.address) for case in cases for event in case.expected}
    for case in (*cases, *reversed(cases)):
        await queue(database, provider, case.raw)

    await drain_of(database).until(0)

    assert await rows(database, "SELECT DISTINCT status, error FROM payload") == [("DONE", None)]
    assert await rows(database, "SELECT count(*) FROM event") == [(len(keys),)]


NEWSLETTERS: dict[str, tuple[dict[str, Any], dict[str, Any], str, str | None]] = {
    "customerio": (
        customerio.body("opened", customerio.DATA | {"prefetched": True}),
        customerio.body("clicked", customerio.DATA | {"href": "https://example.com/news"}),
        "newsletter:12",
        None,
    ),
    "klaviyo": (
        klaviyo.body(
            klaviyo.event("event:klaviyo.opened_email", klaviyo.PROPERTIES | {"machine_open": True})
        ),
        klaviyo.body(
            klaviyo.event("event:klaviyo.clicked_email", klaviyo.PROPERTIES | klaviyo.LINK)
        ),
        "01H7F525FKR31P27Y7PNGVBBKK",
        "Newsletter, March",
    ),
    "iterable": (
        iterable.body("emailOpen", iterable.ACT | {"isBot": True}),
        iterable.body("emailClick", iterable.ACT | iterable.LINK),
        "59667",
        "Newsletter, March",
    ),
    "braze": (
        {"events": [braze.event(braze.EMAIL + "Open", {"machine_open": "true"})]},
        {"events": [braze.event(braze.EMAIL + "Click", braze.LINK)]},
        "11234567-89ab-cdef-0123-456789abcdef",
        "Newsletter, March",
    ),
}
"""A machine's open and a person's click of one newsletter; the campaign's id and name."""


@pytest.mark.parametrize("provider", list(NEWSLETTERS))
async def test_a_platforms_newsletter_to_five_is_a_campaign_with_both_counts(
    database: Database, provider: str
) -> None:
    opened, clicked, external_id, name = NEWSLETTERS[provider]
    for number in range(5):
        for whole in (opened, clicked):
            body = orjson.dumps(whole).replace(b"ada@customer", f"p{number}@customer".encode())
            await queue(database, provider, body)

    await drain_of(database).until(0)

    assert await rows(
        database, "SELECT provider, external_id, name, is_provisional FROM campaign"
    ) == [(provider, external_id, name or "Our news", False)]
    assert await rows(
        database,
        "SELECT opens_human, opens_machine, clicks_human, clicks_machine, count(*) "
        "FROM recipient GROUP BY 1, 2, 3, 4",
    ) == [(1, 1, 1, 0, 5)], "a click implies an open by the same person"
