"""Whether a send was a bulk send: the decision, how sure it is, and what it rests on in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.campaigns import DETECTION_CONFIDENCE, Detection, Evidence, is_answer, is_transactional
from domain.events import BulkSign
from domain.policy import BULK_RECIPIENTS

SIGN_CONFIDENCE: Mapping[BulkSign, float] = {
    BulkSign.LIST_UNSUBSCRIBE_POST: 0.98,
    BulkSign.LIST_ID: 0.97,
    BulkSign.FEEDBACK_ID: 0.96,
    BulkSign.PROVIDER_HEADER: 0.9,
    BulkSign.LIST_UNSUBSCRIBE: 0.8,
    BulkSign.PRECEDENCE: 0.6,
}
"""How sure a header alone makes us. Mail to one person carries List-Unsubscribe, too, and
`Precedence: bulk` is put on automatic answers; the others only on what goes to a list or comes from
a platform for bulk mail."""

STRONG = 0.9
"""From this confidence on, a header makes a send bulk from its first recipient."""

TOO_FEW = 0.2
NO_CAMPAIGN = 0.05
"""How likely it is bulk all the same, with too few recipients, and with words that say otherwise:
such mail turns out to be bulk now and then. Ours, until people's corrections tell better."""

SIGN_WORDS: Mapping[BulkSign, str] = {
    BulkSign.LIST_UNSUBSCRIBE: "a List-Unsubscribe header (RFC 2369)",
    BulkSign.LIST_UNSUBSCRIBE_POST: "a header for unsubscribing in one click (RFC 8058)",
    BulkSign.LIST_ID: "a List-Id header (RFC 2919)",
    BulkSign.PRECEDENCE: "a Precedence header of bulk mail",
    BulkSign.FEEDBACK_ID: "a Feedback-ID header of a bulk sender",
    BulkSign.PROVIDER_HEADER: "headers of a platform for bulk mail",
}

SHARED_WORDS: Mapping[Detection, str] = {
    Detection.DECLARED: "its messages carry the id it was registered with",
    Detection.CAMPAIGN_ID: "the provider's campaign id is the same",
    Detection.TAG: "tag and day are the same",
    Detection.SUBJECT: "sender, subject and day are the same",
}


@dataclass(frozen=True, slots=True)
class Send:
    """What is known of a send.

    `said` is a person's word: True bulk, False not, None nothing. `externals` are its distinct
    external recipients; counting may stop where they are enough.
    """

    detection: Detection
    external_id: str
    tag: str | None = None
    subject: str | None = None
    is_declared: bool = False
    said: bool | None = None
    signs: frozenset[BulkSign] = frozenset()
    externals: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """`confidence` is how likely the send is bulk, 0 to 1, whatever was decided."""

    is_bulk: bool
    confidence: float
    evidence: tuple[str, ...]


def decide(send: Send, bulk_recipients: int = BULK_RECIPIENTS) -> Decision:
    """Whether it is bulk: what a person says, then what the sender declares, then headers and the
    number of external recipients. Mail to one person at a time never is, unless somebody says so.
    """
    if send.said is not None:
        words = "a person says so" if send.said else "a person says that it is none"
        return Decision(send.said, 1.0 if send.said else 0.0, (words,))
    if send.is_declared:
        return Decision(True, 1.0, ("its sender registered it",))
    signs = tuple(SIGN_WORDS[sign] for sign in BulkSign if sign in send.signs)
    against = _against(send)
    if against is not None:
        return Decision(False, NO_CAMPAIGN, (against, *signs))
    by_signs = max((SIGN_CONFIDENCE[sign] for sign in send.signs), default=0.0)
    is_many = send.externals >= bulk_recipients and not _shares_nothing(send)
    many = f"{bulk_recipients} external recipients"
    if is_many:
        confidence = max(by_signs, DETECTION_CONFIDENCE[send.detection])
        return Decision(
            True, confidence, (SHARED_WORDS[send.detection], f"at least {many}", *signs)
        )
    if by_signs >= STRONG and send.externals:
        return Decision(True, by_signs, signs)
    return Decision(False, TOO_FEW, (f"fewer than {many}", *signs))


def as_decided(send: Send, is_bulk: bool, bulk_recipients: int = BULK_RECIPIENTS) -> Decision:
    """The decision that was made, for those who may not see how many recipients there are."""
    for externals in (1, bulk_recipients, 0):
        decision = decide(replace(send, externals=externals), bulk_recipients)
        if decision.is_bulk is is_bulk:
            break
    return replace(decision, is_bulk=is_bulk)


def _against(send: Send) -> str | None:
    found = Evidence("", send.detection, send.external_id, send.tag, send.subject)
    return "its words are those of mail to one person" if is_transactional(found) else None


def _shares_nothing(send: Send) -> bool:
    """Answers to many people, and mails without a subject, are alike without being one send."""
    is_weak = send.detection is Detection.SUBJECT
    return is_weak and (not send.subject or is_answer(send.external_id))
