"""What is exported comes back: into the same register as nothing new, into an empty one as the same register."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from outreach.register import columns, entries, exporting, fields, importing, reading

NOW = datetime(2025, 7, 3, 16, tzinfo=UTC)

# Whatever a person may type or paste; ends of line, quotes and signs of formulas more often than chance would have it.
TEXT = st.text(
    st.sampled_from(["\n", "\r", "\t", '"', "'", ",", ";", "=", "+", "-", "@", " ", "ñ", "🗳", "«", "\ufeff"])
    | st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    max_size=12,
)
SOME = TEXT.filter(str.strip)
FURTHER = ["oficio", "Año", "con, coma", 'con "comillas"', "=SUMA(A1)", "red social"]
ROW = st.fixed_dictionaries(
    {
        "fecha": st.dates().map(date.isoformat) | st.dates().map(lambda day: day.isoformat()[:7]),
        "canal": st.sampled_from(fields.CHANNELS),
        "clase": SOME,
        "informacion": SOME,
    },
    optional={
        "hora": st.times().map(lambda hour: f"{hour:%H:%M}"),
        "cuenta": TEXT,
        "red": TEXT,
        "tema": TEXT,
        "destinatarios": st.integers(0, 999_999_999).map(str),
        **dict.fromkeys(FURTHER, TEXT),
    },
)


def bring(session: Session, text: str, folder: Path) -> importing.Outcome:
    path = folder / "registro.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return importing.bring(session, importing.read(path), who="ana", at=NOW)


def export(session: Session, *, with_annulled: bool = False) -> str:
    text = io.StringIO(newline="")
    found = reading.communications(session, None, None, with_annulled=with_annulled)
    exporting.write_csv(text, found, columns.export_columns(session), with_annulled=with_annulled)
    return text.getvalue()


def networks(text: str) -> str:
    return ";".join(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


@given(rows=st.lists(ROW, max_size=6), repeated=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_rows_survive_import_and_export_cell_by_cell(
    platform, elsewhere, tmp_path: Path, rows: list[dict[str, str]], repeated: bool
) -> None:
    rows = rows * 2 if repeated else rows
    names = ["fecha", "hora", "canal", "cuenta", "red", "clase", "tema", "informacion", "destinatarios", *FURTHER]
    source = io.StringIO(newline="")
    writer = csv.DictWriter(source, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    with platform.sessions() as session, elsewhere.platform.sessions() as other:
        assert bring(session, source.getvalue(), tmp_path).added == len(rows)
        exported = export(session)
        assert bring(session, exported, tmp_path).added == 0
        assert bring(other, exported, tmp_path).added == len(rows)
        assert export(other) == exported
        assert bring(other, source.getvalue(), tmp_path).added == 0  # the numbers did not hide what the rows say
        session.rollback()
        other.rollback()
    cells = list(csv.DictReader(io.StringIO(exported, newline="")))
    wanted = [
        {name: row.get(name, "").strip() for name in names} | {"red": networks(row.get("red", ""))} for row in rows
    ]
    key = str
    assert sorted(({name: row[name] for name in names} for row in cells), key=key) == sorted(wanted, key=key)


def test_a_register_with_runs_corrections_and_annulments_moves_whole(
    register, elsewhere, sender, platform, tmp_path: Path
) -> None:
    due = datetime(2025, 4, 9, 18, tzinfo=UTC)
    sender.run(
        due, [("correo", "delivered", 3), ("correo", "bounced", 1), ("correo", "skipped", 2)], extra={"etapa": "1"}
    )
    sender.run(due, posts={"Red Voto Chilango": 150, "Ruta; Chilanga": 30}, networks=())
    with platform.transaction() as session:
        now = platform.clock.now()
        for day in ("2025-04-01", "2025-04-02", "2025-04-03"):
            values = {"fecha": day, "canal": "telefono", "clase": "seguimiento", "informacion": "Llamada"}
            folio = entries.add(session, values, who="ana", at=now).folio
        entries.annul(session, folio, reason="no contestó", who="ana", at=now)
    corrected = register.all()[0].folio
    with platform.transaction() as session:
        entries.correct(session, corrected, {"oficio": "=1+1"}, reason="faltaba", who="ana", at=now)
    for with_annulled in (False, True):
        path = tmp_path / f"todo-{with_annulled}.csv"
        path.write_text(register.export(with_annulled=with_annulled), encoding="utf-8", newline="")
        assert register.bring(path).added == 0
        elsewhere.bring(path)
        assert elsewhere.export(with_annulled=with_annulled) == register.export(with_annulled=with_annulled)
    [annulled] = [one for one in elsewhere.all(with_annulled=True) if one.annulled]
    assert annulled.annulment is not None
    assert (annulled.annulment.reason, annulled.annulment.who) == ("no contestó", "ana")
    assert annulled.folio not in {one.folio for one in elsewhere.all()}


def test_an_export_says_each_state_by_its_column_and_leaves_unknown_figures_empty(register, sender, write) -> None:
    due = datetime(2025, 4, 9, 18, tzinfo=UTC)
    sender.run(
        due, [("correo", "read", 2), ("correo", "accepted", 1), ("correo", "bounced", 1), ("correo", "skipped", 5)]
    )
    register.bring(write("fecha,canal,clase,informacion", "2025-04-10,correo,x,y"))
    sent, entered = csv.DictReader(io.StringIO(register.export()))
    figures = ("n_leidos", "n_aceptados", "n_rebotados", "n_omitidos", "n_fallidos", "destinatarios")
    assert [sent[name] for name in figures] == ["2", "1", "1", "5", "0", "4"]
    assert [entered[name] for name in figures] == [""] * 6


def test_the_first_line_of_an_export_is_the_header_without_any_mark(register) -> None:
    assert register.export().startswith("fecha,hora,canal,cuenta,red,clase,tema,informacion,destinatarios,")


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+52 55", "-1", "@todos"])
def test_a_cell_that_looks_like_a_formula_comes_out_as_it_went_in(register, write, text: str) -> None:
    register.bring(write("fecha,canal,clase,informacion", f"2025-04-10,correo,x,{text}"))
    [row] = csv.DictReader(io.StringIO(register.export()))
    assert row["informacion"] == text
