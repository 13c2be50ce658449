"""What a user agent tells about who acted."""

from functools import lru_cache

import crawleruseragents
import ua_parser

from domain.events import MachineReason

APPLE_PRIVACY_AGENT = "Mozilla/5.0"
"""All that Apple's Mail Privacy Protection sends."""

GMAIL_PREFETCH_SUFFIX = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
"""Gmail fetching images ahead of the reader; its image proxy acts for one and differs."""

READER_PROXIES = ("GoogleImageProxy", "YahooMailProxy")
"""Image proxies that fetch when a person opens the mail."""

PROXY_FAMILIES = ("GmailImageProxy", "GoogleImageProxy", "YahooMailProxy")
"""What `agent_family` calls them: they hide the reader's own program and network."""


@lru_cache(maxsize=65_536)
def agent_reason(user_agent: str | None) -> MachineReason | None:
    """The reason a user agent gives to hold an act a machine's, if any.

    None means that the report carries no agent at all, which says nothing; an empty one does.
    """
    if user_agent is None:
        return None
    agent = user_agent.strip()
    if agent == APPLE_PRIVACY_AGENT or agent.endswith(GMAIL_PREFETCH_SUFFIX):
        return MachineReason.PREFETCH
    if any(proxy in agent for proxy in READER_PROXIES):
        return None
    return MachineReason.SCANNER_AGENT if not agent or _is_crawler(agent) else None


def _is_crawler(agent: str) -> bool:
    return bool(crawleruseragents.is_crawler(agent))


@lru_cache(maxsize=65_536)
def agent_family(user_agent: str | None) -> str | None:
    """The program and system a user agent names, without versions: "Apple Mail, iOS"; None if
    it names neither."""
    if not user_agent:
        return None
    found = ua_parser.parse(user_agent)
    names = [part.family for part in (found.user_agent, found.os) if part is not None]
    return ", ".join(names) or None


def is_reader_proxy(family: str) -> bool:
    """Whether a family that `agent_family` found is an image proxy's, not a reader's own."""
    return family.startswith(PROXY_FAMILIES)
