"""`doctor`: what is configured, reachable and missing, and what to do about it."""

import asyncio
import platform
import shutil
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import redis
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from intake.webhooks import settings_problems
from jobs.pulling import SourceFailed
from server import embedded
from server.attached import attached_database
from server.processes import ServerError
from server.provider_secrets import revealed
from server.pulling import hubspot_of, mailbox_of, utc_now
from server.settings import Settings, SettingsError
from store.database import Database, Unavailable
from store.migrate import is_migrated, latest_migration
from store.pulls import pulls

POSTGRES_VERSIONS = range(15, 19)
"""Major versions of PostgreSQL we are tested with or written for."""

REDIS_VERSIONS = range(6, 9)
"""Major versions of Redis; Valkey, which began at 7, is taken in any."""

LEAST_DISK_BYTES = 2 * 1024**3
"""What the embedded PostgreSQL's log alone may take (max_wal_size)."""


ANSWER_SECONDS = 10.0
"""How long HubSpot and a mailbox are waited for."""


class State(StrEnum):
    """How a finding stands."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `detail` says the way out where there is something to do."""

    subject: str
    state: State
    detail: str


def examine(settings: Settings, console: Console | None = None) -> int:
    """Print the report; the exit code is 1 when something is broken, else 0."""
    findings = list(_all(settings))
    table = Table("", "state", "detail", title="campaign engagement")
    colours = {State.OK: "green", State.NOTE: "yellow", State.BROKEN: "bold red"}
    for finding in findings:
        colour = colours[finding.state]
        table.add_row(finding.subject, f"[{colour}]{finding.state}[/]", escape(finding.detail))
    (console or Console()).print(table)
    return int(any(finding.state is State.BROKEN for finding in findings))


def _all(settings: Settings) -> Iterator[Finding]:
    yield Finding("Python", State.OK, platform.python_version())
    yield from _database(settings)
    yield _redis(settings)
    yield _secret_key(settings)
    yield _providers(settings)
    yield _raw_mail(settings)
    yield _hubspot(settings)
    yield _mailbox(settings)
    yield _sign_in(settings)
    yield _disk(settings)
    yield _web(settings)


def _raw_mail(settings: Settings) -> Finding:
    if settings.internal_domains:
        return Finding("raw mail", State.OK, f"sent by {', '.join(settings.internal_domains)}")
    missing = "INTERNAL_DOMAINS is not set: no mail is recognised as sent by you (docs/mail.md)"
    return Finding("raw mail", State.NOTE, missing)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with attached_database(settings) as found:
            yield from asyncio.run(_ask_database(found.database_url))
    except (ServerError, SettingsError, Unavailable) as error:
        yield Finding("PostgreSQL", State.BROKEN, f"{error} (DATABASE_URL)")


async def _ask_database(url: str) -> list[Finding]:
    database = Database(url, max_size=2)
    await database.connect()
    try:
        async with database.connection() as connection:
            number = int(await connection.fetchval("SHOW server_version_num"))
            is_current = await is_migrated(connection)
            failing = [row for row in await pulls(connection) if row.error] if is_current else []
    finally:
        await database.close()
    return [
        judge_postgres(number),
        _migrations(is_current=is_current),
        *(Finding("pulling", State.NOTE, f"{row.source}: {row.error}") for row in failing),
    ]


def judge_postgres(number: int) -> Finding:
    """`number`: PostgreSQL's server_version_num, as 180006."""
    major, minor = divmod(number, 10000)
    if major in POSTGRES_VERSIONS:
        return Finding("PostgreSQL", State.OK, f"{major}.{minor}")
    wanted = f"{POSTGRES_VERSIONS[0]} to {POSTGRES_VERSIONS[-1]}"
    return Finding("PostgreSQL", State.BROKEN, f"{major}.{minor} is not among {wanted}")


def _migrations(*, is_current: bool) -> Finding:
    if is_current:
        return Finding("migrations", State.OK, f"at {latest_migration()}")
    return Finding("migrations", State.BROKEN, "behind: run `python -m server migrate`")


def _redis(settings: Settings) -> Finding:
    def ask(url: str) -> Finding:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            return judge_redis(dict(client.info("server")))

    try:
        if settings.redis_url:
            return ask(settings.redis_url)
        with embedded.borrowed_valkey(settings.data_dir) as url:
            return ask(url)
    except (redis.RedisError, ServerError) as error:
        return Finding("Redis or Valkey", State.BROKEN, f"{error} (REDIS_URL)")


def judge_redis(server: dict[str, Any]) -> Finding:
    """`server`: the section `server` of INFO."""
    if valkey := server.get("valkey_version"):
        return Finding("Redis or Valkey", State.OK, f"Valkey {valkey}")
    version = str(server.get("redis_version", "0"))
    if int(version.split(".")[0]) in REDIS_VERSIONS:
        return Finding("Redis or Valkey", State.OK, f"Redis {version}")
    wanted = f"{REDIS_VERSIONS[0]} to {REDIS_VERSIONS[-1]}"
    return Finding("Redis or Valkey", State.BROKEN, f"Redis {version} is not among {wanted}")


def _secret_key(settings: Settings) -> Finding:
    if settings.secret_key.get_secret_value():
        return Finding("SECRET_KEY", State.OK, "set")
    if settings.database_url:
        way_out = 'set it, for example to "$(openssl rand -base64 48)"'
        return Finding("SECRET_KEY", State.BROKEN, f"missing: {way_out}")
    return Finding("SECRET_KEY", State.OK, f"kept in {settings.data_dir}")


def _providers(settings: Settings) -> Finding:
    if problems := settings_problems(revealed(settings.providers)):
        return Finding("PROVIDERS", State.BROKEN, "\n".join(problems))
    if settings.providers:
        return Finding("PROVIDERS", State.OK, ", ".join(sorted(settings.providers)))
    return Finding("PROVIDERS", State.NOTE, "none: every webhook is refused (docs/providers.md)")


def _hubspot(settings: Settings) -> Finding:
    hubspot = hubspot_of(settings, utc_now)
    if hubspot is None:
        return Finding("HubSpot", State.OK, "not pulled: PROVIDERS has no access_token for it")
    return judge_source("HubSpot", hubspot.check(), lambda _: "answers")


def _mailbox(settings: Settings) -> Finding:
    mailbox = mailbox_of(settings, utc_now)
    if mailbox is None:
        return Finding("mailbox", State.OK, "none: IMAP_URL is not set (docs/mailbox.md)")
    return judge_source(
        "mailbox", mailbox.count(), lambda found: f"{mailbox.name}, {found} messages"
    )


def judge_source(
    subject: str, question: Coroutine[Any, Any, Any], told: Callable[[Any], str]
) -> Finding:
    """`question` asks the source and raises SourceFailed; `told` puts its answer into words."""

    async def ask() -> Any:
        return await asyncio.wait_for(question, ANSWER_SECONDS)

    try:
        return Finding(subject, State.OK, told(asyncio.run(ask())))
    except TimeoutError:
        return Finding(subject, State.BROKEN, f"no answer in {ANSWER_SECONDS:.0f} s")
    except SourceFailed as error:
        return Finding(subject, State.BROKEN, str(error))


def _sign_in(settings: Settings) -> Finding:
    ways = ["API keys (`python -m server token`)"]
    if settings.jwt_jwks_url or settings.jwt_secret.get_secret_value():
        ways.append(f"JWT for {settings.jwt_audience}")
    if settings.oidc_issuer:
        ways.append(f"OpenID Connect with {settings.oidc_issuer}")
    return Finding("sign-in", State.OK, ", ".join(ways))


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.resolve().parent
    free = shutil.disk_usage(folder).free
    state = State.NOTE if free < LEAST_DISK_BYTES and not settings.database_url else State.OK
    return Finding("DATA_DIR", state, f"{settings.data_dir}, {free / 1024**3:.1f} GiB free")


def _web(settings: Settings) -> Finding:
    local = settings.local_url
    try:
        with urllib.request.urlopen(f"{local}/readyz", timeout=3) as answer:  # noqa: S310
            return Finding("web", State.OK, f"{local} answers {answer.status}")
    except OSError as error:
        return Finding("web", State.NOTE, f"{local} does not answer ({error}); `run` starts it")
