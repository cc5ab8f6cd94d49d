"""People as an XLSX that is written while it is read: a sheet is text that leaves row by row (ECMA-376, 5th ed.).

Every cell is text by type, with the format «text»: a number keeps its +, and what begins with = is no formula, also
after somebody has edited it. XlsxWriter holds a whole book, or a copy of it on the disk, until it is closed.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from outreach.exports.about import About
from outreach.exports.cells import cells
from outreach.exports.pipes import Pipe
from outreach.exports.rows import Person
from outreach.i18n import gettext as _

MOST_ROWS = 1_048_575  # of a sheet, its header aside
LONGEST = 32_767  # letters of a cell
_PIECE = 1 << 16
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0
_WIDTHS = {"nombre": 32, "correo": 32, "telefono": 18, "whatsapp": 18, "zona": 22, "organizacion": 28, "red": 32}
_TEXT, _BOLD, _WRAPPED = 1, 2, 3  # styles, in their order in `_STYLES`
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write(people: Iterable[Person], columns: tuple[str, ...], about: About) -> Iterator[bytes]:
    """Yield the file: the people, in as many sheets as they need, and a sheet that says what they are."""
    many = max(1, -(-about.people // MOST_ROWS))
    names = [_("Personas")] + [_("Personas %(n)s", n=number) for number in range(2, many + 1)] + [_("Acerca de")]
    rest = iter(people)
    with Pipe() as pipe, ZipFile(pipe, "w", ZIP_DEFLATED) as book:
        for name, text in _frame(names, about).items():
            book.writestr(name, text)
        for number in range(1, many + 1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
                for piece in _sheet(islice(rest, MOST_ROWS), columns):
                    sheet.write(piece)
                    yield pipe.taken()
        book.writestr(f"xl/worksheets/sheet{many + 1}.xml", _about_sheet(about))
        book.close()
        yield pipe.taken()


def _frame(names: list[str], about: About) -> dict[str, str]:
    """Return the parts of a book that are not its sheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, names, strict=True)
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
    )
    leads = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    said = " · ".join(f"{name}: {text}" for name, text in about.lines())
    moment = f"{about.at:%Y-%m-%dT%H:%M:%SZ}"
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    return {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>{kinds}'
            f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
            f'<Override PartName="/docProps/core.xml" ContentType="{core}"/></Types>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
            f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
            'Target="docProps/core.xml"/></Relationships>'
        ),
        "docProps/core.xml": (
            f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{_xml(about.named)}</dc:title><dc:creator>{_xml(about.who)}</dc:creator>"
            f"<dc:subject>{_xml(about.why)}</dc:subject><dc:description>{_xml(said)}</dc:description>"
            f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created></cp:coreProperties>'
        ),
        "xl/workbook.xml": (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{leads}'
            f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": _STYLES,
    }


def _sheet(people: Iterable[Person], columns: tuple[str, ...]) -> Iterator[bytes]:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{_WIDTHS.get(name, 14)}" style="{_TEXT}" customWidth="1"/>'
        for n, name in enumerate(columns, 1)
    )
    top = (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData>"
    )
    kept = [top, _row(columns, _BOLD)]
    size = 0
    for text in chain((_row(cells(one, columns), _TEXT) for one in people), ["</sheetData></worksheet>"]):
        kept.append(text)
        size += len(text)
        if size > _PIECE:
            yield "".join(kept).encode()
            kept, size = [], 0
    yield "".join(kept).encode()


def _about_sheet(about: About) -> str:
    rows = "".join(f"<row>{_cell(name, _BOLD)}{_cell(text, _WRAPPED)}</row>" for name, text in about.lines())
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><cols><col min="1" max="1" width="22" customWidth="1"/>'
        f'<col min="2" max="2" width="80" customWidth="1"/></cols><sheetData>{rows}</sheetData></worksheet>'
    )


def _row(texts: Iterable[str], style: int) -> str:
    return f"<row>{''.join(_cell(text, style) for text in texts)}</row>"


def _cell(text: str, style: int) -> str:
    if not text:
        return f'<c s="{style}"/>'
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_xml(text[:LONGEST])}</t></is></c>'


def _xml(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))
