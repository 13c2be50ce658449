"""What a mail says: its text, and the links and images of its HTML."""

import re
from dataclasses import dataclass
from html import unescape

from selectolax.lexbor import LexborHTMLParser

from intake.mail.entities import Entity

LONGEST_TEXT = 64 * 1_024
"""Characters of a mail's text that rules look at."""

MOST_ELEMENTS = 1_000
"""Links and images of one mail that are looked at."""

_TEXT_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^]{1,2000}", re.IGNORECASE)
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
    tree = LexborHTMLParser(html.text)
    text = plain.text if plain is not None and plain.text.strip() else _html_text(tree)
    return Body(text[:LONGEST_TEXT], _anchors(tree), _images(tree))


def read_text(entity: Entity) -> str:
    """The text of a mail, as in `read_body`, where its links do not matter."""
    plain = _leaf(entity, "text/plain")
    if plain is not None and (text := plain.text).strip():
        return text[:LONGEST_TEXT]
    html = _leaf(entity, "text/html")
    return _html_text(LexborHTMLParser(html.text))[:LONGEST_TEXT] if html is not None else ""


def _leaf(entity: Entity, media_type: str) -> Entity | None:
    """The first such leaf that is no attachment."""
    for leaf in entity.leaves():
        disposition = leaf.headers.first("content-disposition").lower()
        if leaf.media_type == media_type and not disposition.startswith("attachment"):
            return leaf
    return None


def _html_text(tree: LexborHTMLParser) -> str:
    tree.strip_tags(["script", "style", "title", "template", "noscript"])
    body = tree.body
    return body.text(separator="\n", strip=True) if body is not None else ""


def _anchors(tree: LexborHTMLParser) -> tuple[Anchor, ...]:
    found = []
    for node in tree.css("a[href], area[href]")[:MOST_ELEMENTS]:
        url = "".join((node.attributes.get("href") or "").split())
        words = " ".join(node.text(separator=" ", strip=True).split())
        found.append(Anchor(url, words))
    return tuple(found)


def _images(tree: LexborHTMLParser) -> tuple[str, ...]:
    nodes = tree.css("img[src]")[:MOST_ELEMENTS]
    return tuple("".join((node.attributes.get("src") or "").split()) for node in nodes)


def _text_anchors(text: str) -> list[Anchor]:
    found = _TEXT_URL.findall(text)[:MOST_ELEMENTS]
    return [Anchor(unescape(url).rstrip(_TRAILING), "") for url in found]
