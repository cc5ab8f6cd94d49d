"""One row's cells, and what is said of those that are wrong."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.errors import Fault
from contacts.spreadsheets import Cell
from outreach import words
from outreach.register import fields
from outreach.register.fields import own_name, read

GOOD = {"fecha": "2025-04-09", "canal": "correo", "clase": "invitacion", "informacion": "Envío de cartel"}


def good(**cells: Cell) -> fields.Line:
    line, faults = read(GOOD | cells)
    assert faults == []
    assert line is not None
    return line


def wrong(**cells: Cell) -> Fault:
    line, faults = read(GOOD | cells)
    assert line is None
    [fault] = faults
    return fault


def test_a_day_and_a_month_are_told_apart() -> None:
    assert (good().content.day, good().content.month_only) == (date(2025, 4, 9), False)
    month = good(fecha="2025-04").content
    assert (month.day, month.month_only) == (date(2025, 4, 1), True)


def test_a_date_cell_of_a_workbook_is_a_day() -> None:
    assert good(fecha=date(2025, 4, 9)).content == good().content
    assert good(fecha=datetime(2025, 4, 9)).content == good().content  # noqa: DTZ001 — a cell has no zone


@pytest.mark.parametrize(
    "text",
    [
        "09/04/2025",
        "2025-4-9",
        "2025-04-31",
        "2025-13",
        "Abril 2025",
        "20250409",
        "2025-W15-3",
        "2025-04-09T10:00",
        "45756",
    ],
)
def test_a_date_in_any_other_form_is_refused_with_the_two_that_are_taken(text: str) -> None:
    fault = wrong(fecha=text)
    sentence = words.explain(fault)
    assert (fault.code, fault.where) == ("register_date", "fecha")
    assert text in sentence
    assert "2025-04-09" in sentence
    assert "2025-04 " in sentence


def test_a_date_cell_with_an_hour_in_it_is_refused() -> None:
    assert wrong(fecha=datetime(2025, 4, 9, 20)).code == "register_date"  # noqa: DTZ001 — a cell has no zone


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("20:00", "20:00"),
        ("9:30", "09:30"),
        ("00:00", "00:00"),
        ("20:00:00", "20:00"),
        (time(20, 15), "20:15"),
        ("", ""),
    ],
)
def test_an_hour_is_taken_as_people_and_workbooks_write_it(cell: Cell, hour: str) -> None:
    assert good(hora=cell).content.hour == hour


@pytest.mark.parametrize("cell", ["24:00", "8", "20.00", "20:61", "8 pm", "20:00:30", time(20, 0, 30)])
def test_any_other_hour_is_refused(cell: Cell) -> None:
    assert wrong(hora=cell).code == "register_hour"


@pytest.mark.parametrize("text", ["telefono", "Teléfono", "TELÉFONO", " telefono "])
def test_a_channel_may_have_capitals_and_accents(text: str) -> None:
    assert good(canal=text).content.channel == "telefono"


def test_an_unknown_channel_is_answered_with_the_vocabulary() -> None:
    sentence = words.explain(wrong(canal="paloma"))
    assert "«paloma»" in sentence
    assert all(channel in sentence for channel in fields.CHANNELS)


@pytest.mark.parametrize(("cell", "number"), [("0", 0), ("312", 312), (312.0, 312), ("", None), ("007", 7)])
def test_recipients_are_a_whole_number_or_unknown(cell: Cell, number: int | None) -> None:
    assert good(destinatarios=cell).content.recipients == number


@pytest.mark.parametrize("cell", ["-1", "1,200", "1.5", 1.5, "doce", "1e3", "٣", "9" * 10, True])
def test_any_other_number_of_recipients_is_refused(cell: Cell) -> None:
    fault = wrong(destinatarios=cell)
    assert (fault.code, fault.where) == ("register_number", "destinatarios")


def test_networks_are_separated_with_semicolons_and_count_once() -> None:
    assert good(red="Red Voto Chilango; Ruta Chilanga;;Red Voto Chilango").content.networks == (
        "Red Voto Chilango",
        "Ruta Chilanga",
    )


@pytest.mark.parametrize("name", fields.REQUIRED)
def test_a_required_column_may_not_be_empty(name: str) -> None:
    fault = wrong(**{name: "  "})
    assert fault.where == name
    assert f"«{name}»" in words.explain(fault)
    assert "por ejemplo" in words.explain(fault)


def test_every_fault_of_a_row_is_listed() -> None:
    _, faults = read({"fecha": "hoy", "canal": "paloma", "hora": "ya", "destinatarios": "muchos"})
    assert [fault.where for fault in faults] == ["fecha", "hora", "canal", "clase", "informacion", "destinatarios"]


def test_a_character_that_nothing_can_print_is_refused_with_its_place() -> None:
    fault = wrong(informacion="Envío\x0bde cartel")
    assert (fault.code, fault.details["position"]) == ("register_text", 6)
    assert "\x0b" not in words.explain(fault)
    assert good(informacion="dos\nrenglones\ty más").content.information == "dos\nrenglones\ty más"


def test_half_a_letter_from_a_terminal_is_refused_before_a_database_sees_it() -> None:
    assert wrong(tema="cartel \udcc3").code == "register_text"


def test_other_columns_are_kept_without_the_empty_ones() -> None:
    assert good(oficio="DVOE/12", objetivo="", estado=" Jalisco ").content.extra == {
        "oficio": "DVOE/12",
        "estado": "Jalisco",
    }


@pytest.mark.parametrize(
    ("header", "name"),
    [("Fecha", "fecha"), ("INFORMACIÓN", "informacion"), (" canal ", "canal"), ("Oficio", "Oficio"), ("Año", "Año")],
)
def test_a_header_of_ours_may_have_capitals_and_accents_and_others_stand_as_they_are(header: str, name: str) -> None:
    assert own_name(header) == name


def test_an_annulment_needs_its_reason_and_a_real_moment() -> None:
    annulled = good(anulada="sí", anulada_el="2025-07-03T10:00:00-06:00", anulada_por="ana", anulada_motivo="doble")
    assert annulled.annulment is not None
    assert annulled.annulment.at == datetime(2025, 7, 3, 16, tzinfo=UTC)
    assert wrong(anulada="sí").where == "anulada_motivo"
    assert wrong(anulada="sí", anulada_motivo="doble", anulada_el="ayer").code == "register_moment"
    assert wrong(anulada="quizá").code == "register_yes"
    assert good(anulada="no").annulment is None


def test_what_a_row_says_is_its_identity_however_it_is_written() -> None:
    written = good(hora="9:30", red="A;B", oficio="1", estado="x", canal="Correo").content
    again = good(estado=" x", canal="correo", red=" A ; B ", hora="09:30:00", oficio="1").content
    assert written.fingerprint == again.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"fecha": "2025-04-10"}, {"fecha": "2025-04"}, {"hora": "20:00"}, {"canal": "otro"}, {"cuenta": "ADMIN"},
        {"red": "A"}, {"clase": "noticia"}, {"tema": "x"}, {"informacion": "y"}, {"destinatarios": "0"},
        {"oficio": "1"},
    ],
)  # fmt: skip
def test_a_change_in_any_column_makes_another_communication(change: dict[str, str]) -> None:
    assert good(**change).content.fingerprint != good().content.fingerprint


def test_the_first_of_a_month_is_not_the_month() -> None:
    assert good(fecha="2025-04-01").content.fingerprint != good(fecha="2025-04").content.fingerprint


def test_the_same_text_in_another_column_is_another_communication() -> None:
    assert good(tema="a", cuenta="b").content.fingerprint != good(tema="b", cuenta="a").content.fingerprint


CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.text(), st.floats(), st.booleans(), st.dates(), st.times(), st.datetimes()
)


@given(st.dictionaries(st.sampled_from([*fields.REQUIRED, "hora", "destinatarios", "anulada", "folio", "otra"]), CELLS))
def test_whatever_the_cells_hold_a_row_is_read_or_refused_in_words(cells: dict[str, Cell]) -> None:
    line, faults = read(cells)
    assert (line is None) == bool(faults)
    for fault in faults:
        assert fault.where
        assert "Código" not in words.explain(fault)


@given(st.dates(), st.booleans())
def test_every_day_and_month_of_the_calendar_is_read(day: date, month_only: bool) -> None:
    content = good(fecha=day.isoformat()[:7] if month_only else day.isoformat()).content
    assert content.day == (day.replace(day=1) if month_only else day)
    assert content.month_only is month_only
