"""What a link is about, from its address alone; and which links tell of the send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.topics import LEARNED_LINKS, is_shared, least_links, topics_of


@pytest.mark.parametrize(
    ("url", "topics"),
    [
        ("https://us.example/blog/spring-release-notes.html", ("spring release notes", "blog")),
        ("https://us.example/pricing?utm_source=mail&utm_campaign=Spring_2026",
         ("spring 2026", "pricing")),
        ("https://us.example/webinar/q4-roadmap?utm_content=hero-image",
         ("hero image", "q4 roadmap", "webinar")),
        ("https://us.example/", ()),
        ("https://us.example/unsubscribe/now", ()),
        ("https://us.example/c/7f3c9e1a2b4d5f6a", ()),
        ("https://us.example/en/index.html", ()),
        ("https://us.example/caf%C3%A9", ("café",)),
        ("http://[damaged", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_topics_come_from_utm_parameters_and_path(url: str, topics: tuple[str, ...]) -> None:
    assert topics_of(url) == topics


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://us.example/webinar/q4-release-notes-2026", True),
        ("https://us.example/blog?page=2&utm_campaign=spring", True),
        ("https://ct.platform.example/ls/click?upn=u001.aB3dE5fG7hJ9kL1mN3pQ", False),
        ("https://us.example/opt-out", False),
        ("https://us.example/view?to=ann%40acme.com", False),
        ("https://us.example/s/1234567890", False),
        ("https://us.example/2026/11/22", True),
        ("http://[damaged", False),
    ],
)
def test_a_link_with_a_token_of_its_reader_tells_nothing_of_the_send(
    url: str, expected: bool
) -> None:
    assert is_shared(url) is expected


def test_the_least_links_are_kept_whatever_came_first() -> None:
    urls = tuple(f"https://us.example/page-{n:03}" for n in range(LEARNED_LINKS + 20))
    assert least_links(urls[::-1]) == list(urls[:LEARNED_LINKS])
    assert least_links(("ftp://a.example/x", "https://a.example/a b", "https://a.example/\0")) == []


@given(st.text())
def test_any_text_is_read(url: str) -> None:
    assert len(topics_of(url)) <= 5
    is_shared(url)
