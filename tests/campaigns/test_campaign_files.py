"""A campaign written as a file: what is understood, and what is refused with its place."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from campaigns import calendar, content, planning, templates
from campaigns.files import pointing_to, read_campaign
from campaigns.models import WhatsAppTemplate
from campaigns.tomlfile import key_lines, read_toml
from contacts import networks
from contacts.errors import Refused
from contacts.models import Channel, Purpose
from outreach import words

ROOT = Path(__file__).parents[2]
EXAMPLE, GUIDE = ROOT / "samples" / "campana-ejemplo.toml", ROOT / "docs" / "campaign-file.md"

GOOD = """\
titulo      = "Cartel"
clase       = "invitacion"
informacion = "Envío del cartel"
canales     = ["correo"]
redes       = ["Red Voto Chilango"]
cuando      = "2025-04-09T10:00"

[correo]
asunto = "Hola, {{ nombre_de_pila }}"
texto  = "El cartel está en https://www.votochilango.mx/cartel."
"""


def written(folder: Path, text: str, name: str = "cartel.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(Refused) as refusal:
        read_campaign(written(folder, text))
    return words.explain_all(refusal.value)


def instead(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_file_becomes_a_draft(tmp_path):
    draft = read_campaign(written(tmp_path, GOOD))
    assert (draft.title, draft.clase, draft.informacion) == ("Cartel", "invitacion", "Envío del cartel")
    assert draft.channels == (Channel.EMAIL,)
    assert draft.networks == ("Red Voto Chilango",)
    assert draft.purpose == Purpose.NOTICES
    assert draft.when_late == "send"
    assert [wall.isoformat() for wall in draft.schedule.walls()] == ["2025-04-09T10:00:00"]
    assert [piece.language for piece in draft.contents] == ["es"]


def test_the_text_goes_into_the_house_letter_with_its_way_out(tmp_path):
    mail = read_campaign(written(tmp_path, GOOD)).contents[0]
    html, text = content.mail_parts(mail)
    assert '<a href="https://www.votochilango.mx/cartel">https://www.votochilango.mx/cartel</a>.' in html
    assert "Aviso de privacidad" in html
    assert 'href="{{ baja }}"' in html
    assert "prefers-color-scheme: dark" in html
    assert "fonts.googleapis" not in html  # a mail that calls a third party tells it who reads
    assert text.startswith("El cartel está en")
    assert "{{ baja }}" in text


def test_what_a_person_types_cannot_become_markup_and_placeholders_stay(tmp_path):
    text = instead("El cartel está en https://www.votochilango.mx/cartel.", "Uno <b>& dos {{ ciudad|default('x') }}")
    mail = read_campaign(written(tmp_path, text)).contents[0]
    html, _text = content.mail_parts(mail)
    assert "Uno &lt;b&gt;&amp; dos {{ ciudad|default('x') }}" in html


def test_a_letter_of_ones_own_is_left_as_it_is(tmp_path):
    own = "<mjml><mj-body><mj-section></mj-section></mj-body></mjml>"
    mail = read_campaign(written(tmp_path, GOOD + f'mjml = "{own}"\n')).contents[0]
    assert mail.mjml == own


def test_pieces_of_mjml_go_into_the_house_letter(tmp_path):
    mail = read_campaign(
        written(tmp_path, GOOD + "mjml = \"<mj-button href='https://x.example.org'>Ir</mj-button>\"\n")
    )
    html = content.compile_mjml(mail.contents[0].mjml)
    assert "https://x.example.org" in html
    assert "Darme de baja" in html


def test_a_mail_of_text_alone_has_no_html(tmp_path):
    mail = read_campaign(written(tmp_path, GOOD + "solo_texto = true\n")).contents[0]
    html, text = content.mail_parts(mail)
    assert html == ""
    assert "{{ baja }}" in text


def test_english_is_given_below_and_the_rest_falls_back_to_spanish(tmp_path):
    text = instead('canales     = ["correo"]', 'canales = ["whatsapp", "correo"]') + (
        '[correo.en]\nasunto = "Hello"\ntexto = "The poster"\n[whatsapp]\nplantilla = "cartel"\nvalores = { 1 = "x" }\n'
    )
    spanish, english = read_campaign(written(tmp_path, text)).contents
    assert (spanish.language, english.language) == ("es", "en")
    assert english.subject == "Hello"
    assert "Unsubscribe" in content.mail_parts(english)[0]
    assert english.template == spanish.template == "cartel"


def test_a_message_folder_beside_the_file_holds_both_languages(tmp_path):
    folder = tmp_path / "mensajes" / "cartel"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("Asunto\n", encoding="utf-8")
    (folder / "body.txt").write_text("Cuerpo\n", encoding="utf-8")
    (folder / "subject.en.txt").write_text("Subject\n", encoding="utf-8")
    (folder / "body.en.txt").write_text("Body\n", encoding="utf-8")
    text = GOOD[: GOOD.index("asunto")] + 'carpeta = "mensajes/cartel"\n'
    spanish, english = read_campaign(written(tmp_path, text)).contents
    assert (spanish.subject, english.subject) == ("Asunto", "Subject")
    assert english.text.startswith("Body")


def test_a_message_folder_of_the_house_is_found_by_its_name(tmp_path):
    text = GOOD[: GOOD.index("asunto")] + 'carpeta = "respuesta-informacion"\n'
    assert read_campaign(written(tmp_path, text)).contents[0].subject == "Respuesta a su solicitud de información"


def test_days_take_the_hour_beside_them(tmp_path):
    text = instead('cuando      = "2025-04-09T10:00"', 'fechas = [2025-04-16, "2025-04-09"]\nhora = "9:30"')
    walls = list(read_campaign(written(tmp_path, text)).schedule.walls())
    assert [f"{wall:%Y-%m-%d %H:%M}" for wall in walls] == ["2025-04-09 09:30", "2025-04-16 09:30"]


REPEATS = {
    'cada = "semana"\ndias = ["Viernes"]\ndesde = 2025-04-04\nhasta = 2025-04-25\nhora = "14:00"': [4, 11, 18, 25],
    'cada = "día"\ndesde = 2025-04-01\nhasta = 2025-04-05\nhora = "9:00"\nexcepto = [2025-04-03]': [1, 2, 4, 5],
    'cada = "día hábil"\ndesde = 2025-04-04\nhasta = 2025-04-08\nhora = "9:00"': [4, 7, 8],
    'cada = "mes"\ndias = [10, 25]\ndesde = 2025-04-01\nhasta = 2025-04-30\nhora = "9:00"': [10, 25],
    'cada = "semana"\ndias = ["lunes"]\ndesde = 2025-04-01\nhasta = 2025-04-30\nhora = "9:00"\nintervalo = 2': [14, 28],
}


@pytest.mark.parametrize(("table", "days"), REPEATS.items(), ids=["weekly", "daily", "workdays", "monthly", "second"])
def test_a_repetition_in_words_means_its_days(tmp_path, table, days):
    text = GOOD.replace('cuando      = "2025-04-09T10:00"\n', "") + f"\n[repite]\n{table}\n"
    assert [wall.day for wall in read_campaign(written(tmp_path, text)).schedule.walls()] == days


@given(
    first=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    span=st.integers(0, 120),
    weekday=st.sampled_from(["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]),
)
def test_a_weekly_repetition_falls_on_its_weekday_between_its_days(tmp_path_factory, first, span, weekday):
    last = date.fromordinal(first.toordinal() + span)
    table = f'cada = "semana"\ndias = ["{weekday}"]\ndesde = {first}\nhasta = {last}\nhora = "10:00"\n'
    text = GOOD.replace('cuando      = "2025-04-09T10:00"\n', "") + f"\n[repite]\n{table}"
    walls = list(read_campaign(written(tmp_path_factory.mktemp("f"), text)).schedule.walls())
    names = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
    expected = [
        day
        for day in map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
        if names[day.weekday()] == weekday
    ]
    assert [wall.date() for wall in walls] == expected


def test_a_rule_needs_and_takes_its_first_date(tmp_path):
    text = GOOD.replace("\n[correo]", 'repite = "FREQ=WEEKLY;COUNT=3"\n\n[correo]')
    assert len(calendar.occurrences(read_campaign(written(tmp_path, text)).schedule, "America/Mexico_City")) == 3
    without = text.replace('cuando      = "2025-04-09T10:00"\n', "")
    assert "necesita desde cuándo" in faults(tmp_path, without)[0]


BAD = {
    "unknown key": (instead("clase       = ", "classe = "), "cartel.toml, renglón 2, classe: La llave «classe» no se"),
    "missing key": (instead('clase       = "invitacion"\n', ""), "clase: Falta «clase»."),
    "wrong type": (instead('"Cartel"', "7"), "renglón 1, titulo: Dice «7» y debe ser un texto entre comillas."),
    "unknown channel": (instead('["correo"]', '["fax"]'), "renglón 4, canales: Dice «fax» y debe ser una de"),
    "bad moment": (instead("2025-04-09T10:00", "9 de abril"), "renglón 6, cuando: «9 de abril» no es una fecha"),
    "day without hour": (instead('"2025-04-09T10:00"', "2025-04-09"), "«2025-04-09» le falta la hora"),
    "moment with zone": (instead("10:00", "10:00-06:00"), "trae su propia zona"),
    "two ways": (GOOD.replace("\n[correo]", "fechas = []\n\n[correo]"), "de varias maneras (cuando, fechas)"),
    "no audience": (instead('redes       = ["Red Voto Chilango"]\n', ""), "Falta a quién se envía"),
    "no content": (GOOD[: GOOD.index("[correo]")], "correo: Falta «correo»."),
    "no subject": (instead('asunto = "Hola, {{ nombre_de_pila }}"\n', ""), "correo.asunto: Falta «asunto»."),
    "unknown key inside": (GOOD + "tipografia = 1\n", "renglón 11, correo.tipografia: La llave «tipografia»"),
    "missing file": (GOOD + 'mjml_archivo = "x.mjml"\n', "correo.mjml_archivo: No existe «x.mjml» en la carpeta"),
    "file outside": (GOOD + 'mjml_archivo = "../x.mjml"\n', "«../x.mjml» está fuera de la carpeta"),
    "late": (GOOD.replace("\n[correo]", 'si_tarde = "nunca"\n\n[correo]'), "enviar, omitir, preguntar"),
    "not a list": (instead('["Red Voto Chilango"]', "3"), "debe ser una lista de textos"),
    "template without its sid": (
        GOOD + '[[plantilla]]\nsid = "HX12"\nnombre = "a"\ncuerpo = "b"\ncategoria = "PROMO"\n',
        "renglón 12, plantilla[1].sid: «HX12» no es el identificador de una plantilla",
    ),
    "not a table": (GOOD[: GOOD.index("[correo]")] + 'correo = "hola"\n', "correo: Dice «hola» y debe ser una tabla"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_a_wrong_file_names_line_key_value_and_what_was_expected(tmp_path, text, said):
    assert any(said in sentence for sentence in faults(tmp_path, text)), faults(tmp_path, text)


def test_all_faults_are_told_at_once(tmp_path):
    text = 'titulo = 1\nclasse = "x"\ncanales = ["fax", "correo"]\ncuando = "ayer"\n[extra]\nobjetivo = 3\n'
    codes = [sentence.split(": ")[0].rsplit(", ", 1)[-1] for sentence in faults(tmp_path, text)]
    assert {
        "titulo",
        "classe",
        "clase",
        "informacion",
        "canales",
        "redes",
        "cuando",
        "correo",
        "extra.objetivo",
    } <= set(codes)


def test_a_file_that_is_not_toml_names_its_line(tmp_path):
    assert "renglón 3" in faults(tmp_path, 'titulo = "a"\n\nclase = sin comillas\n')[0]
    assert "renglón 1" in faults(tmp_path, 'titulo = "sin cerrar')[0]


def test_a_missing_file_and_one_in_another_encoding_are_refused(tmp_path):
    with pytest.raises(Refused) as refusal:
        read_campaign(tmp_path / "no-hay.toml")
    assert "No existe el archivo" in words.explain_all(refusal.value)[0]
    (tmp_path / "latin.toml").write_bytes('titulo = "Información"'.encode("latin-1"))
    with pytest.raises(Refused) as refusal:
        read_campaign(tmp_path / "latin.toml")
    assert "UTF-8" in words.explain_all(refusal.value)[0]


def test_lines_are_found_below_lists_of_tables_and_around_long_texts():
    text = 'a = """\nb = 1\n"""\nlista = [\n  ["x"],\n]\n[[c]]\nd = 1\n[c.e]\nf = 2\n[[c]]\n"g h" = 3\n[c.e]\nf.i = 4\n'
    lines = key_lines(text)
    assert ("b",) not in lines
    assert lines["a",] == 1
    assert lines["lista",] == 4
    assert lines["c", 0, "d"] == 8
    assert lines["c", 0, "e", "f"] == 10
    assert lines["c", 1, "g h"] == 12
    assert lines["c", 1, "e", "f", "i"] == 14


def test_the_example_of_the_guide_is_good():
    draft = read_campaign(EXAMPLE)
    assert draft.channels == (Channel.WHATSAPP, Channel.EMAIL)
    assert [piece.language for piece in draft.contents] == ["es", "en"]


def test_every_key_of_the_example_and_of_the_reader_is_in_the_guide():
    from campaigns.filedates import REPEAT_KEYS
    from campaigns.files import KEYS
    from campaigns.filetexts import MAIL_KEYS, TEMPLATE_KEYS

    guide = GUIDE.read_text(encoding="utf-8")
    assert [key for key in (*KEYS, *REPEAT_KEYS, *MAIL_KEYS, *TEMPLATE_KEYS) if key not in guide] == []
    assert set(read_toml(EXAMPLE).values) <= set(KEYS)


def test_the_example_needs_nothing_but_its_network(platform):
    with platform.transaction() as session:
        networks.ensure(session, "Red Voto Chilango")
        draft = read_campaign(EXAMPLE)
        campaign = planning.create(session, draft, at=platform.clock.now(), by="prueba")
        assert {content.template.name for content in campaign.contents if content.template} == {"registro_recordatorio"}
        planning.create(session, replace(draft, key="otra"), at=platform.clock.now(), by="prueba")
        assert session.scalar(select(func.count()).select_from(WhatsAppTemplate)) == 1


def test_what_was_polled_of_a_template_stands_above_what_a_file_says(platform):
    draft = read_campaign(EXAMPLE)
    (told,) = draft.templates
    with platform.transaction() as session:
        networks.ensure(session, "Red Voto Chilango")
        polled = templates.put(
            session, told.sid, name=told.name, language="es", category="MARKETING", status="paused", body=told.body,
            at=platform.clock.now(),
        )  # fmt: skip
        planning.create(session, draft, at=platform.clock.now(), by="prueba")
        assert (polled.category, polled.status) == ("MARKETING", "paused")


def test_what_only_the_database_knows_is_refused_at_its_line_too(platform, tmp_path):
    file = written(tmp_path, GOOD.replace("{{ nombre_de_pila }}", "{{ apodo }}"))
    with platform.transaction() as session, pytest.raises(Refused) as refusal, pointing_to(file):
        planning.create(session, read_campaign(file), at=platform.clock.now(), by="prueba")
    told = words.explain_all(refusal.value)
    assert "cartel.toml, renglón 5, redes: No hay ninguna red «Red Voto Chilango»" in told[0]
    assert "cartel.toml, renglón 9, correo.asunto: No existe el marcador «apodo»" in told[1]


def test_a_letter_that_is_saved_again_has_one_footer(tmp_path):
    mail = read_campaign(written(tmp_path, GOOD)).contents[0]
    html, text = content.mail_parts(mail)
    assert content.mail_parts(replace(mail, text=text)) == (html, text)
