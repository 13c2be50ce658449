"""What is pulled under these settings."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from jobs.pulling import Source
from server.hubspot import HubSpot
from server.mailbox import Mailbox
from server.mailbox_tokens import AccessTokens
from server.settings import Settings

MAIL_HEADERS = {"content-type": "message/rfc822"}
JSON_HEADERS = {"content-type": "application/json"}


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def sources_of(settings: Settings, now: Callable[[], datetime]) -> Iterator[Source]:
    """Every source that is set up."""
    if (hubspot := hubspot_of(settings, now)) is not None:
        yield Source(
            name="hubspot",
            provider="hubspot",
            seconds=settings.hubspot_seconds,
            fetch=hubspot.fetch,
            headers=JSON_HEADERS,
        )
    if (mailbox := mailbox_of(settings, now)) is not None:
        yield Source(
            name=mailbox.name,
            provider="mail",
            seconds=settings.imap_seconds,
            fetch=mailbox.fetch,
            headers=MAIL_HEADERS,
        )


def hubspot_of(settings: Settings, now: Callable[[], datetime]) -> HubSpot | None:
    """HubSpot, where an access token is given."""
    live = settings.providers.get("hubspot", ())
    tokens = [one["access_token"].get_secret_value() for one in live if "access_token" in one]
    first_look = timedelta(days=settings.pull_days)
    # The same token stands in several sets where another of their values is being rotated.
    return HubSpot([*dict.fromkeys(tokens)], now=now, first_look=first_look) if tokens else None


def mailbox_of(settings: Settings, now: Callable[[], datetime]) -> Mailbox | None:
    """The mailbox of IMAP_URL, where it is set."""
    url = settings.mailbox
    if url is None:
        return None
    grant = settings.mailbox_grant
    return Mailbox(
        url,
        tokens=AccessTokens(grant) if grant else None,
        now=now,
        first_look=timedelta(days=settings.pull_days),
        size_limit=settings.mail_body_limit_bytes,
    )
