"""Subjects that address their reader by name: one bulk send has as many of them as recipients."""

import re
from collections.abc import Iterable, Set
from email.utils import parseaddr
from functools import lru_cache

ELLIPSIS = "…"
"""Stands where a name was."""

SHORTEST_NAME = 2
"""Letters of the shortest name; an initial is none."""

LONGEST_SUBJECT = 500
"""Characters; beyond them nobody is spoken to."""

_NAME = r"[^\W\d_][\w'’.\-]{0,40}(?:\s+[^\W\d_][\w'’.\-]{0,40}){0,2}"
_GREETING = (
    r"(?:hi|hello|hey|dear|hallo|liebe[rs]?|sehr\s+geehrte[rs]?|guten\s+tag|bonjour|salut|cher|chère"
    r"|hola|estimad[oa]|ciao|gentile|beste|hej|kära)\s+"
)
_TITLE = r"(?:(?:mr|mrs|ms|dr|prof|herr|herrn|frau|mme|mlle|sr|sra|sig)\.?\s+){0,3}"
_BEGINNING = re.compile(
    rf"^(?P<before>\s*(?P<greeting>{_GREETING})?{_TITLE})(?P<name>{_NAME})(?=\s*[,!:–—])",
    re.IGNORECASE,
)
_END = re.compile(
    rf"(?P<before>(?:,|\bfor|\bfür|\bpour|\bpara|\bvoor)\s+{_TITLE})(?P<name>{_NAME})(?=[\s?!.…]*$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(rf",\s+{_TITLE}(?P<name>{_NAME})(?=\s*,)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def without_name(subject: str, address: str | None) -> str:
    """The subject without the name by which it addresses its recipient.

    `address` is as reported: its display name and what stands before the @ tell the name. Only
    where a person is spoken to (at the beginning before a comma or the like, at the end after one)
    is anything replaced, so that "Sales update" to sales@example.com stays what it is.
    """
    if not address or len(subject) > LONGEST_SUBJECT:
        return subject
    names = _names(address)
    for place in (_BEGINNING, _END):
        subject = _without(subject, place, names)
    return subject


def _without(subject: str, place: re.Pattern[str], names: Set[str]) -> str:
    found = place.search(subject)
    if found is None or not names >= set(_WORD.findall(found["name"].casefold())):
        return subject
    return f"{subject[: found.start('name')]}{ELLIPSIS}{subject[found.end('name') :]}"


def without_person(text: str, names: Iterable[str], addresses: Iterable[str]) -> str:
    """A subject, or a name made of one, in which nobody of these is spoken to or named in full.

    A first name alone goes where a person is spoken to: "Mark your calendars" stays for Mark, too.
    """
    if len(text) > LONGEST_SUBJECT:
        return text
    words = [_WORD.findall(name) for name in names]
    for full in words:
        if len(full) > 1:
            together = r"[\W_]+".join(map(re.escape, full))
            text = re.sub(rf"(?<!\w){together}(?!\w)", ELLIPSIS, text, flags=re.IGNORECASE)
    known = {word.casefold() for full in words for word in full if len(word) >= SHORTEST_NAME}
    known.update(*map(_names, addresses))
    for place in (_BEGINNING, _BETWEEN, _END):
        text = _without(text, place, known)
    return text


def without_any_name(subject: str) -> str:
    """The subject without what looks like the name of its reader, whoever that is.

    For comparing only: a word in capitals before a comma need not be a name, and all recipients of
    one subject lose it alike.
    """
    found = _BEGINNING.search(subject[:LONGEST_SUBJECT])
    if found is None or subject[found.end("name") :].lstrip()[:1] not in (",", "!"):
        return subject
    is_spoken_to = found["greeting"] is not None or all(
        word[:1].isupper() for word in found["name"].split()
    )
    if not is_spoken_to:
        return subject
    return f"{subject[: found.start('name')]}{ELLIPSIS}{subject[found.end('name') :]}"


@lru_cache(maxsize=4_096)
def _names(address: str) -> frozenset[str]:
    display, bare = parseaddr(address)
    words = _WORD.findall(f"{display} {bare.rpartition('@')[0]}".casefold())
    return frozenset(word for word in words if len(word) >= SHORTEST_NAME)
