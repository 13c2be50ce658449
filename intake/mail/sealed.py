"""Our own tokens wherever a mail repeats them: in links, in addresses, in a subject."""

import re
from collections.abc import Iterable

from intake.mail.context import MailContext
from intake.tokens import Token, TokenKind

MOST_TRIED = 12
"""Look-alikes of a token that are tried in one mail: each costs a decryption."""

_IN_URL = re.compile(r"/[ocdu]/([A-Za-z0-9_-]{24,8000})")
_IN_ADDRESS = re.compile(r"\+([A-Za-z0-9_-]{24,512})@")
_ALONE = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,8000}(?![A-Za-z0-9_-])")


def token_of_url(url: str, context: MailContext) -> Token | None:
    """The token of one of our links."""
    found = _IN_URL.search(url)
    return context.open_token(found[1]) if found else None


def token_in_urls(text: str, context: MailContext) -> Token | None:
    """The first token in any link that the text repeats, written out or as quoted HTML."""
    return _first(_IN_URL.findall(text), context)


def token_in_addresses(addresses: Iterable[str], context: MailContext) -> Token | None:
    """The token of `reply+TOKEN@…` or `unsubscribe+TOKEN@…`."""
    found = [hit[1] for address in addresses if (hit := _IN_ADDRESS.search(address))]
    return _first(found, context)


def token_in_words(text: str, kind: TokenKind, context: MailContext) -> Token | None:
    """The first token of that kind that stands alone in a text."""
    found = (context.open_token(one) for one in _distinct(_ALONE.findall(text)))
    return next((token for token in found if token is not None and token.kind is kind), None)


def _first(candidates: Iterable[str], context: MailContext) -> Token | None:
    opened = (context.open_token(one) for one in _distinct(candidates))
    return next((token for token in opened if token is not None), None)


def _distinct(candidates: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(candidates))[:MOST_TRIED]
