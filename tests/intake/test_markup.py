"""Tags are found where a real parser of the HTML standard finds them."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from justhtml import JustHTML

from intake.markup import COMMENT, OPEN, Tag, attribute_text, attributes, tags

PIECES = (
    *("<a href=", "<A\nHREF =", "<a ", "</a>", "</A >", "<p>", "<b>", "<br/>", "</body>", "<area "),
    *('"https://x.example/?a=1&amp;b=2"', "'https://x.example/'", "https://x.example/", '"', "'"),
    *(">", "/>", "<", "=", "/", " ", "\t", "&copy=1", "text", "é", "<3", "</>", "</ x>", "<?x>"),
    *("<!--", "-->", "--!>", "<!-->", "<!--->", "<!doctype html>", "<![if mso]>", "<![endif]-->"),
    *("<!--[if mso]>", "<title>", "</title>", "<textarea>", "</textarea>", "<style>", "</style>"),
    *("<script>", "</script>", "</script ", "</titlex", "data-track=off", "href", "a=1 a=2"),
)
"""What mail is made of, and what breaks it."""

documents = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def links_found(document: str) -> list[tuple[int, str]]:
    """Offset and address of every link."""
    found = (t for t in tags(document) if t.name == "a")
    return [
        (t.start, attributes(document, t)["href"].text) for t in found if _has_href(document, t)
    ]


def _has_href(document: str, tag: Tag) -> bool:
    return "href" in attributes(document, tag)


def links_parsed(document: str) -> list[tuple[int, str]]:
    """The same by a whole parser, which may show one twice."""
    parsed = JustHTML(document, sanitize=False, track_node_locations=True, scripting_enabled=False)
    return sorted({(at, href) for at, href in _walk(parsed.root)})


def _walk(node: object) -> Iterator[tuple[int, str]]:
    for child in getattr(node, "children", None) or ():
        if child.name == "a" and "href" in (child.attrs or {}):
            yield child.origin_offset, child.attrs["href"] or ""
        yield from _walk(child)


@given(documents)
@example("<a href=\">x</a><a href='y'>")
@example('<a href=x"y>z</a><a b=\'>\' href="">')
def test_links_are_where_a_whole_parser_finds_them(document: str) -> None:
    assert links_found(document) == links_parsed(document)


@given(documents)
def test_spans_follow_each_other_and_lie_within(document: str) -> None:
    at = 0
    spans = list(tags(document))
    for tag in spans:
        assert at <= tag.start < tag.end <= len(document) or tag.name == OPEN
        at = max(at, tag.end)
    assert OPEN not in {tag.name for tag in spans[:-1]}


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ("a < b and <3", []),
        ("<p>one<P class=x>two</P>", ["p", "p", "/p"]),
        ("<!--[if mso]><a href=x><![endif]--><b>", [COMMENT, "b"]),
        ("<!--><a>--><b>", [COMMENT, "a", "b"]),
        ("<title><a></title><b>", ["title", "/title", "b"]),
        ("<script><!--<script></script><a>--></script><b>", ["script", "/script", "b"]),
        ("<script><!--></script><b>", ["script", "/script", "b"]),
        ("<a title='>' href=x><b>", ["a", "b"]),
        ("<p><a href='x", ["p", OPEN]),
        ("<p><a href='x>y</a>", ["p", OPEN]),
        ('<p><a href = "x>y</a>', ["p", OPEN]),
        ("<p><a href=x'>y</a>", ["p", "a", "/a"]),
        ("<p><!-- x", ["p", OPEN]),
        ("<p><textarea><a>", ["p", "textarea", OPEN]),
        ("<p><plaintext></plaintext>", ["p", "plaintext", OPEN]),
        ("</ a><![if !mso]><?xml?><b>", [COMMENT, COMMENT, COMMENT, "b"]),
        ("<![CDATA[ > <a> ]]><b>", [COMMENT, "b"]),
    ],
)
def test_tags_and_comments_are_told_apart(document: str, names: list[str]) -> None:
    assert [tag.name for tag in tags(document)] == names


def test_attributes_have_their_places_and_the_first_of_a_name_counts() -> None:
    document = "<p><A Href = 'x&amp;y' href=\"z\" download data-n=/1/ e= f=''>"
    tag = list(tags(document))[1]
    found = attributes(document, tag)
    assert {name: value.text for name, value in found.items()} == {
        "href": "x&y",
        "download": "",
        "data-n": "/1/",
        "e": "f=''",
    }
    value = found["href"]
    assert document[value.start : value.end] == "x&amp;y"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("?a=1&amp;b=2", "?a=1&b=2"),
        ("?a=1&b=2", "?a=1&b=2"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("?a=1&copy", "?a=1©"),
        ("?a=1&copy;=2", "?a=1©=2"),
        ("?a=1&copyright", "?a=1&copyright"),
        ("&#104;ttps&#x3A;//x", "https://x"),
        ("&amp", "&"),
        ("&ampx", "&ampx"),
        ("&nosuch;", "&nosuch;"),
    ],
)
def test_character_references_in_attributes(raw: str, text: str) -> None:
    assert attribute_text(raw) == text
    parsed = JustHTML(f'<a href="{raw}">', sanitize=False)
    assert [href for _, href in _walk_unplaced(parsed.root)] == [text]


def _walk_unplaced(node: object) -> Iterator[tuple[int, str]]:
    for child in getattr(node, "children", None) or ():
        if child.name == "a":
            yield 0, child.attrs["href"]
        yield from _walk_unplaced(child)


@pytest.mark.parametrize(
    "piece",
    [
        *("<", "<a ", "<a b='", "</", "<!", "<!--", "<![CDATA[", "<title>", "<title></title"),
        *("<script><!--<script>", "<a b" + " " * 99, "<a =", "&amp", "<div>", "<a href=x>"),
    ],
)
def test_a_megabyte_of_anything_is_read_in_linear_time(piece: str) -> None:
    document = piece * (1_000_000 // len(piece))
    began = time.process_time()
    sum(len(attributes(document, t)) for t in tags(document) if t.name == "a")
    assert time.process_time() - began < 5
