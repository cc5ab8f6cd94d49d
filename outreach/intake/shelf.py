"""Where uploaded files lie: in the data folder, for its owner alone, under drawn names, and only for some days.

A name leads to the file itself, its first rows (`.head`), its refused rows (`.refused`) and what was warned of
(`.warned`): a JSON object a line.
"""

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

from contacts.checking import RefusedRow
from contacts.errors import Fault, refuse
from contacts.spreadsheets import Sheet, SheetRow, as_text

LARGEST = 64 * 1024 * 1024  # bytes of an upload: some 700,000 rows of a CSV
HEAD = 50  # rows that are kept to be shown
_PIECE = 1 << 20
UPLOAD = ("", ".head")
_PARTS = (*UPLOAD, ".refused", ".warned")


@dataclass(frozen=True, slots=True)
class Received:
    """An upload as it lies there."""

    kept: str
    sha256: str
    size: int


def folder(data: Path) -> Path:
    """Return where an installation keeps the files of its imports."""
    return data / "imports"


def place(data: Path, kept: str, part: str = "") -> Path:
    """Return where a kept file, or a part that goes with it, lies."""
    return folder(data) / f"{kept}{part}"


def receive(data: Path, stream: IO[bytes], name: str, most: int = LARGEST) -> Received:
    """Write an upload to the shelf. Refuses `upload_large` and `upload_empty`; then nothing of it stays."""
    folder(data).mkdir(mode=0o700, parents=True, exist_ok=True)
    kept, size, digest = secrets.token_hex(16), 0, sha256()
    path = place(data, kept)
    fault = None
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while size <= most and (piece := stream.read(_PIECE)):
                size += len(piece)
                digest.update(piece)
                file.write(piece)
        if size > most:
            fault = refuse("upload_large", "archivo", name[:80], most=most // 1024 // 1024)
        elif not size:
            fault = refuse("upload_empty", "archivo", name[:80])
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if fault:
        path.unlink(missing_ok=True)
        raise fault
    return Received(kept, digest.hexdigest(), size)


def forget(data: Path, kept: str, parts: Sequence[str] = _PARTS) -> None:
    """Delete a file and what goes with it, or some of these."""
    if kept:
        for part in parts:
            place(data, kept, part).unlink(missing_ok=True)


def sweep(data: Path, before: datetime) -> None:
    """Delete whatever was last written before a moment: also what nobody knows of any more."""
    with suppress(FileNotFoundError):
        for path in folder(data).iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()


def _write(path: Path, lines: Iterable[object]) -> None:
    beside = path.with_name(f".{path.name}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    beside.replace(path)


def keep_head(data: Path, kept: str, sheet: Sheet) -> None:
    """Keep the headers and first rows of a sheet, for the pages: they never read the file itself."""
    rows = [
        [row.number, {name: as_text(cell) for name, cell in row.cells.items()}, list(row.surplus)]
        for row in sheet.rows[:HEAD]
    ]
    _write(place(data, kept, ".head"), [{"headers": sheet.headers, "rows": rows}])


def head(data: Path, kept: str) -> Sheet:
    """Return the headers and first rows that were kept. Refuses `intake_gone`."""
    (found,) = _read(place(data, kept, ".head"), 0, None, first=1)
    return Sheet(found["headers"], [SheetRow(number, cells, tuple(more)) for number, cells, more in found["rows"]])


def as_json(fault: Fault) -> dict[str, object]:
    """Return a fault as it is kept: codes, so that whoever reads it gets words of their own language."""
    kept = {"code": fault.code, "where": fault.where, "value": fault.value, "row": fault.row}
    return kept | {"details": dict(fault.details)}


def keep_refused(data: Path, kept: str, headers: Sequence[str], refused: Iterable[RefusedRow]) -> None:
    """Keep the refused rows as they were, with their reasons."""
    lines: Iterator[object] = (
        {
            "row": row.number,
            "cells": {name: as_text(cell) for name, cell in row.cells.items()},
            "faults": [as_json(each) for each in row.faults],
        }
        for row in refused
    )
    _write(place(data, kept, ".refused"), [{"headers": list(headers)}, *lines])


def refused(data: Path, kept: str, offset: int = 0, limit: int | None = None) -> tuple[list[str], list[RefusedRow]]:
    """Return the headers, and some of the refused rows. Refuses `intake_gone`."""
    headers, *lines = _read(place(data, kept, ".refused"), offset, limit, first=1)
    return headers["headers"], [
        RefusedRow(line["row"], line["cells"], tuple(Fault(**each) for each in line["faults"])) for line in lines
    ]


def keep_warned(data: Path, kept: str, warnings: Iterable[Fault]) -> None:
    """Keep what was warned of."""
    _write(place(data, kept, ".warned"), map(as_json, warnings))


def warned(data: Path, kept: str, limit: int) -> list[Fault]:
    """Return the first warnings. Refuses `intake_gone`."""
    return [Fault(**each) for each in _read(place(data, kept, ".warned"), 0, limit)]


def _read(path: Path, offset: int, limit: int | None, first: int = 0) -> list[Any]:
    """Return some lines of a kept file, and always its `first` ones."""
    try:
        with path.open(encoding="utf-8") as file:
            heads = list(islice(file, first))
            some = islice(file, offset, None if limit is None else offset + limit)
            return [json.loads(line) for line in (*heads, *some)]
    except OSError:
        raise refuse("intake_gone") from None
