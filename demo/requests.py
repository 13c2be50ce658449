"""From acts to the requests that report them, batched as each provider batches."""

from collections.abc import Iterable, Iterator
from itertools import islice

from demo.providers import BATCHED, PAYLOADS
from demo.providers.naming import Payload
from demo.signing import Signed, Signer
from demo.traffic import Act

BATCH = 500
"""Events in a request of a provider that batches."""


def requests(
    acts: Iterable[Act], signer: Signer, *, signed_at: int, batch: int = BATCH
) -> Iterator[Signed]:
    """The signed requests of acts that belong to campaigns of one provider, in order.

    Replies are no provider's business; `demo.doors` tells the service of those.
    """
    found = iter(acts)
    while some := list(islice(found, batch)):
        yield from _sign(some, signer, signed_at)


def is_reported(act: Act) -> bool:
    """Whether the act's provider has a webhook for it."""
    return PAYLOADS[act.campaign.provider](act) is not None


def _sign(acts: list[Act], signer: Signer, signed_at: int) -> Iterator[Signed]:
    provider = acts[0].campaign.provider
    payloads = [p for act in acts if (p := PAYLOADS[provider](act)) is not None]
    for group in _groups(provider, payloads):
        yield signer.sign(provider, group, at=signed_at)


def _groups(provider: str, payloads: list[Payload]) -> Iterator[list[Payload]]:
    if provider in BATCHED:
        if payloads:
            yield payloads
        return
    for payload in payloads:
        yield [payload]
