"""The informe as CSV: one file for each table, `<name>-<table id>.csv`, which holds the table's cells and nothing else.

What every output states (period, zone, moment of cut, digest) stands in `<name>-datos.txt` beside them: a comment
inside a CSV would be read as a row by every program that opens it.
"""

import csv
from pathlib import Path

from outreach.i18n import gettext as _
from outreach.i18n import speaking
from outreach.informes.report import Report, Table
from outreach.informes.text import paragraphs, plain


def write(report: Report, path: Path) -> list[Path]:
    """Write the files named after `path` (`trimestral.csv` → `trimestral-correos.csv`); returns what was written.

    UTF-8 with the mark that has Excel read it as such, commas, lines ended as RFC 4180 says.
    """
    written = [_table(table, path.with_name(f"{path.stem}-{table.id}.csv")) for table in report.tables]
    with speaking(report.language):
        about = path.with_name(f"{path.stem}-datos.txt")
        about.write_text(_about(report, written), encoding="utf-8")
    return [*written, about]


def _table(table: Table, path: Path) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows(table.rows)
    return path


def _about(report: Report, written: list[Path]) -> str:
    lines = [plain(report.title), ""]
    lines += [f"{name}: {text}" for name, text in report.statement()]
    for table, path in zip(report.tables, written, strict=True):
        lines += ["", f"{path.name}: {plain(table.title)}"]
        lines += [plain(text) for text in paragraphs(table.intro)]
        if not table.rows:
            lines.append(plain(table.empty))
    return "\n".join([*lines, "", _("Cada archivo csv tiene los encabezados y las celdas de su tabla."), ""])
