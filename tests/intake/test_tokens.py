from hypothesis import given
from hypothesis import strategies as st

from intake.tokens import Token, TokenKind, Tokens

TOKENS = Tokens("k" * 48)
CLICK = Token(TokenKind.CLICK, "mail", "m1@us.example", "anna@acme.example", "https://us.example/ü")


def test_a_token_opens_to_what_was_sealed() -> None:
    assert TOKENS.open(TOKENS.seal(CLICK)) == CLICK
    unsubscribe = Token(TokenKind.UNSUBSCRIBE, "sendgrid", "m2", "anna@acme.example")
    assert TOKENS.open(TOKENS.seal(unsubscribe)) == unsubscribe


def test_the_same_link_always_looks_the_same_and_tells_nothing() -> None:
    sealed = TOKENS.seal(CLICK)
    assert sealed == TOKENS.seal(CLICK)
    assert "acme" not in sealed


def test_another_key_opens_nothing() -> None:
    assert Tokens("j" * 48).open(TOKENS.seal(CLICK)) is None


@given(st.data())
def test_a_changed_token_does_not_open(data: st.DataObject) -> None:
    sealed = TOKENS.seal(CLICK)
    at = data.draw(st.integers(0, len(sealed) - 2))
    char = data.draw(st.sampled_from("abcXYZ019-_").filter(lambda c: c != sealed[at]))
    assert TOKENS.open(sealed[:at] + char + sealed[at + 1 :]) is None


@given(st.text())
def test_any_text_can_be_offered(text: str) -> None:
    assert TOKENS.open(text) is None
