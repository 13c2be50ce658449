"""Time zones by their IANA name."""

from functools import cache
from zoneinfo import available_timezones


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def zone_name(text: str) -> str | None:
    """The IANA name that `text` means, whatever its case; None if there is none."""
    return _zones().get(text.strip().casefold())
