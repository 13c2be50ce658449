"""Which bulk send an event belongs to, and when a send counts as bulk."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from domain.addresses import normalise_or_none
from domain.events import ReportedEvent
from domain.salutations import without_any_name, without_name

LONGEST_NAME = 250
"""Characters of a subject or sender within an id: PostgreSQL indexes no more than 2,704 bytes."""

DAY_SECONDS = 86_400
QUIET_HOUR_SECONDS = 3 * 3_600
"""Days of weak evidence begin at 03:00 UTC, when the fewest businesses anywhere send."""


LAST_DAY = 2_900_000
"""The year 9909: a mail's date can be any, and Python's calendar ends soon after."""


class Detection(StrEnum):
    """How the service knows of a campaign, strongest first."""

    DECLARED = "DECLARED"
    CAMPAIGN_ID = "CAMPAIGN_ID"
    TAG = "TAG"
    SUBJECT = "SUBJECT"


DETECTION_CONFIDENCE = {
    Detection.DECLARED: 1.0,
    Detection.CAMPAIGN_ID: 0.95,
    Detection.TAG: 0.8,
    Detection.SUBJECT: 0.7,
}
"""How sure each kind of evidence makes us that the recipients share one bulk send."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an event says about its campaign.

    `order` ranks evidence: of two pieces about one message the smaller wins, whichever came first.
    """

    order: str
    detection: Detection
    external_id: str
    tag: str | None = None
    subject: str | None = None
    sender: str | None = None

    @property
    def is_weak(self) -> bool:
        """Whether it holds for a day only, so that another event of its message may tell better."""
        return self.detection in (Detection.TAG, Detection.SUBJECT)


def evidence(event: ReportedEvent, declared: frozenset[str] = frozenset()) -> Evidence | None:
    """The best evidence an event carries, or None.

    `declared` holds those of its tags that are the external id of a declared campaign.
    """
    for tag in event.tags:
        if tag in declared:
            return _known(tag)
    if event.campaign_id is not None:
        return _known(event.campaign_id)
    day = day_number(event.sent_at or event.occurred_at)
    if event.tags:
        return _tagged(event.tags[0], day)
    if event.sender and (event.subject or event.sent is not None):
        is_own_mail = event.sent is not None and event.carrier is None
        return _by_subject(shown_subject(event) or "", event.sender, day, is_own_mail)
    return None


def shown_subject(event: ReportedEvent) -> str | None:
    """The subject as it may be shown with the campaign: without the recipient's own name."""
    if not event.subject:
        return None
    return without_name(event.subject, event.address).strip() or None


def declared_evidence(external_id: str) -> Evidence:
    """The evidence of an event that names a declared campaign, or one by the provider's id."""
    return _known(external_id)


@lru_cache(maxsize=4_096)
def _known(external_id: str) -> Evidence:
    return Evidence(f"1:{external_id}", Detection.CAMPAIGN_ID, external_id)


@lru_cache(maxsize=4_096)
def _tagged(tag: str, day: int) -> Evidence:
    external_id = f"tag:{tag}:{day:06}"
    return Evidence(f"2:{external_id}", Detection.TAG, external_id, tag=tag)


@lru_cache(maxsize=4_096)
def _by_subject(subject: str, sender: str, day: int, is_own_mail: bool) -> Evidence:
    """By what a mail merge keeps alike. Mail that a person sends as an answer is apart from what it
    answers to; a provider's mail is none, whatever its subject says."""
    sender = normalise_or_none(sender) or sender.strip().lower()
    words = _bounded(normalise_subject(without_any_name(subject)))
    kind = "answer" if is_own_mail and _ANSWER_MARK.search(subject) else "subject"
    external_id = f"{kind}:{_bounded(sender)}:{words}:{day:06}"
    return Evidence(
        f"3:{external_id}", Detection.SUBJECT, external_id, subject=subject, sender=sender
    )


def is_answer(external_id: str) -> bool:
    """Whether a campaign recognised by this id is made of answers of one person to others."""
    return external_id.startswith("answer:")


def _bounded(text: str) -> str:
    """The text if an index can hold it, else its beginning and what tells it from others."""
    if len(text) <= LONGEST_NAME:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[: LONGEST_NAME - len(digest)]}{digest}"


def day_number(at: datetime) -> int:
    """The day a message was sent, counted from 1970, days beginning at the quiet hour."""
    return (int(at.astimezone(UTC).timestamp()) - QUIET_HOUR_SECONDS) // DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The campaign of the same sender and subject a day before or after, and the 24 hours around
    the moment that parts the two."""

    external_id: str
    since: datetime
    until: datetime


def neighbours(external_id: str) -> list[Neighbour]:
    """The two that a send which went on past the quiet hour may have been parted into."""
    kind, _, day = external_id.rpartition(":")
    if not kind.startswith("subject:") or not day.isdecimal() or int(day) > LAST_DAY:
        return []
    found = []
    for other, later in ((int(day) - 1, int(day)), (int(day) + 1, int(day) + 1)):
        parted_at = datetime.fromtimestamp(later * DAY_SECONDS + QUIET_HOUR_SECONDS, UTC)
        half = timedelta(seconds=DAY_SECONDS / 2)
        found.append(Neighbour(f"{kind}:{other:06}", parted_at - half, parted_at + half))
    return found


_ANSWERS = (
    r"re|aw|antw|antwort|sv|vs|vá|odp|res|rif|r|ynt|yanıt|отв|ответ|απ|σχετ|atb|bls"
    r"|回复|答复|回覆|返信|답장|תגובה|رد"
)
_FORWARDS = r"fwd?|wg|wtr|tr|rv|enc|i|doorst|vl|vb|pd|ilt|переслано|转发|轉寄|전달"
"""How mail programs mark the subject of what answers and of what is passed on, by language."""

_NUMBER = r"\s*(?:[\[(^]\d+[\])]?)?\s*:"
_REPLY_MARK = re.compile(rf"^\s*(?:{_ANSWERS}|{_FORWARDS}){_NUMBER}\s*", re.IGNORECASE)
_ANSWER_MARK = re.compile(rf"^\s*(?:{_ANSWERS}){_NUMBER}", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def has_reply_mark(subject: str | None) -> bool:
    """Whether the subject is marked as an answer to, or a forward of, something."""
    return bool(subject and _REPLY_MARK.match(unicodedata.normalize("NFKC", subject)))


@lru_cache(maxsize=4_096)
def normalise_subject(subject: str) -> str:
    """The subject as it is compared: no reply marks, one space, no case."""
    return _SPACE.sub(" ", without_reply_marks(subject)).strip().casefold()


def answered_subject(subject: str) -> str:
    """The subject as an answer is compared with what it answers to, which may greet by name."""
    return normalise_subject(without_any_name(without_reply_marks(subject)))


def without_reply_marks(subject: str) -> str:
    """The subject of what was answered or forwarded."""
    text = unicodedata.normalize("NFKC", subject)
    while (shorter := _REPLY_MARK.sub("", text)) != text:
        text = shorter
    return text


_TRANSACTIONAL = re.compile(
    r"password|passwort|mot de passe|contraseñ|reset link|verif(y|ication)|verify your"
    r"|confirm your|confirmation code|one[- ]time|\botp\b|2fa|two[- ]factor|magic link|sign[- ]in"
    r"|log[- ]?in (code|link|alert)|security (code|alert)|receipt|invoice|rechnung|facture"
    r"|order (confirmation|shipped|#)|your order|payment (failed|received)|welcome to your account",
    re.IGNORECASE,
)


def is_transactional(found: Evidence) -> bool:
    """Whether weak evidence names mail that is sent to one person at a time.

    A popular product resets many passwords a day under one subject: that is no campaign, however
    many recipients it has. A declared campaign or a provider's campaign id is never questioned.
    """
    words = found.tag or found.subject or ""
    return found.is_weak and bool(
        _TRANSACTIONAL.search(words.replace("_", " ").replace("-", " "))
        or _TRANSACTIONAL.search(words)
    )
