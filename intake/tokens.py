"""What our own links in a mail carry: sealed, so that nobody reads, forges or changes it.

A token is its content under AES-SIV (RFC 5297): deterministic, so that the same link of the same
mail always looks the same, and authenticated, so that whatever does not open was not made by us.
"""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 64
LONGEST = 8_192
"""Characters of a token that is looked at; more does not fit into a request line either."""


class TokenKind(StrEnum):
    """What following the link means; the value stands in the token."""

    OPEN = "o"
    CLICK = "c"
    DECOY = "d"
    UNSUBSCRIBE = "u"
    REPLY = "r"


@dataclass(frozen=True, slots=True)
class Token:
    """Which message to whom: `reference` in the words of `carrier`, the address normalised.

    `url` is where a click leads to; None for the other kinds.
    """

    kind: TokenKind
    carrier: str
    reference: str
    address: str
    url: str | None = None


class Tokens:
    """Seals and opens tokens with keys made from SECRET_KEY."""

    def __init__(self, secret_key: str) -> None:
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"mail tokens")
        self._cipher = AESSIV(derive.derive(secret_key.encode()))

    def seal(self, token: Token) -> str:
        """The token as it stands in a link: URL-safe, without padding."""
        content = [token.kind, token.carrier, token.reference, token.address]
        raw = orjson.dumps([*content, token.url] if token.url is not None else content)
        return base64.urlsafe_b64encode(self._cipher.encrypt(raw, None)).decode().rstrip("=")

    def open(self, text: str) -> Token | None:
        """What `seal` was given; None for whatever it did not make."""
        if len(text) > LONGEST:
            return None
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            kind, *content = orjson.loads(self._cipher.decrypt(sealed, None))
            return Token(TokenKind(kind), *content)
        except (binascii.Error, InvalidTag, ValueError, TypeError):
            return None
