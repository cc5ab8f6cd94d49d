"""The informe as a Word file that an institution signs. The one file of the project that knows python-docx."""

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from outreach.i18n import gettext as _
from outreach.i18n import speaking
from outreach.informes import layout, word_xml
from outreach.informes.report import Report, Table
from outreach.informes.text import paragraphs, pieces, plain

FONT = "Arial"  # on every system, or with a twin of the same widths
INK, QUIET, BRAND, LINE, GROUND = "241E2C", "5A5264", "5E2A86", "A79EB2", "ECE4F3"
SHORT, LONG, MARGIN = Cm(21.59), Cm(27.94), Cm(2.3)  # a letter sheet, as Mexican offices print
THUMBNAIL = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"
_TWIPS = 635  # English Metric Units in a twentieth of a point
_LETTER, _PADDING = 100, 240  # mean width of a letter in a cell, and both its margins, in twentieths of a point

LONGEST_PROPERTY = 255  # letters that Word takes in a property of the file


def write(report: Report, path: Path) -> list[Path]:
    """Write the report to `path`, in the informe's language; returns what was written."""
    with speaking(report.language):
        document = Document()
        _language(document, report)
        _styles(document)
        _properties(document, report)
        _page(document.sections[0], landscape=False)
        _running_texts(document.sections[0], report)
        document.add_paragraph(plain(report.title), style="Title")
        statement = dict(report.statement())
        days, _zone, cut, _digest = statement
        document.add_paragraph(f"{days}: {statement[days]}. {cut}: {statement[cut]}.", style="Subtitle")
        for number, table in report.numbered():
            _table(document, report, table, number)
        document.save(str(path))
    return [path]


def _table(document: Any, report: Report, table: Table, number: int) -> None:
    landscape = layout.landscape(table)
    if landscape != (document.sections[-1].orientation == WD_ORIENT.LANDSCAPE):
        section = document.add_section(WD_SECTION.NEW_PAGE)
        section.different_first_page_header_footer = False  # a new section copies the settings of the one before
        _page(section, landscape=landscape)
    document.add_heading(plain(table.title), level=1)
    for text in paragraphs(table.intro):
        _marked(document.add_paragraph(style="Body Text"), text)
    if not table.rows:
        for text in paragraphs(table.empty):
            _marked(document.add_paragraph(style="Body Text"), text)
        return
    caption = document.add_paragraph(style="Caption")
    caption.add_run(_("Tabla") + " ")
    caption._p.append(parse_xml(word_xml.field_xml("SEQ Tabla \\* ARABIC", str(number))))  # noqa: SLF001 — no other way in
    title = plain(table.title)
    caption.add_run(f". {title}" if report.period in title else f". {title}, {report.period}")
    room = ((LONG if landscape else SHORT) - 2 * MARGIN) // _TWIPS
    xml = word_xml.table_xml(table, layout.widths(table, room, _LETTER, _PADDING))
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(xml))  # before the last section's properties
    document.add_paragraph(style="Separación")


def _marked(paragraph: Any, text: str) -> None:
    for piece, bold in pieces(text):
        paragraph.add_run(piece).bold = bold or None


def _page(section: Any, *, landscape: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (LONG, SHORT) if landscape else (SHORT, LONG)
    section.left_margin = section.right_margin = MARGIN
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.6)
    section.header_distance, section.footer_distance = Cm(1.1), Cm(1.0)


def _running_texts(section: Any, report: Report) -> None:
    """Write header and footer; later sections go on with those of the first."""
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = plain(report.title)
    for footer in (section.footer, section.first_page_footer):
        lines = report.statement()
        first = footer.paragraphs[0]
        first.text = " · ".join(f"{name}: {text}" for name, text in lines[:-1])
        footer.add_paragraph(": ".join(lines[-1]), style="Footer")
        pages = footer.add_paragraph(style="Footer")
        pages.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        before, rest = _("Página %(page)s de %(pages)s", page="\0", pages="\0").split("\0", 1)
        between, after = rest.split("\0", 1)
        pages.add_run(before)
        pages._p.append(parse_xml(word_xml.field_xml("PAGE", "1")))  # noqa: SLF001 — no other way in
        pages.add_run(between)
        pages._p.append(parse_xml(word_xml.field_xml("NUMPAGES", "1")))  # noqa: SLF001 — no other way in
        pages.add_run(after)


def _language(document: Any, report: Report) -> None:
    tag = str(report.locale).replace("_", "-")
    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), tag)
    theme = document.settings.element.find(qn("w:themeFontLang"))
    if theme is not None:
        theme.set(qn("w:val"), tag)
    document.core_properties.language = tag
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":  # by the rules of Word 2013, tables align with the text
            setting.set(qn("w:val"), "15")
    relations = document.part.package.rels
    for key in [key for key, relation in relations.items() if relation.reltype == THUMBNAIL]:
        del relations[key]  # the picture of an empty sheet that the library's own template carries


def _properties(document: Any, report: Report) -> None:
    about = document.core_properties
    about.title = plain(report.title)[:LONGEST_PROPERTY]
    about.author = about.last_modified_by = "Voto Chilango"
    about.subject = report.period[:LONGEST_PROPERTY]
    said = " · ".join(f"{name}: {text}" for name, text in report.statement())
    about.comments = said[:LONGEST_PROPERTY]
    about.created = about.modified = report.as_of.astimezone(UTC).replace(tzinfo=None)


def _styles(document: Any) -> None:
    styles = document.styles
    _style(styles["Normal"], 10.5, INK)
    _style(styles["Title"], 20, BRAND, bold=True, after=4, left=True)
    _style(styles["Subtitle"], 10.5, QUIET, after=14, left=True)
    _style(styles["Heading 1"], 14, BRAND, bold=True, before=20, after=6)
    _style(styles["Body Text"], 10.5, INK, after=8, lines=1.25)
    _style(styles["Caption"], 9.5, QUIET, bold=True, before=4, after=4)
    _style(styles["Header"], 8.5, QUIET)
    _style(styles["Footer"], 8, QUIET)
    for name in ("Heading 1", "Body Text", "Caption"):
        styles[name].paragraph_format.keep_with_next = True  # a table never begins a page without its title
    base = styles["Normal"]
    for name in ("Texto de Tabla", "Encabezado de Tabla", "Cifra de Tabla", "Encabezado de Cifra"):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, base = base, styles["Texto de Tabla"]
        _style(style, 9.5, INK, bold=name.startswith("Encabezado"), lines=1.1)
        if name.endswith("Cifra") or name.startswith("Cifra"):
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    gap = styles.add_style("Separación", WD_STYLE_TYPE.PARAGRAPH)
    _style(gap, 6, INK, after=0)
    styles.element.append(parse_xml(word_xml.table_style_xml(LINE, GROUND)))


def _style(
    style: Any,
    points: float,
    colour: str,
    *,
    bold: bool = False,
    before: float = 0,
    after: float = 0,
    lines: float = 1.15,
    left: bool = False,
) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = FONT, Pt(points), bold, False
    style.font.color.rgb = RGBColor.from_string(colour)
    properties = style.element.get_or_add_rPr()
    fonts = properties.rFonts
    for part in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme's font would win over the name
        fonts.attrib.pop(qn(f"w:{part}"), None)
    for part in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{part}"), FONT)
    _drop(properties, ("w:spacing", "w:kern"))
    space = style.paragraph_format
    space.space_before, space.space_after, space.line_spacing = Pt(before), Pt(after), lines
    if left:
        space.alignment = WD_ALIGN_PARAGRAPH.LEFT
        _drop(style.element.get_or_add_pPr(), ("w:pBdr",))


def _drop(element: Any, names: Sequence[str]) -> None:
    for name in names:
        for child in element.findall(qn(name)):
            element.remove(child)
