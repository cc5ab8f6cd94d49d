"""Log in, log out, and what keeps others outside."""

import pytest
from sqlalchemy import select

from outreach import accounts
from outreach.accounts import Account
from outreach.app import create_app
from outreach.audit import AuditEntry
from outreach.config import Settings
from outreach.platform import Platform
from outreach.web.session import safe_next


def noted(platform: Platform) -> list[tuple[str, str]]:
    with platform.reading() as session:
        return [
            (row.who, row.action)
            for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            if row.action.startswith("session.")
        ]


def test_the_right_name_and_password_open_the_door_and_it_is_noted(stranger, platform, cast):
    answer = stranger.enter()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Buenos días, Maura" in stranger.get("/").text
    assert noted(platform) == [("maura", "session.open")]


def test_the_name_may_be_typed_with_capitals_and_spaces(stranger, cast):
    assert stranger.enter(" Maura ").status_code == 303


def test_a_wrong_password_is_said_at_its_field_without_telling_which_was_wrong(stranger, platform, cast):
    known, unknown = stranger.enter(password="otra cosa larga"), stranger.enter("nadie", "otra cosa larga")
    assert known.status_code == unknown.status_code == 401
    for answer in (known, unknown):
        assert "El usuario o la contraseña no coinciden." in answer.text
        assert 'id="clave-e1"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "otra cosa larga" not in answer.text  # a password never comes back
    assert 'value="maura"' in known.text  # what was typed is not lost
    assert noted(platform) == [("maura", "session.refused"), ("nadie", "session.refused")]


def test_guessing_is_stopped_after_six_tries_and_others_still_come_in(stranger, app, platform, cast, visiting):
    tries = [stranger.enter(password=f"adivino {n} veces").status_code for n in range(7)]
    assert tries == [401] * 6 + [429]
    answer = stranger.enter()
    assert answer.status_code == 429
    assert "Demasiados intentos" in answer.text
    with platform.transaction() as session:
        accounts.add(session, "ruben", "Rubén Capulín", "otra contraseña larga", platform.clock.now())
    assert visiting(app.test_client()).enter("ruben", "otra contraseña larga").status_code == 303


def test_whoever_knows_the_password_is_not_counted_as_guessing(stranger, cast):
    for _n in range(8):
        assert stranger.enter().status_code == 303
        stranger.post("/salir", seen="/")


def test_a_closed_account_and_a_new_password_end_the_sessions_that_were_open(maura, platform):
    with platform.transaction() as session:
        accounts.set_password(session.scalars(select(Account)).one(), "una contraseña nueva")
    assert maura.get("/").status_code == 302
    assert maura.enter(password="una contraseña nueva").status_code == 303
    with platform.transaction() as session:
        session.scalars(select(Account)).one().active = False
    assert maura.get("/").status_code == 302


def test_logging_out_needs_a_post_and_closes_the_session(maura, platform):
    assert maura.get("/salir").status_code == 405
    assert maura.get("/").status_code == 200
    assert maura.post("/salir", seen="/").headers["Location"] == "/entrar"
    assert maura.get("/").status_code == 302
    assert noted(platform)[-1] == ("maura", "session.close")


def test_after_the_door_one_lands_where_one_wanted_to_go(stranger, cast):
    asked = stranger.get("/contactos/?q=Citlali")
    assert asked.headers["Location"] == "/entrar?next=/contactos/?q%3DCitlali"
    answer = stranger.post(asked.headers["Location"], {"usuario": "maura", "clave": "jacarandas en flor"})
    assert answer.headers["Location"] == "/contactos/?q=Citlali"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://example.com/",
        "//example.com/",
        "/\\example.com",
        "\\\\example.com",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x".replace("%0d", "\r").replace("%0a", "\n"),
        "contactos",
        "http:example.com",
        "",
    ],
)
def test_the_door_leads_to_no_other_site(stranger, cast, wanted):
    assert safe_next(wanted) == "/"
    path = "/entrar"
    answer = stranger.client.post(
        path,
        query_string={"next": wanted},
        data={"csrf_token": stranger.token(path), "usuario": "maura", "clave": "jacarandas en flor"},
    )
    assert answer.headers["Location"] == "/"


def test_a_fragment_asked_for_without_a_session_sends_the_whole_page_to_the_door(stranger, cast):
    answer = stranger.get(f"/campanas/{cast.sending}/avance", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/entrar")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger, cast):
    cookie = stranger.enter().headers["Set-Cookie"]
    assert cookie.startswith("vc_sesion=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # plain http on loopback


def test_behind_https_cookies_travel_by_https_alone(tmp_path, clock, casting, visiting):
    settings = Settings.read(
        {"OUTREACH_DATA": str(tmp_path / "v"), "OUTREACH_PUBLIC_URL": "https://mensajes.example.org"}
    )
    platform = Platform(settings, clock)
    casting.seed(platform, many=12)
    visitor = visiting(create_app(platform).test_client())
    base = {"base_url": "https://mensajes.example.org"}
    token = visitor.client.get("/entrar", **base).text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = visitor.client.post(
        "/entrar",
        data={"csrf_token": token, "usuario": "maura", "clave": casting.PASSWORD},
        headers={"Referer": "https://mensajes.example.org/entrar"},
        **base,
    )
    assert answer.status_code == 303
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    platform.close()


def test_a_new_installation_says_how_to_make_the_first_account(stranger, platform):
    text = stranger.get("/entrar").text
    assert "Aún no hay ninguna cuenta" in text
    assert "outreach user add" in text


def test_once_there_is_an_account_the_door_says_nothing_of_it(stranger, cast):
    assert "outreach user add" not in stranger.get("/entrar").text


def test_health_is_told_to_anybody(stranger, platform):
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": "ok"})


def test_health_is_bad_when_the_database_is_gone(tmp_path, clock):
    platform = Platform(Settings.read({"OUTREACH_DATA": str(tmp_path / "gone")}), clock)
    client = create_app(platform).test_client()
    assert client.get("/healthz").status_code == 200
    platform.engine.dispose()
    database = platform.settings.data / "outreach.sqlite3"
    database.rename(database.with_suffix(".away"))
    database.mkdir()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "down", "database": "down"})
    platform.close()
