"""Signing certificates, fetched once from where the caller has made sure they may come from."""

from collections.abc import Awaitable, Callable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from intake.requests import Refused

Fetch = Callable[[str], Awaitable[bytes]]
"""URL → the bytes found there. Raises ConnectionError when the other side cannot be reached now,
ValueError when it has no such thing."""

KEPT = 16
"""Certificates remembered: Amazon SNS has one a region, and changes them every year or so."""


class Certificates:
    """Public keys by the URL of their certificate; one of these lives as long as the process."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, RSAPublicKey] = {}

    async def key(self, url: str) -> RSAPublicKey:
        """The RSA key of the PEM certificate at `url`. Raises Refused: 503 if it may work later."""
        if url not in self._keys:
            key = _read(await self._load(url))
            while len(self._keys) >= KEPT:
                del self._keys[next(iter(self._keys))]
            self._keys[url] = key
        return self._keys[url]

    async def _load(self, url: str) -> bytes:
        try:
            return await self._fetch(url)
        except (ConnectionError, TimeoutError) as error:
            message = "The certificate that signed this cannot be fetched now; send it again later."
            raise Refused(503, "CERTIFICATE_UNAVAILABLE", message) from error
        except ValueError as error:
            raise _unusable() from error


def _read(pem: bytes) -> RSAPublicKey:
    try:
        key = x509.load_pem_x509_certificate(pem).public_key()
    except ValueError as error:
        raise _unusable() from error
    if not isinstance(key, RSAPublicKey):
        raise _unusable()
    return key


def _unusable() -> Refused:
    return Refused(403, "WRONG_SIGNATURE", "The signing certificate's URL has no RSA certificate.")
