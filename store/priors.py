"""What everybody does: the priors of insights, learned once a day and kept as dated snapshots."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from domain.best_time import FLAT, Rhythm
from domain.events import CampaignType
from domain.likelihood import Kind, Rates
from store.database import Connection


@dataclass(frozen=True, slots=True)
class Priors:
    """Rates of acting (clicks, replies) and of opening, and everybody's rhythm."""

    action: Rates = field(default_factory=lambda: Rates(0.1))
    open: Rates = field(default_factory=lambda: Rates(0.3))
    rhythm: Rhythm = FLAT


async def save_priors(connection: Connection, found: Priors, as_of: date) -> None:
    """Keep the priors of a day; those of the day before stay."""
    values = (
        ("ACTION", _rates_out(found.action)),
        ("OPEN", _rates_out(found.open)),
        ("RHYTHM", asdict(found.rhythm)),
    )
    for kind, value in values:
        await connection.execute(
            "INSERT INTO prior (kind, as_of, value) VALUES ($1, $2, $3) "
            "ON CONFLICT (kind, as_of) DO UPDATE SET value = excluded.value",
            kind,
            as_of,
            value,
        )


async def has_priors(connection: Connection, as_of: date) -> bool:
    """Whether that day's were learned."""
    return bool(
        await connection.fetchval("SELECT EXISTS (SELECT FROM prior WHERE as_of = $1)", as_of)
    )


async def load_priors(connection: Connection, as_of: date) -> Priors:
    """The newest priors of that day or before; those of nobody where there are none yet."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (kind) kind, value FROM prior WHERE as_of <= $1 "
        "ORDER BY kind, as_of DESC",
        as_of,
    )
    values: dict[str, Any] = dict(rows)
    if not values:
        return Priors()
    rhythm = values["RHYTHM"]
    return Priors(
        _rates_in(values["ACTION"]),
        _rates_in(values["OPEN"]),
        Rhythm(tuple(rhythm["hours"]), tuple(rhythm["days"]), rhythm["acts"]),
    )


def _rates_out(rates: Rates) -> dict[str, object]:
    kinds = [[segment, type_, rate] for (segment, type_), rate in rates.of_kind.items()]
    return {"overall": rates.overall, "kinds": kinds, "spread": rates.spread}


def _rates_in(value: dict[str, Any]) -> Rates:
    kinds: dict[Kind, float] = {
        (segment, None if type_ is None else CampaignType(type_)): rate
        for segment, type_, rate in value["kinds"]
    }
    return Rates(value["overall"], kinds, tuple(value["spread"]))
