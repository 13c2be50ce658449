"""The command line, as an operator meets it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from server import doctor, postgres, valkey
from server.doctor import State
from server.settings import Settings
from store.access import prefix_of
from store.database import Database

ROOT = Path(__file__).resolve().parent.parent.parent


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m server` with nothing set but `environment`."""
    bare = {name.upper(): "" for name in Settings.model_fields}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        env={**os.environ, **bare, "COLUMNS": "200", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_command_it_lists_them() -> None:
    listed = command("--help").stdout
    for name in ("run", "web", "worker", "migrate", "demo", "import", "token", "rebuild"):
        assert re.search(rf"\b{name}\b", listed)


@pytest.mark.parametrize("process", ["web", "worker"])
def test_only_run_embeds_servers(process: str) -> None:
    refused = command(process)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert [line.split()[0] for line in refused.stderr.splitlines()] == [
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
    ]


def test_a_bad_setting_is_one_message() -> None:
    refused = command("run", PORT="eighty")
    assert refused.returncode == 1
    assert refused.stderr.startswith("PORT=eighty: ")
    assert len(refused.stderr.splitlines()) == 1


def test_an_unknown_provider_is_named_before_anything_starts(folder: Path) -> None:
    refused = command("run", PROVIDERS='{"sendgird": {"a": "opensesame"}}', DATA_DIR=str(folder))
    assert refused.returncode == 1
    assert refused.stderr.startswith("PROVIDERS: sendgird: no such provider; known are ")
    assert "opensesame" not in refused.stderr
    assert list(folder.iterdir()) == []


def test_a_csm_s_token_wants_the_csm() -> None:
    refused = command("token", "--role", "csm")
    assert refused.returncode == 2
    assert "--csm EMAIL" in refused.stderr


async def test_a_token_stands_alone_on_stdout(database: Database) -> None:
    made = command("token", "--role", "admin", "--name", "ops", DATABASE_URL=database.dsn)
    assert made.returncode == 0, made.stderr
    token = made.stdout.removesuffix("\n")
    async with database.connection() as connection:
        keys = await connection.fetch("SELECT prefix, role, name FROM api_key")
    assert [tuple(key) for key in keys] == [(prefix_of(token), "ADMIN", "ops")]


async def test_a_token_for_an_unknown_csm_is_refused(database: Database) -> None:
    refused = command("token", "--role", "csm", "--csm", "no@x.example", DATABASE_URL=database.dsn)
    assert refused.returncode == 1
    assert "no@x.example" in refused.stderr
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM api_key") == 0


def test_a_command_starts_the_servers_for_the_moment(folder: Path) -> None:
    for _ in range(2):
        assert command("migrate", DATA_DIR=str(folder)).returncode == 0
        assert postgres.running(folder) is None
    made = command("token", "--role", "manager", DATA_DIR=str(folder))
    assert made.returncode == 0, made.stderr
    assert valkey.running(folder) is None


def test_migrating_a_database_that_is_away_is_one_message() -> None:
    refused = command("migrate", DATABASE_URL="postgresql://u:opensesame@127.0.0.1:1/x")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "PostgreSQL cannot be reached" in refused.stderr
    assert "opensesame" not in refused.stderr


def test_the_doctor_finds_everything_well(database_url: str, redis_url: str) -> None:
    key = "k" * 40
    report = command("doctor", DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY=key)
    assert report.returncode == 0, report.stdout
    assert re.search(r"PostgreSQL\s+│ ok\s+│ 1\d\.", report.stdout)
    assert re.search(r"migrations\s+│ ok\s+│ at 0", report.stdout)
    assert re.search(r"Redis or Valkey\s+│ ok ", report.stdout)
    assert re.search(r"raw mail\s+│ note\s+│ INTERNAL_DOMAINS is not set", report.stdout)
    assert key not in report.stdout


def test_the_doctor_fails_when_something_is_broken() -> None:
    url = "postgresql://u:opensesame@127.0.0.1:1/x"
    report = command("doctor", DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1")
    assert report.returncode == 1
    assert len(re.findall(r"│ broken │", report.stdout)) == 3
    assert "opensesame" not in report.stdout


@pytest.mark.parametrize(
    ("number", "state"),
    [(140011, State.BROKEN), (150000, State.OK), (180006, State.OK), (190000, State.BROKEN)],
)
def test_the_doctor_knows_postgresql_15_to_18(number: int, state: State) -> None:
    assert doctor.judge_postgres(number).state is state


@pytest.mark.parametrize(
    ("server", "state"),
    [
        ({"redis_version": "5.0.14"}, State.BROKEN),
        ({"redis_version": "6.2.1"}, State.OK),
        ({"redis_version": "8.2.0"}, State.OK),
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, State.OK),
    ],
)
def test_the_doctor_knows_redis_6_to_8_and_valkey(server: dict[str, str], state: State) -> None:
    assert doctor.judge_redis(server).state is state


def test_the_doctor_s_report_fits_a_narrow_terminal(folder: Path) -> None:
    settings = Settings(
        data_dir=folder, database_url="postgresql://127.0.0.1:1/x", redis_url="redis://127.0.0.1:1"
    )
    console = Console(width=60, record=True, file=(folder / "report").open("w"))
    assert doctor.examine(settings, console) == 1
    assert max(len(line) for line in console.export_text().splitlines()) <= 60
    console.file.close()
