"""Was it a bulk send: what people say, senders declare, headers tell and recipients add up to."""

from typing import Any

import pytest

from domain.bulk import STRONG, TOO_FEW, Decision, Send, as_decided, decide
from domain.campaigns import Detection
from domain.events import BulkSign

MERGE = "subject:cy@us.example:spring news:020778"


def send(**changes: Any) -> Send:
    values: dict[str, Any] = {
        "detection": Detection.SUBJECT, "external_id": MERGE, "subject": "Spring news",
    }  # fmt: skip
    return Send(**(values | changes))


@pytest.mark.parametrize(
    ("known", "is_bulk", "confidence"),
    [
        ({"externals": 5}, True, 0.7),
        ({"externals": 4}, False, TOO_FEW),
        ({"externals": 0, "is_declared": True}, True, 1.0),
        ({"externals": 900, "said": False}, False, 0.0),
        ({"externals": 0, "said": True}, True, 1.0),
        ({"is_declared": True, "said": False}, False, 0.0),
        ({"detection": Detection.CAMPAIGN_ID, "externals": 5}, True, 0.95),
        ({"detection": Detection.TAG, "tag": "news", "externals": 5}, True, 0.8),
        ({"externals": 900, "subject": "Reset your password"}, False, 0.05),
        ({"externals": 900, "subject": "Reset your password", "said": True}, True, 1.0),
        ({"externals": 1, "signs": frozenset({BulkSign.LIST_ID})}, True, 0.97),
        ({"externals": 0, "signs": frozenset({BulkSign.LIST_ID})}, False, TOO_FEW),
        ({"externals": 1, "signs": frozenset({BulkSign.PRECEDENCE})}, False, TOO_FEW),
        ({"externals": 1, "signs": frozenset({BulkSign.LIST_UNSUBSCRIBE})}, False, TOO_FEW),
        ({"externals": 5, "signs": frozenset({BulkSign.LIST_UNSUBSCRIBE})}, True, 0.8),
        ({"externals": 9, "subject": None}, False, TOO_FEW),
        ({"externals": 9, "external_id": "answer:cy@us.example:news:020778"}, False, TOO_FEW),
    ],
)
def test_a_send_is_decided_by_all_that_is_known_of_it(
    known: dict[str, Any], is_bulk: bool, confidence: float
) -> None:
    decision = decide(send(**known))
    assert (decision.is_bulk, decision.confidence) == (is_bulk, confidence)


def test_receipts_are_no_campaign_even_when_they_can_be_unsubscribed_from() -> None:
    signs = frozenset({BulkSign.LIST_UNSUBSCRIBE_POST})
    assert not decide(send(subject="Your receipt", signs=signs, externals=40)).is_bulk


@pytest.mark.parametrize("sign", list(BulkSign))
def test_only_strong_signs_make_a_single_mail_bulk(sign: BulkSign) -> None:
    strong = {"LIST_UNSUBSCRIBE_POST", "LIST_ID", "FEEDBACK_ID", "PROVIDER_HEADER"}
    decision = decide(send(signs=frozenset({sign}), externals=1))
    assert decision.is_bulk is (sign in strong)
    assert (decision.confidence >= STRONG) is (sign in strong)


def test_the_threshold_is_the_operators() -> None:
    assert decide(send(externals=2), bulk_recipients=2).is_bulk
    assert not decide(send(externals=5), bulk_recipients=6).is_bulk


def test_the_evidence_is_told_in_words() -> None:
    assert decide(send(externals=7, signs=frozenset({BulkSign.PRECEDENCE}))).evidence == (
        "sender, subject and day are the same",
        "at least 5 external recipients",
        "a Precedence header of bulk mail",
    )
    assert decide(send(externals=7, said=False)).evidence == ("a person says that it is none",)


@pytest.mark.parametrize(
    ("known", "is_bulk", "expected"),
    [
        ({}, True, Decision(True, 0.7, ("sender, subject and day are the same",
                                        "at least 5 external recipients"))),
        ({}, False, Decision(False, TOO_FEW, ("fewer than 5 external recipients",))),
        ({"signs": frozenset({BulkSign.LIST_ID})}, True,
         Decision(True, 0.97, ("a List-Id header (RFC 2919)",))),
        ({"said": True}, True, Decision(True, 1.0, ("a person says so",))),
    ],
)  # fmt: skip
def test_a_decision_is_explained_without_counting_recipients(
    known: dict[str, Any], is_bulk: bool, expected: Decision
) -> None:
    assert as_decided(send(**known), is_bulk) == expected
