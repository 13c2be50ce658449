"""Logs: one structured line an event, to stderr; addresses redacted, secrets never written.

On a terminal the lines are for people, elsewhere they are JSON. uvicorn's, arq's and every other
library's records go the same way.
"""

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from pydantic import SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

ADDRESS = re.compile(r"([^\s@<>\"'(),;:=/?&\[\]]{1,64})(@|%40)((?:[\w-]{1,63}\.)+[\w-]{1,63})")
"""What looks like a mail address, wherever it stands in a text, percent-encoded or not."""

CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)|(?<=[?&#])(token|key)=[^&#\s]+")
"""User and password in a URL, and tokens in its query or fragment."""

SECRET_NAMES = re.compile(r"secret|password|token|authorization|cookie|api_key|signature", re.I)
"""Names whose values are never written."""

TALKATIVE = ("httpx", "tortoise", "asyncio")
"""Libraries whose INFO is for their own developers."""

HIDDEN = "***"

LONGEST_CHARACTERS = 20_000
"""A value beyond this is cut: nobody reads it, and looking for addresses in it takes time."""

LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access", "arq", "tortoise", "asyncio")
"""Libraries that bring log handlers of their own, which ours replace."""


def configure(level: str, *, stream: TextIO | None = None, is_terminal: bool | None = None) -> None:
    """Send all logs of this process to `stream` (stderr). Call once, at start."""
    output = stream or sys.stderr
    for_people = output.isatty() if is_terminal is None else is_terminal
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                _renderer(for_people=for_people),
            ],
        )
    )
    _take_over(handler, level)


def _renderer(*, for_people: bool) -> Processor:
    if for_people:
        return structlog.dev.ConsoleRenderer(colors=True)
    return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


def _take_over(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True
    # A line a request is what a proxy writes; ours would name customers' tokens in paths.
    logging.getLogger("uvicorn.access").disabled = True
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # Its warnings are about wake-ups that came to nothing; the work itself is PostgreSQL's.
    logging.getLogger("arq").setLevel(logging.ERROR)
    logging.captureWarnings(True)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide addresses and secrets in every value of a log event, however deep."""
    return {name: _redacted(value, name=name) for name, value in event.items()}


def _redacted(value: Any, *, name: str = "") -> Any:
    if isinstance(value, SecretStr) or (value and SECRET_NAMES.search(name)):
        return HIDDEN
    if isinstance(value, dict):
        return {redact_text(str(k)): _redacted(v, name=str(k)) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redacted(one) for one in value]
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return redact_text(str(value))


def redact_text(text: str) -> str:
    """`ann.lee@example.com` → `a***@example.com`; user and password of URLs → `***`."""
    if len(text) > LONGEST_CHARACTERS:
        text = f"{text[:LONGEST_CHARACTERS]}… ({len(text)} characters)"
    return ADDRESS.sub(_short, CREDENTIALS.sub(HIDDEN, text))


def _short(found: re.Match[str]) -> str:
    return f"{found[1][0]}***{found[2]}{found[3]}" if found[1] != HIDDEN else found[0]
