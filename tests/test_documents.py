"""What the documents promise exists: every setting, command, target and dependency."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from server.cli import app
from server.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SETTINGS = {name.upper() for name in Settings.model_fields}
COMMANDS = {
    command.name or (command.callback.__name__ if command.callback else "")
    for command in app.registered_commands
}
OTHER_VARIABLES = {
    "ARGS",
    "PYTHON",
    "POSTGRES_PASSWORD",
    "REQUIRE_BROWSER",
    "REQUIRE_NODE",
    "TEST_DATABASE_URL",
    "TEST_REDIS_URL",
    "WEB_PORTS",
}
"""Read by the Makefile, by compose or by the tests."""


def text(name: str) -> str:
    return (ROOT / name).read_text()


def rows(document: str, heading: str) -> set[str]:
    """The first column of the table under a heading."""
    section = text(document).split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.M))


def project() -> dict[str, Any]:
    return tomllib.loads(text("pyproject.toml"))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<=>~!; ]", requirement)[0] for requirement in requirements}


def locked(document: str) -> set[str]:
    return set(re.findall(r"^([A-Za-z0-9._-]+)==", text(document), re.M))


def test_every_setting_is_documented_and_none_besides() -> None:
    assert rows("docs/operating.md", "Settings") == SETTINGS


def test_every_command_is_documented_and_none_besides() -> None:
    documented = {
        c.removeprefix("python -m server ") for c in rows("docs/operating.md", "Commands")
    }
    assert documented == COMMANDS


def test_every_setting_is_read_somewhere() -> None:
    code = (
        "\n".join(
            path.read_text()
            for path in (ROOT / "server").rglob("*.py")
            if path.name != "settings.py"
        )
        + text("server/settings.py").split("def base_url")[1]
    )
    unread = {n for n in Settings.model_fields if not re.search(rf"\.{n}\b", code)}
    assert unread == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_and_targets_in_the_documents_exist(document: Path) -> None:
    content = document.read_text()
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.M))
    assert set(re.findall(r"\bpython -m server ([a-z]+)", content)) <= COMMANDS
    assert set(re.findall(r"`make ([a-z]+)", content)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_variables_given_in_the_documents_exist(document: Path) -> None:
    content = document.read_text()
    given = set(re.findall(r"\b([A-Z][A-Z_]{3,})=", content))
    # A shell variable that the document sets from a command and then uses is its own.
    own = {name for name in re.findall(r"\b([A-Z]+)=\$\(", content) if f"${name}" in content}
    assert given <= SETTINGS | OTHER_VARIABLES | own


def test_every_dependency_is_justified_and_none_besides() -> None:
    found = project()
    assert rows("docs/dependencies.md", "What runs") == names(found["project"]["dependencies"])
    tools = names(found["dependency-groups"]["dev"])
    assert rows("docs/dependencies.md", "What checks and tests") == tools


def test_the_locks_hold_every_dependency_with_its_hash() -> None:
    found = project()
    running = names(found["project"]["dependencies"])
    tools = names(found["dependency-groups"]["dev"])
    assert running <= locked("requirements.txt")
    assert running | tools <= locked("requirements-dev.txt")
    for lock in ("requirements.txt", "requirements-dev.txt"):
        for block in re.split(r"\n(?=\S)", text(lock).strip()):
            assert "--hash=sha256:" in block


def test_the_locks_agree() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^([A-Za-z0-9._-]+==\S+)", text(lock), re.M))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "Makefile", ".ci/run", "Dockerfile"]
)
def test_no_index_is_named(name: str) -> None:
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links|file:/", text(name)) == []


@pytest.mark.parametrize("target", ["run", "test", "check", "bench"])
def test_the_makefile_has_the_target(target: str) -> None:
    result = subprocess.run(
        ["make", "--dry-run", "--silent", target], cwd=ROOT, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_the_image_runs_without_root_and_holds_no_secret() -> None:
    _, dashboard, build, final = text("Dockerfile").split("\nFROM ")
    assert "npm ci" in dashboard
    assert "COPY --from=dashboard /app/dashboard/dist" in final
    assert "--require-hashes" in build
    assert re.search(r"^USER \d+$", final, re.M)
    assert 'ENTRYPOINT ["python", "-m", "server"]' in final
    assert not re.search(r"SECRET|PASSWORD|TOKEN", text("Dockerfile"))
    folders = set(re.findall(r"^COPY ([a-z]+) ", text("Dockerfile"), re.M))
    allowed = set(re.findall(r"^!([a-z]+)$", text(".dockerignore"), re.M))
    assert folders == allowed
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_compose_scales_web_and_worker_apart_and_has_no_default_secret() -> None:
    yaml: Any = pytest.importorskip("yaml")
    services = yaml.safe_load(text("compose.yaml"))["services"]
    assert set(services) == {"postgres", "valkey", "migrate", "web", "worker"}
    assert [services[n]["command"] for n in ("migrate", "web", "worker")] == [
        ["migrate"],
        ["web"],
        ["worker"],
    ]
    for name in ("postgres", "valkey", "web"):
        assert "test" in services[name]["healthcheck"]
    waits = services["web"]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert services["worker"]["depends_on"] == waits
    given = services["web"]["environment"]
    assert set(given) <= SETTINGS
    for secret in ("POSTGRES_PASSWORD", "SECRET_KEY"):
        uses = re.findall(rf"\$\{{{secret}(.)", text("compose.yaml"))
        assert uses
        assert set(uses) == {":"}
        assert re.search(rf"\$\{{{secret}:\?", text("compose.yaml"))
