"""The command line: each command reads the settings, then hands over to the module that does it.

Those modules are imported inside the commands, so that `--help` and `run` need not load the web.
"""

import asyncio
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from server import logs, processes
from server.attached import attached, attached_database
from server.children import PARENT
from server.processes import ServerError
from server.settings import Settings, SettingsError, load, require

app = typer.Typer(
    name="python -m server",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Live engagement of customers with every bulk email.",
)


class RoleName(StrEnum):
    """A token's role, as typed."""

    CSM = "csm"
    MANAGER = "manager"
    ADMIN = "admin"
    INTEGRATION = "integration"


def main() -> None:
    """Run a command; what the operator can put right is one message and exit code 1."""
    from domain.errors import DomainError
    from store.database import Unavailable

    if parent := os.environ.get(PARENT):
        processes.follow_parent(int(parent))
    try:
        app()
    except (SettingsError, ServerError, DomainError, Unavailable) as error:
        sys.exit(f"{error}")


def _settings() -> Settings:
    settings = load()
    logs.configure(settings.log_level)
    return settings


def _with_servers() -> Settings:
    return require(_settings(), "database_url", "redis_url", "secret_key")


def _with_usable_providers(settings: Settings) -> Settings:
    from intake.webhooks import settings_problems
    from server.provider_secrets import revealed

    if problems := settings_problems(revealed(settings.providers)):
        raise SettingsError("\n".join(f"PROVIDERS: {problem}" for problem in problems))
    return settings


@app.command()
def run() -> None:
    """Everything: PostgreSQL and Valkey unless their URLs are set, web, worker and demo."""
    settings = _with_usable_providers(_settings())
    from server.supervisor import run as supervise

    supervise(settings)


@app.command()
def web() -> None:
    """The web process. Wants DATABASE_URL, REDIS_URL and SECRET_KEY."""
    settings = _with_usable_providers(_with_servers())
    from server.serving import serve

    serve(settings)


@app.command()
def worker() -> None:
    """The worker process. Wants DATABASE_URL, REDIS_URL and SECRET_KEY."""
    settings = _with_servers()
    from server.worker import run_worker

    run_worker(settings)


@app.command()
def migrate() -> None:
    """Bring the database to the present schema; many may call it at once."""
    from store.migrate import migrate as apply

    with attached_database(_settings()) as settings:
        asyncio.run(apply(settings.database_url))


@app.command()
def token(
    role: Annotated[RoleName, typer.Option(help="what the token may do")],
    csm: Annotated[str | None, typer.Option(metavar="EMAIL", help="whose portfolio")] = None,
    name: Annotated[str, typer.Option(help="what it is for, shown in the list of keys")] = "",
) -> None:
    """Make an API key and print it, alone, on stdout. It is shown this once."""
    from domain.viewer import Role
    from server.keys import make_key

    if role is RoleName.CSM and not csm:
        raise typer.BadParameter("a CSM's token wants --csm EMAIL", param_hint="--role csm")
    with attached_database(_settings()) as settings:
        key = make_key(settings.database_url, role=Role(role.upper()), name=name, csm_email=csm)
        typer.echo(asyncio.run(key))


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="customers as .csv or .json", exists=True)],
) -> None:
    """Import customers, stakeholders and domains; the same file twice changes nothing."""
    from server.importing import import_customers

    with attached(_settings()) as settings:
        raise typer.Exit(import_customers(settings, file))


@app.command()
def mail(
    files: Annotated[
        list[Path], typer.Argument(help="messages, mboxes, Maildirs or folders", exists=True)
    ],
) -> None:
    """Read mails, sent and received, from files; the same ones twice change nothing."""
    from server.mailing import read_files

    with attached(_settings()) as settings:
        raise typer.Exit(read_files(settings, files))


@app.command()
def rebuild(
    check: Annotated[bool, typer.Option("--check", help="compare only, change nothing")] = False,
) -> None:
    """Derive everything again from events and decisions; --check fails on a difference."""
    from server.rebuilding import rebuild as derive

    with attached(_settings()) as settings:
        raise typer.Exit(derive(settings, is_check=check))


@app.command()
def demo() -> None:
    """Load the demo portfolio through the public doors, then keep sending."""
    settings = _settings()
    from server.demonstrating import demonstrate

    demonstrate(settings)


@app.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from schema.build import sdl

    typer.echo(sdl(), nl=False)


@app.command()
def doctor() -> None:
    """Say what is configured, reachable and missing; fails when something is broken."""
    from server.doctor import examine

    raise typer.Exit(examine(_settings()))
