"""The informe as a spreadsheet: one sheet for each table, and one that says what they are.

A table's sheet holds its header and its cells, nothing else, so that it can be filtered and copied; title and period
are in the sheet's name and in its printed header. The one file of the project that knows XlsxWriter.
"""

import re
from collections.abc import Iterable
from datetime import UTC
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter

from outreach.i18n import gettext as _
from outreach.i18n import speaking
from outreach.informes import layout
from outreach.informes.report import Report, Table
from outreach.informes.table_checks import EXCEL_CELL
from outreach.informes.text import paragraphs, plain

_NAME = 31  # letters that a sheet's name may have
_LETTER_SHEET = 1
_ROOM = {False: 92, True: 130}  # letters across a printed page, upright or not
_ABOUT = (32, 86)  # the columns of the sheet that says what the others are
_RUNNING = 250  # letters of a printed header or footer
_FIT = 1.3  # letters that a unit of width takes
_LINE = 13.5  # points from line to line
_FONT = {"valign": "top", "text_wrap": True, "font_name": "Arial", "font_size": 10}
_EDGE = _FONT | {"border": 1, "border_color": "#A79EB2"}


def write(report: Report, path: Path) -> list[Path]:
    """Write the report to `path`, in the informe's language; returns what was written."""
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with speaking(report.language), xlsxwriter.Workbook(str(path), options) as book:
        statement = report.statement()
        book.set_properties(
            {
                "title": plain(report.title),
                "subject": report.period,
                "author": "Voto Chilango",
                "comments": " · ".join(f"{name}: {text}" for name, text in statement),
                "created": report.as_of.astimezone(UTC).replace(tzinfo=None),
            }
        )
        formats = {
            "head": book.add_format(_EDGE | {"bold": True, "bg_color": "#ECE4F3"}),
            "head_figure": book.add_format(_EDGE | {"bold": True, "bg_color": "#ECE4F3", "align": "right"}),
            "cell": book.add_format(_EDGE),
            "figure": book.add_format(_EDGE | {"align": "right"}),
            "total": book.add_format(_EDGE | {"bold": True}),
            "total_figure": book.add_format(_EDGE | {"bold": True, "align": "right"}),
            "text": book.add_format(_FONT),
        }
        about = _("Datos del informe")
        names = sheet_names([about, *(plain(table.title) for table in report.tables)])
        for table, name in zip(report.tables, names[1:], strict=True):
            _table(book.add_worksheet(name), report, table, formats)
        _about(book.add_worksheet(names[0]), report, names[1:], formats)
    return [path]


def _table(sheet: Any, report: Report, table: Table, formats: dict[str, Any]) -> None:
    landscape = layout.landscape(table)
    _paper(sheet, report, plain(table.title), landscape=landscape)
    if not table.rows:
        sheet.set_column(0, 0, _ROOM[False])
        sheet.write_string(0, 0, plain(table.empty), formats["text"])
        return
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    widths = layout.widths(table, _ROOM[landscape], 1.05, 2)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    for index, header in enumerate(table.columns):
        sheet.write_string(0, index, header, formats["head_figure" if index in table.figures else "head"])
    last = len(table.rows) - 1
    for number, row in enumerate(table.grid()):
        alone = [(cell.text, widths[cell.column]) for cell in row if cell.height == 1]
        sheet.set_row(number + 1, _height(alone))
        for cell in row:
            total = table.cross and (number == last or cell.column == len(table.columns) - 1)
            kind = "figure" if cell.column in table.figures else "cell"
            look = formats[{"cell": "total", "figure": "total_figure"}[kind] if total else kind]
            text = cell.text[:EXCEL_CELL]
            if cell.height > 1:
                sheet.merge_range(number + 1, cell.column, number + cell.height, cell.column, "", look)
            sheet.write_string(number + 1, cell.column, text, look)


def _about(sheet: Any, report: Report, names: Iterable[str], formats: dict[str, Any]) -> None:
    """Write what the informe states about itself, and what each sheet holds."""
    _paper(sheet, report, _("Datos del informe"), landscape=False)
    for index, width in enumerate(_ABOUT):
        sheet.set_column(index, index, width)
    rows = [(_("Título"), plain(report.title)), *report.statement()]
    for number, (name, text) in enumerate(rows):
        sheet.write_string(number, 0, name, formats["head"])
        sheet.write_string(number, 1, text, formats["cell"])
    start = len(rows) + 1
    sheet.write_string(start, 0, _("Hoja"), formats["head"])
    sheet.write_string(start, 1, _("Contenido"), formats["head"])
    for number, (name, table) in enumerate(zip(names, report.tables, strict=True), start=start + 1):
        said = "\n".join([plain(table.title), *(plain(text) for text in paragraphs(table.intro))])[:EXCEL_CELL]
        sheet.set_row(number, _height([(name, _ABOUT[0]), (said, _ABOUT[1])]))
        sheet.write_string(number, 0, name, formats["cell"])
        sheet.write_string(number, 1, said, formats["cell"])


def _height(cells: Iterable[tuple[str, int]]) -> float:
    """Return the height of a row, from its texts and the widths of their columns: not every program fits it itself."""
    lines = (sum(max(1, ceil(len(line) / (_FIT * width))) for line in text.split("\n")) for text, width in cells)
    return max(1, *lines, 1) * _LINE + 3


def _paper(sheet: Any, report: Report, title: str, *, landscape: bool) -> None:
    """Set the sheet up for print: as wide as the page, title above, period and pages below."""
    sheet.set_paper(_LETTER_SHEET)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.9, bottom=0.9)
    sheet.set_header(_running(f"&L&B{_plain_code(title)}&R{_plain_code(report.period)}"))
    statement = dict(report.statement())
    *_others, cut, digest = statement
    pages = _("Página %(page)s de %(pages)s", page="&P", pages="&N")
    stated = f"{cut}: {statement[cut]} ({report.timezone})\n{statement[digest]}"
    sheet.set_footer(_running(f"&L&8{_plain_code(stated)}&R&8{pages}"))


def _plain_code(text: str) -> str:
    return text[:160].replace("&", "&&")


def _running(code: str) -> str:
    return code if len(code) <= _RUNNING else code[:_RUNNING].rstrip("&")


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Return a name for each sheet: no more than 31 letters, none that Excel refuses, no two alike."""
    names: list[str] = []
    for title in titles:
        bare = " ".join(re.sub(r"[\[\]:*?/\\]", " ", title).split()).strip("'") or _("Tabla")
        if bare.lower() == "history":  # Excel keeps this name for itself
            bare = f"{bare} 1"
        name, number = _shortened(bare, _NAME), 1
        while name.lower() in {other.lower() for other in names}:
            number += 1
            ending = f" ({number})"
            name = _shortened(bare, _NAME - len(ending)) + ending
        names.append(name)
    return names


def _shortened(text: str, most: int) -> str:
    """Cut a text at its last word that fits."""
    if len(text) <= most:
        return text
    cut = text[: most + 1].rsplit(" ", 1)[0] if " " in text[: most + 1] else text[:most]
    return cut.rstrip(" ,.;'")
