"""Does a request carry what only its provider can know?"""

from collections.abc import Mapping, Sequence
from typing import Any

from intake.anymail_views import checker, django_request
from intake.providers.specification import Credential, Provider
from intake.requests import Refused, WebhookRequest

Settings = Mapping[str, str]


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


def usable(spec: Provider, settings: Settings) -> tuple[tuple[str, str], ...]:
    """The settings that the provider knows, if a secret is among them; else none."""
    known = {name: settings.get(name) for name in (*spec.secrets, *spec.options)}
    if not any(known[name] for name in spec.secrets):
        return ()
    return tuple((name, value) for name, value in known.items() if value)


def vouches(spec: Provider, request: WebhookRequest, settings: tuple[tuple[str, str], ...]) -> bool:
    """Whether anymail's check passes. Whatever a forged request makes it raise is a no."""
    try:
        checker(spec.view, settings).run_validators(_asked(spec, request, settings))
    except Exception:
        return False
    return True


def _asked(spec: Provider, request: WebhookRequest, settings: Any) -> Any:
    return django_request(request)


def _refusal(spec: Provider, request: WebhookRequest, live: Sequence[Any]) -> Refused:
    wants_basic_auth = any("webhook_secret" in dict(one) for one in live)
    if wants_basic_auth and "authorization" not in request.headers:
        message = f"{spec.title}: the request has no credentials; add user:password@ to its URL."
        return Refused(401, "UNSIGNED", message, wants_basic_auth=True)
    if spec.credential is Credential.HEADER and spec.signature_header not in request.headers:
        message = f"{spec.title}: the request has no {spec.signature_header} header."
        return Refused(401, "UNSIGNED", message)
    names = ", ".join(spec.secrets)
    message = f"{spec.title}: the request is not signed with our secret ({names} in PROVIDERS)."
    return Refused(403, "WRONG_SIGNATURE", message)
