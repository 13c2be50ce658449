"""The HTML of a tracked mail: its links, pixel and decoy, and everything else as it was."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from justhtml import JustHTML

from domain.tracking import MailLink
from intake.rewriting import Marks, rewrite
from tests.intake.test_markup import PIECES, documents

MARKS = Marks(
    ours=("https://t.example/c/", "https://t.example/u/"),
    unsubscribe="https://t.example/u/me",
    click=lambda url: f"https://t.example/c/{len(url)}",
    pixel="https://t.example/o/p",
    decoy="https://t.example/c/decoy",
)
UNTRACKED = Marks(ours=MARKS.ours, unsubscribe=MARKS.unsubscribe)
HIDDEN = (
    '<a href="https://t.example/c/decoy" style="display:none;mso-hide:all" aria-hidden="true" '
    'tabindex="-1" rel="nofollow"></a><img src="https://t.example/o/p" width="1" height="1" '
    'alt="" aria-hidden="true" style="display:block;width:1px;height:1px;border:0">'
)
URL = "https://us.example/a"
TRACKED = f"https://t.example/c/{len(URL)}"


def rewritten(html: str) -> str:
    """The HTML without what was hidden in it."""
    return rewrite(html, MARKS).html.replace(HIDDEN, "", 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<a href="{URL}">A</a>', f'<a href="{TRACKED}">A</a>'),
        (f"<A class=x\r\n\tHREF = '{URL}' >", f"<A class=x\r\n\tHREF = '{TRACKED}' >"),
        (f"<a href={URL}>", f"<a href={TRACKED}>"),
        (f'<a href=" {URL}\n">', f'<a href="{TRACKED}">'),
        (f'<area shape=rect href="{URL}">', f'<area shape=rect href="{TRACKED}">'),
        (f'<a href="{URL}" href="{URL}">', f'<a href="{TRACKED}" href="{URL}">'),
        ('<a href="{{unsubscribe}}">', '<a href="https://t.example/u/me">'),
        (
            f'<!--[if mso]><v:roundrect href="{URL}"/><![endif]-->',
            f'<!--[if mso]><v:roundrect href="{TRACKED}"/><![endif]-->',
        ),
        (
            f'<!--[if !mso]><!--><a href="{URL}"><!--<![endif]-->',
            f'<!--[if !mso]><!--><a href="{TRACKED}"><!--<![endif]-->',
        ),
    ],
)
def test_a_link_is_replaced_where_it_stands(before: str, after: str) -> None:
    assert rewritten(before) == after


@pytest.mark.parametrize(
    "html",
    [
        '<a name="top">top</a>',
        "<a>nothing</a>",
        '<a href>x</a><a href="">y</a>',
        '<a href="#top">',
        '<a href="mailto:us@us.example?subject=Hi">',
        '<a href="tel:+49301234">',
        '<a href="/relative">',
        '<a href="//us.example/a">',
        '<a href="javascript:alert(1)">',
        '<a href="https://">',
        '<a href="https:///a">',
        f'<a data-track="off" href="{URL}">',
        f'<a href="{URL}" DATA-TRACK=" Off ">',
        '<a href="https://us.example/Unsubscribe?id=1">',
        '<a href="https://us.example/mail/opt-out">',
        '<a href="https://us.example/newsletter/abmelden">',
        '<a href="https://us.example/{{ id }}">',
        '<a href="https://us.example/*|ID|*">',
        '<a href="{% url %}">',
        '<a href="https://t.example/c/sealed">',
        '<a href="https://t.example/u/sealed">',
        f'<a href="https://us.example/{"x" * 2_048}">',
        f'<link href="{URL}"><base href="{URL}"><form action="{URL}"><img src="{URL}">',
        f'<!-- <a href="{URL}"> -->',
        f'<style>a::after {{ content: "<a href={URL}>" }}</style>',
        f'<textarea><a href="{URL}"></textarea>',
        f"<p>{URL} and &lt;a href={URL}&gt;</p>",
        f'<a title="<a href={URL}>">',
        f"<a href='{URL}",
        f"<!--[if mso]><a href='{URL}<![endif]-->",
        "<!--[if mso]></body><![endif]-->",
        "\ud800<a href='https://us.example/\ud800'>",
        "",
    ],
)
def test_everything_else_stays_to_the_byte(html: str) -> None:
    assert rewritten(html) == html


def test_links_are_told_each_once_in_their_order() -> None:
    html = f'<a href="https://us.example/?a=1&amp;b=2"></a><a href="{URL}"></a><a href="{URL}"></a>'
    html += '<a href="https://us.example/unsubscribe"></a>'
    assert rewrite(html, MARKS).links == (
        MailLink("https://us.example/?a=1&b=2", "https://t.example/c/27"),
        MailLink(URL, TRACKED),
        MailLink("https://us.example/unsubscribe", None),
    )


def test_rewriting_what_was_rewritten_changes_no_link() -> None:
    once = rewrite(f'<a href="{URL}">A</a>', MARKS).html
    assert rewrite(once, MARKS).html == once + HIDDEN


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>x</p>", "<p>x</p>|"),
        ("", "|"),
        ("<html><body>x</body></html>\n", "<html><body>x|</body></html>\n"),
        ("<body>x</BODY\n></html>", "<body>x|</BODY\n></html>"),
        ("<body>x</body><p>late</body>", "<body>x</body><p>late|</body>"),
        ("<body>x<!-- </body> -->", "<body>x<!-- </body> -->|"),
        ('<body>x<p title="</body>">', '<body>x<p title="</body>">|'),
        ("<p>x<!-- open", "<p>x|<!-- open"),
        ("<p>x<a href='", "<p>x|<a href='"),
        ("<p>x<textarea>y", "<p>x|<textarea>y"),
        ("<p>x<textarea>y</textarea ", "<p>x|<textarea>y</textarea "),
        ("<body>x</body><!-- open", "<body>x|</body><!-- open"),
    ],
)
def test_pixel_and_decoy_come_below_the_text(before: str, after: str) -> None:
    assert rewrite(before, MARKS).html == after.replace("|", HIDDEN)


def test_whoever_does_not_want_it_gets_no_pixel_no_decoy_and_the_links_as_they_were() -> None:
    html = f'<body><a href="{URL}">A</a><a href="{{{{unsubscribe}}}}">U</a></body>'
    found = rewrite(html, UNTRACKED)
    assert found.html == f'<body><a href="{URL}">A</a><a href="https://t.example/u/me">U</a></body>'
    assert found.links == (MailLink(URL, None),)


@given(documents)
@example("here</body>there")
@example("<script></script ")
def test_what_people_read_does_not_change(document: str) -> None:
    assert _text(rewrite(document, MARKS).html) == _text(document)


@given(documents)
def test_taking_the_marks_out_gives_the_mail_back(document: str) -> None:
    found = rewrite(document, MARKS)
    bare = found.html.replace(HIDDEN, "", 1)
    shape = re.compile(r"https://(?:t\.example/c/\d+|x\.example/(?:\?a=1&amp;b=2)?)")
    assert shape.sub("L", bare) == shape.sub("L", document)


@given(st.text())
def test_any_text_can_be_given(text: str) -> None:
    assert rewritten(text) == text


def _text(html: str) -> str:
    """What a whole parser shows, decoy and pixel having none."""
    return str(
        JustHTML(html, sanitize=False, scripting_enabled=False).root.to_text(
            separator="", strip=False
        )
    )


def test_a_megabyte_takes_a_moment() -> None:
    html = f'<p style="margin:0">hello <a href="{URL}">x</a> world</p>\n' * 14_000
    began = time.process_time()
    found = rewrite(html, MARKS).html
    assert time.process_time() - began < 2
    assert found.count(TRACKED) == 14_000


def test_the_pieces_hold_a_link_to_rewrite() -> None:
    assert '"https://x.example/?a=1&amp;b=2"' in PIECES
