"""What stands for an address whose person was erased."""

from functools import lru_cache
from hashlib import blake2b

from domain.addresses import alias_key
from domain.policy import Policy

HASH_BYTES = 16
"""Half of what could be collided by chance among all mailboxes there are."""

MARK = "erased-"
"""How a pseudonym begins; none is an address, for want of an @."""


@lru_cache(maxsize=65_536)
def tombstone(address: str, policy: Policy) -> bytes:
    """What is kept of a normalised address, to know it and its aliases when they come again.

    Keyed by the policy: without SECRET_KEY nobody can try addresses out on it.
    """
    return _hash(alias_key(address), b"mailbox", policy)


def pseudonym(address: str, policy: Policy) -> str:
    """What stands in the place of a normalised address, for it alone."""
    return MARK + _hash(address, b"address", policy).hex()


def is_pseudonym(address: str) -> bool:
    """Whether this stands for an address that was erased."""
    return address.startswith(MARK) and "@" not in address


def _hash(text: str, purpose: bytes, policy: Policy) -> bytes:
    digest = blake2b(digest_size=HASH_BYTES, key=policy.hash_key, person=purpose)
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()
