"""When a source's silence is worth a warning: nobody notices a webhook that was switched off."""

from datetime import datetime, timedelta

PAUSES = 2
"""A source is silent after this many times its longest usual pause."""

LEAST_PATIENCE = timedelta(hours=6)
"""Nobody is warned of less: a busy source pauses when its company sleeps."""

FIRST_PATIENCE = timedelta(days=3)
"""While a source has no pauses to compare with: a weekend and a day."""

REMEMBERED_DAYS = 28
"""The pauses of so many days count: four weeks hold every weekly newsletter."""


def silent_since(
    last_received_at: datetime, longest_pause: timedelta | None, now: datetime
) -> datetime | None:
    """When the silence became unusual; None while it is as usual.

    `longest_pause` is the longest of the last REMEMBERED_DAYS, None where there was none yet.
    """
    patience = FIRST_PATIENCE if longest_pause is None else PAUSES * longest_pause
    due = last_received_at + max(patience, LEAST_PATIENCE)
    return due if now > due else None
