"""What an operator decides about the rules; the settings become one frozen value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """`internal_domains` are the company's own registrable domains: nobody there is a customer."""

    internal_domains: frozenset[str] = frozenset()
