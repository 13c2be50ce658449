"""The import command: files in every form, what is said of bad lines, the exit code."""

import json
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from domain.errors import DomainError
from domain.policy import Policy
from jobs.queue import Wake
from server.import_files import COLUMNS, Item, Lines, open_items, read_csv
from server.importing import run_import
from store.database import Database


def csv_items(*lines: str, end: str = "\n") -> list[Item]:
    return list(read_csv(Lines(BytesIO(end.join(lines).encode()))))


def contents(items: Sequence[Item]) -> list[object]:
    return [item.content for item in items]


def file_items(path: Path) -> list[Item]:
    with path.open("rb") as file:
        return list(open_items(path, file)[0])


ACME = {"externalId": "acme", "name": "Acme", "stakeholders": []}


def test_rows_of_one_customer_become_one_customer_with_its_stakeholders() -> None:
    (item,) = csv_items(
        "external_id,name,segment,csm_email,csm_name,timezone,renews_on,domains,"
        "stakeholder_external_id,stakeholder_name,stakeholder_title,stakeholder_timezone,"
        "tracking_consent,addresses",
        'acme,"Acme, Inc.",SMB,mia@us.example,Mia,Europe/Berlin,2027-03-31,acme.com acme.io,'
        "p1,Kim,CTO,America/New_York,GRANTED,kim@acme.com; kim@acme.io",
        'acme,,,,,,,,,Lee,,,,"lee@acme.com,l@acme.com"',
    )
    assert item == Item(
        "line 2",
        {
            "externalId": "acme",
            "name": "Acme, Inc.",
            "segment": "SMB",
            "timezone": "Europe/Berlin",
            "renewsOn": "2027-03-31",
            "csm": {"email": "mia@us.example", "name": "Mia"},
            "domains": ["acme.com", "acme.io"],
            "stakeholders": [
                {
                    "externalId": "p1",
                    "name": "Kim",
                    "title": "CTO",
                    "timezone": "America/New_York",
                    "trackingConsent": "GRANTED",
                    "addresses": ["kim@acme.com", "kim@acme.io"],
                },
                {"name": "Lee", "addresses": ["lee@acme.com", "l@acme.com"]},
            ],
        },
        (2, 3),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_table_is_read_as_spreadsheets_write_it(delimiter: str, end: str, mark: str) -> None:
    rows = (f"{mark}External ID{delimiter}Name", "", f'"acme"{delimiter}"Ac\nme"', f"b{delimiter}B")
    first, second = csv_items(*rows, end=end)
    assert first.content == {"externalId": "acme", "name": "Ac\nme", "stakeholders": []}
    assert (first.place, second.place) == ("line 3", "line 5")


def test_an_error_names_the_line_of_its_stakeholder() -> None:
    (item,) = csv_items("external_id,addresses", "acme,kim@acme.com", "acme,lee")
    assert item.where(["stakeholders", "1", "addresses", "0"]) == "line 3, addresses.0"
    assert item.where(["name"]) == "line 2, name"
    assert item.where([]) == "line 2"


def test_rows_of_one_customer_that_disagree_are_refused() -> None:
    conflict, other = csv_items("external_id,name", "acme,Acme", "acme,Acne", "b,B")
    assert conflict.place == "line 3"
    assert isinstance(conflict.content, DomainError)
    assert (conflict.content.code, conflict.content.message) == (
        "CONFLICTING_ROWS",
        "name “Acne” differs from “Acme” in line 2: give one customer one value",
    )
    assert other.content == {"externalId": "b", "name": "B", "stakeholders": []}


def test_a_row_with_more_cells_than_the_header_is_refused() -> None:
    long, other = csv_items("external_id,name", "acme,Acme, Inc.", "b,B,,")
    assert isinstance(long.content, DomainError)
    assert long.content.message == "the row has 3 cells, the header 2: quote cells with commas"
    assert isinstance(other.content, dict)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "line 1 has no column external_id: "),
        (["name"], "line 1 has no column external_id: "),
        (["external_id,colour"], "line 1 has unknown column “colour”: "),
        (["external_id,name,Name"], "line 1 has one column twice: "),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(DomainError) as refused:
        csv_items(*lines)
    assert refused.value.message == f"{message}the columns are {', '.join(COLUMNS)}"


def test_a_quote_that_never_ends_is_refused_and_not_read_for_ever() -> None:
    with pytest.raises(DomainError) as refused:
        csv_items("external_id,name", 'acme,"Acme', *["x" * 1_000] * 200)
    assert refused.value.message == (
        "line 2 cannot be read: field larger than field limit (131072)"
    )


def test_a_line_without_end_is_refused_and_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "endless.csv"
    path.write_bytes(b"external_id\n" + b"x" * 5_000_000)
    with pytest.raises(DomainError) as refused:
        file_items(path)
    assert refused.value.message == (
        "line 2 has more than 4194304 bytes: end each row with a line break"
    )


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.json", json.dumps([ACME]), "customers[0]"),
        ("a.json", json.dumps({"customers": [ACME]}, indent=2), "customers[0]"),
        ("a.json", json.dumps([ACME], indent=2), "customers[0]"),
        ("a.json", json.dumps(ACME), "line 1"),
        ("a.json", "\ufeff" + json.dumps(ACME) + "\n\n", "line 1"),
        ("a.ndjson", json.dumps(ACME) + "\n", "line 1"),
        ("a.jsonl", "\n" + json.dumps(ACME), "line 2"),
    ],
)
def test_json_may_be_a_list_an_object_or_lines(
    tmp_path: Path, name: str, text: str, place: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert file_items(path) == [Item(place, ACME)]


def test_a_bad_line_of_json_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(f'{json.dumps(ACME)}\n{{"externalId": \n7\n{json.dumps(ACME)}\n')
    good, broken, number, again = contents(file_items(path))
    assert good == again == ACME
    assert isinstance(broken, DomainError)
    assert broken.code == "INVALID_JSON"
    assert isinstance(number, DomainError)
    assert number.message == "“7” is not a customer: give an object"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK", "“a.xlsx” has no known ending: name it .csv, .json or .ndjson"),
        ("a.csv", "external_id".encode("utf-16"), "a.csv is in UTF-16: save it as UTF-8"),
        (
            "a.json",
            b'{"clients": [], "customers": 7}',
            'a.json has no list of customers: give [...] or {"customers": [...]}',
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DomainError) as refused:
        file_items(path)
    assert (refused.value.code, refused.value.message) == ("INVALID_FILE", message)


async def run(database: Database, path: Path, redis_url: str) -> tuple[int, str]:
    output = StringIO()
    wake = Wake(redis_url)
    try:
        code = await run_import(
            database, path, wake, policy=Policy(), console=Console(file=output, width=200)
        )
    finally:
        await wake.close()
    return code, "\n".join(line.strip() for line in output.getvalue().strip().splitlines())


async def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


def summary(created: int, updated: int, unchanged: int, rejected: int) -> list[str]:
    return [
        "Customers",
        f"created    {created:,}",
        f"updated    {updated}",
        f"unchanged  {unchanged}",
        f"rejected   {rejected}",
    ]


def said(output: str) -> list[str]:
    lines = [line for line in output.splitlines() if line]
    return lines[next(n for n, line in enumerate(lines) if line == "Customers") :]


async def test_a_file_is_imported_and_the_second_time_nothing_changes(
    database: Database, redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(
        "external_id;name;csm_email;domains;addresses\n"
        "acme;Acme;mia@us.example;acme.com;kim@acme.com\n"
        "beta;Beta;;;\n"
    )
    code, output = await run(database, path, redis_url)
    assert (code, said(output)) == (0, summary(2, 0, 0, 0))
    assert await rows(database, "SELECT external_id, name FROM customer ORDER BY 1") == [
        ("acme", "Acme"),
        ("beta", "Beta"),
    ]
    code, output = await run(database, path, redis_url)
    assert (code, said(output)) == (0, summary(0, 0, 2, 0))


async def test_what_is_rejected_is_named_by_line_and_costs_nobody_else(
    database: Database, redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(
        b"external_id,name,domains,addresses\n"
        b"acme,Acme,gmail.com,\n"
        b"beta,Beta,,ann@beta.com\n"
        b"beta,,,bob\n"
        b"m\xfcller,M\xfcller,,\n"
        b"gamma,Gamma,,\n"
        b"delta,,,\n"
    )
    code, output = await run(database, path, redis_url)
    assert (code, said(output)) == (
        1,
        [
            *summary(1, 0, 0, 4),
            "line 2, domains.0: “gmail.com” is a free-mail domain, where anybody can have an "
            "address: list the stakeholders' addresses instead",
            "line 4, addresses.0: “bob” is not an email address: give it as name@domain",
            "line 5, externalId: “m\\udcfcller” holds NUL or half a character: give it in UTF-8",
            "line 5, name: “M\\udcfcller” holds NUL or half a character: give it in UTF-8",
            "line 7, name: customer “delta” is new: give its name",
        ],
    )
    assert await rows(database, "SELECT external_id FROM customer") == [("gamma",)]


async def test_what_was_good_before_a_break_in_the_file_is_kept(
    database: Database, redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text('external_id,name\nacme,Acme\nbeta,"Beta\n' + "x" * 200_000)
    code, output = await run(database, path, redis_url)
    assert (code, said(output)) == (
        1,
        [
            *summary(1, 0, 0, 0),
            "line 3 cannot be read: field larger than field limit (131072)",
        ],
    )


async def test_more_customers_than_a_chunk_and_more_stakeholders_than_a_call(
    database: Database, redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    people = [f"big,Big,p{n}@big.example" for n in range(1_201)]
    others = [f"c{n},Customer {n}," for n in range(1_100)]
    path.write_text("\n".join(["external_id,name,addresses", *people, *others]))
    code, output = await run(database, path, redis_url)
    assert (code, said(output)) == (0, summary(1_101, 2, 0, 0))
    assert await rows(database, "SELECT count(*) FROM stakeholder") == [(1_201,)]
    assert await rows(database, "SELECT count(*) FROM customer") == [(1_101,)]
