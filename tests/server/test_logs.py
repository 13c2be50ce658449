"""Logs: one shape for all, addresses redacted, secrets left out."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from server import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the logs go for one test; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    output = io.StringIO()
    logs.configure("INFO", stream=output, is_terminal=False)
    yield output
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_addresses_are_redacted_wherever_they_stand(stream: io.StringIO) -> None:
    structlog.get_logger("x").info(
        "mail to ann.lee@example.com",
        recipients=["bob@example.org", {"deep": ("cy@example.net <Cy>",)}],
    )
    (line,) = lines(stream)
    assert line["event"] == "mail to a***@example.com"
    assert line["recipients"] == ["b***@example.org", {"deep": ["c***@example.net <Cy>"]}]
    assert (line["level"], line["logger"]) == ("info", "x")


def test_addresses_in_an_exception_are_redacted(stream: io.StringIO) -> None:
    try:
        raise ValueError("no such stakeholder: ann@example.com")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    assert "ann@" not in stream.getvalue()
    assert "ValueError: no such stakeholder: a***@example.com" in lines(stream)[0]["exception"]


def test_records_of_libraries_take_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("hello %s", "ann@example.com")
    (line,) = lines(stream)
    assert (line["event"], line["logger"]) == ("hello a***@example.com", "uvicorn.error")


def test_requests_are_not_logged(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /c/token")
    assert stream.getvalue() == ""


def test_secrets_are_left_out(stream: io.StringIO) -> None:
    structlog.get_logger("x").info(
        "start",
        secret_key="opensesame",
        headers={"Authorization": "Bearer opensesame"},
        key=SecretStr("opensesame"),
        body=b"opensesame",
    )
    assert "opensesame" not in stream.getvalue()
    assert lines(stream)[0]["body"] == "<10 bytes>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://user:pw@db.example/x", "postgresql://***@db.example/x"),
        ("redis://:pw@cache.example/0", "redis://***@cache.example/0"),
        ("http://h.example/?a=1&token=t#key=k", "http://h.example/?a=1&***#***"),
        ("/u?to=ann%40example.com&x=1", "/u?to=a***%40example.com&x=1"),
        ("ann@münchen.example", "a***@münchen.example"),
        ("at 5 @ noon, @ann", "at 5 @ noon, @ann"),
    ],
)
def test_what_is_secret_in_a_text_is_hidden(text: str, shown: str) -> None:
    assert logs.redact_text(text) == shown


def test_a_value_too_long_to_read_is_cut() -> None:
    assert logs.redact_text("a" * 30_000) == "a" * 20_000 + "… (30000 characters)"


def test_a_terminal_gets_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    output = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("INFO", stream=output, is_terminal=True)
    structlog.get_logger("x").info("hello", who="ann@example.com")
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()
    assert "hello" in output.getvalue()
    assert "a***@example.com" in output.getvalue()
    assert not output.getvalue().startswith("{")
