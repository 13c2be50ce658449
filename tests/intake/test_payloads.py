"""Every documented shape of every provider's payload, whole."""

import importlib
from types import ModuleType

import pytest

from intake.webhooks import PROVIDERS, WebhookRequest, parse, stored_headers, verify
from tests.intake.cases import Case
from tests.intake.signing import NOW, SETTINGS, certificates, sign

MODULES: dict[str, ModuleType] = {
    name: importlib.import_module(f"tests.intake.payloads.{name.replace('-', '_')}")
    for name in PROVIDERS
}
ROWS = [
    pytest.param(provider, case, id=f"{provider}: {case.name}")
    for provider, module in MODULES.items()
    for case in module.CASES
]


@pytest.mark.parametrize(("provider", "case"), ROWS)
async def test_payload_becomes_exactly_these_events(provider: str, case: Case) -> None:
    """Signed as the provider does, verified, stored, and read from what was stored."""
    request = sign(provider, case.raw)
    request = WebhookRequest(
        body=request.body,
        headers={**request.headers, **case.headers},
        query=request.query,
        url=request.url,
        received_at=NOW,
    )

    await verify(provider, request, [SETTINGS[provider]], certificates())
    stored = WebhookRequest(
        body=request.body, headers=stored_headers(provider, request.headers), received_at=NOW
    )
    parsed = parse(provider, stored)

    assert parsed.problems == []
    assert tuple(parsed.events) == case.expected
