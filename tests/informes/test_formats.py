"""Every format carries the same cells, states the same about itself, and looks like what it is."""

import csv
import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from outreach.informes import Report, csv_, excel, html, json_, word
from outreach.informes.excel import sheet_names

DEFINITION = """
title = "Informe de **prueba**, {periodo}"
[[table]]
id = "correos"
title = "Correos & <avisos>"
intro = '''
Se enviaron **{rows} correos** en
{days} días.

Segundo párrafo.'''
rows = "each"
date = "EEEE d 'de' MMMM 'de' y"
capitalize = true
columns = [
  { header = "No.", value = "number" },
  { header = "Fecha", value = "date" },
  { header = "Clase", value = "clase", merge = true },
  { header = "Información", value = "informacion" },
  { header = "Personas", value = "destinatarios" },
]
[[table]]
id = "vacia"
title = "Llamadas"
where = { canal = "telefono" }
rows = "each"
empty = "No hubo **llamadas**."
columns = [{ header = "Fecha", value = "date" }]
[[table]]
id = "cruce"
title = "Correos & <avisos>"
rows = "cross"
down = "clase"
across = "red"
"""
LOG = """
    fecha,canal,red,clase,informacion,destinatarios
    2025-04-09,correo,Red A,invitacion,"Cartel, ""último"" <aviso> & =1+1",120
    2025-04-10,correo,Red A,invitacion,-5 días y +3,
    2025-04-11,correo,Red B,invitacion,"Dos
    renglones	y tabulador",007
    2025-04-14,correo,Red B,noticia,https://example.org/a?b=1&c=2,1
    2025-04-15,correo,Red B,noticia,2025-04-15,0
"""


@pytest.fixture
def report(informe: Callable[..., Report]) -> Report:
    return informe(DEFINITION, LOG)


def expected(report: Report) -> list[list[list[str]]]:
    """The cells that every format must carry, with the headers first; a table without rows has none."""
    return [[list(table.columns), *map(list, table.rows)] for table in report.tables if table.rows]


def from_word(path: Path) -> list[list[list[str]]]:
    """Read each cell's own text, not that of the merged cell it belongs to."""

    def text(cell: Any) -> str:
        return "\n".join(
            "".join(
                {"t": node.text or "", "br": "\n", "tab": "\t"}.get(node.tag.split("}")[1], "") for node in p.iter()
            )
            for p in cell.findall(qn("w:p"))
        )

    tables = Document(str(path)).element.body.iterchildren(qn("w:tbl"))
    return [[[text(cell) for cell in row.findall(qn("w:tc"))] for row in table.findall(qn("w:tr"))] for table in tables]


def from_excel(path: Path) -> list[list[list[str]]]:
    book = openpyxl.load_workbook(path)
    sheets = [book[name] for name in book.sheetnames if name not in {"Datos del informe", "Llamadas"}]
    return [[[cell if cell is not None else "" for cell in row] for row in sheet.values] for sheet in sheets]


class Tables(HTMLParser):
    """Collects the cells of a page's tables, spreading those that stand across several rows."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
            self.covered: dict[tuple[int, int], None] = {}
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._covered_ones()
            row, column = len(self.tables[-1]) - 1, len(self.tables[-1][-1])
            height = int(dict(attrs).get("rowspan") or 1)
            self.covered |= dict.fromkeys((row + down, column) for down in range(1, height))
            self.tables[-1][-1].append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        self.open &= tag not in {"td", "th"}
        if tag == "tr":
            self._covered_ones()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.tables[-1][-1][-1] += data

    def _covered_ones(self) -> None:
        row = self.tables[-1][-1]
        while (len(self.tables[-1]) - 1, len(row)) in self.covered:
            row.append("")


def from_html(path: Path) -> list[list[list[str]]]:
    reader = Tables()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.tables


def from_csv(path: Path) -> Iterator[list[list[str]]]:
    for name in ("correos", "cruce"):
        with path.with_name(f"{path.stem}-{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            yield list(csv.reader(file))


def from_json(path: Path) -> list[list[list[str]]]:
    tables = json.loads(path.read_text(encoding="utf-8"))["tables"]
    return [[table["columns"], *table["rows"]] for table in tables if table["rows"]]


@pytest.mark.parametrize(
    ("ending", "writer", "reader"),
    [
        ("docx", word.write, from_word),
        ("xlsx", excel.write, from_excel),
        ("html", html.write, from_html),
        ("csv", csv_.write, from_csv),
        ("json", json_.write, from_json),
    ],
)
def test_every_format_carries_the_same_cells(
    report: Report, tmp_path: Path, ending: str, writer: Callable[..., list[Path]], reader: Callable[..., Any]
) -> None:
    path = tmp_path / f"informe.{ending}"
    written = writer(report, path)
    assert list(reader(path)) == expected(report)
    stated = [dict(report.statement())[name] for name in ("Periodo", "Zona horaria", "Corte", "Huella")]
    assert stated[:3] == [
        "1 de abril de 2025 a 30 de junio de 2025",
        "America/Mexico_City",
        "3 de julio de 2025, 10:00",
    ]
    if ending != "json":
        assert all(text in all_text(written) for text in stated)


def all_text(written: list[Path]) -> str:
    """Return everything that files say: parts of zip files and texts alike."""
    parts = []
    for path in written:
        if path.suffix in {".docx", ".xlsx"}:
            with ZipFile(path) as archive:
                parts += [archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()]
        else:
            parts.append(path.read_text(encoding="utf-8"))
    return "".join(parts)


# -------------------------------------------------------------------------------------------------------------- Word
@pytest.fixture
def document(report: Report, tmp_path: Path) -> Any:
    word.write(report, tmp_path / "informe.docx")
    return Document(str(tmp_path / "informe.docx"))


def said(paragraph: Any) -> str:
    """Return a paragraph's text, with what its fields show."""
    return "".join(node.text or "" for node in paragraph._p.iter(qn("w:t")))


def test_word_has_real_styles_and_bold_where_it_is_meant(document: Any) -> None:
    styles = {said(paragraph): paragraph.style.name for paragraph in document.paragraphs}
    assert styles["Informe de prueba, abril a junio de 2025"] == "Title"
    assert styles["Correos & <avisos>"] == "Heading 1"
    assert styles["Tabla 1. Correos & <avisos>, abril a junio de 2025"] == "Caption"
    assert styles["Segundo párrafo."] == "Body Text"
    bold = [run.text for paragraph in document.paragraphs for run in paragraph.runs if run.bold]
    assert bold == ["5 correos", "llamadas"]
    assert all(table.style.name == "Informe" for table in document.tables)


def test_word_repeats_the_header_and_parts_no_row(document: Any) -> None:
    for table in document.tables:
        assert [bool(row._tr.trPr.findall(qn("w:tblHeader"))) for row in table.rows] == [
            number == 0 for number in range(len(table.rows))
        ]
        assert all(row._tr.trPr.findall(qn("w:cantSplit")) for row in table.rows)


def test_word_merges_what_repeats_into_one_cell(document: Any) -> None:
    merges = [
        [
            (cell.tcPr.find(qn("w:vMerge")).get(qn("w:val")))
            for cell in row._tr.tc_lst
            if cell.tcPr.findall(qn("w:vMerge"))
        ]
        for row in document.tables[0].rows
    ]
    assert merges == [[], ["restart"], ["continue"], ["continue"], ["restart"], ["continue"]]
    assert document.tables[0].cell(1, 2)._tc is document.tables[0].cell(3, 2)._tc


def test_word_turns_the_page_for_a_wide_table_and_back(document: Any) -> None:
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    for section in document.sections:
        assert (section.page_width > section.page_height) == (section.orientation == WD_ORIENT.LANDSCAPE)


def test_word_numbers_its_pages_and_states_itself_on_each(document: Any) -> None:
    for footer in (document.sections[0].footer, document.sections[0].first_page_footer):
        fields = [field.get(qn("w:instr")).strip() for field in footer._element.iter(qn("w:fldSimple"))]
        assert fields == ["PAGE", "NUMPAGES"]
        text = "\n".join(map(said, footer.paragraphs))
        assert "Página 1 de 1" in text
        assert "Huella: sha256:" in text
    assert all(section.footer.is_linked_to_previous for section in list(document.sections)[1:])


def test_word_is_in_the_spanish_of_mexico(document: Any) -> None:
    assert document.core_properties.language == "es-MX"
    assert {lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))} == {"es-MX"}
    assert document.core_properties.title == "Informe de prueba, abril a junio de 2025"


def test_word_prints_a_sentence_in_place_of_an_empty_table(document: Any) -> None:
    texts = [said(paragraph) for paragraph in document.paragraphs]
    assert texts[texts.index("Llamadas") + 1] == "No hubo llamadas."
    assert "Tabla 2. Correos & <avisos>, abril a junio de 2025" in texts, "numbers count the tables that are printed"


# ------------------------------------------------------------------------------------------------------------- Excel
@pytest.fixture
def book(report: Report, tmp_path: Path) -> Any:
    excel.write(report, tmp_path / "informe.xlsx")
    return openpyxl.load_workbook(tmp_path / "informe.xlsx")


def test_excel_has_a_sheet_for_each_table_and_one_about_them(book: Any) -> None:
    assert book.sheetnames == ["Correos & <avisos>", "Llamadas", "Correos & <avisos> (2)", "Datos del informe"]
    about = {row[0]: row[1] for row in book["Datos del informe"].values if row[0]}
    assert about["Título"] == "Informe de prueba, abril a junio de 2025"
    assert about["Correos & <avisos>"].startswith("Correos & <avisos>\nSe enviaron 5 correos en 5 días.\n")


def test_excel_keeps_every_cell_a_text(book: Any) -> None:
    cells = [cell for row in book["Correos & <avisos>"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_excel_freezes_and_repeats_the_header_and_merges_cells(book: Any) -> None:
    sheet = book["Correos & <avisos>"]
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["C2:C4", "C5:C6"]
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert book["Correos & <avisos> (2)"].page_setup.orientation != "landscape"


def test_excel_prints_a_sentence_in_place_of_an_empty_table(book: Any) -> None:
    assert list(book["Llamadas"].values) == [("No hubo llamadas.",)]


def test_sheets_have_names_that_excel_takes() -> None:
    names = sheet_names(
        [
            "Acompañamiento en los simulacros del SEI",
            "Acompañamiento en los simulacros",
            "a/b:c*[d]?",
            "A B C D",
            "'",
            "History",
            "x" * 40,
            "x" * 41,
        ]
    )
    assert names == [
        "Acompañamiento en los",
        "Acompañamiento en los (2)",
        "a b c d",
        "A B C D (2)",
        "Tabla",
        "History 1",
        "x" * 31,
        "x" * 27 + " (2)",
    ]


# ------------------------------------------------------------------------------------------------- CSV, HTML and JSON
def test_csv_opens_in_excel_as_utf8_and_holds_nothing_but_the_table(report: Report, tmp_path: Path) -> None:
    written = csv_.write(report, tmp_path / "prueba.csv")
    assert [path.name for path in written] == [
        "prueba-correos.csv",
        "prueba-vacia.csv",
        "prueba-cruce.csv",
        "prueba-datos.txt",
    ]
    assert written[0].read_bytes().startswith("\ufeffNo.,Fecha,".encode())
    assert written[1].read_text(encoding="utf-8-sig") == "Fecha\n"
    about = written[3].read_text(encoding="utf-8")
    assert "prueba-correos.csv: Correos & <avisos>\nSe enviaron 5 correos en 5 días.\n" in about
    assert "No hubo llamadas." in about


def test_html_needs_no_other_file_and_escapes_what_people_wrote(report: Report, tmp_path: Path) -> None:
    (path,) = html.write(report, tmp_path / "informe.html")
    page = path.read_text(encoding="utf-8")
    assert '<html lang="es-MX">' in page
    assert "<strong>5 correos</strong>" in page
    assert "&lt;aviso&gt;" in page
    assert "<aviso>" not in page
    assert not any(mark in page for mark in (" src=", "<link", "<script", "url(", "@import"))
    assert page.count("<caption ") == 2
    assert '<th scope="col">Fecha</th>' in page
    assert '<th scope="row">invitacion</th>' in page


def test_json_has_the_form_of_the_contract(report: Report, tmp_path: Path) -> None:
    (path,) = json_.write(report, tmp_path / "informe.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert list(content) == ["title", "from", "to", "timezone", "as_of", "digest", "tables", "warnings"]
    assert (content["from"], content["to"], content["as_of"]) == (
        "2025-04-01",
        "2025-06-30",
        "2025-07-03T10:00:00-06:00",
    )
    assert list(content["tables"][0]) == ["id", "title", "intro", "columns", "rows"]
    assert content["tables"][1]["rows"] == []
    assert content["tables"][1]["empty"] == "No hubo **llamadas**."
    assert all(list(warning) == ["table", "row", "code", "message"] for warning in content["warnings"])
