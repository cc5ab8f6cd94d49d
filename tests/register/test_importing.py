"""Files into the register: whole or not at all, each communication once, and out again."""

import time
from collections.abc import Callable
from datetime import date
from datetime import time as hour_of_day
from pathlib import Path

import openpyxl
import pytest

from contacts.errors import Refused
from outreach import words
from outreach.register import entries, importing

HEADER = "fecha,hora,canal,red,clase,tema,informacion,destinatarios,oficio"
ROWS = (
    "2025-04-09,20:00,correo,Red Voto Chilango;Ruta Chilanga,invitacion,cartel,Envío de cartel,312,DVOE/12",
    "2025-04,,micrositio,,noticia,,Noticias de interés,,",
    "2025-04-11,,correo,,boletin,,Boletín,,",
)
Write = Callable[..., Path]


def test_a_file_becomes_communications(register, write: Write) -> None:
    outcome = register.bring(write(HEADER, *ROWS))
    assert (outcome.added, outcome.known, outcome.refused) == (3, 0, 0)
    first, second, month = register.all()
    assert first.day == date(2025, 4, 9)
    assert first.hour == hour_of_day(20)
    assert first.networks == ("Red Voto Chilango", "Ruta Chilanga")
    assert first.recipients == 312
    assert first.extra == {"oficio": "DVOE/12"}
    assert (first.source, first.topic) == ("import", "cartel")
    assert second.information == "Boletín"
    assert month.month_only


def test_the_same_file_twice_adds_nothing(register, write: Write) -> None:
    path = write(HEADER, *ROWS)
    register.bring(path)
    before = register.export()
    again = register.bring(path)
    assert (again.import_id, again.added, again.known) == (None, 0, 3)
    assert register.export() == before


def test_the_same_rows_in_another_dress_add_nothing(register, write: Write, tmp_path: Path) -> None:
    register.bring(write(HEADER, *ROWS))
    header = HEADER.split(",")
    turned = [";".join(reversed(cells)) for cells in (header, *(row.replace(";", "/").split(",") for row in ROWS))]
    path = tmp_path / "otra.csv"
    path.write_text("\n".join(turned).replace("Chilango/Ruta", '"Chilango;Ruta"').replace('Red Voto "', '"Red Voto ')
                    .replace('Ruta" Chilanga', 'Ruta Chilanga"'), encoding="utf-8-sig")  # fmt: skip
    assert register.bring(path).added == 0


def test_two_equal_rows_in_one_file_are_two_communications_and_stay_two(register, write: Write) -> None:
    path = write(HEADER, ROWS[0], ROWS[1], ROWS[0])
    assert register.bring(path).added == 3
    assert register.bring(path).added == 0
    assert register.bring(write(HEADER, ROWS[0], name="menos.csv")).added == 0
    assert register.bring(write(HEADER, *[ROWS[0]] * 3, name="mas.csv")).added == 1
    assert len({one.folio for one in register.all()}) == 4


def test_a_row_whose_folio_is_known_is_skipped_and_one_that_says_something_else_is_told(register, write) -> None:
    register.bring(write("folio," + HEADER, "A-1," + ROWS[0], "A-2," + ROWS[1]))
    outcome = register.bring(write("folio," + HEADER, "A-1," + ROWS[0], "A-2," + ROWS[2], "A-3," + ROWS[2]))
    assert (outcome.added, outcome.known, outcome.differing) == (1, 2, (3,))
    assert [one.folio for one in register.all()] == ["A-1", "A-3", "A-2"]


def test_a_row_without_folio_is_known_by_its_content_whatever_its_number(register, write: Write) -> None:
    register.bring(write("folio," + HEADER, "A-1," + ROWS[0]))
    assert register.bring(write(HEADER, ROWS[0])).added == 0


def test_equal_rows_of_which_one_has_a_known_folio_are_still_two(register, write: Write) -> None:
    register.bring(write("folio," + HEADER, "A-1," + ROWS[0], name="uno.csv"))
    both = write("folio," + HEADER, "," + ROWS[0], "A-1," + ROWS[0], name="dos.csv")
    assert register.bring(both).added == 1
    assert register.bring(both).added == 0


def test_one_folio_with_two_contents_in_a_file_is_refused_and_a_mere_repetition_is_not(register, write) -> None:
    with pytest.raises(Refused) as refused:
        register.bring(write("folio," + HEADER, "A-1," + ROWS[0], "A-1," + ROWS[1]))
    [fault] = refused.value.faults
    assert (fault.code, fault.row, fault.details["first"]) == ("register_folio_twice", 3, 2)
    assert register.bring(write("folio," + HEADER, "A-1," + ROWS[0], "A-1," + ROWS[0])).added == 1


def test_the_number_that_a_run_gave_is_known(register, write: Write, sender, platform) -> None:
    sender.run(platform.clock.now(), [("correo", "delivered", 2)])
    [sent] = register.all()
    path = write("folio," + HEADER, f"{sent.folio}," + ROWS[0])
    assert register.bring(path).known == 1
    assert register.all() == [sent]


def test_nothing_is_imported_when_one_row_is_wrong_and_every_fault_is_named(register, write: Write) -> None:
    path = write(HEADER, ROWS[0], "09/04/2025,25:00,paloma,,x,,y,muchos,", ROWS[1], "2025-04-31,,correo,,x,,y,,")
    with pytest.raises(Refused) as refused:
        register.bring(path)
    said = words.explain_all(refused.value)
    assert len(said) == 5
    assert said[0].startswith("registro.csv, renglón 3, fecha: «09/04/2025»")
    assert said[4].startswith("registro.csv, renglón 5, fecha: «2025-04-31»")
    assert register.all() == []


def test_a_missing_column_refuses_the_file_even_when_bad_rows_may_be_skipped(register, write: Write) -> None:
    with pytest.raises(Refused) as refused:
        register.bring(write("fecha,canal,oficio", "2025-04-09,correo,1"), skip_bad=True)
    assert [(fault.code, fault.where) for fault in refused.value.faults] == [
        ("register_column_missing", "clase"),
        ("register_column_missing", "informacion"),
    ]
    assert "oficio" in words.explain(refused.value.faults[0])


def test_one_of_our_columns_twice_refuses_the_file(register, write: Write) -> None:
    with pytest.raises(Refused, match="register_column_twice"):
        register.bring(write("fecha,canal,clase,informacion,Información", "2025-04-09,correo,x,y,z"))


def test_a_comma_without_quotes_is_refused_instead_of_shifting_the_cells(register, write: Write) -> None:
    with pytest.raises(Refused) as refused:
        register.bring(write("fecha,canal,clase,informacion", "2025-04-09,correo,x,cartel, volante"))
    assert "volante" in words.explain(refused.value.faults[0])


def test_a_workbook_with_real_dates_hours_and_numbers(register, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Fecha", "Hora", "Canal", "Clase", "Información", "Destinatarios", "Oficio"])
    book.active.append([date(2025, 4, 9), hour_of_day(20), "Correo", "invitacion", "Cartel", 312, 12])
    book.active.append(["2025-04", None, "WhatsApp", "difusion", "Cartel", None, None])
    path = tmp_path / "registro.xlsx"
    book.save(path)
    register.bring(path)
    day, month = register.all()
    assert (day.day, day.hour, day.channel, day.recipients) == (date(2025, 4, 9), hour_of_day(20), "correo", 312)
    assert day.extra == {"Oficio": "12"}
    assert (month.month_only, month.channel) == (True, "whatsapp")


def test_an_import_undone_counts_no_longer_and_may_come_again(register, write: Write) -> None:
    path = write(HEADER, *ROWS)
    first = register.bring(path)
    before = register.export()
    register.undo(first.import_id)
    assert register.all() == []
    again = register.bring(path)
    assert again.added == 3
    assert register.export() == before


def test_undoing_takes_corrections_along_and_leaves_other_imports(register, write: Write, platform) -> None:
    first = register.bring(write(HEADER, ROWS[0]))
    register.bring(write(HEADER, ROWS[1], name="otro.csv"))
    folio = register.all()[0].folio
    with platform.transaction() as session:
        entries.correct(session, folio, {"hora": "21:00"}, reason="más tarde", who="ana", at=platform.clock.now())
    register.undo(first.import_id)
    assert [one.information for one in register.all(with_annulled=True)] == ["Noticias de interés"]


def test_an_import_is_undone_once_and_with_a_reason(register, write: Write, platform) -> None:
    outcome = register.bring(write(HEADER, ROWS[0]))
    with pytest.raises(Refused, match="reason_missing"), platform.transaction() as session:
        importing.undo(session, outcome.import_id, reason=" ", who="ana", at=platform.clock.now())
    assert len(register.all()) == 1
    register.undo(outcome.import_id)
    with pytest.raises(Refused, match="import_undone"):
        register.undo(outcome.import_id)
    with pytest.raises(Refused, match="import_unknown"):
        register.undo(99)


def test_the_original_file_after_a_correction_and_an_annulment_adds_nothing(register, write: Write, platform) -> None:
    path = write(HEADER, *ROWS)
    register.bring(path)
    corrected, annulled, _ = (one.folio for one in register.all())
    with platform.transaction() as session:
        now = platform.clock.now()
        entries.correct(session, corrected, {"fecha": "2025-04-10"}, reason="salió un día después", who="ana", at=now)
        entries.annul(session, annulled, reason="doble", who="ana", at=now)
    assert register.bring(path).added == 0
    # Nor does the file that somebody corrected in the same way.
    assert register.bring(write(HEADER, ROWS[0].replace("04-09", "04-10"), *ROWS[1:])).added == 0
    assert len(register.all()) == 2


def test_what_was_corrected_and_another_that_says_it_now_are_two(register, write: Write, platform) -> None:
    moved = ROWS[0].replace("04-09", "04-10")
    register.bring(write(HEADER, ROWS[0]))
    with platform.transaction() as session:
        entries.correct(
            session, register.all()[0].folio, {"fecha": "2025-04-10"}, reason="x", who="ana", at=platform.clock.now()
        )
    both = write(HEADER, ROWS[0], moved)
    assert register.bring(both).added == 1
    assert register.bring(both).added == 0


def test_a_row_is_held_first_against_what_entries_said_at_first(register, write: Write, platform) -> None:
    moved = ROWS[0].replace("04-09", "04-10")
    register.bring(write(HEADER, moved))
    register.bring(write(HEADER, ROWS[0], name="otro.csv"))
    with platform.transaction() as session:
        entries.correct(
            session, register.all()[0].folio, {"fecha": "2025-04-10"}, reason="x", who="ana", at=platform.clock.now()
        )
    assert register.bring(write(HEADER, moved, ROWS[0], name="ambos.csv")).added == 0


def test_a_column_is_known_even_where_every_cell_is_empty(register, write: Write) -> None:
    register.bring(write("fecha,canal,clase,informacion,Estado,serie", "2025-04-09,correo,x,y,Jalisco,"))
    register.bring(write("fecha,canal,clase,informacion,estado", "2025-04-10,correo,x,y,Colima", name="otro.csv"))
    assert "Estado,serie,n_planeados" in register.export()
    assert [one.field("Estado") for one in register.all()] == ["Jalisco", "Colima"]  # one column, spelled as at first


def test_the_rows_of_one_file_keep_their_order_within_a_day(register, write: Write) -> None:
    names = ["b", "c", "a", "z", "d"]
    register.bring(write("fecha,canal,clase,informacion", *(f"2025-04-09,correo,x,{name}" for name in names)))
    with register.platform.transaction() as session:
        entries.correct(
            session, register.all()[1].folio, {"tema": "t"}, reason="x", who="ana", at=register.platform.clock.now()
        )
    assert [one.information for one in register.all()] == names


def test_an_annulled_row_without_moment_or_name_was_annulled_by_the_import(register, write: Write) -> None:
    header = "fecha,canal,clase,informacion,anulada,anulada_motivo,anulada_por"
    register.bring(write(header, "2025-04-09,correo,x,y,sí,doble,", "2025-04-10,correo,x,y,si,doble,luz"))
    found = [one.annulment for one in register.all(with_annulled=True)]
    now = register.platform.clock.now()
    assert [(one.at, one.who) for one in found] == [(now, "ana"), (now, "luz")]
    assert register.all() == []


def test_ten_thousand_rows_take_seconds(register, write: Write) -> None:
    rows = (f"2025-04-{i % 30 + 1:02d},,correo,,noticia,,Noticia {i},,DVOE/{i}" for i in range(10_000))
    path = write(HEADER, *rows)
    began = time.perf_counter()
    assert register.bring(path).added == 10_000
    assert len(register.all()) == 10_000
    assert time.perf_counter() - began < 20  # a second on an idle machine


def test_the_example_of_the_documentation_is_imported_whole(register) -> None:
    sample = Path(__file__).parents[2] / "samples" / "registro-ejemplo.csv"
    assert register.bring(sample).refused == 0
    assert len(register.all()) == 7
