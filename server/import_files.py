"""Files of customers: CSV, JSON and JSON lines become the objects that `importCustomers` takes.

CSV and JSON lines are read as a stream. What is wrong with one line costs only its customer.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from domain.errors import DomainError
from domain.text import shown

MAX_LINE_BYTES = 4 * 1024 * 1024
"""A longer line is no row of a table: a customer with 1,000 stakeholders has a tenth of it."""

MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
"""A larger JSON document is not read whole into memory."""

MAX_GROUP = 500
"""Stakeholders of one customer that are sent together; the others follow and add up."""

DELIMITERS = (",", ";", "\t")

CUSTOMER_COLUMNS: Mapping[str, str] = {
    "external_id": "externalId",
    "name": "name",
    "segment": "segment",
    "timezone": "timezone",
    "renews_on": "renewsOn",
}
CSM_COLUMNS: Mapping[str, str] = {"csm_email": "email", "csm_name": "name"}
STAKEHOLDER_COLUMNS: Mapping[str, str] = {
    "stakeholder_external_id": "externalId",
    "stakeholder_name": "name",
    "stakeholder_title": "title",
    "stakeholder_timezone": "timezone",
    "tracking_consent": "trackingConsent",
}
LIST_COLUMNS = ("domains", "addresses")
"""Columns with several values in a cell, separated by spaces, commas or semicolons."""

COLUMNS = (*CUSTOMER_COLUMNS, *CSM_COLUMNS, *STAKEHOLDER_COLUMNS, *LIST_COLUMNS)


@dataclass(frozen=True, slots=True)
class Item:
    """A customer from a file, and where it stands there.

    `content` is the object, or why there is none. `lines` are those of its stakeholders, where
    they have lines of their own.
    """

    place: str
    content: Mapping[str, object] | DomainError
    lines: tuple[int, ...] = ()

    def where(self, field: Sequence[str]) -> str:
        """The place of a field of this item, for a person to find it."""
        if self.lines and field[:1] == ["stakeholders"] and len(field) > 1:
            rest = [f"line {self.lines[int(field[1])]}", *field[2:]]
        else:
            rest = [self.place, *field]
        return ", ".join([rest[0], *([".".join(rest[1:])] if rest[1:] else [])])


class Lines:
    """The lines of a file, of bounded length, without a byte order mark; counts bytes read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        while line := self._file.readline(MAX_LINE_BYTES):
            self.number += 1
            self.bytes += len(line)
            if len(line) == MAX_LINE_BYTES:
                raise DomainError(
                    "INVALID_FILE",
                    f"line {self.number} has more than {MAX_LINE_BYTES} bytes: "
                    "end each row with a line break",
                )
            yield line.removeprefix(b"\xef\xbb\xbf") if self.number == 1 else line


def open_items(path: Path, file: BinaryIO) -> tuple[Iterator[Item], Callable[[], int]]:
    """The customers of an open file, and how many bytes of it have been read so far.

    Raises DomainError INVALID_FILE, at once or while iterating.
    """
    start = file.peek(4)[:4] if hasattr(file, "peek") else b""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DomainError("INVALID_FILE", f"{path.name} is in UTF-16: save it as UTF-8")
    lines = Lines(file)
    kind = path.suffix.lower()
    if kind == ".csv":
        return read_csv(lines), lambda: lines.bytes
    if kind in (".ndjson", ".jsonl"):
        return read_json_lines(lines), lambda: lines.bytes
    if kind == ".json":
        is_document = _is_document(file)
        file.seek(0)
        items = _read_document(path, file) if is_document else read_json_lines(lines)
        return items, file.tell if is_document else lambda: lines.bytes
    raise DomainError(
        "INVALID_FILE", f"{shown(path.name)} has no known ending: name it .csv, .json or .ndjson"
    )


def _is_document(file: BinaryIO) -> bool:
    """Whether a JSON file is one document; otherwise each line is a customer."""
    first = file.readline(MAX_LINE_BYTES).removeprefix(b"\xef\xbb\xbf")
    try:
        found = orjson.loads(first)
    except orjson.JSONDecodeError:
        return not first.lstrip().startswith(b"{") or not file.readline(2).startswith(b"{")
    return not isinstance(found, dict) or "customers" in found


def _read_document(path: Path, file: BinaryIO) -> Iterator[Item]:
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        raise DomainError(
            "INVALID_FILE",
            f"{path.name} is one JSON document of more than {MAX_DOCUMENT_BYTES} bytes: "
            "write one customer a line and name it .ndjson",
        )
    try:
        found = orjson.loads(file.read().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise DomainError("INVALID_FILE", f"{path.name} is no JSON: {error}") from error
    customers = found.get("customers") if isinstance(found, dict) else found
    if not isinstance(customers, list):
        raise DomainError(
            "INVALID_FILE",
            f'{path.name} has no list of customers: give [...] or {{"customers": [...]}}',
        )
    for number, customer in enumerate(customers):
        yield Item(f"customers[{number}]", _mapping(customer))


def read_json_lines(lines: Lines) -> Iterator[Item]:
    """A customer from each line that is not blank."""
    for line in lines:
        if not line.strip():
            continue
        place = f"line {lines.number}"
        try:
            yield Item(place, _mapping(orjson.loads(line)))
        except orjson.JSONDecodeError as error:
            yield Item(place, DomainError("INVALID_JSON", f"the line is no JSON: {error}"))


def _mapping(found: object) -> Mapping[str, object] | DomainError:
    if isinstance(found, dict):
        return found
    return DomainError("INVALID_TYPE", f"{shown(found)} is not a customer: give an object")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table: its line, and its cells by column, without the empty ones."""

    line: int
    cells: Mapping[str, str]
    problem: DomainError | None = None


def read_csv(lines: Lines) -> Iterator[Item]:
    """A customer from each run of rows with one external_id; each row may add a stakeholder."""
    group: list[_Row] = []
    try:
        for row in _rows(lines):
            is_same = group and row.cells.get("external_id") == group[0].cells.get("external_id")
            if group and (not is_same or len(group) >= MAX_GROUP):
                yield _customer(group)
                group = []
            group.append(row)
    except DomainError:
        if group:
            yield _customer(group)
        raise
    if group:
        yield _customer(group)


def _rows(lines: Lines) -> Iterator[_Row]:
    # A byte that is no UTF-8 becomes half a character, which the field's reader refuses.
    text = (line.decode("utf-8", "surrogateescape") for line in lines)
    header = next(text, "")
    reader = csv.reader(text, delimiter=max(DELIMITERS, key=header.count))
    columns = _columns(next(csv.reader([header], delimiter=max(DELIMITERS, key=header.count)), []))
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DomainError("INVALID_FILE", f"line {line} cannot be read: {error}") from error
        if not any(cell.strip() for cell in cells):
            continue
        found = {c: cell.strip() for c, cell in zip(columns, cells, strict=False) if cell.strip()}
        yield _Row(line, found, _too_long(columns, cells))


def _columns(header: Sequence[str]) -> list[str]:
    columns = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in header]
    if "external_id" not in columns:
        raise DomainError(
            "INVALID_FILE",
            f"line 1 has no column external_id: the columns are {', '.join(COLUMNS)}",
        )
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or len(set(columns)) < len(columns):
        named = f"unknown column {shown(unknown[0])}" if unknown else "one column twice"
        raise DomainError(
            "INVALID_FILE", f"line 1 has {named}: the columns are {', '.join(COLUMNS)}"
        )
    return columns


def _too_long(columns: Sequence[str], cells: Sequence[str]) -> DomainError | None:
    if not any(cell.strip() for cell in cells[len(columns) :]):
        return None
    message = f"the row has {len(cells)} cells, the header {len(columns)}: quote cells with commas"
    return DomainError("INVALID_ROW", message)


def _customer(group: Sequence[_Row]) -> Item:
    place = f"line {group[0].line}"
    cells: dict[str, tuple[str, int]] = {}
    for row in group:
        if row.problem is not None:
            return Item(f"line {row.line}", row.problem)
        for column in (*CUSTOMER_COLUMNS, *CSM_COLUMNS, "domains"):
            if column in row.cells:
                value, line = cells.setdefault(column, (row.cells[column], row.line))
                if value != row.cells[column]:
                    message = (
                        f"{column} {shown(row.cells[column])} differs from {shown(value)} in line "
                        f"{line}: give one customer one value"
                    )
                    return Item(f"line {row.line}", DomainError("CONFLICTING_ROWS", message))
    found = {column: value for column, (value, _) in cells.items()}
    customer: dict[str, object] = _named(found, CUSTOMER_COLUMNS)
    if csm := _named(found, CSM_COLUMNS):
        customer["csm"] = csm
    if "domains" in found:
        customer["domains"] = _values(found["domains"])
    people = [(row.line, person) for row in group if (person := _stakeholder(row.cells))]
    customer["stakeholders"] = [person for _, person in people]
    return Item(place, customer, tuple(line for line, _ in people))


def _stakeholder(cells: Mapping[str, str]) -> dict[str, object]:
    person = _named(cells, STAKEHOLDER_COLUMNS)
    if "addresses" in cells:
        person["addresses"] = _values(cells["addresses"])
    return person


def _named(cells: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, object]:
    return {name: cells[column] for column, name in columns.items() if column in cells}


def _values(cell: str) -> list[str]:
    return cell.replace(",", " ").replace(";", " ").split()
