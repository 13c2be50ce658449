"""django-anymail without a Django project: its webhook views as checkers and as vocabulary."""

import warnings
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from intake.requests import WebhookRequest

VIEWS_KEPT = 64
"""Checkers kept: thirteen providers, a few live sets of settings each."""


@lru_cache(maxsize=1)
def configure_django() -> None:
    """Give Django the few settings that anymail's views read; once, on first use."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            ANYMAIL={},
            DATA_UPLOAD_MAX_MEMORY_SIZE=None,
            DEFAULT_CHARSET="utf-8",
            USE_TZ=True,
        )


@lru_cache(maxsize=VIEWS_KEPT)
def view_class(path: str) -> Any:
    """anymail's view class, e.g. "sendgrid.SendGridTrackingWebhookView"; imported on first use."""
    configure_django()
    module, _, name = path.partition(".")
    return getattr(import_module(f"anymail.webhooks.{module}"), name)


@lru_cache(maxsize=VIEWS_KEPT)
def vocabulary(path: str) -> Any:
    """A view for parsing only: its constructor, which reads secrets, is not run."""
    cls = view_class(path)
    return cls.__new__(cls)


@lru_cache(maxsize=VIEWS_KEPT)
def checker(path: str, settings: tuple[tuple[str, str], ...]) -> Any:
    """A view that checks requests with these settings. Raises what anymail raises on bad ones."""
    cls = view_class(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anymail warns of SendGrid's support, not of ours
        return cls(**dict(settings))


def django_request(request: WebhookRequest) -> Any:
    """The request as Django's views want it."""
    configure_django()
    from django.core.handlers.wsgi import WSGIRequest

    where = urlsplit(request.url or "http://localhost/")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": where.path,
        "QUERY_STRING": where.query,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.input": BytesIO(request.body),
        "wsgi.url_scheme": where.scheme,
    }
    for name, value in request.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["HTTP_HOST"] = where.netloc
    environ["CONTENT_TYPE"] = request.headers.get("content-type", "")
    return WSGIRequest(environ)
