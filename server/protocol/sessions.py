"""When a live connection must end: its token expires, or its key is revoked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

from domain.viewer import Viewer

log = structlog.get_logger(__name__)

StillValid = Callable[[Viewer], Awaitable[bool]]
End = Callable[[], None]

MAX_TIMER_SECONDS = 86_400.0
"""Longer timers are cut here and set anew: event loops refuse or miscount very long ones."""


class Sessions:
    """The live connections of a process, watched together: one question a viewer and round."""

    def __init__(self, still_valid: StillValid, recheck_seconds: float) -> None:
        self._still_valid = still_valid
        self._recheck_seconds = recheck_seconds
        self._ends: dict[Viewer, list[End]] = {}
        self._rounds: dict[Viewer, asyncio.Task[None]] = {}

    @contextmanager
    def watched(self, viewer: Viewer, end: End) -> Iterator[None]:
        """Call `end` when the viewer's right ends while the block runs; may be called twice."""
        timer = _ExpiryTimer(viewer, end)
        self._ends.setdefault(viewer, []).append(end)
        if viewer not in self._rounds:
            self._rounds[viewer] = asyncio.create_task(self._rechecked(viewer))
        try:
            yield
        finally:
            timer.cancel()
            self._forget(viewer, end)

    def _forget(self, viewer: Viewer, end: End) -> None:
        ends = self._ends[viewer]
        ends.remove(end)
        if not ends:
            del self._ends[viewer]
            self._rounds.pop(viewer).cancel()

    async def _rechecked(self, viewer: Viewer) -> None:
        while True:
            await asyncio.sleep(self._recheck_seconds)
            try:
                is_valid = await self._still_valid(viewer)
            except Exception as error:  # the database may be away: ask again next round
                log.warning("session.recheck_failed", viewer=viewer.name, error=repr(error))
                continue
            if not is_valid:
                for end in list(self._ends.get(viewer, ())):
                    end()


class _ExpiryTimer:
    """Calls `end` at the viewer's `expires_at`, if there is one."""

    def __init__(self, viewer: Viewer, end: End) -> None:
        self._expires_at = viewer.expires_at
        self._end = end
        self._handle: asyncio.TimerHandle | None = None
        self._set()

    def _set(self) -> None:
        if self._expires_at is None:
            return
        seconds = (self._expires_at - datetime.now(UTC)).total_seconds()
        loop = asyncio.get_running_loop()
        if seconds > MAX_TIMER_SECONDS:
            self._handle = loop.call_later(MAX_TIMER_SECONDS, self._set)
        else:
            self._handle = loop.call_later(max(0.0, seconds), self._end)

    def cancel(self) -> None:
        """Forget the timer."""
        if self._handle is not None:
            self._handle.cancel()
