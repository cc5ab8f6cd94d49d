"""The files themselves: what programs read in them, and that what comes back is what left."""

import csv
import json
import re
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from contacts.formulas import neutralise, restore
from contacts.models import AddressKind
from contacts.peoplefiles import read_people
from outreach.exports import csvfile, vcards, workbook
from outreach.exports.about import About
from outreach.exports.rows import Person

WHY = "prueba de los archivos"
NASTY = '=HYPERLINK("http://example.org";"Ñandú, «Peña»")'
ABOUT = About("maura", datetime(2025, 6, 20, 17, 42, tzinfo=UTC), "America/Mexico_City", WHY, "Todas", 3, "whole")
FORMULA = tuple("=+-@\t\r")
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def person(name: str, *, city: str = "", number: int = 1, networks: tuple[str, ...] = ()) -> Person:
    return Person(number, name, "MX", city, "es", "America/Mexico_City", "", networks=list(networks))


def test_a_spreadsheet_runs_nothing_in_a_csv_and_numbers_stay_numbers(take):
    found = list(csv.reader(StringIO(take()[1].decode("utf-8-sig"), newline="")))
    for cell in (cell for row in found for cell in row):
        assert not cell.startswith(FORMULA) or re.fullmatch(r"\+\d+(;\+\d+)*", cell), cell
    assert found[3][found[0].index("whatsapp")] == "+525555550123"
    assert found[1][found[0].index("red")] == "Ruta Chilanga;Red Voto Chilango"
    assert restore(found[2][0]) == NASTY


def test_a_csv_has_the_mark_and_the_delimiter_that_were_asked_for(take):
    assert take()[1].startswith(b"\xef\xbb\xbfnombre,correo")
    assert take(mark=False, delimiter="punto-y-coma")[1].startswith(b"nombre;correo")
    assert take(mark=False, delimiter="tabulador")[1].startswith(b"nombre\tcorreo")


@given(WORDS)
def test_what_was_disarmed_comes_back_as_it_was(text):
    assert restore(neutralise(text)) == text
    assert not neutralise(text).startswith(FORMULA)


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_every_word_in_a_csv_comes_back_as_it_was(words):
    chunks = csvfile.write([person(word, city=word) for word in words], ("nombre", "ciudad"), delimiter=",", mark=True)
    found = list(csv.reader(StringIO(b"".join(chunks).decode("utf-8-sig"), newline="")))[1:]
    assert [[restore(cell) for cell in row] for row in found] == [[word, word] for word in words]


def test_a_workbook_holds_text_alone_and_says_what_it_is(take):
    book = load_workbook(BytesIO(take(form="xlsx")[1]))
    assert book.sheetnames == ["Personas", "Acerca de"]
    sheet = book["Personas"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}  # no number, no formula
    assert {cell.number_format for cell in cells} == {"@"}
    assert sheet["A3"].value == NASTY
    assert sheet["D2"].value == "+13125550142"
    assert sheet.freeze_panes == "A2"
    about = dict(book["Acerca de"].iter_rows(values_only=True))
    assert about["Quién la descargó"] == "maura"
    assert about["Cuándo"] == "2025-06-20 11:42 (America/Mexico_City)"
    assert about["Para qué"] == WHY
    assert about["Personas"] == "5"
    assert book.properties.creator == "maura"
    assert WHY in book.properties.description
    assert book.properties.created == datetime(2025, 6, 20, 17, 42)  # noqa: DTZ001 — as openpyxl gives it


def test_a_workbook_begins_another_sheet_where_one_is_full(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    people = [person(f"Persona {number}") for number in range(3)]
    book = load_workbook(BytesIO(b"".join(workbook.write(people, ("nombre",), ABOUT))))
    assert book.sheetnames == ["Personas", "Personas 2", "Acerca de"]
    assert [row[0] for row in book["Personas 2"].iter_rows(values_only=True)] == ["nombre", "Persona 2"]


@given(st.lists(WORDS.filter(str.strip), min_size=1, max_size=3))
def test_every_word_in_a_workbook_comes_back_as_it_was(words):
    data = b"".join(workbook.write([person(word) for word in words], ("nombre", "ficha"), ABOUT))
    found = CalamineWorkbook.from_object(BytesIO(data)).get_sheet_by_index(0).to_python()[1:]
    expected = [re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", word) for word in words]
    assert [row[0].replace("\r\n", "\n").replace("\r", "\n") for row in found] == [
        word.replace("\r\n", "\n").replace("\r", "\n") for word in expected
    ]


def unfolded(data: bytes) -> list[str]:
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


def test_a_card_says_who_somebody_is_and_when_it_was_taken(take):
    cards = unfolded(take(form="vcard")[1])
    assert cards[:8] == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "PRODID:-//IECM//Voto Chilango//ES",
        cards[3],
        "REV:20250620T174200Z",
        "FN:Citlali Jacaranda",
        "N:;Citlali Jacaranda;;;",
        "EMAIL:citlali@example.org",
    ]
    assert re.fullmatch(r"UID:urn:uuid:[0-9a-f-]{36}", cards[3])
    assert "TEL;TYPE=cell,whatsapp:+13125550142" in cards
    assert "ORG:Consulado\\; en Chicago\\, Illinois" in cards
    assert "ADR;TYPE=home:;;;Chicago;;;US" in cards
    assert "CATEGORIES:Ruta Chilanga,Red Voto Chilango" in cards
    assert "TEL;TYPE=voice:+34910000077" in cards
    assert "IMPP:whatsapp:MX.bsuid.77" in cards
    assert cards.count("BEGIN:VCARD") == cards.count("END:VCARD") == 5


def test_an_older_telephone_gets_what_it_knows(take):
    cards = unfolded(take(form="vcard3")[1])
    assert cards.count("VERSION:3.0") == 5
    assert not [line for line in cards if line.startswith("LANG")]
    assert "EMAIL;TYPE=INTERNET:citlali@example.org" in cards
    assert not [line for line in unfolded(take(form="vcard", addresses="none")[1]) if line.startswith(("EMAIL", "TEL"))]


@given(WORDS, st.lists(WORDS, max_size=3))
def test_no_line_of_a_card_is_too_long_or_cut_within_a_letter(name, networks):
    data = vcards.card(person(name * 5, networks=tuple(networks)), ABOUT, "4.0")
    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    for line in lines:
        assert len(line) <= 75
        line.decode()
        assert b"\n" not in line
    said = next(line for line in unfolded(data) if line.startswith("FN:"))[3:]
    plain = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], said, flags=re.DOTALL)
    assert plain == (name * 5).replace("\r", "")


def test_the_first_of_the_json_lines_says_what_the_file_is(take):
    lines = [json.loads(line) for line in take(form="jsonl")[1].splitlines()]
    assert lines[0] == {
        "format": "voto-chilango/personas",
        "version": 1,
        "people": 5,
        "list": "Todas las personas",
        "who": "maura",
        "when": "2025-06-20T11:42:00-06:00",
        "zone": "America/Mexico_City",
        "why": WHY,
        "addresses": "whole",
    }
    assert lines[3]["name"] == "Eloy Nopal"
    assert lines[3]["addresses"][1] == {"kind": "correo", "value": "eloy.nopal@example.net"}
    assert AddressKind(lines[3]["addresses"][3]["kind"]) is AddressKind.PHONE


@pytest.mark.parametrize("form", ["csv", "xlsx", "vcard", "vcard3", "jsonl"])
def test_a_list_without_anybody_is_a_whole_file(take, form):
    from outreach.exports.choosing import Chosen

    taken, data = take(Chosen(text="nadie así"), form=form)
    assert taken.people == 0
    if form == "xlsx":
        assert load_workbook(BytesIO(data))["Personas"]["A1"].value == "nombre"
    elif form == "csv":
        assert data.decode("utf-8-sig").startswith("nombre,")


def cells(path, content: bytes, header: str) -> list[str]:
    """What our own import reads in a column."""
    path.write_bytes(content)
    return [row.text(header) for row in read_people(path).rows]


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30).map(lambda text: f"{text} x")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES, min_size=1, max_size=3))
def test_our_own_import_reads_every_name_as_it_was(tmp_path, names):
    people = [person(name, city=name) for name in names]
    for one in people:
        one.addresses.append((AddressKind.WHATSAPP, "+525555550123"))
    columns = ("nombre", "correo", "whatsapp", "ciudad")
    made = {
        "a.csv": b"".join(csvfile.write(people, columns, delimiter=";", mark=True)),
        "a.xlsx": b"".join(workbook.write(people, columns, ABOUT)),
        "a.vcf": b"".join(vcards.write(people, ABOUT, version="4.0")),
        "b.vcf": b"".join(vcards.write(people, ABOUT, version="3.0")),
    }
    for name, content in made.items():
        assert cells(tmp_path / name, content, "nombre") == names, name
        assert cells(tmp_path / name, content, "ciudad") == names, name
        assert cells(tmp_path / name, content, "whatsapp") == ["+525555550123"] * len(names), name
