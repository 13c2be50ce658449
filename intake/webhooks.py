"""The webhooks of every provider: is this request theirs, and which events does it report?

`verify` is asked at the door, `parse` later, in a job, of what was stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode

from domain.events import ReportedEvent
from intake.certificates import Certificates
from intake.providers import (
    amazon_ses,
    braze,
    brevo,
    customerio,
    hubspot,
    iterable,
    klaviyo,
    mailchimp,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    sparkpost,
    unisender_go,
)
from intake.providers.specification import Credential, Provider
from intake.requests import Handshake, Refused, WebhookRequest
from intake.verifying import check_credentials, settings_problem

__all__ = [
    "PROVIDERS",
    "Certificates",
    "Credential",
    "Handshake",
    "ParsedPayload",
    "Provider",
    "Refused",
    "WebhookRequest",
    "handshake",
    "parse",
    "provider_named",
    "settings_problems",
    "stored_headers",
    "stored_query",
    "verify",
]

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        module.PROVIDER.name: module.PROVIDER
        for module in (
            amazon_ses,
            brevo,
            mailersend,
            mailgun,
            mailjet,
            mailtrap,
            mandrill,
            postal,
            postmark,
            resend,
            sendgrid,
            sparkpost,
            unisender_go,
            customerio,
            klaviyo,
            mailchimp,
            iterable,
            braze,
            hubspot,
        )
    }
)
"""Every provider by the name in its webhook's URL and in the PROVIDERS setting."""

LONGEST_PROBLEM = 300
"""Characters kept of what was wrong with one event."""


@dataclass(frozen=True, slots=True)
class ParsedPayload:
    """What one stored payload reports; `problems` says which of its events could not be read."""

    events: list[ReportedEvent]
    problems: list[str]


def provider_named(name: str) -> Provider:
    """The provider of that name. Raises Refused (404)."""
    try:
        return PROVIDERS[name]
    except KeyError:
        known = ", ".join(PROVIDERS)
        message = f"There is no provider {name[:40]!r}. Known are {known}."
        raise Refused(404, "UNKNOWN_PROVIDER", message) from None


async def verify(
    provider: str,
    request: WebhookRequest,
    settings: Sequence[Mapping[str, str]],
    certificates: Certificates,
) -> None:
    """Return if the request is the provider's own and its body can be read; else raise Refused.

    `settings` are the provider's live sets of settings, any of which may vouch for the request.
    `certificates` are fetched for Amazon SES alone. Whatever the bytes, nothing but Refused is
    raised; its status is 4xx, but 503 where a certificate cannot be fetched now.
    """
    spec = provider_named(provider)
    _check_content_type(spec, request)
    if spec.credential is Credential.BODY:
        _check_body(spec, request)
        check_credentials(spec, request, settings)
    else:
        check_credentials(spec, request, settings)
        _check_body(spec, request)
    if spec.authenticate is not None:
        await spec.authenticate(request, settings, certificates)


def handshake(provider: str, request: WebhookRequest) -> Handshake | None:
    """What to do with a verified request that reports nothing; None for one that is to be stored.

    Raises Refused.
    """
    spec = provider_named(provider)
    return spec.handshake(request) if spec.handshake is not None else None


def settings_problems(providers: Mapping[str, Sequence[Mapping[str, str]]]) -> list[str]:
    """What is wrong with the PROVIDERS setting, one sentence each; none if it can be used."""
    known = ", ".join(PROVIDERS)
    problems: list[str] = []
    for name, live in providers.items():
        spec = PROVIDERS.get(name)
        if spec is None:
            problems.append(f"{name}: no such provider; known are {known}")
        else:
            problems += [found for one in live if (found := settings_problem(spec, one))]
    return problems


def parse(provider: str, request: WebhookRequest) -> ParsedPayload:
    """The events of a payload that was accepted earlier; needs no secret and never raises.

    One bad event costs only itself; a body that cannot be read at all is one problem.
    """
    spec = PROVIDERS.get(provider)
    if spec is None:
        return ParsedPayload([], [f"no provider {provider[:40]!r}"])
    try:
        raw_events = spec.split(request)
    except Exception as error:
        return ParsedPayload([], [_problem("the body", error)])
    events: list[ReportedEvent] = []
    problems: list[str] = []
    report = spec.report
    for position, raw in enumerate(raw_events):
        try:
            events.extend(report(raw, request))
        except Exception as error:
            problems.append(_problem(f"event {position}", error))
    return ParsedPayload(events, problems)


def stored_headers(provider: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that `parse` will need; never a credential or a signature."""
    spec = PROVIDERS.get(provider)
    kept = ("content-type", *(spec.kept_headers if spec else ()))
    return {name: headers[name] for name in kept if name in headers}


def stored_query(provider: str, query: str) -> str:
    """The query of the URL that was called, without the secret that some providers put there."""
    spec = PROVIDERS.get(provider)
    if spec is None or not spec.secret_parameter:
        return query
    kept = [
        one for one in parse_qsl(query, keep_blank_values=True) if one[0] != spec.secret_parameter
    ]
    return urlencode(kept)


def _check_content_type(spec: Provider, request: WebhookRequest) -> None:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        message = f"{spec.title}: content encoding {encoding[:40]!r} is not taken; send it plain."
        raise Refused(415, "UNSUPPORTED_ENCODING", message)
    found = request.content_type
    if found not in spec.content_types and not found.endswith("+json"):
        expected = ", ".join(sorted(filter(None, spec.content_types)))
        message = f"{spec.title}: content type {found[:80]!r} is not taken; expected {expected}."
        raise Refused(415, "UNSUPPORTED_CONTENT_TYPE", message)


def _check_body(spec: Provider, request: WebhookRequest) -> None:
    try:
        spec.split(request)
    except Exception as error:
        message = f"{spec.title}: the body cannot be read: {_reason(error)}."
        raise Refused(spec.damaged_status, "DAMAGED_PAYLOAD", message) from error


def _problem(what: str, error: Exception) -> str:
    return f"{what}: {_reason(error)}"


def _reason(error: Exception) -> str:
    said: Any = str(error).rstrip(".")
    if isinstance(error, KeyError):
        said = f"no {said}"
    kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
    return f"{kind}{said}"[:LONGEST_PROBLEM]
