"""The HTML of a mail made to tell what became of it: links rewritten, a pixel, a decoy.

Whatever is not a tracked link stays as it was, to the byte.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape

from domain.tracking import MailLink
from intake.markup import COMMENT, OPEN, Tag, Value, attributes, tags

UNSUBSCRIBE_MARK = "{{unsubscribe}}"
"""What the writer of a mail puts where the address of our unsubscribe page is to stand."""

LONGEST_URL = 2_048
"""Bytes of a link, before and after: what browsers agree on, and what an index takes."""

_CONDITION = re.compile(r"<!--\[if [^\]>]*\]>", re.IGNORECASE)
"""Outlook reads on in such a comment, which is where its buttons are."""

_LINKING = ("a", "area")
"""Elements that lead somewhere when followed; within Outlook's comments its own (`v:…`) do too."""

_WEB = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_BLANK = "".join(map(chr, range(0x21)))
_IGNORED = str.maketrans("", "", "\t\n\r")
_TEMPLATE = re.compile(r"\{\{|\{%|<%|%%|\*\||\$\{|\[\[")
"""How placeholders of common mailers begin; what is filled in later must not be sealed now."""

_UNSUBSCRIBING = re.compile(
    r"unsubscri|opt[-_.]?out|abmeld|abbestell|desabonn|d%C3%A9sabonn|desinscri"
    r"|cancelar-?suscripcion|disiscri|uitschrij|email[-_]?preferences",
    re.IGNORECASE,
)
_OPT_OUT = "data-track"
"""`data-track="off"` keeps a link as it is."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What goes into the mail: `click` makes a link's tracked address; the others are addresses.

    `ours` are the beginnings of our own doors' addresses: those are left alone. Without consent
    there is no click, pixel or decoy.
    """

    ours: tuple[str, ...]
    unsubscribe: str
    click: Callable[[str], str] | None = None
    pixel: str | None = None
    decoy: str | None = None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The HTML, and the web links in it, each once, in their order."""

    html: str
    links: tuple[MailLink, ...]


def rewrite(html: str, marks: Marks) -> Rewritten:
    """Put the marks into a mail's HTML."""
    links: dict[str, MailLink] = {}
    parts: list[str] = []
    at = 0
    spans = list(tags(html))
    for value in _hrefs(html, spans):
        new = _new_address(value.text, marks, links)
        if new is not None:
            parts += (html[at : value.start], new)
            at = value.end
    end = max(at, _end(html, spans))
    parts += (html[at:end], _hidden(marks), html[end:])
    return Rewritten("".join(parts), tuple(links.values()))


def _hrefs(html: str, spans: Iterable[Tag]) -> Iterator[Value]:
    """Where links are, those too that Outlook alone sees."""
    for tag in spans:
        if tag.name == COMMENT:
            if condition := _CONDITION.match(html, tag.start, tag.end):
                yield from _hrefs(html, tags(html, condition.end(), tag.end))
        elif tag.name in _LINKING or tag.name.startswith("v:"):
            value = _href(html, tag)
            if value is not None:
                yield value


def _href(html: str, tag: Tag) -> Value | None:
    """Where a tag's address stands, unless its writer said to leave it alone."""
    found = attributes(html, tag)
    if _OPT_OUT in found and found[_OPT_OUT].text.strip().lower() == "off":
        return None
    return found.get("href")


def _new_address(text: str, marks: Marks, links: dict[str, MailLink]) -> str | None:
    """What is to stand in place of a link's address; None for the same. Notes the link."""
    if text.strip() == UNSUBSCRIBE_MARK:
        return marks.unsubscribe
    url = web_address(text)
    if url is None or url.startswith(marks.ours):
        return None
    known = links.get(url)
    if known is None:
        known = links[url] = MailLink(url, _tracked(url, marks))
    return known.tracked_url


def web_address(text: str) -> str | None:
    """The address as a browser would take it from a link; None for what is none of the web."""
    url = text.strip(_BLANK).translate(_IGNORED)
    if not _WEB.match(url) or _TEMPLATE.search(url):
        return None
    try:
        return url if len(url.encode()) <= LONGEST_URL else None
    except UnicodeEncodeError:
        return None


def _tracked(url: str, marks: Marks) -> str | None:
    if marks.click is None or _UNSUBSCRIBING.search(url):
        return None
    tracked = marks.click(url)
    return tracked if len(tracked) <= LONGEST_URL else None


def _end(html: str, spans: list[Tag]) -> int:
    """Where something can be added below the text: before the body's end tag, else at the end.

    Not within what never ends, where it would be shown as text or swallowed.
    """
    for tag in reversed(spans):
        if tag.name == "/body":
            return tag.start
    return spans[-1].start if spans and spans[-1].name == OPEN else len(html)


def _hidden(marks: Marks) -> str:
    """The decoy, which people neither see nor hear nor reach by keyboard, and the pixel."""
    decoy = pixel = ""
    if marks.decoy is not None:
        decoy = (
            f'<a href="{escape(marks.decoy)}" style="display:none;mso-hide:all" '
            'aria-hidden="true" tabindex="-1" rel="nofollow"></a>'
        )
    if marks.pixel is not None:
        pixel = (
            f'<img src="{escape(marks.pixel)}" width="1" height="1" alt="" aria-hidden="true" '
            'style="display:block;width:1px;height:1px;border:0">'
        )
    return decoy + pixel
