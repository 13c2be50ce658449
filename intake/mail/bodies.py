"""What a mail says: its text, and the links and images of its HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice

from intake.mail.entities import Entity
from intake.markup import COMMENT, OPEN, Tag, attributes, tags

LONGEST_TEXT = 64 * 1_024
"""Characters of a mail's text that rules look at."""

MOST_ELEMENTS = 500
"""Links and images of one mail that are looked at."""

MOST_TAGS = 5_000
"""Tags of one mail that are looked at; a newsletter that Gmail shows whole has 3,000."""

SILENT = frozenset({"script", "style", "title", "template", "noscript", "head"})
"""Elements whose content nobody sees as text."""

INLINE = frozenset(
    {"a", "b", "i", "u", "em", "strong", "span", "font", "small", "sup", "sub", "img"}
)
"""Elements that do not begin a new line."""

_TEXT_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^]{1,2000}", re.IGNORECASE)
_BLANK = re.compile(r"[ \t\r\xa0]*\n[\s]*")
_TRAILING = ".,;:!?)]*>"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link as it stands in the mail, and the words it stands on ("" where it has none)."""

    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Body:
    """`text` is the plain text (of the HTML, where there is no other); links and images of all."""

    text: str
    anchors: tuple[Anchor, ...] = ()
    images: tuple[str, ...] = ()


def read_body(entity: Entity) -> Body:
    """The text, links and images of a mail, without those of attached messages."""
    plain = _leaf(entity, "text/plain")
    html = _leaf(entity, "text/html")
    if html is None:
        text = plain.text[:LONGEST_TEXT] if plain else ""
        return Body(text, tuple(_text_anchors(text)))
    markup = _read_markup(html.text)
    text = plain.text if plain is not None and plain.text.strip() else markup.text
    return Body(text[:LONGEST_TEXT], markup.anchors, markup.images)


def read_text(entity: Entity) -> str:
    """The text of a mail, as in `read_body`, where its links do not matter."""
    plain = _leaf(entity, "text/plain")
    if plain is not None and (text := plain.text).strip():
        return text[:LONGEST_TEXT]
    html = _leaf(entity, "text/html")
    return _read_markup(html.text).text[:LONGEST_TEXT] if html is not None else ""


def _leaf(entity: Entity, media_type: str) -> Entity | None:
    """The first such leaf that is no attachment."""
    for leaf in entity.leaves():
        disposition = leaf.headers.first("content-disposition").lower()
        if leaf.media_type == media_type and not disposition.startswith("attachment"):
            return leaf
    return None


def _read_markup(document: str) -> Body:
    """What a document shows. Tags alone are looked at, not their tree: any mail is read in linear
    time, where building a tree of it can take the square."""
    words: list[str] = []
    anchors: list[Anchor] = []
    images: list[str] = []
    opened: tuple[str, int] | None = None
    for text, tag in _pieces(document):
        words.append(text)
        if tag is None:
            break
        if opened is not None and tag.name in ("a", "/a"):
            anchors.append(Anchor(opened[0], _shown("".join(words[opened[1] :]))))
            opened = None
        if len(anchors) == MOST_ELEMENTS or len(images) == MOST_ELEMENTS:
            break
        if tag.name in ("a", "area") and (url := _attribute(document, tag, "href")) is not None:
            opened = (url, len(words))
        elif tag.name == "img" and (url := _attribute(document, tag, "src")) is not None:
            images.append(url)
        words.append("" if tag.name.lstrip("/") in INLINE else "\n")
    if opened is not None:
        anchors.append(Anchor(opened[0], ""))
    text = _BLANK.sub("\n", "".join(words)).strip()
    return Body(text, tuple(anchors), tuple(images))


def _pieces(document: str) -> Iterator[tuple[str, Tag | None]]:
    """The text before each tag, and the tag; None after the last."""
    at, silent = 0, ""
    for tag in islice(tags(document), MOST_TAGS):
        if tag.name == OPEN:
            break
        yield ("" if silent else unescape(document[at : tag.start])), tag
        at = tag.end
        if silent:
            silent = "" if tag.name == f"/{silent}" else silent
        elif tag.name in SILENT and tag.name != COMMENT:
            silent = tag.name
    else:
        yield ("" if silent else unescape(document[at : at + LONGEST_TEXT])), None


def _attribute(document: str, tag: Tag, name: str) -> str | None:
    found = attributes(document, tag).get(name)
    return "".join(found.text.split()) if found is not None else None


def _shown(text: str) -> str:
    return " ".join(text.split())


def _text_anchors(text: str) -> list[Anchor]:
    found = _TEXT_URL.findall(text)[:MOST_ELEMENTS]
    return [Anchor(unescape(url).rstrip(_TRAILING), "") for url in found]
