"""`run`: everything in one process tree, kept alive, and nothing left of it afterwards."""

import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import structlog

from domain.viewer import Role
from server import children, embedded, listening, postgres, valkey
from server.attached import with_servers
from server.children import Child
from server.demo_settings import with_demo
from server.kept_token import kept_token
from server.processes import ServerError, stoppable
from server.provider_secrets import revealed
from server.settings import Settings, require

READY_SECONDS = 60.0
"""How long the web process may take until /readyz says 200."""

LOOK_SECONDS = 0.1
"""How often we look after children and servers."""

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Run everything until SIGINT or SIGTERM. Raises ServerError, SettingsError."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (
        _alone(settings.data_dir),
        listening.listen(settings.host, settings.port) as listener,
        _embedded_where_absent(settings),
        stoppable(),
    ):
        complete = with_demo(_start_servers(settings))
        _say("bringing the database to the present schema")
        _run_to_end(["migrate"], environment(complete))
        _say("starting web and worker")
        _supervise(settings, complete, listener)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold DATA_DIR for this process; the lock goes with it, however it ends."""
    with (data_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ServerError(
                f"`run` already works on {data_dir} (process {lock.read().strip()}): stop it, or "
                "choose another folder and port, as DATA_DIR=.data2 PORT=8001"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _embedded_where_absent(settings: Settings) -> Iterator[None]:
    """Afterwards, stop what was embedded, whoever started it."""
    try:
        yield
    finally:
        if not settings.redis_url:
            embedded.stop_valkey(settings.data_dir)
        if not settings.database_url:
            embedded.stop_postgres(settings.data_dir)


def _start_servers(settings: Settings) -> Settings:
    """Settings with both URLs; what is not set is embedded and runs now."""
    folder = settings.data_dir
    if not (settings.database_url and settings.redis_url):
        _say(f"starting the embedded servers on {folder}")
    database_url = settings.database_url or embedded.start_postgres(folder)
    redis_url = settings.redis_url or embedded.start_valkey(folder)
    if settings.database_url:
        require(settings, "secret_key")
    return with_servers(settings, database_url=database_url, redis_url=redis_url)


def _say(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)  # noqa: T201


def environment(settings: Settings) -> dict[str, str]:
    """The environment of our children: ours, with what we found out."""
    is_quiet = "log_level" not in settings.model_fields_set
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "PROVIDERS": orjson.dumps(revealed(settings.providers)).decode(),
        "INTERNAL_DOMAINS": ",".join(settings.internal_domains),
        "LOG_LEVEL": "WARNING" if is_quiet else settings.log_level,
    }


def _run_to_end(arguments: list[str], env: dict[str, str]) -> str:
    """A command of ours that must succeed; what it says on stdout."""
    result = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "server", *arguments],
        env={**env, children.PARENT: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=Path.cwd(),
        start_new_session=True,
    )
    if result.returncode:
        raise ServerError(f"`{' '.join(arguments)}` failed; its reason stands above")
    return result.stdout.strip()


def _supervise(given: Settings, settings: Settings, listener: socket.socket) -> None:
    env = environment(settings)
    descriptor = listener.fileno()
    web = Child(
        "web",
        ["web"],
        environment={**env, listening.SOCKET: str(descriptor)},
        sockets=(descriptor,),
    )
    worker = Child("worker", ["worker"], environment=env)
    demo = Child("demo", ["demo"], environment=env, is_finite=True)
    everyone = [web, worker]
    try:
        web.start()
        worker.start()
        _await_ready(settings, everyone)
        print(ready_line(settings, kept_token(settings, "sign_in_token", Role.MANAGER)), flush=True)  # noqa: T201
        if settings.demo:
            demo.start()
            everyone.append(demo)
        while True:
            time.sleep(LOOK_SECONDS)
            _look_after(given, everyone)
    finally:
        children.stop([demo, web, worker])


def _look_after(given: Settings, everyone: list[Child]) -> None:
    """Start again what has died: the embedded servers and the children."""
    for child in everyone:
        child.look()
    folder = given.data_dir.resolve()
    if not given.database_url and postgres.running(folder) is None:
        log.warning("PostgreSQL died: started again")
        embedded.start_postgres(folder)
    if not given.redis_url and valkey.running(folder) is None:
        log.warning("Valkey died: started again")
        embedded.start_valkey(folder)


def _await_ready(settings: Settings, everyone: list[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(settings):
        if time.monotonic() > deadline:
            raise ServerError(
                f"{settings.base_url}/readyz does not answer 200 within {READY_SECONDS:.0f} s; "
                "the reason stands above, or run `python -m server doctor`"
            )
        time.sleep(LOOK_SECONDS)
        for child in everyone:
            child.look()


def _is_ready(settings: Settings) -> bool:
    try:
        with urllib.request.urlopen(f"{settings.local_url}/readyz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def ready_line(settings: Settings, token: str) -> str:
    """The one line `run` prints: the address, with a link that signs in."""
    return f"Ready: {settings.base_url}/#token={token} (Ctrl-C stops everything)"
