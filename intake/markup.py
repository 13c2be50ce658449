"""The tags of an HTML document with their places, found as the HTML standard tokenises (§13.2.5).

A tree of the document could not be written out again as it was. With the places, whoever changes an
attribute changes that alone. Linear in the length, whatever the input.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import NamedTuple


class Tag(NamedTuple):
    """A start tag, an end tag (`name` begins with "/"), or a span that is named COMMENT or OPEN.

    `name` is in lower case; `start` and `end` are offsets into the document.
    """

    name: str
    start: int
    end: int


class Value(NamedTuple):
    """An attribute's value: where it stands, without its quotes, and what it means."""

    start: int
    end: int
    text: str


COMMENT = "!--"
"""The name of a comment's span, and of whatever else the standard skips as one."""

OPEN = ""
"""The name of what never ends: the document's last span, from where text is not shown as text."""

_SPACE = "\t\n\f\r "
_MARK = re.compile(rf"<(?:(/?[A-Za-z][^{_SPACE}/>]*+)|[!?/])")
_TAG_END = re.compile(
    rf"""(?:[{_SPACE}/]*+[^{_SPACE}/>][^{_SPACE}/>=]*+
      (?:[{_SPACE}]*+=[{_SPACE}]*+(?:"[^"]*+"|'[^']*+'|[^{_SPACE}>"'][^{_SPACE}>]*+|(?=>))
        |(?![{_SPACE}]*+=)))*+[{_SPACE}/]*+>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    rf"""([^{_SPACE}/>][^{_SPACE}/>=]*+)
      (?:[{_SPACE}]*+=[{_SPACE}]*+(?:"([^"]*+)"|'([^']*+)'|([^{_SPACE}>"'][^{_SPACE}>]*+)))?+""",
    re.VERBOSE,
)
_COMMENT_END = re.compile(r"--!?>")
_ABRUPT = re.compile(r"<!---?>")

_RAW_END = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE)
    for name in ("style", "xmp", "iframe", "noembed", "noframes", "title", "textarea")
}
"""Elements whose content holds no tags. (`noscript` does hold them: mail runs no scripts.)"""

_SCRIPT = re.compile(rf"<!--|-->|<(/?)script(?=[{_SPACE}/>])", re.IGNORECASE)


def tags(document: str, start: int = 0, end: int | None = None) -> Iterator[Tag]:
    """The tags and comments from `start` to `end`, in their order."""
    end = len(document) if end is None else end
    at = start
    raw: Tag | None = None
    while (mark := _MARK.search(document, at, end)) is not None:
        tag = (_tag if mark[1] else _other)(document, mark, end)
        if tag.name == OPEN and raw is not None:
            # The end tag of an element without tags in it is torn: the element never ends.
            tag = Tag(OPEN, raw.start, end)
        yield tag
        at, raw = tag.end, None
        if tag.name == OPEN:
            return
        if tag.name in _RAW_END or tag.name in ("script", "plaintext"):
            at, raw = _raw_end(document, tag, end), tag
            if at < 0:
                yield Tag(OPEN, tag.start, end)
                return


def attributes(document: str, tag: Tag) -> dict[str, Value]:
    """The attributes of a tag by their names in lower case; of two of a name the first counts."""
    found: dict[str, Value] = {}
    for part in _ATTRIBUTE.finditer(document, tag.start + 1 + len(tag.name), tag.end - 1):
        name = part[1].lower()
        if name not in found:
            group = part.lastindex or 1
            start, end = part.span(group) if group > 1 else (part.end(), part.end())
            found[name] = Value(start, end, attribute_text(document[start:end]))
    return found


def _tag(document: str, mark: re.Match[str], end: int) -> Tag:
    found = _TAG_END.match(document, mark.end(), end)
    if found is None:
        return Tag(OPEN, mark.start(), end)
    return Tag(mark[1].lower(), mark.start(), found.end())


def _other(document: str, mark: re.Match[str], end: int) -> Tag:
    """A comment, or what counts as one."""
    start = mark.start()
    if document.startswith("<!--", start):
        if abrupt := _ABRUPT.match(document, start, end):
            return Tag(COMMENT, start, abrupt.end())
        close = _COMMENT_END.search(document, start + 4, end)
        return Tag(COMMENT, start, close.end()) if close else Tag(OPEN, start, end)
    # "<![CDATA[" is a section within SVG, and elsewhere a comment up to the next ">": hands off
    # either way.
    close_mark = "]]>" if document.startswith("<![CDATA[", start) else ">"
    at = document.find(close_mark, start + 2, end)
    return Tag(OPEN, start, end) if at < 0 else Tag(COMMENT, start, at + len(close_mark))


def _raw_end(document: str, tag: Tag, end: int) -> int:
    """Where the end tag of an element without tags in it begins; -1 if it has none."""
    if tag.name == "script":
        return _script_end(document, tag.end, end)
    if tag.name == "plaintext":
        return -1
    found = _RAW_END[tag.name].search(document, tag.end, end)
    return found.start() if found else -1


def _script_end(document: str, at: int, end: int) -> int:
    """A script that is commented out may hold another with its end tag (§13.2.5.15 and on)."""
    is_escaped = is_doubled = False
    while (found := _SCRIPT.search(document, at, end)) is not None:
        text, at = found.group(), found.end()
        if text == "<!--":
            is_escaped, at = True, found.start() + 2
        elif text == "-->":
            is_escaped = is_doubled = False
        elif found[1] and not is_doubled:
            return found.start()
        else:
            is_doubled = is_escaped and not found[1]
    return -1


_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|([A-Za-z][A-Za-z0-9]*)([;=])?)")


def attribute_text(raw: str) -> str:
    """An attribute's value with its character references replaced.

    `&copy=2` stays as it is in an attribute, unlike in text (§13.2.5.73): addresses need that.
    """
    return _REFERENCE.sub(_replaced, raw) if "&" in raw else raw


def _replaced(found: re.Match[str]) -> str:
    name, follower = found[1], found[2]
    if name is None:
        return unescape(found.group())
    if follower == ";" and f"{name};" in html5:
        return html5[f"{name};"]
    if follower is None and name in html5:
        return html5[name]
    return found.group()
