"""From the log to the cells: what each kind of rows prints, in which order, and what it counts."""

import dataclasses
from collections.abc import Callable

import pytest

from outreach.informes import Report
from outreach.register.communication import Annulment, Communication

Informe = Callable[..., Report]
Register = Callable[[str], list[Communication]]

LOG = """
    fecha,hora,canal,cuenta,red,clase,tema,informacion,destinatarios,estado,tipo
    2025-05-09,,correo,a@example.org,Red A,invitacion,cartel,Cartel de mayo,10,,
    2025-04-30,18:00,correo,a@example.org,Red A; Red B,invitacion,,Últimas horas,20,,
    2025-04-30,09:00,whatsapp,,Red B,noticia,cartel,Noticia,,,
    2025-04,,correo,b@example.org,Red C,boletin,,Boletín de abril,5,,
    2025-04-30,,correo,a@example.org,Red A,noticia,,Sin hora,,,
    2025-04-09,,correo,a@example.org,Red A,invitacion,cartel,Cartel,,,
"""


def table(lines: str) -> str:
    return f'title = "T"\n[[table]]\nid = "t"\ntitle = "T"\n{lines}\n'


def cells(report: Report) -> list[list[str]]:
    return [list(row) for row in report.tables[0].rows]


def each(lines: str = "", columns: str = '{ header = "I", value = "informacion" }') -> str:
    return table(f'rows = "each"\ncolumns = [{columns}]\n{lines}')


def test_rows_stand_by_day_then_hour_then_as_made_and_months_after_their_days(informe: Informe) -> None:
    assert [row[0] for row in cells(informe(each(), LOG))] == [
        "Cartel",
        "Sin hora",
        "Noticia",
        "Últimas horas",
        "Boletín de abril",
        "Cartel de mayo",
    ]


def test_two_of_one_moment_stand_in_the_order_in_which_they_were_made(informe: Informe, register: Register) -> None:
    log = register(LOG)
    twins = [
        dataclasses.replace(log[0], information=name, order=order, folio=name)
        for name, order in (("segunda", 2), ("primera", 1))
    ]
    assert [row[0] for row in cells(informe(each(), twins))] == ["primera", "segunda"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ('where = { canal = "whatsapp" }', ["Noticia"]),
        ('where = { clase = ["noticia", "boletin"] }', ["Sin hora", "Noticia", "Boletín de abril"]),
        ('where = { canal = "correo", clase = "noticia" }', ["Sin hora"]),
        ('where = { red = "Red B" }', ["Noticia", "Últimas horas"]),
        ('where = { red = ["Red B", "Red C"] }', ["Noticia", "Últimas horas", "Boletín de abril"]),
        ('where = { tema = "cartel" }\nnot = { clase = "noticia" }', ["Cartel", "Cartel de mayo"]),
        ('not = { red = ["Red A", "Red C"] }', ["Noticia"]),
        ('not = { canal = "correo", clase = "invitacion" }', ["Sin hora", "Noticia", "Boletín de abril"]),
        ('where = { tema = "" }', ["Sin hora", "Últimas horas", "Boletín de abril"]),
        ("where = { destinatarios = 20 }", ["Últimas horas"]),
        ("where = { fecha = 2025-05-09 }", ["Cartel de mayo"]),
        ('where = { fecha = "2025-04" }', ["Boletín de abril"]),
        ("where = { hora = 09:00:00 }", ["Noticia"]),
    ],
)
def test_a_table_holds_what_its_conditions_select(informe: Informe, lines: str, found: list[str]) -> None:
    assert [row[0] for row in cells(informe(each(lines), LOG))] == found


def test_columns_print_numbers_dates_counts_fields_and_texts(informe: Informe) -> None:
    columns = """
      { header = "No.", value = "number" }, { header = "Fecha", value = "date" }, { header = "Red", value = "red" },
      { header = "n", value = "count" }, { header = "Texto", text = "{number} {canal}: {informacion} {{x}} {tema}" },
    """
    dates = 'where = { clase = "invitacion" }\ndate = "EEEE d \'de\' MMMM"\ncapitalize = true\ndate_end = "."'
    assert cells(informe(each(dates, columns), LOG)) == [
        ["1.", "Miércoles 9 de abril.", "Red A", "1", "1. correo: Cartel {x} cartel"],
        ["2.", "Miércoles 30 de abril.", "Red A; Red B", "1", "2. correo: Últimas horas {x} "],
        ["3.", "Viernes 9 de mayo.", "Red A", "1", "3. correo: Cartel de mayo {x} cartel"],
    ]


MONTH_COLUMNS = """columns = [
  { header = "No.", value = "number" }, { header = "F", value = "date" }, { header = "I", value = "label" },
]"""


def month(lines: str) -> str:
    return table(f'rows = "month"\n{MONTH_COLUMNS}\n{lines}')


def test_a_month_has_one_row_for_each_value_by_its_first_date(informe: Informe) -> None:
    assert cells(informe(month('split = ["clase"]'), LOG)) == [
        ["1.", "9 y 30 de abril de 2025", "invitacion"],
        ["2.", "30 de abril de 2025", "noticia"],
        ["3.", "Abril 2025", "boletin"],
        ["4.", "9 de mayo de 2025", "invitacion"],
    ]


def test_an_order_leads_within_each_month_and_labels_are_printed(informe: Informe) -> None:
    lines = 'split = ["clase"]\norder = ["nadie", "boletin", "noticia"]\nlabels = { noticia = "Noticias del día" }'
    assert [row[2] for row in cells(informe(month(lines), LOG))] == [
        "boletin",
        "Noticias del día",
        "invitacion",
        "invitacion",
    ]


def test_a_month_split_by_networks_tells_a_communication_in_each_of_them(informe: Informe) -> None:
    assert [row[1:] for row in cells(informe(month('split = ["red"]\nnot = { clase = "boletin" }'), LOG))] == [
        ["9 y 30 de abril de 2025", "Red A"],
        ["30 de abril de 2025", "Red B"],
        ["9 de mayo de 2025", "Red A"],
    ]


def test_a_month_split_by_several_fields_has_a_row_for_each_combination(informe: Informe) -> None:
    lines = 'split = ["clase", "canal"]\nlabels = { correo = "por correo", "noticia, whatsapp" = "Avisos" }'
    assert [row[2] for row in cells(informe(month(lines), LOG))] == [
        "invitacion, por correo",
        "noticia, por correo",
        "Avisos",
        "boletin, por correo",
        "invitacion, por correo",
    ]


def test_a_month_without_split_has_one_row(informe: Informe) -> None:
    assert cells(informe(month(""), LOG)) == [
        ["1.", "9 y 30 de abril de 2025", "Abril 2025"],
        ["2.", "9 de mayo de 2025", "Mayo 2025"],
    ]


def test_a_missing_value_is_said_to_be_missing(informe: Informe) -> None:
    rows = cells(informe(month('split = ["tema"]\nwhere = { clase = "noticia" }'), LOG))
    assert [row[2] for row in rows] == ["(sin dato)", "cartel"]


def test_a_pattern_of_one_day_serves_the_rows_of_a_month_that_have_one_day(informe: Informe) -> None:
    report = informe(month('split = ["clase"]\ndate = "dd \'de\' MMMM"'), LOG)
    assert [row[1] for row in cells(report)] == [
        "9 y 30 de abril de 2025",
        "30 de abril",
        "Abril 2025",
        "09 de mayo",
    ]


def test_topics_join_the_days_of_all_their_communications(informe: Informe) -> None:
    columns = '{ header = "F", value = "date" }, { header = "T", value = "label" }, { header = "n", value = "count" }'
    report = informe(table(f'rows = "topic"\nlabels = {{ cartel = "Cartel" }}\ncolumns = [{columns}]'), LOG)
    assert cells(report) == [
        ["9 y 30 de abril y 9 de mayo de 2025", "Cartel", "3"],
        ["30 de abril de 2025", "Sin hora", "1"],
        ["30 de abril de 2025", "Últimas horas", "1"],
        ["Abril 2025", "Boletín de abril", "1"],
    ]


def test_a_row_of_several_prints_each_value_of_a_field_once_and_adds_up_people(informe: Informe) -> None:
    names = ("informacion", "red", "destinatarios")
    columns = ", ".join(f'{{ header = "x", value = "{name}" }}' for name in names)
    report = informe(table(f'rows = "topic"\nwhere = {{ tema = "cartel" }}\ncolumns = [{columns}]'), LOG)
    assert cells(report) == [["Cartel; Noticia; Cartel de mayo", "Red A; Red B", "10"]]
    report = informe(table(f'rows = "month"\nwhere = {{ cuenta = "a@example.org" }}\ncolumns = [{columns}]'), LOG)
    assert [row[2] for row in cells(report)] == ["20", "10"]


CROSS = """
    fecha,canal,clase,informacion,estado,tipo,red
    2025-04-01,sistema,oficio,a,concluido,oficio,Red A
    2025-04-02,sistema,oficio,b,nuevo,circular,Red A;Red B
    2025-04-03,sistema,oficio,c,concluido,circular,
    2025-04-04,sistema,oficio,d,concluido,oficio,Red B
    2025-04-05,sistema,oficio,e,,invitación,Red A
"""


def test_a_cross_table_counts_with_totals_by_first_date(informe: Informe) -> None:
    report = informe(table('rows = "cross"\ndown = "estado"\nacross = "tipo"'), CROSS)
    assert report.tables[0].columns == ("Estado", "oficio", "circular", "invitación", "Total")
    assert cells(report) == [
        ["concluido", "2", "1", "0", "3"],
        ["nuevo", "0", "1", "0", "1"],
        ["(sin dato)", "0", "0", "1", "1"],
        ["Total", "2", "2", "1", "5"],
    ]


def test_a_cross_table_follows_its_orders_and_labels(informe: Informe) -> None:
    report = informe(
        table(
            'rows = "cross"\ndown = "estado"\nacross = "tipo"\ndown_order = ["nuevo", "cancelado"]\n'
            'across_order = ["invitación", "circular"]\n'
            'labels = { nuevo = "Nuevo", "" = "Sin estado", oficio = "Oficio", estado = "Estado del trámite" }'
        ),
        CROSS,
    )
    assert report.tables[0].columns == ("Estado del trámite", "invitación", "circular", "Oficio", "Total")
    assert [row[0] for row in cells(report)] == ["Nuevo", "concluido", "Sin estado", "Total"]


def test_a_cross_table_by_network_counts_a_communication_in_each_and_says_so(informe: Informe) -> None:
    report = informe(table('rows = "cross"\ndown = "red"\nacross = "clase"'), CROSS)
    assert cells(report) == [["Red A", "3", "3"], ["Red B", "2", "2"], ["(sin dato)", "1", "1"], ["Total", "6", "6"]]
    assert ("remark_cross_several", {"n": 1}) in [(remark.code, remark.details) for remark in report.remarks]


def test_a_value_that_repeats_is_printed_once_across_its_rows(informe: Informe) -> None:
    columns = (
        '{ header = "F", value = "date" }, { header = "C", value = "clase", merge = true }, '
        '{ header = "T", value = "tema", merge = true }'
    )
    report = informe(each("", columns), LOG)
    assert [row[1] for row in cells(report)] == ["invitacion", "noticia", "", "invitacion", "boletin", "invitacion"]
    assert [row[2] for row in cells(report)] == ["cartel", "", "cartel", "", "", "cartel"]
    assert report.tables[0].spans == ((1, 1, 2),), "empty cells are not one merged cell"
    assert [[cell.height for cell in row] for row in report.tables[0].grid()] == [
        [1, 1, 1],
        [1, 2, 1],
        [1, 1],
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
    ]


def test_a_date_that_repeats_can_be_merged_too(informe: Informe) -> None:
    columns = '{ header = "F", value = "date", merge = true }, { header = "I", value = "informacion" }'
    rows = cells(informe(each("", columns), LOG))
    assert [row[0] for row in rows] == [
        "9 de abril de 2025",
        "30 de abril de 2025",
        "",
        "",
        "Abril 2025",
        "9 de mayo de 2025",
    ]


def test_sentences_count_their_own_table_and_name_others(informe: Informe) -> None:
    report = informe(
        """
        title = "Todo: {rows} {communications} {topics} {days} {recipients}; {t.rows}"
        [[table]]
        id = "t"
        title = "T"
        intro = "{rows} {communications} {topics} {days} {recipients} {otra.rows}"
        where = { canal = "correo" }
        rows = "each"
        columns = [{ header = "F", value = "date" }]
        [[table]]
        id = "otra"
        title = "Otra {rows} de {t.rows}"
        rows = "month"
        columns = [{ header = "F", value = "date" }]
        """,
        LOG,
    )
    assert report.tables[0].intro == "5 5 4 3 35 2"
    assert report.tables[1].title == "Otra 2 de 5"
    assert report.title == "Todo: 7 6 4 3 35; 5"


def test_people_are_counted_once_however_many_runs_reached_them(informe: Informe, register: Register) -> None:
    log = [dataclasses.replace(item, people=frozenset({order, 7, 8})) for order, item in enumerate(register(LOG)[:3])]
    assert informe(each('intro = "{people}"'), log).tables[0].intro == "5"


def test_topics_count_themes_and_not_rows_nor_the_spaces_in_them(informe: Informe) -> None:
    log = """
        fecha,canal,clase,tema,informacion
        2025-04-01,correo,x,Convocatoria  2025,Convocatoria de abril
        2025-05-01,correo,x,Convocatoria 2025 ,Convocatoria de mayo
        2025-05-02,correo,x,,Otra cosa
    """
    report = informe(each('intro = "{topics}"'), log)
    assert (report.tables[0].intro, len(report.tables[0].rows)) == ("2", 3)


def test_a_table_without_rows_says_so_in_its_own_words_or_plainly(informe: Informe) -> None:
    own = informe(each('where = { canal = "telefono" }\nempty = "Nada en el {trimestre}."'), LOG).tables[0]
    assert (own.rows, own.empty) == ((), "Nada en el segundo trimestre de 2025.")
    plain = informe(each('where = { canal = "telefono" }'), LOG).tables[0]
    assert plain.empty == "No se registraron comunicaciones de este tipo en el periodo."
    cross = informe(table('rows = "cross"\ndown = "clase"\nacross = "red"\nwhere = { canal = "x" }'), LOG).tables[0]
    assert cross.rows == ()


def test_only_what_the_period_holds_is_counted(informe: Informe, register: Register) -> None:
    log = register(LOG)
    log.append(dataclasses.replace(log[0], information="anulada", annulment=Annulment(None, "", "repetida")))
    log.append(dataclasses.replace(log[0], information="julio", day=log[0].day.replace(month=7)))
    april = informe(each(), log, start=log[5].day.replace(day=10), end=log[5].day.replace(day=30))
    assert [row[0] for row in cells(april)] == ["Sin hora", "Noticia", "Últimas horas", "Boletín de abril"]
    assert "anulada" not in [row[0] for row in cells(informe(each(), log))]


def test_fields_of_a_file_are_found_whatever_their_capitals(informe: Informe) -> None:
    log = "fecha,canal,clase,informacion,Organización\n2025-04-01,reunion,x,Reunión,IMME\n"
    columns = '{ header = "O", value = "organización" }'
    assert cells(informe(each('where = { "ORGANIZACIÓN" = "IMME" }', columns), log)) == [["IMME"]]


def test_a_text_that_no_file_could_hold_is_cleaned_for_all_of_them(informe: Informe, register: Register) -> None:
    log = [dataclasses.replace(register(LOG)[0], information=" uno\r\ndos\x0b\x00 tres ")]
    assert cells(informe(each(), log)) == [["uno\ndos tres"]]
