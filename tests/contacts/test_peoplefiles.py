"""A corpus of ugly files of people, what our own exports write, and repairs that are proposed."""

import csv
import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import addresses, columns, formulas, repairs, spreadsheets
from contacts.checking import check
from contacts.errors import Fault, Refused
from contacts.peoplefiles import read_people
from contacts.spreadsheets import as_text
from outreach import words


def people(path):
    """The people and the refused rows of a file, as it would come in without a hand on it."""
    sheet = read_people(path)
    return check(sheet, columns.find(sheet.headers))


def names(path) -> list[str]:
    return [card.name for _number, card in people(path).people]


# ------------------------------------------------------------------------------------------------ headers


def test_a_header_is_found_below_titles(write):
    text = "Directorio de contactos 2025\nActualizado: mayo\n\nNombre;Correo\nAna;ana@example.org\n"
    path = write(text)
    assert names(path) == ["Ana"]
    assert [row.number for row in read_people(path).rows] == [5]


def test_merged_titles_and_merged_headings_of_a_workbook(tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 4, "Directorio de contactos")
        sheet.merge_range(1, 0, 2, 0, "Nombre")
        sheet.merge_range(1, 1, 1, 4, "Contacto")
        sheet.merge_range(2, 1, 2, 2, "Correo")
        sheet.write_row(2, 3, ["Teléfono", "País"])
        sheet.write_row(3, 0, ["Ana", "ana@example.org", "ana@example.com", 5555550144, "México"])
    sheet = read_people(path)
    assert sheet.headers == ["Nombre", "Correo", "Correo 2", "Teléfono", "País"]
    ((_row, card),) = people(path).people
    assert [each.value for each in card.addresses] == ["ana@example.org", "ana@example.com", "+525555550144"]


def test_two_marks_at_the_beginning_bars_and_quotes(write):
    path = write(b"\xef\xbb\xbf\xef\xbb\xbf" + '"Nombre"|"Correo"\n"Ana|Lía"|ana@example.org\n'.encode())
    assert read_people(path).headers == ["Nombre", "Correo"]
    assert names(path) == ["Ana|Lía"]


def test_headers_are_proposed_by_likeness_and_by_what_the_cells_say():
    rows = [{"Contacto": "ana@example.org"}, {"Contacto": "beto@example.org"}, {"Contacto": ""}]
    headers = ["Nonbre completo", "Contacto", "Telefno", "Observaciones", "Nombre"]
    assert columns.propose(headers, rows) == {
        "Nonbre completo": "",  # there is a surer one
        "Contacto": "correo",
        "Telefno": "telefono",
        "Observaciones": "",
        "Nombre": "nombre",
    }


def test_a_signature_does_not_mind_order_capitals_and_accents():
    assert columns.signature(["Teléfono", "NOMBRE"]) == columns.signature(["nombre", "telefono"])
    assert columns.signature(["nombre"]) != columns.signature(["nombre", "telefono"])


# ------------------------------------------------------------------------------------------------ cells


def test_what_nobody_sees_is_taken_off_and_emoji_stay(write):
    name = "\u202eAna\u202c \u2066Lu\u0007z\u2069\u200b 🌮\x1b"
    assert names(write(f"nombre,correo\n{name},\u200fana@example.org\u200e\n")) == ["Ana Luz 🌮"]


def test_a_name_of_ten_thousand_letters_is_refused_and_the_others_come_in(write):
    found = people(write(f"nombre,correo\n{'A' * 10_000},a@example.org\nBeto,b@example.org\n"))
    assert [fault.code for row in found.refused for fault in row.faults] == ["field_long"]
    assert len(found.people) == 1


def test_formulas_come_in_as_texts_and_dates_as_what_they_show(tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["nombre", "correo", "ciudad"])
        sheet.write_formula(1, 0, '=CONCATENATE("Ana"," Luz")', None, "Ana Luz")
        sheet.write(1, 1, "ana@example.org")
        sheet.write_datetime(
            1, 2, __import__("datetime").datetime(2025, 5, 15), book.add_format({"num_format": "d/m/y"})
        )
    ((_row, card),) = people(path).people
    assert (card.name, card.city) == ("Ana Luz", "2025-05-15")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("foto.csv", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("pagina.csv", b"<!DOCTYPE html><html></html>"),
        ("viejo.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("nada.csv", b"\xef\xbb\xbf\xef\xbb\xbf\n\n"),
        ("comprimido.csv", b"\x1f\x8b\x08\x00"),
    ],
)
def test_files_of_the_wrong_kind_are_refused_in_words(write, name, content):
    with pytest.raises(Refused) as refused:
        people(write(content, name))
    assert all("%(" not in sentence for sentence in words.explain_all(refused.value))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED", 20 << 20)
    path = tmp_path / "bomba.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        parts.writestr("xl/sharedStrings.xml", b"\0" * (21 << 20))
    assert path.stat().st_size < 50_000
    with pytest.raises(Refused) as refused:
        people(path)
    assert [fault.code for fault in refused.value.faults] == ["file_large"]


def test_a_zip_that_says_that_it_is_small_is_found_out(tmp_path):
    path = tmp_path / "miente.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        parts.writestr("xl/sharedStrings.xml", b"a" * 5_000_000)
    raw = path.read_bytes().replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(raw)
    with pytest.raises(Refused) as refused:
        people(path)
    assert [fault.code for fault in refused.value.faults] == ["file_damaged"]


def test_a_file_of_a_gigabyte_is_refused_without_being_read_whole(tmp_path):
    path = tmp_path / "enorme.csv"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(Refused) as refused:
        people(path)
    assert [fault.code for fault in refused.value.faults] == ["file_large"]


# ------------------------------------------------------------------------------------------------ what we export


@pytest.mark.parametrize(
    "text", ["=A1", "+52 55", "-1", "@x", "\tx", "\rx", "'=A", "''+1", "'", "Ana", "", "'tis", "5'-"]
)
def test_a_disarmed_cell_comes_back_as_it_was(text):
    out = formulas.neutralise(text)
    assert out[:1] not in set("=+-@\t\r")
    assert formulas.restore(out) == text


@given(text=st.text(st.sampled_from("'=+-@\t\rAé1 "), max_size=6))
def test_disarming_and_arming_is_a_round_trip(text):
    out = formulas.neutralise(text)
    assert formulas.restore(out) == text
    assert out[:1] not in set("=+-@\t\r")


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), max_size=8)


@given(
    rows=st.lists(st.tuples(CELL, st.sampled_from("=+-@'").flatmap(lambda mark: CELL.map(mark.__add__))), max_size=5)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_a_file_that_we_wrote_is_read_as_it_was(write, rows):
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(["nombre", "correo"])
    writer.writerows([formulas.neutralise(cell) for cell in row] for row in rows)
    read = [tuple(map(as_text, row.cells.values())) for row in read_people(write(made.getvalue())).rows]
    assert read == [(name if name.strip() else "", mail) for name, mail in rows]


# ------------------------------------------------------------------------------------------------ repairs


@pytest.mark.parametrize(
    ("code", "value", "meant"),
    [
        ("email_form", "ana @ example.org", "ana@example.org"),
        ("email_form", "ana(arroba)example.org", "ana@example.org"),
        ("email_form", "ana@@example.org", "ana@example.org"),
        ("email_form", "ana.@example.org", "ana@example.org"),
        ("email_accent", "josé@example.org", "jose@example.org"),
        ("email_domain", "ana@gmail", "ana@gmail.com"),
        ("email_domain", "ana@example..org", "ana@example.org"),
        ("email_form", "nada", ""),
        ("phone_form", "55 5555 O144", "+525555550144"),
        ("phone_unassigned", "3125550142", "+13125550142"),
        ("country_unknown", "Estados Unido", "Estados Unidos"),
        ("country_unknown", "Aztlán", ""),
        ("timezone_unknown", "America/Chicgo", "America/Chicago"),
        ("role_unknown", "liderasgo", "liderazgo"),
        ("name_missing", "", ""),
    ],
)
def test_a_repair_is_proposed_where_one_is_near(code, value, meant):
    assert repairs.propose(Fault(code, "x", value)) == meant


@given(value=st.text(max_size=30), code=st.sampled_from(["email_form", "phone_form", "country_unknown"]))
def test_a_repair_is_always_one_that_would_be_taken(value, code):
    meant = repairs.propose(Fault(code, "x", value))
    if meant and code == "email_form":
        assert addresses.email(meant) == meant
    elif meant and code == "phone_form":
        assert addresses.phone(meant)[0] == meant
