"""The register as a file: CSV as the public format says, or JSON; and the rows that an import refused."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TextIO

from contacts.errors import Fault
from contacts.spreadsheets import as_text
from outreach.register.communication import ANNULMENT, COLUMNS, Communication
from outreach.register.importing import REFUSAL, RegisterFile


def write_csv(
    file: TextIO, communications: Iterable[Communication], columns: Sequence[str], *, with_annulled: bool = False
) -> None:
    """Write the header and one row per communication, with the columns of `columns.export_columns`.

    `file` is opened with `newline=""`. Cells are written as they are, also those that begin with `=`: a register that
    comes back must say what it said. A cell is text in any program that opens the file as a table of text.
    """
    names = [*columns, *ANNULMENT] if with_annulled else list(columns)
    writer = csv.writer(file)
    writer.writerow(names)
    writer.writerows([_cell(one, name) for name in names] for one in communications)


def as_object(one: Communication) -> dict[str, object]:
    """Return a communication for JSON: the columns by their names, figures as numbers, the rest under `extra`."""
    return {
        **{name: one.field(name) for name in COLUMNS},
        "red": list(one.networks),
        "destinatarios": one.recipients,
        "extra": dict(one.extra),
        "estados": dict(one.counts),
        "folio": one.folio,
        "origen": one.source,
        "corregida": one.corrected,
        **({name: one.field(name) for name in ANNULMENT} if one.annulled else {}),
    }


def write_refused(file: TextIO, read: RegisterFile, explain: Callable[[Fault], str]) -> None:
    """Write the rows that an import refused, as they stood, each with its number and what is wrong in it.

    The file may be mended and imported as it is: its two further columns are left out then.
    """
    headers = [header for header in read.headers if header not in REFUSAL]
    writer = csv.writer(file)
    writer.writerow([*headers, *REFUSAL])
    for refused in read.refused:
        reasons = " ".join(explain(replace(fault, row=None, file="")) for fault in refused.faults)
        cells = [as_text(refused.row.cells[header]) for header in headers]
        writer.writerow([*cells, refused.row.number, reasons, *refused.row.surplus])


def _cell(one: Communication, name: str) -> str:
    return ";".join(one.networks) if name == "red" else one.field(name)
