"""`python -m demo`: load the portfolio and its history, then go on sending.

python -m demo --url URL --token-file FILE --secrets-file FILE   load (once), then trickle
python -m demo load …                                            load and stop, as does --once
python -m demo evaluate --url URL --token-file FILE …            coverage and precision by truth
python -m demo truth                                             address, customer, stakeholder
"""

import argparse
import asyncio
import csv
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from demo import secrets
from demo.doors import Away, Doors, Refused
from demo.evaluate import evaluate
from demo.history import History, make_history
from demo.load import load
from demo.progress import Shown, shown
from demo.signing import Signer
from demo.trickle import trickle

SEED = 7


def main(arguments: list[str] | None = None) -> None:
    """Do what the arguments say; what goes wrong is one message and exit code 1."""
    options = _options(arguments)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_run(options))
    except (Refused, Away, OSError, ValueError) as error:
        sys.exit(f"demo: {error}")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    actions = ("run", "load", "trickle", "evaluate", "truth")
    parser.add_argument("action", nargs="?", default="run", choices=actions)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", default="", help="role INTEGRATION; a manager's to evaluate")
    parser.add_argument("--token-file", type=Path, help="a file that holds the token")
    parser.add_argument("--secrets-file", type=Path, help="made by demo.secrets.create")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--once", action="store_true", help="stop after loading")
    parser.add_argument("--again", action="store_true", help="load although it was done before")
    return parser.parse_args(arguments)


async def _run(options: argparse.Namespace) -> None:
    if options.action == "truth":
        _print_truth(make_history(options.seed, _ends_at(options)))
        return
    token = options.token_file.read_text().strip() if options.token_file else options.token
    async with Doors(options.url, token) as doors:
        if options.action == "evaluate":
            await _print_score(doors, make_history(options.seed, _ends_at(options)))
            return
        with shown() as bars:
            await _load_once(doors, options, bars)
        if options.action != "load" and not options.once:
            history = make_history(options.seed, _ends_at(options))
            signer = Signer(secrets.load(options.secrets_file))
            await trickle(doors, signer, history.portfolio, lambda: datetime.now(UTC))


def _ends_at(options: argparse.Namespace) -> datetime:
    if options.secrets_file is None:
        return datetime.now(UTC).replace(microsecond=0)
    return secrets.load(options.secrets_file).history_ends_at


async def _load_once(doors: Doors, options: argparse.Namespace, bars: Shown) -> None:
    """Load unless the mark beside the secrets says that it was done; half a load is done again."""
    if options.secrets_file is None:
        raise ValueError("--secrets-file is missing: the file that demo.secrets.create made")
    mark = options.secrets_file.with_suffix(".loaded")
    if options.action == "trickle" or (mark.exists() and not options.again):
        return
    found = secrets.load(options.secrets_file)
    await load(doors, Signer(found), make_history(options.seed, found.history_ends_at), bars)
    mark.touch()


async def _print_score(doors: Doors, history: History) -> None:
    found = await evaluate(doors, history.portfolio.truth)
    out = Console(highlight=False)
    out.print(f"recipients {found.recipients:,}, of them internal {found.internal:,}")
    out.print(f"coverage   {found.coverage or 0:.4f} (target > 0.95)")
    out.print(f"precision  {found.precision or 0:.4f} (target ≥ 0.99)")


def _print_truth(history: History) -> None:
    rows = csv.writer(sys.stdout)
    rows.writerow(("address", "customer", "stakeholder"))
    for address, owners in history.portfolio.truth.items():
        for owner in owners or (None,):
            known = (owner.customer, owner.stakeholder or "") if owner else ("", "")
            rows.writerow((address, *known))


if __name__ == "__main__":
    main()
