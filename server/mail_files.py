"""Raw mails in files: single messages, mboxes and Maildirs, read one mail at a time."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

LONGEST_MAIL = 25 * 1_024 * 1_024
"""Bytes of a mail that are read (what is sent to /mail has MAIL_BODY_LIMIT_BYTES): beyond are
attachments."""

LONGEST_LINE = 64 * 1_024
"""Bytes read at once; longer lines are put together again."""

_FROM_LINE = re.compile(rb"From \S.*\d\d:\d\d")
"""What begins a message in an mbox, after a blank line: who, and when (RFC 4155)."""

_QUOTED = re.compile(rb">+From ")


class FoundMail(NamedTuple):
    """A raw mail, where it stands, and how many bytes of its file were read up to its end."""

    where: str
    raw: bytes
    read_bytes: int


def mail_files(paths: Iterable[Path]) -> list[Path]:
    """The files of mails that are these, or in these folders, each once, in their order.

    Of a Maildir those in `cur` and `new`; of any other folder all but hidden ones. Subfolders are
    looked into.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys([path] if path.is_file() else _in_folder(path)))
    return list(found)


def _in_folder(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        here = Path(place)
        if {"cur", "new"} <= set(folders):
            folders[:] = [name for name in folders if name not in ("cur", "new", "tmp")]
            for name in ("cur", "new"):
                yield from sorted(p for p in (here / name).iterdir() if p.is_file())
        else:
            yield from (here / name for name in sorted(files) if not name.startswith("."))


def size_of(file: Path) -> int:
    """Bytes of a file; 0 of one that was moved away meanwhile, as mailboxes are alive."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def mails_of(file: Path) -> Iterator[FoundMail]:
    """The mails of a file: those of an mbox, or the one it is. Raises OSError."""
    with file.open("rb") as opened:
        if _FROM_LINE.match(opened.read(1_000)):
            opened.seek(0)
            yield from _of_mbox(file, opened)
        else:
            opened.seek(0)
            raw = opened.read(LONGEST_MAIL)
            yield FoundMail(str(file), raw, os.fstat(opened.fileno()).st_size)


def _of_mbox(file: Path, opened: BinaryIO) -> Iterator[FoundMail]:
    lines: list[bytes] = []
    size = number = 0
    is_after_blank = True
    while line := opened.readline(LONGEST_LINE):
        if is_after_blank and _FROM_LINE.match(line):
            if number:
                yield FoundMail(f"{file}, mail {number}", b"".join(lines), opened.tell())
            lines, size = [], 0
            number += 1
        elif size < LONGEST_MAIL:
            lines.append(line[1:] if _QUOTED.match(line) else line)
            size += len(line)
        is_after_blank = line in (b"\n", b"\r\n")
    if number:
        yield FoundMail(f"{file}, mail {number}", b"".join(lines), opened.tell())
