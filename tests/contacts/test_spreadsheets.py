"""Spreadsheets as people really send them."""

import csv
import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.errors import Refused
from contacts.spreadsheets import Cell, as_text, read_sheet
from outreach import words

PEOPLE = "nombre,correo\nAna Núñez,ana@example.org\nBeto Peña,beto@example.org\n"


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [fault.code for fault in refused.value.faults]


def cells(path: Path) -> list[list[Cell]]:
    return [list(row.cells.values()) for row in read_sheet(path).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_csv_reads_the_same_in_every_usual_dress(write, encoding, delimiter, line_end):
    text = PEOPLE.replace(",", delimiter).replace("\n", line_end)
    sheet = read_sheet(write(text, encoding=encoding))
    assert sheet.headers == ["nombre", "correo"]
    assert [row.cells for row in sheet.rows] == [
        {"nombre": "Ana Núñez", "correo": "ana@example.org"},
        {"nombre": "Beto Peña", "correo": "beto@example.org"},
    ]
    assert [row.number for row in sheet.rows] == [2, 3]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(write):
    text = 'nombre,nota\nAna,"dos\nlíneas\nen la celda"\n\n,,\nBeto,última\n,\n\n'
    assert [(row.number, row.cells["nombre"]) for row in read_sheet(write(text)).rows] == [(2, "Ana"), (5, "Beto")]


def test_the_line_that_excel_adds_for_the_delimiter_is_no_row(write):
    sheet = read_sheet(write("sep=;\nnombre;correo\nAna;a,b\n"))
    assert sheet.headers == ["nombre", "correo"]
    assert [(row.number, row.cells["correo"]) for row in sheet.rows] == [(2, "a,b")]


def test_headers_lose_blanks_and_columns_without_name_are_left_out(write):
    sheet = read_sheet(write(" Nombre \n completo ,correo\n"))
    assert sheet.headers == ["Nombre"]
    sheet = read_sheet(write('" Nombre \n  completo ",,correo ,\nAna,x,a@example.org,\n'))
    assert sheet.headers == ["Nombre completo", "correo"]
    assert sheet.rows[0].cells == {"Nombre completo": "Ana", "correo": "a@example.org"}


def test_cells_keep_their_text_and_blanks_alone_are_empty(write):
    row = read_sheet(write('a,b,c,d\n  x ,"  ", \u00a0,007\n')).rows[0]
    assert row.cells == {"a": "  x ", "b": "", "c": "", "d": "007"}
    assert row.text("a") == "x"
    assert row.text("no hay") == ""


def test_a_short_row_is_filled_up_and_a_long_one_tells_what_is_too_much(write):
    rows = read_sheet(write("nombre,ciudad\nAna\nBeto,Chicago, Illinois\nCeci,Berlín,,\n")).rows
    assert rows[0].cells == {"nombre": "Ana", "ciudad": ""}
    assert rows[1].surplus == (" Illinois",)
    assert rows[2].surplus == ()


def test_a_header_with_a_line_break_does_not_hide_the_delimiter(write):
    assert read_sheet(write('"Nombre\ncompleto";"correo, uno"\nAna;x\n')).headers == ["Nombre completo", "correo, uno"]


def test_one_column_needs_no_delimiter(write):
    assert cells(write("correo\nana@example.org\n")) == [["ana@example.org"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n ,,\n", "file_empty"),
        ("\ufeff".encode(), "file_empty"),
        (b"%PDF-1.7\n1 0 obj", "file_kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "file_kind"),
        (b"<html><table><tr><td>nombre</td></tr></table>", "file_kind"),
        (b"\x00\x01\x02\x03\x04 nombre", "file_kind"),
        (b"\xff\xfen\x00o\x00m", "file_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_old"),
        (b"PK\x03\x04 cut off", "file_damaged"),
        ("nombre\nPérez\nPe".encode() + b"\xc3\x28\n", "file_encoding"),
        (b"nombre\nP\x81rez\n", "file_encoding"),
        (b"nombre,Nombre\nAna,Beto\n", "header_twice"),
        (b'nombre,correo\n"Ana,ana@example.org\nBeto,beto@example.org\n', "quote_open"),
        (b'nombre,correo\n"Ana "la g\xc3\xbcera" Ruiz",x\n', "quote_open"),
        (b"nombre\n" + b"x" * 40_000, "cell_long"),
        (b"nombre\n" + b"x" * 200_000, "cell_long"),
        (b"nombre,correo\nAna,a\nBeto,b\x00c\n", "cell_nul"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason_and_words(write, content, code):
    with pytest.raises(Refused) as refused:
        read_sheet(write(content))
    assert set(codes(refused)) == {code}
    for sentence in words.explain_all(refused.value):
        assert "%(" not in sentence
        assert "Código" not in sentence


def test_the_row_of_an_open_quotation_mark_is_named(write):
    with pytest.raises(Refused) as refused:
        read_sheet(write('nombre,correo\nAna,a\n"Beto,b\nCeci,c\n'))
    assert refused.value.faults[0].row == 3
    assert words.explain_all(refused.value)[0].startswith("contactos.csv, renglón 3")


def test_the_row_of_an_unreadable_letter_is_named(write):
    with pytest.raises(Refused) as refused:
        read_sheet(write(b"nombre\nAna\nP\x81rez\n"))
    assert refused.value.faults[0].row == 3


def test_every_cell_with_a_nul_is_listed_with_row_and_column(write):
    with pytest.raises(Refused) as refused:
        read_sheet(write(b"nombre,correo\n" + b"Ana,x\n" * 1000 + b"a\x00b,c\x00d\ne\x00,f\n"))
    assert [(fault.row, fault.where) for fault in refused.value.faults] == [
        (1002, "nombre"),
        (1002, "correo"),
        (1003, "nombre"),
    ]


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path):
    for path, code in ((tmp_path / "no.csv", "file_missing"), (tmp_path, "file_kind")):
        with pytest.raises(Refused) as refused:
            read_sheet(path)
        assert codes(refused) == [code]
        assert str(path) in words.explain_all(refused.value)[0]


def test_a_workbook_keeps_the_types_of_its_cells(workbook):
    midnight, morning = datetime.fromisoformat("2025-04-09T00:00"), datetime.fromisoformat("2025-04-09T10:30")
    row = ["Ana", 5215555550100, 2.5, True, midnight, morning, time(20, 0), ""]
    sheet = read_sheet(workbook([["a", "b", "c", "d", "e", "f", "g", "h"], row]))
    got = list(sheet.rows[0].cells.values())
    assert got == ["Ana", 5215555550100.0, 2.5, True, date(2025, 4, 9), morning, time(20, 0), ""]
    assert [as_text(cell) for cell in got] == [
        "Ana",
        "5215555550100",
        "2.5",
        "VERDADERO",
        "2025-04-09",
        "2025-04-09 10:30",
        "20:00",
        "",
    ]
    assert type(got[4]) is date


def test_a_duration_under_a_day_is_an_hour(tmp_path):
    path = tmp_path / "horas.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        style = book.add_format({"num_format": "[h]:mm"})
        sheet.write_row(0, 0, ["hora", "suma"])
        sheet.write_datetime(1, 0, timedelta(hours=20, minutes=15), style)
        sheet.write_datetime(1, 1, timedelta(hours=49), style)
    row = read_sheet(path).rows[0]
    assert row.cells["hora"] == time(20, 15)
    assert row.cells["suma"] == "2 days, 1:00:00"


def test_rows_of_a_workbook_are_numbered_as_shown_and_the_empty_ones_left_out(workbook):
    path = workbook([["nombre"], ["Ana"], [""], ["Beto"], ["  "]], first_row=2)
    assert [(row.number, row.cells["nombre"]) for row in read_sheet(path).rows] == [(4, "Ana"), (6, "Beto")]


def test_a_formula_that_failed_is_an_empty_cell(tmp_path):
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 1, "=1+1", None, 2)
    assert read_sheet(path).rows[0].cells == {"a": "", "b": 2.0}


def test_the_first_sheet_that_is_shown_is_read(tmp_path):
    path = tmp_path / "hojas.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        hidden = book.add_worksheet("Oculta")
        hidden.write(0, 0, "secreto")
        shown = book.add_worksheet("A la vista")
        shown.write_column(0, 0, ["nombre", "Ana"])
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()
    assert cells(path) == [["Ana"]]


def test_the_contents_tell_the_kind_of_file_not_its_name(workbook, write):
    rows: list[list[object]] = [["nombre"], ["Ana"]]
    assert cells(workbook(rows, name="contactos.csv")) == [["Ana"]]
    assert cells(write("nombre\nAna\n", name="contactos.xlsx")) == [["Ana"]]


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "fotos.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("foto.txt", "hola")
    with pytest.raises(Refused) as refused:
        read_sheet(path)
    assert codes(refused) == ["file_kind"]


def test_a_lone_cell_in_the_far_corner_is_refused_before_it_takes_all_memory(tmp_path):
    path = tmp_path / "lejos.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "nombre")
        sheet.write(1_048_575, 16_383, "aquí")
    with pytest.raises(Refused) as refused:
        read_sheet(path)
    assert codes(refused) == ["file_large"]


def test_a_workbook_whose_insides_are_broken_is_refused_and_never_raises(workbook, tmp_path):
    whole = workbook([["nombre", "n"], ["Ana", 1]])
    with zipfile.ZipFile(whole) as parts:
        inside = {name: parts.read(name) for name in parts.namelist()}
    for name, content in inside.items():
        for broken in (None, content[: len(content) // 2], content.replace(b"<", b"<<")):
            path = tmp_path / "roto.xlsx"
            with zipfile.ZipFile(path, "w") as parts:
                for other, kept in inside.items():
                    if other != name:
                        parts.writestr(other, kept)
                    elif broken is not None:
                        parts.writestr(name, broken)
            try:
                read_sheet(path)
            except Refused as refused:
                assert words.explain_all(refused)  # noqa: PT017 — most are refused, a lost style sheet is harmless


@given(content=st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_no_bytes_at_all_make_it_raise_anything_but_a_refusal(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    try:
        read_sheet(path)
    except Refused as refused:
        assert words.explain_all(refused)  # noqa: PT017 — reading some of them is right too


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from('\n",;\t'), max_size=12)


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=8),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_what_a_program_writes_is_what_is_read(tmp_path, rows, delimiter, encoding):
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(["uno", "dos", "tres"])
    writer.writerows(rows)
    path = tmp_path / "x.csv"
    path.write_bytes(made.getvalue().encode(encoding))
    wanted = [
        (number, [cell if cell.strip() else "" for cell in row])
        for number, row in enumerate(rows, 2)
        if any(cell.strip() for cell in row)
    ]
    assert [(row.number, list(row.cells.values())) for row in read_sheet(path).rows] == wanted
