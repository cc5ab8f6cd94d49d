"""What an informe made by hand gets wrong is pointed out, at its table and row; what is right is not."""

import dataclasses
from collections.abc import Callable
from datetime import date

import pytest

from outreach import i18n
from outreach.informes import Report
from outreach.register.communication import Communication

Informe = Callable[..., Report]
Register = Callable[[str], list[Communication]]
Told = list[tuple[str, str, int | None]]

HEAD = "fecha,canal,cuenta,red,clase,tema,informacion,destinatarios\n"


def table(lines: str = "", rows: str = "each", values: str = "date informacion", table_id: str = "t") -> str:
    columns = ", ".join(f'{{ header = "{value}", value = "{value}" }}' for value in values.split())
    return f'[[table]]\nid = "{table_id}"\ntitle = "T"\nrows = "{rows}"\ncolumns = [{columns}]\n{lines}\n'


def told(report: Report) -> Told:
    assert all(remark.message and "%(" not in remark.message for remark in report.remarks)
    return [(remark.code, remark.table, remark.row) for remark in report.remarks]


def mail(day: str, text: str, rest: str = ",,a@example.org,,x") -> str:
    return f"{day},correo{rest[1:]},{text},{text},1\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sesión del lunes 4 de mayo de 2025", "remark_weekday"),
        ("Sesión del Lunes, 4 de mayo", "remark_weekday"),
        ("Sesión del miercoles 7 de mayo de 2025", ""),
        ("Sesión del domingo 4 de mayo de 2025", ""),
        ("Hasta el 31 de junio de 2025", "remark_date_absent"),
        ("Del 29 de mayo al 1ro de junio", ""),
        ("Quincena del 1 al 15 de abril", ""),
        ("Desde el miércoles 1 de enero", ""),
        ("Desde el jueves 1 de enero", "remark_weekday"),  # that of 2026; said in May 2025, the nearest is meant
    ],
)
def test_a_weekday_or_a_day_that_cannot_be_is_pointed_out(informe: Informe, text: str, code: str) -> None:
    log = HEAD + f'2025-05-06,correo,a@example.org,,x,t,"{text}",1\n'
    found = told(informe('title = "T"\n' + table(), log))
    assert found == ([(code, "t", 1)] if code else [])


def test_a_text_near_new_year_is_held_to_the_nearest_year(informe: Informe) -> None:
    log = HEAD + "2025-12-20,correo,a@example.org,,x,t,Abre el jueves 8 de enero,1\n"
    report = informe('title = "T"\n' + table(), log, start=date(2025, 10, 1), end=date(2025, 12, 31))
    assert [code for code, _, _ in told(report)] == ["remark_after_cut"], "8 January 2026 is a Thursday"


@pytest.mark.parametrize(
    ("intro", "wrong"),
    [
        ("Se enviaron 2 correos.", False),
        ("Se enviaron **3 correos**.", True),
        ("Se enviaron tres comunicaciones.", True),
        ("Se enviaron dos comunicaciones sobre un tema.", False),
        ("Se trataron 2 temas.", True),
        ("En 2 días.", False),
        ("Se enviaron {rows} correos.", False),
        ("El 12 de abril de 2025, en 30 países.", False),
        ("Son 1,200 personas.", True),
    ],
)
def test_a_count_typed_into_an_intro_must_be_the_tables(informe: Informe, intro: str, wrong: bool) -> None:
    log = HEAD + "".join(f"2025-04-{day},correo,a@example.org,,x,uno,Texto {day},5\n" for day in ("09", "10"))
    found = told(informe('title = "T"\n' + table(f'intro = "{intro}"'), log))
    assert found == ([("remark_count", "t", None)] if wrong else [])


def test_a_row_that_repeats_another_names_it(informe: Informe) -> None:
    row = "2025-04-09,correo,a@example.org,Red A,x,t,Cartel de la  consulta,5\n"
    other = "2025-04-09,correo,a@example.org,Red B,x,t,Cartel de la consulta,5\n"
    report = informe('title = "T"\n' + table(), HEAD + row + other + row.replace("la  c", "la c"))
    assert told(report) == [("remark_twice", "t", 3)]
    assert "renglón 1" in report.remarks[0].message


def test_what_no_table_shows_is_told_by_class_and_channel(informe: Informe) -> None:
    log = (
        HEAD
        + "2025-04-09,correo,a@example.org,,x,t,Uno,\n"
        + "2025-04-10,telefono,,,llamada,t,Dos,\n2025-04-11,telefono,,,llamada,t,Tres,\n"
    )
    report = informe('title = "T"\n' + table('where = { clase = "x" }'), log)
    assert told(report) == [("remark_left_out", "", None)]
    assert "«llamada» por «telefono»" in report.remarks[0].message
    assert "10 de abril de 2025: «Dos»" in report.remarks[0].message


def test_two_tables_of_the_same_communications_must_agree(informe: Informe) -> None:
    log = HEAD + "".join(
        f"2025-05-{day},correo,a@example.org,,{kind},t,Texto {day},\n"
        for day, kind in (("09", "invitacion"), ("13", "invitacion"), ("14", "evento"))
    )
    text = (
        'title = "T"\n'
        + table('where = { canal = "correo" }', table_id="correos")
        + table('split = ["clase"]\nwhere = { clase = "invitacion" }', rows="month", values="date", table_id="por-mes")
    )
    report = informe(text, log)
    assert told(report) == [("remark_tables_differ", "correos", 3)]
    assert "«por-mes»" in report.remarks[0].message
    agreeing = informe(text.replace('"invitacion"', '["invitacion", "evento"]'), log)
    assert told(agreeing) == []


def test_a_weekly_series_points_out_the_day_that_is_not_like_the_others(informe: Informe) -> None:
    days = ["2025-04-07", "2025-04-14", "2025-04-21", "2025-04-28", "2025-05-05", "2025-05-13"]
    log = HEAD + "".join(f"{day},correo,ADMIN,,calendario,t,Calendario,\n" for day in days)
    report = informe('title = "T"\n' + table(), log)
    assert told(report) == [("remark_weekday_habit", "t", 6)]
    assert report.remarks[0].message.startswith("13 de mayo de 2025 es martes; 5 de las 6 fechas")
    assert told(informe('title = "T"\n' + table(), HEAD + "".join(log.splitlines(keepends=True)[1:-1]))) == []


def test_a_value_written_otherwise_than_in_the_register_is_suspected(informe: Informe) -> None:
    log = HEAD + "2025-04-09,correo,a@example.org,,invitación,t,Uno,\n2025-04-09,correo,a@example.org,,noticia,t,Dos,\n"
    report = informe('title = "T"\n' + table('where = { clase = ["invitacion", "noticia"] }'), log)
    assert told(report)[0] == ("remark_where_value", "t", None)
    assert "«invitación»" in report.remarks[0].message
    apart = informe('title = "T"\n' + table('where = { clase = ["boletin", "noticia"] }'), log)
    assert "remark_where_value" not in [code for code, _, _ in told(apart)]


def test_rows_of_a_month_alone_are_counted_and_hidden_days_told(informe: Informe) -> None:
    log = HEAD + "2025-04,correo,a@example.org,,x,t,Uno,\n2025-04-09,correo,a@example.org,,x,t,Dos,\n"
    assert told(informe('title = "T"\n' + table(), log)) == [("remark_month_only", "t", 2)]
    joined = informe('title = "T"\n' + table('split = ["clase"]', rows="month", values="date"), log)
    assert joined.tables[0].rows == (("9 de abril de 2025",),)
    assert told(joined) == [("remark_day_unknown", "t", 1)]


def test_keys_printed_for_want_of_a_label_are_told_once(informe: Informe) -> None:
    log = HEAD + "".join(
        f"2025-0{month}-0{day},correo,a@example.org,,{kind},t,x {month} {day},\n"
        for month in (4, 5)
        for day, kind in ((1, "boletin-electoral"), (2, "Con palabras"), (3, "noticia"))
    )
    lines = 'split = ["clase"]\nlabels = { noticia = "Noticias" }'
    report = informe('title = "T"\n' + table(lines, rows="month", values="date label"), log)
    assert told(report) == [("remark_label", "t", 1)]


def test_topics_are_looked_at_where_they_are_counted(informe: Informe) -> None:
    log = HEAD + (
        "2025-04-09,correo,a@example.org,,x,Convocatoria 2025,Uno,\n"
        "2025-04-10,correo,a@example.org,,x,convocatoria 2025.,Dos,\n"
        "2025-04-11,correo,a@example.org,,x,,Tres,\n"
    )
    assert told(informe('title = "T"\n' + table(), log)) == []
    counted = informe('title = "T"\n' + table('intro = "{topics}"'), log)
    assert [code for code, _, _ in told(counted)] == ["remark_topic_missing", "remark_topics_alike"]
    elsewhere = informe('title = "{t.topics}"\n' + table(), log)
    assert [code for code, _, _ in told(elsewhere)] == ["remark_topic_missing", "remark_topics_alike"]


def test_sums_of_people_say_of_how_many_communications_they_know(informe: Informe) -> None:
    log = HEAD + "2025-04-09,correo,a@example.org,,x,t,Uno,5\n2025-04-10,correo,a@example.org,,x,t,Dos,\n"
    report = informe('title = "T"\n' + table('intro = "{recipients} {people}"'), log)
    assert [(remark.code, remark.details["n"]) for remark in report.remarks] == [
        ("remark_recipients", 1),
        ("remark_people", 2),
    ]


def test_mails_without_an_account_are_told_together(informe: Informe) -> None:
    log = HEAD + "2025-04-09,correo,,,x,t,Uno,\n2025-04-10,correo,,,x,t,Dos,\n2025-04-11,telefono,,,x,t,Tres,\n"
    report = informe('title = "T"\n' + table(), log)
    assert [(remark.code, remark.row, remark.details["n"]) for remark in report.remarks] == [("remark_account", 1, 2)]


def test_what_had_not_happened_or_ended_at_the_cut_is_told(informe: Informe, register: Register) -> None:
    one, two = register(HEAD + "2025-06-30,correo,a@example.org,,x,t,Uno,\n2025-07-20,correo,a@example.org,,x,t,Dos,\n")
    log = [dataclasses.replace(one, counts={"accepted": 5, "in_doubt": 2, "planned": 1}), two]
    report = informe('title = "T"\n' + table(), log, end=date(2025, 7, 31))
    assert [(remark.code, remark.row, remark.details["n"]) for remark in report.remarks] == [
        ("remark_after_cut", 2, 1),
        ("remark_unsettled", 1, 3),
    ]


def test_a_month_that_the_period_cuts_and_a_quarter_that_is_none_are_told(informe: Informe) -> None:
    log = HEAD + "2025-04,correo,a@example.org,,x,t,Uno,\n"
    report = informe('title = "{trimestre}"\n' + table(), log, end=date(2025, 4, 15))
    assert [code for code, _, _ in told(report)] == ["remark_month_only", "remark_month_cut", "remark_quarter"]
    assert report.title == "1 a 15 de abril de 2025"


def test_an_empty_table_is_told(informe: Informe) -> None:
    assert told(informe('title = "T"\n' + table(), HEAD)) == [("remark_empty", "t", None)]


def test_missing_values_and_cells_too_long_for_a_spreadsheet_are_told(informe: Informe, register: Register) -> None:
    log = register(HEAD + "2025-04-09,correo,a@example.org,,x,,Uno,\n")
    report = informe('title = "T"\n' + table('split = ["tema"]', rows="month", values="label"), log)
    assert told(report) == [("remark_value_missing", "t", 1)]
    long = [dataclasses.replace(log[0], information="x" * 40_000)]
    assert ("remark_cell_long", "t", 1) in told(informe('title = "T"\n' + table(), long))


def test_english_texts_are_held_to_the_english_calendar(informe: Informe) -> None:
    log = HEAD + '2025-05-06,correo,a@example.org,,x,t,"Session of Monday, May 4, 2025",1\n'
    report = informe('title = "T"\nlocale = "en_US"\n' + table('intro = "We sent 12 e-mails."'), log)
    assert [code for code, _, _ in told(report)] == ["remark_count", "remark_weekday"]


def test_the_days_in_a_warning_are_named_in_the_language_of_whoever_reads(informe: Informe, register: Register) -> None:
    log = HEAD + '2025-05-06,correo,a@example.org,,x,t,"Sesión del lunes 4 de mayo de 2025",1\n'
    report = informe('title = "T"\n' + table(), register(log))
    [remark] = [remark for remark in report.remarks if remark.code == "remark_weekday"]
    assert remark.message == "El texto dice «lunes 4 de mayo de 2025» y ese día es domingo."
    with i18n.speaking("en"):
        assert remark.message == "The text says “lunes 4 de mayo de 2025”, and that day is a Sunday."
