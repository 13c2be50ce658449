"""What judged sweeps teach about a domain's gateway."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.engagement import Fact
from domain.events import EventKind
from domain.gateways import GatewayProfile, Sighting, learn, swept
from tests.domain.facts import at, fact

K = EventKind
TODAY = date(2026, 11, 22)
SECOND = 1 / 60


def sighting(days: int = 0, delay: float | None = 40.0, **changes: Any) -> Sighting:
    values: dict[str, Any] = {"is_swept": True, "delay_seconds": delay, "pace_seconds": 0.2}
    return Sighting(TODAY - timedelta(days=days), **(values | changes))


def click(second: float, url: str, *reasons: str, **changes: Any) -> Fact:
    return fact(K.CLICKED, second * SECOND, url=url, reasons=reasons, **changes)


def test_a_swept_message_tells_the_delay_and_the_pace() -> None:
    found = swept(
        [
            fact(K.ACCEPTED, -1),
            fact(K.DELIVERED, 0),
            fact(K.DELIVERED, 5),
            click(40, "https://a.example", "BURST"),
            click(40.4, "https://b.example", "BURST", "SWEEP"),
            click(41, "https://a.example", "BURST"),
            click(3_000, "https://c.example"),
        ]
    )
    assert found is not None
    assert (found.on, found.is_swept, found.delay_seconds) == (at(0).date(), True, 40.0)
    assert found.pace_seconds == pytest.approx(0.4)


def test_without_a_delivery_it_counts_from_acceptance_and_without_any_not_at_all() -> None:
    one = click(40, "https://a.example", "DECOY")
    assert swept([fact(K.ACCEPTED, -1), one]) == Sighting(at(0).date(), True, 100.0, None)
    assert swept([one]) == Sighting(at(0).date(), True, None, None)


@pytest.mark.parametrize("reason", ["LEARNED", "PROVIDER_FLAG", "SCANNER_AGENT", "PREFETCH"])
def test_what_shows_no_gateway_at_work_teaches_nothing(reason: str) -> None:
    """What was judged by a profile must not make the profile surer."""
    assert swept([fact(K.DELIVERED, 0), click(40, "https://a.example", reason)]) is None


def test_a_profile_has_the_quantiles_and_the_share() -> None:
    seen = [sighting(0, float(delay)) for delay in range(1, 101)] + [sighting(is_swept=False)] * 25
    profile = learn("acme.example", seen, TODAY)
    assert profile == GatewayProfile(
        "acme.example", TODAY, 100, 125, delay_low=5, delay_median=50, delay_high=95, pace=0.2
    )
    assert profile.share == 0.8
    assert profile.window == (timedelta(seconds=5 - 22.5), timedelta(seconds=95 + 22.5))
    assert profile.is_applied


def test_evidence_counts_half_after_thirty_days() -> None:
    profile = learn("acme.example", [sighting(0), sighting(30), sighting(60)], TODAY)
    assert profile.swept == pytest.approx(1.75)


def test_a_gateway_that_changed_its_delay_is_followed() -> None:
    seen = [sighting(90, 10)] * 10 + [sighting(1, 200)] * 10
    assert learn("acme.example", seen, TODAY).delay_median == 200


@pytest.mark.parametrize(
    ("seen", "is_applied"),
    [
        ([], False),
        ([sighting()] * 4, False),
        ([sighting()] * 5, True),
        ([sighting(1)] * 5, False),
        ([sighting()] * 8 + [sighting(is_swept=False)] * 2, True),
        ([sighting()] * 7 + [sighting(is_swept=False)] * 2, False),
        ([sighting(delay=None)] * 9, False),
        ([sighting(delay=1), sighting(delay=602)] * 9, False),
    ],
)
def test_a_profile_is_applied_from_a_minimum_of_evidence(
    seen: list[Sighting], is_applied: bool
) -> None:
    assert learn("acme.example", seen, TODAY).is_applied is is_applied
