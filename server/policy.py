"""What the settings mean to the rules."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.policy import Consent, IpKept, Policy, UserAgentKept
from server.settings import Settings

HASH_KEY_BYTES = 32
"""As long as what the derivation (RFC 5869, with SHA-256) has to give."""


def policy_of(settings: Settings) -> Policy:
    """The operator's rules as the domain takes them; the same for every process and command."""
    return Policy(
        internal_domains=frozenset(settings.internal_domains),
        bulk_recipients=settings.bulk_recipients,
        burst_seconds=settings.burst_seconds,
        sweep_minutes=settings.sweep_minutes,
        hits_per_mail=settings.hits_per_mail,
        ip_kept=IpKept[settings.ip_kept.upper()],
        user_agent_kept=UserAgentKept[settings.user_agent_kept.upper()],
        hash_key=_hash_key(settings.secret_key.get_secret_value()),
        webhook_allowed_hosts=frozenset(settings.webhook_allowed_hosts),
        holdout_percent=settings.holdout_percent,
        consent_default=Consent[settings.tracking_consent_default.upper()],
    )


def _hash_key(secret_key: str) -> bytes:
    """A key of its own for hashes, so that they tell nothing about the one that signs tokens."""
    derive = HKDF(algorithm=SHA256(), length=HASH_KEY_BYTES, salt=None, info=b"evidence hashes")
    return derive.derive(secret_key.encode())
