"""The parts of a Word file that are written as XML: ten thousand rows one call at a time would take minutes."""

from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

from outreach.informes.report import Table
from outreach.informes.text import plain

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TABLE_STYLE = "Informe"
CELL_STYLE = "TextodeTabla"
HEAD_STYLE = "EncabezadodeTabla"
HEAD_FIGURE_STYLE = "EncabezadodeCifra"
FIGURE_STYLE = "CifradeTabla"
_EDGES = ("top", "left", "bottom", "right", "insideH", "insideV")


def table_xml(table: Table, widths: Sequence[int]) -> str:
    """Return a `w:tbl`: a header row that repeats on each page, rows that no page parts, merged cells as one.

    `widths` are in twentieths of a point, one for each column.
    """
    totals = int(table.cross)
    look = (
        f'<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="{totals}" w:firstColumn="0" w:lastColumn="{totals}" '
        'w:noHBand="1" w:noVBand="1"/>'
    )
    head = (
        f"<w:tblPr><w:tblStyle w:val={quoteattr(TABLE_STYLE)}/>"
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>{look}'
        f"<w:tblCaption w:val={quoteattr(plain(table.title))}/></w:tblPr>"
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    columns = range(len(widths))
    heads = [HEAD_FIGURE_STYLE if index in table.figures else HEAD_STYLE for index in columns]
    styles = [FIGURE_STYLE if index in table.figures else CELL_STYLE for index in columns]
    last, total = len(table.rows) - 1, {len(widths) - 1} if table.cross else set()
    merged: dict[int, dict[int, str]] = {}
    for column, first, height in table.spans:
        for number in range(first, first + height):
            merged.setdefault(number, {})[column] = "restart" if number == first else "continue"
    rows = [_row(table.columns, widths, heads, header=True)]
    for number, row in enumerate(table.rows):
        strong = {*columns} if table.cross and number == last else total
        rows.append(_row(row, widths, styles, merged.get(number, {}), strong))
    return f"<w:tbl {NAMESPACE}>{head}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _row(
    texts: Iterable[str],
    widths: Sequence[int],
    styles: Sequence[str],
    merged: Mapping[int, str] = MappingProxyType({}),
    strong: Container[int] = (),
    *,
    header: bool = False,
) -> str:
    cells = []
    for index, (text, width, style) in enumerate(zip(texts, widths, styles, strict=True)):
        merge = f'<w:vMerge w:val="{merged[index]}"/>' if index in merged else ""
        bold = "<w:rPr><w:b/></w:rPr>" if index in strong else ""
        runs = f"<w:r>{bold}{run_text(text)}</w:r>" if text else ""
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merge}</w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p></w:tc>'
        )
    repeated = "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def run_text(text: str) -> str:
    """Return the inside of a run: the text, with its line ends and tabs as Word writes them."""
    lines = []
    for line in text.split("\n"):
        parts = (f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in line.split("\t"))
        lines.append("<w:tab/>".join(parts))
    return "<w:br/>".join(lines)


def field_xml(instruction: str, shown: str) -> str:
    """Return a field that Word works out, such as PAGE, with what to show until then."""
    return f'<w:fldSimple {NAMESPACE} w:instr=" {instruction} "><w:r><w:t>{escape(shown)}</w:t></w:r></w:fldSimple>'


def table_style_xml(line: str, ground: str) -> str:
    """Return the style that every table of an informe has; colours as six hexadecimal figures."""
    borders = "".join(f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="{line}"/>' for edge in _EDGES)
    margins = "".join(
        f'<w:{edge} w:w="{width}" w:type="dxa"/>'
        for edge, width in (("top", 50), ("left", 100), ("bottom", 50), ("right", 100))
    )
    strong = "<w:rPr><w:b/></w:rPr>"
    shade = f'<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{ground}"/></w:tcPr>'
    return (
        f'<w:style {NAMESPACE} w:type="table" w:customStyle="1" w:styleId="{TABLE_STYLE}"><w:name w:val="Informe"/>'
        '<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/>'
        f"<w:tblPr><w:tblBorders>{borders}</w:tblBorders><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>"
        f'<w:tblStylePr w:type="firstRow">{strong}{shade}</w:tblStylePr>'
        f'<w:tblStylePr w:type="lastRow">{strong}</w:tblStylePr>'
        f'<w:tblStylePr w:type="lastCol">{strong}</w:tblStylePr>'
        "</w:style>"
    )
