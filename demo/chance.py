"""Chance that can be repeated: every decision draws from a generator of its own name."""

import unicodedata
from collections.abc import Sequence
from random import Random

SPELLINGS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "å": "a", "ı": "i", "ß": "ss"}
)


def named(seed: int, *what: object) -> Random:
    """The generator for one decision: the same for the same names, whatever was drawn elsewhere."""
    return Random(":".join(map(str, (seed, *what))))


def weighted(chance: Random, weights: Sequence[tuple[str, float]]) -> str:
    """One of the names, by weight; the weights sum to 1."""
    rest = chance.random()
    for name, weight in weights:
        rest -= weight
        if rest < 0:
            return name
    return weights[-1][0]


def spelled(name: str) -> str:
    """A name as people spell it in an address: small letters of ASCII, no spaces."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(SPELLINGS))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
