"""PROVIDERS: the secrets we share with providers, several of which may be live at once."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import SecretStr
from pydantic_core import PydanticCustomError


def refuse(message: str) -> PydanticCustomError:
    """A setting that cannot be used, in our own words."""
    return PydanticCustomError("setting", "{message}", {"message": message})


def parse_providers(text: str) -> dict[str, tuple[dict[str, str], ...]]:
    """`{"postmark": {"webhook_secret": ["new", "old"]}}` → every set of settings that is live.

    A provider's settings are an object, or a list of objects where several are live at once; a
    value is a string, or a list of strings, each of which is good with the others.
    """
    try:
        providers = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise refuse(f"is no JSON: {error}") from error
    if not isinstance(providers, dict):
        raise refuse("must be a JSON object of provider → settings")
    return {name: tuple(_alternatives(name, value)) for name, value in providers.items()}


def revealed(
    providers: Mapping[str, Sequence[Mapping[str, SecretStr]]],
) -> dict[str, list[dict[str, str]]]:
    """The same with the secrets in the clear, for those who verify with them."""
    return {
        name: [{key: value.get_secret_value() for key, value in one.items()} for one in live]
        for name, live in providers.items()
    }


def _alternatives(provider: str, value: Any) -> list[dict[str, str]]:
    live = value if isinstance(value, list) else [value]
    if not live or not all(isinstance(one, dict) and one for one in live):
        raise refuse(f"{provider}: must be an object of settings, or a list of such objects")
    return [chosen for one in live for chosen in _choices(provider, one)]


def _choices(provider: str, one: dict[str, Any]) -> list[dict[str, str]]:
    columns = {name: v if isinstance(v, list) else [v] for name, v in one.items()}
    for name, values in columns.items():
        if not values or not all(isinstance(v, str) and v for v in values):
            raise refuse(f"{provider}.{name}: must be a string, or a list of strings, none empty")
    return [
        dict(zip(columns, values, strict=True)) for values in itertools.product(*columns.values())
    ]
