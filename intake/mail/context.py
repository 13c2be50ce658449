"""What reading mail needs to know of the operator."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.addresses import domain_of, normalise_or_none
from intake.tokens import Token


@dataclass(frozen=True, slots=True)
class MailContext:
    """`internal_domains` are the company's own registrable domains: a mail from there was sent by
    us, any other was received. `open_token` opens the tokens of our own links
    (`intake.tokens.Tokens.open`) and answers None for everything else.
    """

    internal_domains: frozenset[str]
    open_token: Callable[[str], Token | None]

    def is_internal(self, address: str) -> bool:
        """Whether the address belongs to the company itself; False for what is no address."""
        normal = normalise_or_none(address)
        return normal is not None and domain_of(normal) in self.internal_domains
