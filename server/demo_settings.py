"""Settings under which the demo is believed: its secrets, and its company's own domain."""

from pydantic import SecretStr

from demo import secrets
from demo.names import OUR_DOMAIN
from server.provider_secrets import parse_providers
from server.settings import Settings

SECRETS = "demo_secrets.json"
"""In DATA_DIR; `run` lets the service believe what is signed with them."""


def with_demo(settings: Settings) -> Settings:
    """Settings under which the demo's signed webhooks are believed, where the demo is wanted."""
    if not settings.demo:
        return settings
    providers = dict(settings.providers)
    for name, live in parse_providers(secrets.create(settings.data_dir / SECRETS)).items():
        more = tuple({key: SecretStr(value) for key, value in one.items()} for one in live)
        providers[name] = (*providers.get(name, ()), *more)
    domains = (*settings.internal_domains, OUR_DOMAIN)
    return settings.model_copy(update={"providers": providers, "internal_domains": domains})


def with_loaded_demo(settings: Settings) -> Settings:
    """The same where `run` has set up the demo on this DATA_DIR: commands decide as it does."""
    return with_demo(settings) if (settings.data_dir / SECRETS).exists() else settings
