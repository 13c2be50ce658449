"""From what is called for to what is done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.events import EventKind
from domain.recommending import (
    REST,
    REVERSED,
    Cited,
    Closing,
    Key,
    Kind,
    Part,
    Present,
    Proposal,
    Status,
    Subject,
    reconcile,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANN = Subject(1, 2)
SHARE = Proposal(
    key=Key(Kind.SHARE_CONTENT, ANN),
    reason="Ann followed a link.",
    parts=(Part("urgency of its kind", 30),),
    evidence=(Cited(7, EventKind.CLICKED),),
    evidenced_at=NOW - DAY,
    expires_at=NOW + 29 * DAY,
    due_at=NOW + 4 * DAY,
)
OPEN = Present(5, Status.OPEN, SHARE)


def test_what_is_called_for_and_not_there_is_new() -> None:
    changes = reconcile([SHARE], [], {}, NOW)
    assert (changes.inserted, changes.refreshed, changes.closed) == ([SHARE], [], [])


def test_what_is_there_and_the_same_stays_untouched() -> None:
    changes = reconcile([SHARE], [OPEN], {}, NOW)
    assert (changes.inserted, changes.refreshed, changes.closed) == ([], [], [])


def test_new_evidence_refreshes_and_moves_the_day_it_is_due() -> None:
    newer = replace(SHARE, evidenced_at=NOW, due_at=NOW + 5 * DAY)
    assert reconcile([newer], [OPEN], {}, NOW).refreshed == [(5, newer)]


def test_another_priority_alone_leaves_the_day_it_is_due() -> None:
    other = replace(SHARE, parts=(Part("x", 31),), due_at=NOW + 9 * DAY)
    assert reconcile([other], [OPEN], {}, NOW).refreshed == [
        (5, replace(other, due_at=SHARE.due_at))
    ]


@pytest.mark.parametrize(
    ("present", "closing"),
    [
        (OPEN, Closing(5, Status.WITHDRAWN, "The clicks are no longer theirs.")),
        (replace(OPEN, is_reversed=True), Closing(5, Status.WITHDRAWN, REVERSED)),
        (
            replace(OPEN, content=replace(SHARE, expires_at=NOW)),
            Closing(5, Status.EXPIRED, "Its time has passed."),
        ),
        (replace(OPEN, status=Status.STARTED), None),
        (
            replace(OPEN, status=Status.STARTED, is_reversed=True),
            Closing(5, Status.WITHDRAWN, REVERSED),
        ),
    ],
)
def test_what_is_no_longer_called_for_ends(present: Present, closing: Closing | None) -> None:
    assert reconcile([], [present], {}, NOW).closed == [closing] * (closing is not None)


def test_what_has_expired_is_not_called_for() -> None:
    assert reconcile([replace(SHARE, expires_at=NOW)], [], {}, NOW).inserted == []


def test_an_unsettled_click_neither_opens_nor_ends_anything() -> None:
    unsettled = frozenset({ANN})
    assert reconcile([SHARE], [], {}, NOW, unsettled=unsettled).inserted == []
    assert reconcile([], [OPEN], {}, NOW, unsettled=unsettled).closed == []
    reply = replace(SHARE, key=Key(Kind.REPLY_WAITING, ANN))
    assert reconcile([reply], [], {}, NOW, unsettled=unsettled).inserted == [reply]


@pytest.mark.parametrize(
    ("closed_at", "evidenced_at", "kind", "comes"),
    [
        (NOW - REST, NOW - DAY, Kind.SHARE_CONTENT, True),
        (NOW - REST + timedelta(seconds=1), NOW - DAY, Kind.SHARE_CONTENT, False),
        (NOW - REST, NOW - REST, Kind.SHARE_CONTENT, False),
        (NOW - REST, NOW - 2 * REST, Kind.FIX_ADDRESS, True),
        (NOW - DAY, NOW - 2 * REST, Kind.FIX_ADDRESS, False),
    ],
)
def test_after_a_follow_up_a_kind_rests_and_then_wants_something_new(
    closed_at: datetime, evidenced_at: datetime, kind: Kind, comes: bool
) -> None:
    found = replace(SHARE, key=Key(kind, ANN), evidenced_at=evidenced_at)
    assert reconcile([found], [], {found.key: closed_at}, NOW).inserted == [found] * comes


def test_a_snooze_that_is_over_is_over() -> None:
    asleep = replace(OPEN, status=Status.SNOOZED, snoozed_until=NOW)
    assert reconcile([SHARE], [asleep], {}, NOW).reopened == [5]
    assert reconcile([SHARE], [replace(asleep, snoozed_until=NOW + DAY)], {}, NOW).reopened == []


def test_a_follow_up_under_way_loses_no_time() -> None:
    started = replace(
        OPEN, status=Status.STARTED, content=replace(SHARE, expires_at=NOW + 99 * DAY)
    )
    newer = replace(SHARE, evidenced_at=NOW)
    ((_, content),) = reconcile([newer], [started], {}, NOW).refreshed
    assert content.expires_at == NOW + 99 * DAY
