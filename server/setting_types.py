"""What the values of settings must be, each refused in words that name the way out."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from domain.addresses import normalise_or_none
from domain.zones import zone_name
from server.forwarding import networks
from server.mailbox_url import parse_mailbox_url
from server.provider_secrets import parse_providers, refuse
from server.smtp_url import parse_smtp_url

SECRET_KEY_CHARACTERS = 32
"""Fewer characters than this can be guessed (RFC 7518 §3.2: 256 bits for HMAC with SHA-256)."""


def _database_url(url: str) -> str:
    if url and urlsplit(url).scheme not in {"postgresql", "postgres"}:
        raise refuse("must begin with postgresql://")
    return url


def _redis_url(url: str) -> str:
    if url and urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise refuse("must begin with redis://, rediss:// or unix://")
    return url


def _public_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query):
        raise refuse("must be http:// or https:// and a host")
    return url.rstrip("/")


def is_safe_transport(url: str) -> bool:
    """Whether nobody on the way can change what is sent: https, or this machine alone."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return is_local or (parts.scheme == "https" and bool(parts.hostname))


def _key_set_url(url: str) -> str:
    if url and not is_safe_transport(url):
        raise refuse("must be https://: whoever changes it on the way signs in as anyone")
    return url


def _token_url(url: str) -> str:
    if url and not is_safe_transport(url):
        raise refuse("must be https://: whoever listens on the way has the secret")
    return url


def _issuer(url: str) -> str:
    parts = urlsplit(_key_set_url(url))
    if parts.query or parts.fragment:
        raise refuse("must be the issuer alone, without ? and #")
    return url


def _names(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _imap_url(url: SecretStr) -> SecretStr:
    try:
        if url.get_secret_value():
            parse_mailbox_url(url.get_secret_value())
    except ValueError as error:
        raise refuse(str(error)) from None
    return url


def _smtp_url(url: SecretStr) -> SecretStr:
    try:
        if url.get_secret_value():
            parse_smtp_url(url.get_secret_value())
    except ValueError as error:
        raise refuse(str(error)) from None
    return url


def _zone(zone: str) -> str:
    name = zone_name(zone)
    if name is None:
        raise refuse("must be an IANA time zone")
    return name


def _strong(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < SECRET_KEY_CHARACTERS:
        raise refuse(f"must have at least {SECRET_KEY_CHARACTERS} characters")
    return secret


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(part.strip().rstrip("/").lower() for part in value.split(",") if part.strip())


def _networks(proxies: tuple[str, ...]) -> tuple[str, ...]:
    try:
        networks(proxies)
    except ValueError as error:
        raise refuse(f"must be networks such as 10.0.0.0/8: {error}") from None
    return proxies


def _address(address: str) -> str:
    if address and normalise_or_none(address) is None:
        raise refuse("must be an email address")
    return address


def _providers(value: Any) -> Any:
    return parse_providers(value) if isinstance(value, str) else value


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
KeySetUrl = Annotated[str, AfterValidator(_key_set_url)]
TokenUrl = Annotated[str, AfterValidator(_token_url)]
Issuer = Annotated[str, AfterValidator(_issuer)]
ImapUrl = Annotated[SecretStr, AfterValidator(_imap_url)]
MailServerUrl = Annotated[SecretStr, AfterValidator(_smtp_url)]
Zone = Annotated[str, AfterValidator(_zone)]
StrongSecret = Annotated[SecretStr, AfterValidator(_strong)]
Address = Annotated[str, AfterValidator(_address)]

Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Separated by commas, in lower case."""

Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
"""Separated by commas, as they are written."""

Networks = Annotated[Words, AfterValidator(_networks)]

ProviderSecrets = Mapping[str, tuple[Mapping[str, SecretStr], ...]]
"""Provider → the sets of settings that are live at once, each a name → value."""

Providers = Annotated[ProviderSecrets, NoDecode, BeforeValidator(_providers)]
