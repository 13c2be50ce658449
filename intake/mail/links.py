"""The web links of a mail that we sent, as its readers are meant to reach them."""

import base64
import binascii
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from intake.mail.bodies import Anchor
from intake.mail.context import MailContext
from intake.mail.headers import Headers
from intake.mail.sealed import token_of_url
from intake.reading import LONGEST_URL
from intake.tokens import TokenKind

MOST_LINKS = 200
"""Links of one mail that are kept; newsletters have fewer than a hundred."""

_UNSUBSCRIBE = re.compile(
    r"unsubscrib|opt[-_ ]?out|abmeld|abbestell|austragen|d[ée]sabonn|d[ée]sinscri|darse de baja"
    r"|cancelar (la )?(suscripci|inscri)|disiscri|annulla (l.)?iscrizione|afmelden|uitschrijven"
    r"|avregistrer|avsluta prenumeration|afmeld|peruuta tilaus|wypisz|odhl[áa]si|отписаться"
    r"|配信停止|退订|수신거부|(manage|update|email)[-_ ]?(your[-_ ]?)?(email[-_ ]?)?preferences"
    r"|preference[-_]?cent(er|re)|subscription[-_]?(preferences|settings|management)",
    re.IGNORECASE,
)

_WRAPPED = re.compile(
    r"/(ls|wf)/click\?|//[^/]*list-manage\d*\.com/|//[^/]*sendibt?\d*\.com/|/mk/(cl|un)/"
    r"|/tr/(cl|op|un)/|//[^/]*hubspotlinks\.com/|//email\.[^/]+/c/e[JA]|//[^/]*klclick\d*\.com/",
    re.IGNORECASE,
)
"""Links that a provider made for one recipient and whose target is known to it alone."""

_AWS = re.compile(r"^https?://[^/]+\.awstrack\.me/L0/([^/]+)/", re.IGNORECASE)
_POSTMARK = re.compile(r"^https?://(?:click\.pstmrk\.it|track\.pstmrk\.it)/3?s/([^/]+)/", re.I)
_MAILJET = re.compile(r"/lnk/(?:[^/]+/)+([A-Za-z0-9_-]{12,})$")


def web_links(anchors: Iterable[Anchor], headers: Headers, context: MailContext) -> tuple[str, ...]:
    """The links in their order, each once, as they were before anybody tracked them.

    Left out: unsubscribing, pixels, decoys, and links wrapped so that nobody else can read them.
    """
    refused = set(re.findall(r"<\s*(https?://[^<>\s]+)\s*>", headers.first("list-unsubscribe")))
    found: dict[str, None] = {}
    for anchor in anchors:
        url = _target(anchor.url, context)
        is_refused = anchor.url in refused or url in refused
        if url and not is_refused and not _unsubscribes(anchor.words, url):
            found[url] = None
        if len(found) == MOST_LINKS:
            break
    return tuple(found)


def _unsubscribes(words: str, url: str) -> bool:
    return bool(_UNSUBSCRIBE.search(words) or _UNSUBSCRIBE.search(unquote(url)))


def _target(url: str, context: MailContext) -> str | None:
    token = token_of_url(url, context)
    if token is not None:
        return token.url if token.kind is TokenKind.CLICK else None
    for unwrap in (_from_aws, _from_postmark, _from_mailjet):
        if (target := unwrap(url)) is not None:
            return target[:LONGEST_URL]
    return None if _WRAPPED.search(url) or not _is_web(url) else url


def _is_web(url: str) -> bool:
    if len(url) > LONGEST_URL or not url.lower().startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _from_aws(url: str) -> str | None:
    """Amazon SES: the target stands in the path, percent-encoded."""
    found = _AWS.match(url)
    return _web(unquote(found[1])) if found else None


def _from_postmark(url: str) -> str | None:
    """Postmark: the same, without the scheme."""
    found = _POSTMARK.match(url)
    return _web("https://" + unquote(found[1])) if found else None


def _from_mailjet(url: str) -> str | None:
    """Mailjet: the last part of the path is the target in base64."""
    found = _MAILJET.search(url)
    if not found:
        return None
    try:
        raw = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
    except (binascii.Error, ValueError):
        return None
    return _web(raw.decode("utf-8", "replace"))


def _web(url: str) -> str | None:
    return url if _is_web(url) and url.isprintable() else None
