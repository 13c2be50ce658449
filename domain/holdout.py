"""Who gets no recommendations, so that it can be measured what they do (rules: outcomes)."""

from hashlib import blake2b

BUCKETS = 10_000
"""Customers are spread over so many buckets."""

_KEY = b"holdout"
"""Keeps these buckets apart from whatever else is drawn from the same ids."""


def bucket(customer_id: int) -> int:
    """The customer's bucket, 0 to BUCKETS - 1: always the same one."""
    digest = blake2b(customer_id.to_bytes(8, "big"), digest_size=8, key=_KEY).digest()
    return int.from_bytes(digest, "big") % BUCKETS


def is_held_out(customer_id: int, percent: float) -> bool:
    """Whether the customer is among the `percent` in a hundred who get none; who is at a small
    percentage is at a larger one."""
    return bucket(customer_id) < percent * BUCKETS / 100
