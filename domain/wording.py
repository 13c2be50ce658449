"""Facts in words, as one person would tell them another."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

LONGEST_LINK = 60
"""Characters of a link that is spoken of."""

_TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def times(count: int) -> str:
    """How often: “once”, “twice”, “three times”, “12 times”."""
    return _TIMES.get(count, f"{count} times")


def number(count: int) -> str:
    """A small number as a word."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def listed(names: Sequence[str]) -> str:
    """“Ann”, “Ann and Bob”, “Ann, Bob and Carla”."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def on_day(at: datetime, timezone: str) -> str:
    """“on Tuesday, 3 November”, by somebody's own calendar."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"on {local:%A}, {local.day} {local:%B}"


def quoted(name: str) -> str:
    """A title in quotation marks."""
    return f"“{name.strip().strip('“”')}”"


def link_name(url: str) -> str:
    """A link as it can be said: host and path, without what tracks."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    name = unquote(f"{host}{parts.path}").rstrip("/") or url
    return name if len(name) <= LONGEST_LINK else name[: LONGEST_LINK - 1] + "…"
