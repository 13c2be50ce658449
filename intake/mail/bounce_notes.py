"""Bounces in plain words, as qmail, Exim, Exchange and many others send them without RFC 3464.

Such a note names the recipient in one of few ways, above the message that it returns. The shapes
are those of the programs' own documentation and source; each has its example in the tests.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from domain.addresses import normalise_or_none
from domain.campaigns import has_reply_mark
from domain.events import EventKind, ReportedEvent
from intake.mail.autoreplies import has_automatic_subject
from intake.mail.bodies import read_text
from intake.mail.bounce_words import class_in_text, is_delay
from intake.mail.bounces import Outcome, returned_message, returned_token, told
from intake.mail.entities import Entity, read_entity
from intake.mail.headers import addresses_in
from intake.mail.message import Mail
from intake.mail.replies import ADDRESSED

LONGEST_NOTE = 8_000
"""Characters of the note that are read, above the returned message."""

MOST_FAILED = 200
"""Recipients of one note."""

_REPORTER = re.compile(
    r"^(?:(?:mailer|mail)[-_.]?(?:daemon|system|delivery|router|robot)|postmaster|mdaemon|"
    r"bounces?|mail-?delivery(?:[-_.]?(?:system|subsystem))?|microsoftexchange[0-9a-f]{20,}|"
    r"symantec_antivirus|maildaemon|mmdf|smtp|qmail|double-?bounce)(?:[+=.-][^@]*)?@",
    re.IGNORECASE,
)
"""Mailboxes that programs report from."""

_REPORTER_NAME = re.compile(
    r"mail(?:er)?[ -](?:delivery )?(?:daemon|system|subsystem|administrator)|mail delivery"
    r"|postmaster"
    r"|system administrator|microsoft outlook|mail router",
    re.IGNORECASE,
)

_SUBJECT = re.compile(
    r"undeliver|delivery[^\n]{0,25}(?:fail|notif|problem|report|error|warning)|failure notice"
    r"|fail(?:ed|ure)[^\n]{0,20}"
    r"(?:mail|deliver|notice)|return(?:ed|ing) (?:mail|message|to sender)"
    r"|mail[^\n]{0,20}(?:fail|return|error)"
    r"|not delivered|did not reach|could not (?:be )?(?:deliver|send)"
    r"|message status - undeliverable|nondeliver"
    r"|non[- ]deliver|unzustellbar|nicht zustellbar|non remis|[ée]chec de (?:la )?remise"
    r"|no se (?:ha )?pud?o"
    r"|no entregado|mancato recapito|onbestelbaar|olevererbart|n[ãa]o entregue|niedor[ęe]cz"
    r"|dostarczen|недоставлен|не доставлено|配信|配達|退信|returned email|delayed|warning:"
    r"|mail ?box (?:full|quota)|user unknown|quota exceeded|message you sent blocked"
    r"|mail system error"
    r"|unable to deliver|rejected:|delivery status",
    re.IGNORECASE,
)

_RETURNED = re.compile(
    r"^(?:[-=*_# >]{2,}[ ]?(?:this is a copy of|below this line|original message"
    r"|returned (?:mail|message)"
    r"|forwarded message|message header|unsent message|copy of (?:your )?message|the header"
    r"|the following is"
    r"|enclosed|transcript of message|here is the message|included is|your message)[^\n]*"
    r"|(?:return-path|received): [^\n]+"
    r"|(?:original message|the original message|message headers?|header of the message"
    r"|your original message)"
    r"[^\n]{0,40}:?\s*$|--- (?:enclosed|below)[^\n]*|.{0,20}a copy of (?:your"
    r"|the) (?:original )?message[^\n]*follows[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
"""The line below which a note without MIME returns the message."""

_OPENING = re.compile(
    r"(?:could|can) ?not be delivered|couldn.t be delivered|(?:un|not |n.t )able to deliver"
    r"|not delivered"
    r"|undeliver|deliver(?:y|ing)[^\n]{0,60}(?:fail|error|problem|postponed|delayed|unsuccess)"
    r"|has been postponed"
    r"|fail(?:ed|ure)[^\n]{0,40}(?:deliver|recipient)|has been returned|returned mail|non-?delivery"
    r"|(?:did|was|has) not (?:reach|been delivered)|permanent (?:fatal )?error"
    r"|message not delivered"
    r"|pas pu [eê]tre (?:d[ée]livr|remis)|konnte nicht zugestellt|nicht erreicht|no pudo entregar",
    re.IGNORECASE,
)
"""How notes begin to say what they are about."""

LONGEST_OPENING = 1_000
"""Characters in which they do."""

_PARAGRAPH = re.compile(r"^[ \t]*<[^\s<>@]{1,64}@[^\s<>]{1,255}>:[ \t]*$", re.MULTILINE)
"""A paragraph of a note in qmail's form (cr.yp.to/proto/qsbmf.txt)."""

_ANNOUNCED = re.compile(
    r"(?:following|these|intended|nachstehende|folgende|suivants?)[^\n]{0,40}(?:recipient"
    r"|address|user|group"
    r"|destination|empf[äa]nger|destinataire)[^\n]{0,60}\n",
    re.IGNORECASE,
)
"""The line below which a note lists whom it is about."""

_FIELD = re.compile(
    r"^(?:return-path|received|message-id|from|date|subject|to|mime-version): ", re.I | re.M
)
"""The first line of a message that was returned as text."""

_A = r"<?([^\s<>@,;:\"'()\[\]]{1,64}@[a-z0-9][a-z0-9.-]{1,250}[a-z0-9])>?"

_ON = r"(?:on|am|le|el) (?:\d|[A-Z][a-z]{2},)"
"""Exchange tells when it gave up."""

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        # Exim and sendmail name what an alias or a forward was made from: that was mailed.
        rf"\((?:generated|expanded) from:? {_A}\)",
        # qmail, Postfix, Courier, Yahoo: the address begins the paragraph that says why.
        r"^[ \t]*<([^\s<>@]{1,64}@[^\s<>]{1,255})>[:,]?(?:[ \t]|\s*$|\()",
        # Exim, Gmail's old form, GroupWise, sendmail, Domino: the address on a line of its own.
        rf"^(?:[ \t]+|To: |Recipient: |-- |[-*•] ?|[ \t]*\"[^\"\n]{{1,100}}\"[ \t]*){_A}"
        rf"[ \t:.,;]*(?:$|\([^)\n]*\)?$|{_ON}|-{{1,2}}|\.\.\.)",
        rf"^{_A}[ \t]*:?[ \t]*(?:$|\(|{_ON}|-{{1,3}} |\.\.\. )",
        # Exchange 2003, hMailServer, MDaemon, Kerio: after words.
        rf"(?:RCPT TO|SMTP=|for recipient|recipient address|failed recipients?|intended recipient"
        rf"|addressed to(?: email address)?)"
        rf"[: ]{{0,3}}<?{_A}",
        rf"(?:deliver(?:ed|y)?|sent|send|message|mail|reach|forwarded)[^\n.]{{0,40}}? (?:to|for) "
        rf"(?:the (?:following )?(?:address|recipient|user|mailbox)[: ]*)?{_A}",
        rf"(?:user|mailbox|recipient|address|account|addressee|adresse"
        rf"|empf[äa]nger)s?[^\n@]{{0,60}}?[ :<(\"']{_A}",
        rf"{_A}[^\n]{{0,40}} (?:does not exist|doesn.t exist|is (?:over|full|unknown|not"
        rf"|invalid)|was not|"
        rf"couldn.t be|could not be|wasn.t|unknown)",
    )
)
"""How a note names whom it is about, the surest way first; the first that finds somebody counts."""

_VERP = re.compile(
    r"[+-](?:[^@+=]*[-.])??([^@+=]{1,64})=([a-z0-9.-]+\.[a-z]{2,63})@", re.IGNORECASE
)
"""A variable envelope return path: `bounces-ada=example.com@…` was mailed to ada@example.com."""


def is_note(mail: Mail) -> bool:
    """Whether a mail looks like a program's note that something could not be delivered."""
    if "x-failed-recipients" in mail.headers:
        return True
    subject = mail.subject or ""
    if has_reply_mark(subject) or has_automatic_subject(subject):
        return False
    says_so = bool(_SUBJECT.search(subject))
    note = note_text(mail.entity)
    is_told = bool(_OPENING.search(note[:LONGEST_OPENING]))
    if _is_from_reporter(mail):
        return says_so or is_told or bool(_PARAGRAPH.search(note))
    return says_so and is_told and not mail.is_sent and bool(_from_note(mail, note))


def _is_from_reporter(mail: Mail) -> bool:
    """A mailbox that programs report from; the null return path alone may be an absence note's."""
    author, written = mail.author or "", mail.headers.first("from")
    return (
        bool(_REPORTER.match(author))
        or bool(_REPORTER_NAME.search(written.partition("<")[0]))
        or not author
    )


def read_note(mail: Mail) -> list[ReportedEvent]:
    """One event for each recipient the note names; one about the message if it names none."""
    note = note_text(mail.entity)
    is_late = is_delay(f"{mail.subject or ''}\n{note}")
    kind = EventKind.DEFERRED if is_late else EventKind.BOUNCED
    failed = list(islice(failed_addresses(mail, note), MOST_FAILED))
    of_all = class_in_text(note)
    outcomes = [
        Outcome(kind, one, class_in_text(around) or of_all, around)
        for one, around in _each_with_its_part(note, failed)
    ]
    unnamed = [Outcome(kind, None, of_all, note)]
    return told(mail, outcomes or unnamed, _returned(mail.entity))


def note_text(entity: Entity) -> str:
    """The note's own words, without the message below them."""
    text = read_text(entity)
    found = _RETURNED.search(text, min(len(text), 40))
    return text[: found.start() if found else LONGEST_NOTE][:LONGEST_NOTE]


def failed_addresses(mail: Mail, note: str) -> Iterator[str]:
    """Whom the note is about, each once: as it says, else as the mail around it shows."""
    own = {normalise_or_none(one) for one in (mail.author, *mail.headers.addresses("to"))}
    for find in _FINDERS:
        found = {
            normal: one
            for one in find(mail, note)
            if (normal := normalise_or_none(one)) is not None
            and normal not in own
            and not _REPORTER.match(normal)
            and not mail.context.is_internal(normal)
        }
        if found:
            yield from found.values()
            return


def _from_header(mail: Mail, note: str) -> list[str]:
    return mail.headers.addresses("x-failed-recipients")


def _from_note(mail: Mail, note: str) -> list[str]:
    announced = _ANNOUNCED.search(note)
    for text in (note[announced.end() :], note) if announced else (note,):
        for pattern in _PATTERNS:
            found = [one.strip(".'") for one in pattern.findall(text)]
            named = [one for one in found if not _is_own(one, mail)]
            if named:
                return named
    return []


def _is_own(address: str, mail: Mail) -> bool:
    return mail.context.is_internal(address) or bool(_REPORTER.match(address))


def _from_return_path(mail: Mail, note: str) -> list[str]:
    found = (_VERP.search(one) for one in mail.headers.addresses(*ADDRESSED))
    return [f"{hit[1]}@{hit[2]}" for hit in found if hit]


def _from_returned(mail: Mail, note: str) -> list[str]:
    """The only recipient of the message that came back."""
    returned = _returned(mail.entity)
    if returned is None:
        return []
    token = returned_token(mail, returned)
    if token is not None:
        return [token.address]
    to = returned.headers.addresses("to")
    return to if len(to) == 1 else []


def _returned(entity: Entity) -> Entity | None:
    """The message that came back: a part of its own, or what stands below the note."""
    attached = returned_message(entity)
    if attached is not None:
        return attached
    text = read_text(entity)
    found = _FIELD.search(text, len(note_text(entity)))
    return read_entity(text[found.start() :].encode()) if found else None


def _only_address(mail: Mail, note: str) -> list[str]:
    found = dict.fromkeys(addresses_in(note.replace("\n", ",")))
    outside = [one for one in found if not _is_own(one, mail)]
    return outside if len(outside) == 1 else []


_FINDERS: tuple[Callable[[Mail, str], list[str]], ...] = (
    _from_header,
    _from_note,
    _from_return_path,
    _from_returned,
    _only_address,
)


def _each_with_its_part(note: str, failed: list[str]) -> Iterator[tuple[str, str]]:
    """Each recipient with the part of the note about it: from its name to the next one's."""
    if len(failed) < 2:
        yield from ((one, note) for one in failed)
        return
    places = sorted((note.find(one), one) for one in failed)
    ends = [*(at for at, _ in places[1:]), len(note)]
    for (start, one), end in zip(places, ends, strict=True):
        yield one, note[start:end] if start >= 0 else note
