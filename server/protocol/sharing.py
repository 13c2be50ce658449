"""Shared subscriptions: what many ask alike is executed once and told to all of them.

A subscriber begins alone: its operation is executed for it until it has been told all that there
is. From there on it stands together with everybody who asks the same with the same rights: one
execution follows the feed for them, and each answer, encoded once, is handed to all in one go.
Whoever does not keep up leaves, goes on from where it stands when it can, and comes back.

Nothing is lost or told twice on these ways, because each answer carries its place in the feed: who
joins gets what it has not seen of the last answers, and skips what it has.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import Protocol

import orjson
from graphql import FieldNode, OperationDefinitionNode, VariableNode

from domain.viewer import Viewer
from server.protocol.answer import Answer, encode
from server.protocol.prepared import Prepared
from store.feed import Cursor
from store.live import Until

RESUMED_BY = "after"
"""The argument that says from where a subscription goes on: those who differ in it alone ask the
same."""

RECENT_ANSWERS = 128
RECENT_BYTES = 262_144
RECENT_SECONDS = 5.0
"""Of the last answers these are kept for those who join; who has seen less goes on alone, and is
told what is so by now."""

TOGETHER_ANSWERS = 64
TOGETHER_SECONDS = 0.01
"""Answers that come together are told together: so many, or for so long, while there are more."""

AT_ONCE = 200
"""Subscribers told before anything else gets its turn: some two milliseconds."""

MADE = 8
"""Forms of a batch that are kept while it is told: clients of one kind choose the same ids, others
an id each."""

Execute = Callable[[Cursor | None, Until | None], Awaitable[Answer | AsyncGenerator[Answer, None]]]
"""Begins a subscription for one viewer: at a place, or where its `after` says."""

Key = tuple[object, ...]


class Batch:
    """Answers that leave together, and what has been made of them to be sent."""

    __slots__ = ("_made", "answers")

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = answers
        self._made: dict[bytes, bytes] = {}

    def made(self, sort: bytes, make: Callable[[Sequence[Answer]], bytes]) -> bytes:
        """What `make` makes of the answers, once for all who need the same sort."""
        found = self._made.get(sort)
        if found is None:
            if len(self._made) >= MADE:
                self._made.clear()
            found = self._made[sort] = make(self.answers)
        return found


class Listener(Protocol):
    """One subscriber's way out."""

    def tell(self, batch: Batch) -> bool:
        """Hand over answers, never waiting; False where they pile up."""

    async def drained(self) -> None:
        """Return when what was told has left. Raises TimeoutError, OSError for who never reads."""

    def leave(self) -> None:
        """There is nothing more to tell, or nobody."""


class Sharing:
    """The executions of a process that are shared, by what is asked with which rights."""

    def __init__(self, *, is_on: bool = True) -> None:
        self._is_on = is_on
        self._groups: dict[Key, Group] = {}

    def __len__(self) -> int:
        return len(self._groups)

    async def follow(
        self, prepared: Prepared, viewer: Viewer, execute: Execute, listener: Listener
    ) -> Answer | None:
        """Tell a subscription to its end; the refusal that ended it, or None.

        Raises what the listener raises.
        """
        key = key_of(prepared, viewer)
        place: Cursor | None = None
        try:
            while True:
                outcome = await self._alone(key, execute, place, listener)
                if isinstance(outcome, Cursor) and key not in self._groups:
                    self._groups[key] = Group(execute, outcome, partial(self._forget, key))
                while isinstance(outcome, Cursor):
                    place = outcome
                    if not self._may_join(key, place, is_all_told=False):
                        break
                    outcome = await self._groups[key].tell_from(place, listener)
                    await listener.drained()
                else:
                    await listener.drained()
                    return outcome
        finally:
            listener.leave()

    async def _alone(
        self, key: Key, execute: Execute, place: Cursor | None, listener: Listener
    ) -> Cursor | Answer | None:
        """Tell one subscriber alone, up to a place from which it is told with others."""
        joins: Cursor | None = None

        def until(at: Cursor, is_all_told: bool) -> bool:
            nonlocal joins
            joins = at if self._may_join(key, at, is_all_told=is_all_told) else None
            return joins is not None

        answered = await execute(place, until if self._is_on else None)
        if isinstance(answered, Answer):
            return answered
        async with aclosing(answered):
            async for answer in answered:
                if not answer.is_started:
                    return answer
                if not listener.tell(Batch([answer])):
                    await listener.drained()
        return joins

    def _may_join(self, key: Key, place: Cursor, *, is_all_told: bool) -> bool:
        """Whether who stands at this place may join those who ask the same, or be their first.

        A place that names transactions beyond it is nobody else's.
        """
        if place.seen:
            return False
        group = self._groups.get(key)
        return is_all_told if group is None else group.covers(place)

    def _forget(self, key: Key, group: "Group") -> None:
        if self._groups.get(key) is group:
            del self._groups[key]


class _Member:
    """A subscriber among others. `ahead` is where it stands, while that is beyond the others."""

    __slots__ = ("ahead", "listener", "out")

    def __init__(self, listener: Listener, ahead: Cursor | None) -> None:
        self.listener = listener
        self.ahead = ahead
        self.out: asyncio.Future[Cursor | Answer | None] = (
            asyncio.get_running_loop().create_future()
        )

    def tell(self, batch: Batch) -> None:
        """Hand over what it has not seen; where that piles up, it is out."""
        if self.out.done():
            return
        if self.ahead is not None:
            batch = _unseen(batch, self.ahead)
            if not batch.answers:
                return
            self.ahead = None
        try:
            if not self.listener.tell(batch):
                self.out.set_result(_of(batch.answers[-1]))
        except Exception as error:  # one's trouble is nobody else's
            self.out.set_exception(error)


class Group:
    """Those who ask the same with the same rights, and the one execution for all of them."""

    def __init__(self, execute: Execute, place: Cursor, forget: Callable[["Group"], None]) -> None:
        self._execute = execute
        self._forget = forget
        self._floor = place
        self._recent: deque[tuple[float, Answer]] = deque()
        self._recent_bytes = 0
        self._coming: list[Answer] = []
        self._since = 0.0
        self._news = asyncio.Event()
        self._last: list[Answer | None] = []
        self._members: dict[_Member, None] = {}
        self._tasks = [asyncio.create_task(self._follow(place)), asyncio.create_task(self._tell())]

    def covers(self, place: Cursor) -> bool:
        """Whether all that follows a place is kept or will be told."""
        self._trim()
        return place.epoch == self._floor.epoch and place.position >= self._floor.position

    async def tell_from(self, place: Cursor, listener: Listener) -> Cursor | Answer | None:
        """Tell what follows a covered place: up to where the listener falls behind, or the end."""
        member = _Member(listener, place)
        self._members[member] = None
        try:
            if missed := [answer for _, answer in self._recent]:
                member.tell(Batch(missed))
            return await member.out
        finally:
            del self._members[member]
            if not self._members:
                self._forget(self)
                for task in self._tasks:
                    task.cancel()

    async def _follow(self, place: Cursor) -> None:
        """Execute, and keep what comes for telling."""
        answered = await self._execute(place, self._until)
        last = answered if isinstance(answered, Answer) else None
        if not isinstance(answered, Answer):
            async with aclosing(answered):
                async for answer in answered:
                    if not answer.is_started:
                        last = answer
                        break
                    self._take(answer)
        self._last.append(last)
        self._news.set()

    def _take(self, answer: Answer) -> None:
        now = asyncio.get_running_loop().time()
        if not self._coming:
            self._since = now
        self._coming.append(answer)
        if len(self._coming) >= TOGETHER_ANSWERS or now - self._since >= TOGETHER_SECONDS:
            self._news.set()

    def _until(self, _: Cursor, is_all_told: bool) -> bool:
        if is_all_told and self._coming:
            self._news.set()
        return False

    async def _tell(self) -> None:
        """Hand out what has come, and at the end say so."""
        while not (self._last and not self._coming):
            await self._news.wait()
            self._news.clear()
            if self._coming:
                await self._hand_out()
        self._forget(self)
        for member in list(self._members):
            if not member.out.done():
                member.out.set_result(self._last[0])

    async def _hand_out(self) -> None:
        answers, self._coming = self._coming, []
        self._keep(answers)
        batch = Batch(answers)
        for number, member in enumerate(list(self._members), 1):
            member.tell(batch)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _keep(self, answers: Sequence[Answer]) -> None:
        """Remember answers for those who join, and forget the oldest."""
        now = asyncio.get_running_loop().time()
        self._recent.extend((now, answer) for answer in answers)
        self._recent_bytes += sum(len(answer.body) for answer in answers)
        self._trim()

    def _trim(self) -> None:
        since = asyncio.get_running_loop().time() - RECENT_SECONDS
        while self._recent and (
            len(self._recent) > RECENT_ANSWERS
            or self._recent_bytes > RECENT_BYTES
            or self._recent[0][0] < since
        ):
            _, oldest = self._recent.popleft()
            self._recent_bytes -= len(oldest.body)
            self._floor = _of(oldest)


def _unseen(batch: Batch, place: Cursor) -> Batch:
    """What of a batch follows a place."""
    if not place.has_seen(_of(batch.answers[0]).position):
        return batch
    return Batch([each for each in batch.answers if not place.has_seen(_of(each).position)])


def _of(answer: Answer) -> Cursor:
    """The place of an answer that has one: all that follow the feed do."""
    assert answer.place is not None
    return answer.place


def key_of(prepared: Prepared, viewer: Viewer) -> Key:
    """What is asked, and with which rights: who agrees in it may be told the same."""
    location = prepared.document.loc
    text = location.source.body if location else ""
    resumed_by = _resuming_variable(prepared, text)
    variables = {name: v for name, v in prepared.variables.items() if name != resumed_by}
    return text, prepared.name, _written(variables), viewer.rights


def _written(variables: dict[str, object]) -> bytes:
    with suppress(TypeError):
        return orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    return encode(variables)


def _resuming_variable(prepared: Prepared, text: str) -> str | None:
    """The variable that is the root field's `after` and nothing else, if there is one."""
    for field in _root_fields(prepared):
        for argument in field.arguments or ():
            if argument.name.value == RESUMED_BY and isinstance(argument.value, VariableNode):
                name = argument.value.name.value
                uses = re.findall(rf"\${re.escape(name)}(?![_0-9A-Za-z])", text)
                return name if len(uses) == 2 else None  # its definition, and this
    return None


def _root_fields(prepared: Prepared) -> Iterator[FieldNode]:
    """The operation's own fields; those of fragments are not looked for."""
    for definition in prepared.document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        if prepared.name is None or (definition.name and definition.name.value == prepared.name):
            for selection in definition.selection_set.selections:
                if isinstance(selection, FieldNode):
                    yield selection
