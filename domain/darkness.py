"""When somebody has gone dark: mail arrives, and nothing comes of it."""

from datetime import datetime, timedelta

from domain.history import History

DARK_SENDS = 5
"""Delivered sends in a row without any engagement (rules: CHECK_IN)."""

DARK_AFTER = timedelta(days=60)
"""Or this long without any, while mail arrived."""


def last_engaged_at(history: History) -> datetime | None:
    """The last time a person did something of their own accord."""
    return max((at for sent in history if (at := sent.engaged_at) is not None), default=None)


def dark_at(history: History) -> datetime | None:
    """From when on the person is dark, in the past or to come; None while no mail is unanswered."""
    last = last_engaged_at(history)
    unanswered = sorted(
        sent.sent_at
        for sent in history
        if sent.delivered_at is not None and (last is None or sent.sent_at > last)
    )
    if not unanswered:
        return None
    by_time = (last or unanswered[0]) + DARK_AFTER
    # Long silence says nothing until there was something to answer to.
    by_time = max(by_time, unanswered[0])
    if len(unanswered) >= DARK_SENDS:
        return min(by_time, unanswered[DARK_SENDS - 1])
    return by_time
