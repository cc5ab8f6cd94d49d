"""A definition is refused with file, line and what is allowed, every fault at once; a good one says what it says."""

import re
import textwrap
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contacts.errors import Fault, Refused
from outreach.informes import build, definition
from outreach.informes.model import Rows, Selection
from outreach.words import explain
from outreach.words.informes import FAULTS

GOOD = """\
title = "Informe, {periodo}"
[[table]]
id = "correos"
title = "Correos"
rows = "each"
columns = [{ header = "No.", value = "number" }]
"""


def read(tmp_path: Path, text: str, known: set[str] | None = None) -> definition.Definition:
    path = tmp_path / "informe.toml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return definition.read(path, known)


def refused(tmp_path: Path, text: str, known: set[str] | None = None) -> tuple[Fault, ...]:
    with pytest.raises(Refused) as caught:
        read(tmp_path, text, known)
    return caught.value.faults


def with_line(line: str) -> str:
    """Add a line to the good definition's table: its line is the seventh."""
    return GOOD + line + "\n"


def test_only_title_and_four_keys_of_a_table_are_required(tmp_path: Path) -> None:
    good = read(tmp_path, GOOD)
    assert (good.name, str(good.locale), good.timezone) == ("informe", "es_MX", "America/Mexico_City")
    assert (good.tables[0].rows, good.tables[0].where) == (Rows.EACH, Selection())


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    faults = refused(
        tmp_path,
        """\
        titulo = "Informe"
        locale = "xx_YY"
        timezone = "Marte/Olimpo"

        [[table]]
        id = "uno"
        title = "Uno, {filas}"
        rows = "cada"
        colour = "red"
        columns = [
          { header = "No.", value = "number" },
          { header = "Fecha", value = "fechita", wide = true },
          { header = "Dos cosas", value = "date", text = "{tema}" },
        ]

        [[table]]
        id = "uno"
        title = "Dos"
        rows = "cross"
        date = "dd de MMMM"
        where = { canalito = "correo", clase = [] }
        """,
        set(),
    )
    assert [(fault.row, fault.code, fault.value) for fault in faults] == [
        (1, "definition_key", "titulo"),
        (1, "definition_lacks", "title"),
        (2, "definition_locale", "xx_YY"),
        (3, "definition_zone", "Marte/Olimpo"),
        (7, "definition_placeholder", "filas"),
        (8, "definition_rows", "cada"),
        (9, "definition_key", "colour"),
        (12, "definition_key", "wide"),
        (12, "definition_value", "fechita"),
        (13, "definition_column", "value, text"),
        (16, "definition_lacks", "down"),
        (16, "definition_lacks", "across"),
        (17, "definition_id_twice", "uno"),
        (20, "definition_key_rows", "date"),
        (20, "definition_pattern_words", "dd de MMMM"),
        (21, "definition_where_value", "[]"),
        (21, "definition_field", "canalito"),
    ]


def test_a_fault_names_file_line_place_value_and_what_is_allowed(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, with_line('fecha = "d"'))
    sentence = explain(fault)
    assert sentence.startswith(f"{tmp_path / 'informe.toml'}, renglón 7, table 1 (correos), fecha: ")
    assert "«fecha»" in sentence
    assert "date_month" in sentence


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('split = ["clase"]', "definition_key_rows"),
        ("down = 'estado'", "definition_key_rows"),
        ("capitalize = 'sí'", "definition_flag"),
        ("date_end = 5", "definition_text"),
        ("where = 'correo'", "definition_group"),
        ("where = { canal = true }", "definition_where_value"),
        ("where = { canal = ['correo', 2025-04-01T10:00:00] }", "definition_where_value"),
        ("not = { canal = { a = 1 } }", "definition_where_value"),
        ("date = 'HH:mm'", "definition_pattern_letters"),
        ("date_month = 'd MMMM'", "definition_pattern_letters"),
        ('intro = "{rows"', "definition_braces"),
        ('intro = "{rows:5}"', "definition_braces"),
        ('intro = "{informacion}"', "definition_placeholder"),
        ('intro = "{otra.rows}"', "definition_placeholder"),
        ('intro = "{correos.filas}"', "definition_placeholder"),
        ("empty = ''", "definition_text"),
    ],
)
def test_a_line_that_cannot_be_is_refused_on_its_line(tmp_path: Path, line: str, code: str) -> None:
    (fault,) = refused(tmp_path, with_line(line))
    assert (fault.code, fault.row) == (code, 7)


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ('{ header = "X" }', "definition_column"),
        ('{ value = "date" }', "definition_lacks"),
        ('{ header = "X", value = "label" }', "definition_label"),
        ('{ header = "X", text = "{label}" }', "definition_label"),
        ('{ header = "X", value = "date", merge = 1 }', "definition_flag"),
        ('{ header = "X", text = "{" }', "definition_braces"),
        ('{ header = "X", text = "{}" }', "definition_braces"),
    ],
)
def test_a_column_that_cannot_be_is_refused(tmp_path: Path, column: str, code: str) -> None:
    (fault,) = refused(tmp_path, GOOD.replace('{ header = "No.", value = "number" }', column))
    assert (fault.code, fault.row) == (code, 6)


@pytest.mark.parametrize("name", ["con espacio", "a/b", "-guion", "x" * 61, ""])
def test_an_id_must_serve_as_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    (fault,) = refused(tmp_path, GOOD.replace('"correos"', f'"{name}"'))
    assert fault.code == ("definition_id" if name else "definition_text")


def test_fields_are_known_from_the_register_or_declared(tmp_path: Path) -> None:
    text = GOOD.replace('value = "number"', 'text = "{Objetivo}: {informacion}"') + 'where = { estado = "x" }\n'
    faults = refused(tmp_path, text, {"organizacion"})
    assert [(fault.row, fault.code, fault.value) for fault in faults] == [
        (6, "definition_value", "Objetivo"),
        (7, "definition_field", "estado"),
    ]
    assert "organizacion" in str(faults[1].details["allowed"])
    assert read(tmp_path, text, {"objetivo", "Estado"}), "capitals of a header do not matter"
    assert read(tmp_path, 'fields = ["objetivo", "estado"]\n' + text, set())


def test_without_a_register_fields_are_asked_for_when_the_informe_is_built(tmp_path: Path) -> None:
    good = read(tmp_path, GOOD + 'where = { estado = "x" }\n')
    with pytest.raises(Refused) as caught:
        build(good, [], date(2025, 4, 1), date(2025, 6, 30), datetime(2025, 7, 3, tzinfo=UTC), set())
    assert [(fault.code, fault.row) for fault in caught.value.faults] == [("definition_field", 7)]


def test_a_file_that_is_not_toml_names_the_line(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, GOOD + "where = { canal = \n")
    assert (fault.code, fault.row) == ("definition_form", 7)
    (fault,) = refused(tmp_path, GOOD + 'rows = "month"\n')
    assert (fault.code, fault.row) == ("definition_form", 7)


def test_a_file_cut_short_names_its_last_line(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, 'title = "a"\n[[table]]\nid = "x"\ncolumns = [\n')
    assert fault.code == "definition_form"
    assert fault.row in {4, 5}


def test_a_missing_file_and_another_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        definition.read(tmp_path / "no-hay.toml")
    assert "no-hay.toml" in explain(caught.value.faults[0])
    path = tmp_path / "windows.toml"
    path.write_bytes(('title = "x"\n' + GOOD.replace("Informe", "Información")).encode("cp1252"))
    with pytest.raises(Refused) as caught:
        definition.read(path)
    assert [(fault.code, fault.row) for fault in caught.value.faults] == [("definition_encoding", 2)]


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "con-marca.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert definition.read(path).tables


def test_conditions_take_numbers_days_and_hours_as_the_register_writes_them(tmp_path: Path) -> None:
    good = read(tmp_path, with_line("where = { destinatarios = 5, fecha = 2025-04-09, hora = [20:00:00, '9:00'] }"))
    assert dict(good.tables[0].where.conditions) == {
        "destinatarios": {"5"},
        "fecha": {"2025-04-09"},
        "hora": {"20:00", "9:00"},
    }


def test_what_is_excluded_may_stand_beside_where_or_in_it(tmp_path: Path) -> None:
    beside = read(tmp_path, with_line("not = { canal = 'correo' }"))
    inside = read(tmp_path, with_line("where = { not = { canal = 'correo' } }"))
    assert beside.tables[0].excluded == inside.tables[0].excluded != ()
    assert inside.tables[0].where == Selection()


def test_the_definitions_that_come_with_the_platform_are_good_on_an_empty_register() -> None:
    shipped = sorted(definition.SHIPPED.glob("*.toml"))
    assert "trimestral" in [path.stem for path in shipped]
    for path in shipped:
        assert definition.read(path, set()).tables
        assert definition.find(path.stem) == path


def test_every_code_of_a_definition_has_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(definition.__file__).parent.glob("*.py"))
    codes = set(re.findall(r'"((?:definition|remark|period|format|out)_[a-z_]+)"', source))
    codes |= {f"definition_{code}" for code in re.findall(r'"(pattern_[a-z]+)"', source)}
    assert codes - {"out_folder"} - set(FAULTS) == set()
    assert {code for code in FAULTS if code.startswith(("definition_", "remark_"))} - codes == set()
