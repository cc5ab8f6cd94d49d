"""The first page, the month, the search box, the audit log, and the language of all of them."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from campaigns.models import Campaign
from contacts import consent
from outreach import accounts, audit, i18n
from outreach.accounts import Account
from outreach.web import charts
from outreach.web.audit import ACTIONS
from outreach.web.charts import step

ROOT = Path(__file__).resolve().parents[2]


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


# ---- the first page


def test_home_says_first_what_needs_a_person_and_what_to_press(maura, cast):
    text = words(maura.get("/").text)
    assert "Requiere su atención: 4" in text
    assert "¿Sale todavía “Últimas horas”? Debía salir hoy, 06:42 y nada estaba funcionando Decidir" in text
    assert "En pausa: Guía de registro El servicio no reconoció la llave" in text
    assert "Publicar en el grupo “Ruta Chilanga” Hoy, 11:30. Cartel del simulacro en los grupos Hacer tarea" in text
    assert "1 envío en duda : Simulacro 1: regístrese en el SEI" in text.replace("duda:", "duda :")


def test_home_shows_what_is_being_sent_and_what_comes_next(maura, cast):
    text = words(maura.get("/").text)
    assert "Simulacro 1: regístrese en el SEI 72 % 38 de 53 salieron" in text
    assert "Hoy, viernes 20 de junio 18:00 Boletín Electoral Correo" in text
    assert "Viernes 27 de junio 18:00 Boletín Electoral" in text
    assert "Viernes 11 de julio" not in text  # two weeks ahead are enough here


def test_the_figures_of_the_quarter_add_up(maura, brought):
    text = words(maura.get("/").text)
    assert "28 comunicaciones" in text
    assert "53 personas alcanzadas por el sistema" in text
    assert "1 baja" in text
    table = re.search(r"Canal Abr May Jun Total (.*?)Total ([\d ]+)", text)
    assert table
    rows = [[int(n) for n in re.findall(r"\d+", row)] for row in re.findall(r"(?:[A-Za-zé ]+)((?: \d+){4})", table[1])]
    assert [sum(column) for column in zip(*rows, strict=True)] == [int(n) for n in table[2].split()] == [9, 10, 9, 28]


def test_a_new_installation_has_a_home_too(stranger, platform):
    with platform.transaction() as session:
        accounts.add(session, "ines", "Inés Ahuehuete", "una contraseña larga", platform.clock.now())
    stranger.enter("ines", "una contraseña larga")
    text = words(stranger.get("/").text)
    assert "Buenos días, Inés" in text
    assert "Nada espera por usted" in text
    assert "Nada se está enviando en este momento." in text
    for path in ("/campanas/", "/contactos/", "/redes/", "/registro/", "/informes/", "/tareas/", "/calendario/"):
        assert stranger.get(path).status_code == 200, path


@pytest.mark.parametrize(("hours", "greeting"), [(0, "Buenos días"), (4, "Buenas tardes"), (9, "Buenas noches")])
def test_the_greeting_follows_the_hour_of_mexico_city(maura, clock, hours, greeting):
    clock.advance(timedelta(hours=hours))
    assert greeting in maura.get("/").text


@pytest.mark.parametrize(
    ("most", "distance"),
    [(0, 1), (1, 1), (4, 1), (5, 2), (9, 5), (20, 5), (21, 10), (43, 20), (60, 20), (129, 50), (10**6, 500_000)],
)
def test_the_grid_of_a_chart_has_round_numbers_and_few_lines(most, distance):
    assert step(most) == distance
    assert -(-most // distance) <= 4


def test_a_chart_without_anything_is_flat():
    chart = charts.by_month([], [date(2025, 4, 1)])
    assert chart.total == 0
    assert chart.columns[0].segments == ()


# ---- the month


def test_the_month_shows_what_went_out_and_what_is_to_come(maura, cast):
    page = maura.get("/calendario/").text
    text = words(page)
    assert "Junio de 2025 6 envíos hechos o programados." in text
    assert "10:42 Simulacro 1: regístrese en el SEI" in text
    assert "18:00 Boletín Electoral" in text
    assert "y 2 más" in text
    assert text.count("18:00 Boletín Electoral") == 2  # 27 June and 4 July; today's stands behind «y 2 más»
    day = words(maura.get("/calendario/?mes=2025-06&dia=2025-06-20").text)
    assert "Viernes 20 de junio de 2025 Cerrar 06:42 Últimas horas" in day


def test_one_can_go_from_month_to_month_over_the_year(maura, cast):
    page = maura.get("/calendario/?mes=2025-12").text
    assert "/calendario/?mes=2025-11" in page
    assert "/calendario/?mes=2026-01" in page
    assert "Nada en este mes." in page


@pytest.mark.parametrize("query", ["mes=2025-13", "mes=ayer", "mes=", "dia=2025-06-31", "mes=9999-12", "mes=0001-01"])
def test_a_month_that_cannot_be_is_the_present_one_or_an_edge(maura, cast, query):
    assert maura.get(f"/calendario/?{query}").status_code == 200


def test_what_moves_with_the_clock_change_of_another_zone_stays_at_its_hour_there(maura, cast, platform):
    with platform.transaction() as session:
        campaign = session.get_one(Campaign, cast.weekly)
        campaign.timezone = "Europe/Madrid"
        campaign.schedule = {"moments": [], "start": "2025-10-24T18:00", "rule": "FREQ=WEEKLY;COUNT=2", "excluded": []}
    text = words(maura.get("/calendario/?mes=2025-10").text)
    assert "10:00 Boletín Electoral" in text  # 24 October: Madrid is eight hours ahead
    assert "11:00 Boletín Electoral" in text  # 31 October: seven


# ---- search and audit


def test_one_box_finds_people_campaigns_and_communications(maura, brought):
    text = words(maura.get("/buscar/?q=simulacro").text)
    assert "Campañas: 2" in text
    assert "Comunicaciones anotadas o traídas: 1" in text
    assert "Citlali Jacaranda Tezontle" in words(maura.get("/buscar/?q=persona0@").text)
    assert "Nada coincide" in maura.get("/buscar/?q=zzzz").text
    assert "¿Qué busca?" in maura.get("/buscar/").text


def test_the_audit_log_tells_who_did_what_in_words_and_links_to_it(maura, cast):
    maura.post(f"/campanas/{cast.sending}/pausar", seen="/")
    text = maura.get("/bitacora/").text
    assert "Pausó una campaña" in text
    assert f'href="/campanas/{cast.sending}"' in text
    assert words(text).index("Pausó una campaña") < words(text).index("Creó una cuenta")
    assert "campaign.pause" not in text
    found = words(maura.get("/bitacora/?q=pausó").text)
    assert "Pausó una campaña" in found
    assert "Creó una cuenta" not in found


def noted() -> set[str]:
    """Every action that the code notes, read from the calls that note it."""
    found = set()
    for path in [*ROOT.glob("outreach/**/*.py"), *ROOT.glob("scheduler.py")]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = call.func if isinstance(call, ast.Call) else None
            if getattr(name, "attr", getattr(name, "id", "")) in {"note", "_note", "note_view", "_hand"}:
                texts = [each.value for each in ast.walk(call) if isinstance(each, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", text)}
    return found


def test_every_action_that_is_noted_has_words():
    assert len(noted()) > 25
    assert noted() <= set(ACTIONS)


def test_who_looked_at_personal_data_is_noted_and_shown_when_asked_for(maura, cast):
    for path in (
        f"/contactos/{cast.citlali}",
        "/contactos/?q=Nahúm",
        f"/campanas/{cast.sending}/personas",
        f"/redes/{cast.network}",
    ):
        maura.get(path)
    assert "Vio a una persona" not in maura.get("/bitacora/").text
    text = words(maura.get("/bitacora/?consultas=1").text)
    assert f"maura Vio a una persona Persona {cast.citlali}" in text
    assert "Vio una lista de personas Mostradas: 5; Búsqueda: Nahúm" in text
    assert "Vio las personas de una campaña" in text
    assert "Vio las personas de una red" in text


def test_details_are_told_in_words_and_a_machine_s_are_left_out(maura, cast, platform):
    with platform.transaction() as session:
        told = {
            "reason": "connection_lost",
            "detail": "ConnectionResetError: [Errno 104]",
            "until": "2025-06-20T20:00:00+00:00",
        }
        audit.note(session, platform.clock.now(), "terminal:root", "line.close", "line:correo:a@example.org", told)
        details = {"deliveries": list(range(1, 13)), "sent": False, "moved": 12}
        audit.note(session, platform.clock.now(), "maura", "campaign.decide", f"campaign:{cast.sending}", details)
    text = words(maura.get("/bitacora/").text)
    assert "root (terminal) Un servicio falla: se espera antes de seguir" in text
    assert "Motivo: La conexión con el servicio se corta." in text
    assert "Hasta: 2025-06-20 14:00" in text
    assert "ConnectionResetError" not in text
    assert f"Campaña {cast.sending} Envíos: 1, 2, 3, 4, 5… (12); Se dijo que salieron: no; Cambiados: 12" in text


# ---- language


@pytest.fixture
def english(tmp_path, monkeypatch):
    """A catalogue of two words, so that the choice can be seen before every text is translated."""
    (tmp_path / "en.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Entrar"\nmsgstr "Come in"\n\nmsgid "Inicio"\nmsgstr "Home"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()
    i18n.set_language("es")


def test_the_browsers_language_is_spoken_until_one_chooses(stranger, cast, english):
    page = stranger.get("/entrar", headers={"Accept-Language": "en-GB,en;q=0.9,es;q=0.5"}).text
    assert '<html lang="en">' in page
    assert "Come in" in page
    assert '<html lang="es-MX">' in stranger.get("/entrar", headers={"Accept-Language": "fr"}).text
    assert '<html lang="es-MX">' in stranger.get("/entrar").text


def test_a_choice_is_remembered_in_a_cookie_and_in_the_account(stranger, platform, cast, english):
    answer = stranger.post("/idioma", {"idioma": "en", "next": "/entrar"}, seen="/entrar")
    assert answer.headers["Location"] == "/entrar"
    assert "Come in" in stranger.get("/entrar").text
    stranger.enter()
    assert '<html lang="es-MX">' in stranger.get("/").text  # the account's own language
    stranger.post("/idioma", {"idioma": "en", "next": "/contactos/"}, seen="/")
    assert "Home" in stranger.get("/").text
    with platform.reading() as session:
        assert session.query(Account).one().language == "en"
    stranger.post("/idioma", {"idioma": "xx", "next": "//example.org"}, seen="/")
    assert '<html lang="es-MX">' in stranger.get("/").text


def test_one_readers_language_does_not_spill_over_to_the_next(app, cast, english, visiting):
    a, b = visiting(app.test_client()), visiting(app.test_client())
    assert "Come in" in a.get("/entrar", headers={"Accept-Language": "en"}).text
    assert "Come in" not in b.get("/entrar", headers={"Accept-Language": "es"}).text


def test_the_withdrawals_of_the_quarter_count_people_once(maura, cast, platform):
    with platform.transaction() as session:
        for _n in range(3):
            consent.withdraw(session, cast.citlali, "*", source="por teléfono", at=platform.clock.now())
    assert "2 bajas" in words(maura.get("/").text)
