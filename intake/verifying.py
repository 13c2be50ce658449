"""Does a request carry what only its provider can know?"""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from intake.anymail_views import checker, django_request
from intake.providers.specification import Provider
from intake.requests import Refused, WebhookRequest

BASIC_AUTH_SETTING = "webhook_secret"
"""anymail's name for user:password, whatever the provider."""

Settings = Mapping[str, str]

Known = tuple[tuple[str, str], ...]
"""The settings a provider knows, as a key to what is built from them once."""


def check_credentials(
    spec: Provider, request: WebhookRequest, settings: Sequence[Settings]
) -> None:
    """Raise Refused unless one of the live sets of settings vouches for the request."""
    live = [known for one in settings if (known := usable(spec, one))]
    if not live:
        names = " or ".join(spec.secrets)
        message = (
            f"{spec.title} has no secret here, so nothing it sends is trusted: "
            f'set {names} under "{spec.name}" in the PROVIDERS setting.'
        )
        raise Refused(403, "PROVIDER_NOT_CONFIGURED", message)
    if not any(vouches(spec, request, one) for one in live):
        raise _refusal(spec, request, live)


def usable(spec: Provider, settings: Settings) -> Known:
    """The settings that the provider knows, if a secret is among them; else none.

    A webhook_secret without a colon would be compared with what no request can carry.
    """
    known = {name: settings.get(name) for name in (*spec.secrets, *spec.options)}
    if not any(known[name] for name in spec.secrets):
        return ()
    if ":" not in (known.get(BASIC_AUTH_SETTING) or ":"):
        return ()
    return tuple((name, value) for name, value in known.items() if value)


def vouches(spec: Provider, request: WebhookRequest, settings: Known) -> bool:
    """Whether anymail's check and ours pass. Whatever a forged request makes them raise is a no."""
    try:
        if spec.view is not None:
            view = checker(spec.view, _for_anymail(spec, settings))
            view.run_validators(django_request(request))
        return _checked(spec, request, dict(settings))
    except Exception:
        return False


def _checked(spec: Provider, request: WebhookRequest, settings: Settings) -> bool:
    if spec.check is None:
        return spec.view is not None
    return spec.check(request, settings)


def settings_problem(spec: Provider, settings: Settings) -> str | None:
    """What makes one set of settings unusable, as a sentence; None if nothing does."""
    every = (*spec.secrets, *spec.pulls_with, *spec.options)
    strange = sorted(set(settings) - set(every))
    if strange:
        return f"{spec.name}: {strange[0]!r} is no setting of it; known are {', '.join(every)}"
    enough = (*spec.secrets, *spec.pulls_with)
    if not any(settings.get(name) for name in enough):
        return f"{spec.name}: needs {' or '.join(enough)}"
    known = usable(spec, settings)
    if not known and any(settings.get(name) for name in spec.secrets):
        return f'{spec.name}: webhook_secret must be "user:password"'
    try:
        if spec.view is not None:
            checker(spec.view, _for_anymail(spec, known))
        if spec.check_settings is not None:
            spec.check_settings(settings)
    except Exception as error:
        return f"{spec.name}: its settings cannot be used: {error}"
    return None


def _for_anymail(spec: Provider, settings: Known) -> Known:
    return tuple(one for one in settings if one[0] not in spec.own_settings)


def _refusal(spec: Provider, request: WebhookRequest, live: Sequence[Known]) -> Refused:
    names = {name for one in live for name, _ in one}
    if BASIC_AUTH_SETTING in names and "authorization" not in request.headers:
        message = f"{spec.title}: the request has no credentials; add user:password@ to its URL."
        return Refused(401, "UNSIGNED", message, wants_basic_auth=True)
    has_key = any(name != BASIC_AUTH_SETTING and name in spec.secrets for name in names)
    if has_key and (missing := _missing(spec, request)):
        return Refused(401, "UNSIGNED", f"{spec.title}: the request has no {missing}.")
    ours = ", ".join(name for name in spec.secrets if name in names)
    message = f"{spec.title}: the request is not signed with our secret ({ours} in PROVIDERS)."
    return Refused(403, "WRONG_SIGNATURE", message)


def _missing(spec: Provider, request: WebhookRequest) -> str | None:
    """What an unsigned request lacks, in words; None if it has something there."""
    header, parameter = spec.signature_header, spec.secret_parameter
    if header and header not in request.headers:
        return f"{header} header"
    if parameter and parameter not in dict(parse_qsl(request.query)):
        return f"{parameter} in its URL"
    return None
