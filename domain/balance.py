"""What folding takes from facts, as a value that can stand for facts no longer kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self

from domain.events import Actor, BounceClass, EventKind
from domain.facts import Fact
from domain.forwards import Hands, hand, without_names

Acts = dict[str, list[int]]
"""Provider → [human, machine]: one act seen by two sources is one act, so sources are not added."""

Span = tuple[datetime, datetime]
"""The first and the last of several times."""


class Returned(NamedTuple):
    """A bounce, as much of it as later ones are compared with."""

    at: datetime
    key: bytes
    is_hard: bool
    detail: str | None


@dataclass(slots=True)
class Balance:
    """Everything that folding takes from facts, so that the facts themselves can go.

    Adding facts to the balance of others gives what adding all of them gives, in any order and
    however they are divided; no fact may be added twice. Times of opens and clicks are of human
    ones; `clicked` has those of all by link. Soft bounces may be left out that a delivery
    followed. `decoys` are clicks on links that nobody can see; `unconfirmed` has the times of
    unsubscriptions that a machine asked for; `hands` is who was at the mail (`domain.forwards`).
    """

    opens: Acts = field(default_factory=dict)
    clicks: dict[str, Acts] = field(default_factory=dict)
    clicked: dict[str, Span] = field(default_factory=dict)
    returned: list[Returned] = field(default_factory=list)
    unsubscribed: list[datetime] = field(default_factory=list)
    decoys: Acts = field(default_factory=dict)
    unconfirmed: list[datetime] = field(default_factory=list)
    hands: Hands = field(default_factory=dict)
    opened_at: Span | None = None
    followed_at: Span | None = None
    delivered_at: Span | None = None
    replied_at: Span | None = None
    reported_at: Span | None = None
    forwarded_at: datetime | None = None
    resubscribed_at: datetime | None = None
    complained_at: Span | None = None
    is_accepted: bool = False
    is_deferred: bool = False
    is_rejected: bool = False

    def add(self, facts: Sequence[Fact], actors: Sequence[Actor | None]) -> None:
        """Take facts in, each with the verdict on it."""
        for fact, actor in zip(facts, actors, strict=True):
            at, kind = fact.occurred_at, fact.kind
            is_human = actor == Actor.HUMAN
            if kind == EventKind.OPENED:
                self.opens.setdefault(fact.provider, [0, 0])[not is_human] += 1
                if is_human:
                    self.opened_at = _wider(self.opened_at, at)
                    self._note_hand(fact)
            elif kind == EventKind.DELIVERED:
                self.delivered_at = _wider(self.delivered_at, at)
            elif kind == EventKind.ACCEPTED:
                self.is_accepted = True
            elif kind == EventKind.CLICKED:
                self._add_click(fact, is_human)
            elif kind == EventKind.BOUNCED:
                is_hard = fact.bounce == BounceClass.HARD
                self.returned.append(Returned(at, fact.key, is_hard, fact.detail))
            elif kind == EventKind.DEFERRED:
                self.is_deferred = True
            elif kind == EventKind.REJECTED:
                self.is_rejected = True
            elif kind == EventKind.REPLIED:
                self.replied_at = _wider(self.replied_at, at)
            elif kind == EventKind.FORWARDED:
                self.forwarded_at = _earlier(self.forwarded_at, at)
            elif kind == EventKind.UNSUBSCRIBED:
                (self.unsubscribed if is_human else self.unconfirmed).append(at)
            elif kind == EventKind.RESUBSCRIBED:
                self.resubscribed_at = _later(self.resubscribed_at, at)
            elif kind == EventKind.COMPLAINED:
                self.complained_at = _wider(self.complained_at, at)
        if facts:
            # The earliest report, whatever it is: of several a provider may leave out any.
            self.reported_at = _wider(self.reported_at, min(f.occurred_at for f in facts))
            self.reported_at = _wider(self.reported_at, max(f.occurred_at for f in facts))

    def _add_click(self, fact: Fact, is_human: bool) -> None:
        if fact.is_decoy:
            self.decoys.setdefault(fact.provider, [0, 0])[not is_human] += 1
            return
        url = fact.url or ""
        self.clicks.setdefault(url, {}).setdefault(fact.provider, [0, 0])[not is_human] += 1
        self.clicked[url] = _wider(self.clicked.get(url), fact.occurred_at)
        if is_human:
            self.followed_at = _wider(self.followed_at, fact.occurred_at)
            self._note_hand(fact)

    def _note_hand(self, fact: Fact) -> None:
        whose = hand(fact)
        if whose is not None:
            self.hands[whose] = _earlier(self.hands.get(whose), fact.occurred_at)

    def anonymise(self) -> None:
        """Take out what may name a person: the words of bounces, of links all but the page, and
        of programs and networks all but which are the same."""
        self.hands = without_names(self.hands)
        self.returned = [r._replace(detail=None) for r in self.returned]
        clicks, clicked = self.clicks, self.clicked
        self.clicks, self.clicked = {}, {}
        for url, acts in clicks.items():
            page = url.partition("?")[0].partition("#")[0]
            for provider, (human, machine) in acts.items():
                counts = self.clicks.setdefault(page, {}).setdefault(provider, [0, 0])
                counts[0] += human
                counts[1] += machine
            first, last = clicked[url]
            self.clicked[page] = _wider(_wider(self.clicked.get(page), first), last)

    def dump(self) -> dict[str, object]:
        """The balance as JSON takes it; `load` reads it."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> Self:
        """What `dump` gave."""
        balance = cls(**stored)
        for name in ("opened_at", "followed_at", "delivered_at", "replied_at", "reported_at"):
            setattr(balance, name, _span(stored[name]))
        balance.complained_at = _span(stored["complained_at"])
        balance.forwarded_at = _instant(stored["forwarded_at"])
        balance.resubscribed_at = _instant(stored["resubscribed_at"])
        balance.unsubscribed = [datetime.fromisoformat(at) for at in stored["unsubscribed"]]
        balance.unconfirmed = [datetime.fromisoformat(at) for at in stored.get("unconfirmed", ())]
        balance.hands = {
            whose: datetime.fromisoformat(at) for whose, at in stored.get("hands", {}).items()
        }
        balance.clicked = {
            url: (datetime.fromisoformat(first), datetime.fromisoformat(last))
            for url, (first, last) in stored["clicked"].items()
        }
        balance.returned = [
            Returned(datetime.fromisoformat(at), bytes.fromhex(key), is_hard, detail)
            for at, key, is_hard, detail in stored["returned"]
        ]
        return balance

    @property
    def last_delivery(self) -> datetime | None:
        """When the mail last proved to have arrived; a person's act does as a report does."""
        spans = (self.delivered_at, self.opened_at, self.followed_at, self.replied_at)
        return max((span[1] for span in spans if span is not None), default=None)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _instant(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)


def _span(stored: Sequence[str] | None) -> Span | None:
    if stored is None:
        return None
    first, last = map(datetime.fromisoformat, stored)
    return first, last


def _wider(known: Span | None, at: datetime) -> Span:
    if known is None:
        return at, at
    first, last = known
    if at < first:
        return at, last
    return known if at <= last else (first, at)


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at < known else known


def _later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at > known else known
