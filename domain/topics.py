"""What a link is about, as far as its address tells: its path and its UTM parameters."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from domain.text import is_storable

MOST_TOPICS = 5
"""Topics of one link: more tell nothing."""

LONGEST_TOPIC = 60
"""Characters; a longer piece of a path is a title."""

LEARNED_LINKS = 100
"""Links kept of what raw mail tells of one send: the least by alphabet, whatever came first."""

TOKEN_CHARACTERS = 8
TOKEN_CHANGES = 4
"""Letters and digits of a token are at least so many and change at least so often between small
ones, capitals and digits: "7f3c9e1a" is a token, "release2026" is none."""

LONGEST_WORD = 24
"""Letters and digits; something longer with a digit in it is a token."""

LONGEST_NUMBER = 8
"""Digits; a longer number is somebody's, not a date or a page."""

_UTM = ("utm_campaign", "utm_content", "utm_term")
"""What the UTM parameters say of the content; source and medium say how it was sent."""

_STOP = frozenset(
    {
        "a", "amp", "an", "and", "aspx", "at", "by", "c", "click", "ct", "de", "default", "der",
        "die", "das", "e", "el", "en", "et", "for", "from", "go", "home", "htm", "html", "in",
        "index", "jsp", "l", "la", "le", "link", "los", "ls", "of", "on", "or", "page", "pages",
        "php", "r", "ss", "t", "the", "to", "und", "us", "with", "www",
    }
)  # fmt: skip
"""Words that are in every address."""

_FURNITURE = re.compile(
    r"unsub|opt[-_]?out|preferences|abmeld|desab|manage[-_]?subscription|view[-_]?(in[-_]?)?browser"
    r"|webversion|privacy|imprint|impressum|datenschutz|terms",
    re.IGNORECASE,
)
"""What stands in the foot of every mail."""

_LINK = re.compile(r"https?://[^\s/]\S{0,1999}", re.IGNORECASE)
_SPLIT = re.compile(r"[^\w]+|_+")
_CHUNK = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[A-Z]+|[0-9]+|[^\WA-Z0-9_]+")
_EXTENSION = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)


@lru_cache(maxsize=8_192)
def topics_of(url: str) -> tuple[str, ...]:
    """The topics of a link: of its UTM parameters, then of its path, the last piece first.

    Each is lower-case words, e.g. "spring release"; none where the address tells nothing.
    """
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
    except ValueError:
        return ()
    if _FURNITURE.search(parts.path):
        return ()
    pieces = [query[name] for name in _UTM if name in query]
    pieces += reversed([unquote(piece) for piece in parts.path.split("/")])
    found = dict.fromkeys(topic for piece in pieces if (topic := _topic(piece)))
    return tuple(found)[:MOST_TOPICS]


def _topic(piece: str) -> str:
    if _is_token(piece):
        return ""
    words = [word.casefold() for word in _SPLIT.split(_EXTENSION.sub("", piece)) if word]
    if not any(word.isalpha() and word not in _STOP for word in words):
        return ""
    topic = " ".join(words)
    return topic if len(topic) <= LONGEST_TOPIC else ""


def is_shared(url: str) -> bool:
    """Whether a link of a mail is the same for all its recipients, as far as one can see.

    Platforms put a token of each recipient into the links they track, and into those for
    unsubscribing: such links tell nothing about the send.
    """
    try:
        parts = urlsplit(url)
        values = [value for _, value in parse_qsl(parts.query)]
    except ValueError:
        return False
    if _FURNITURE.search(parts.path) or "@" in unquote(f"{parts.path}{parts.query}"):
        return False
    return not any(_is_token(unquote(piece)) for piece in (*parts.path.split("/"), *values))


def _is_token(piece: str) -> bool:
    return any(_is_drawn(chunk) for chunk in _CHUNK.findall(piece))


def _is_drawn(chunk: str) -> bool:
    """Whether letters and digits are mixed as only a machine mixes them."""
    if chunk.isdecimal():
        return len(chunk) > LONGEST_NUMBER
    if len(chunk) < TOKEN_CHARACTERS or not any(map(str.isdecimal, chunk)):
        return False
    return len(chunk) > LONGEST_WORD or len(_RUN.findall(chunk)) > TOKEN_CHANGES


def least_links(links: tuple[str, ...]) -> list[str]:
    """The links of a mail that are kept: shared ones, each once, in order, not too many."""
    kept = {url for url in links if _LINK.fullmatch(url) and is_storable(url) and is_shared(url)}
    return sorted(kept)[:LEARNED_LINKS]
