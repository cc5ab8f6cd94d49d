"""When something goes wrong, a page says so in words: no traceback, nothing of the machine."""

import logging

import pytest
from flask import Flask

from campaigns.models import Campaign, InboundMessage
from contacts.models import Contact, Network
from outreach.app import create_app
from outreach.web import context


@pytest.fixture
def breaking(platform) -> Flask:
    app = create_app(platform)

    @app.get("/rompe")
    @context.anybody
    def broken() -> str:
        raise RuntimeError("the secret is 1234")

    return app


def test_a_page_that_is_not_there_is_said_in_the_look_of_the_house(maura):
    answer = maura.get("/no/existe")
    assert answer.status_code == 404
    assert "No encontramos esta página" in answer.text
    assert "vc-side" in answer.text  # the menu is there


def test_a_stranger_gets_the_same_words_without_the_menu(stranger, cast):
    answer = stranger.get("/no/existe")
    assert answer.status_code == 404
    assert "No encontramos esta página" in answer.text
    assert "vc-side" not in answer.text


@pytest.mark.parametrize(
    "path", ["/campanas/999", "/contactos/999", "/redes/999", "/tareas/999", "/informes/../../etc"]
)
def test_what_nobody_has_is_not_found(maura, path):
    assert maura.get(path).status_code == 404


def test_a_fault_of_ours_is_told_with_a_folio_that_stands_in_the_log(breaking, caplog):
    with caplog.at_level(logging.ERROR):
        answer = breaking.test_client().get("/rompe")
    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.text
    assert "1234" not in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text
    folio = answer.text.split('<strong class="vc-nowrap">')[1].split("<")[0]
    assert folio in caplog.text
    assert "RuntimeError" in caplog.text  # whoever runs the platform finds it there


def test_an_error_page_is_guarded_like_any_other(breaking):
    assert "script-src 'self'" in breaking.test_client().get("/rompe").headers["Content-Security-Policy"]


def test_even_an_error_page_that_cannot_be_made_is_answered_in_words(breaking, monkeypatch):
    monkeypatch.setitem(breaking.jinja_env.globals, "url_for", None)
    answer = breaking.test_client().get("/rompe")
    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.text
    assert "Traceback" not in answer.text


def test_a_file_that_is_too_large_is_said_so(maura, cast):
    path = f"/tareas/{cast.waiting_task}"
    answer = maura.client.post(
        path,
        data=bytes(17 * 1024 * 1024),
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": maura.token(path)},
    )
    assert answer.status_code == 413
    assert "El archivo es demasiado grande" in answer.text


def test_a_verb_that_says_no_is_a_page_with_its_reason(maura, cast):
    answer = maura.post(f"/campanas/{cast.finished}/pausar", seen="/")
    assert answer.status_code == 409
    assert "La campaña está «Terminada» y desde ahí no puede pasar a «En pausa»." in answer.text


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def test_a_hostile_name_is_text_on_every_page_that_shows_it(maura, platform, cast):
    with platform.transaction() as session:
        contact = session.get_one(Contact, cast.citlali)
        contact.name = contact.city = HOSTILE
        session.get_one(Network, cast.network).name = HOSTILE
        campaign = session.get_one(Campaign, cast.sending)
        campaign.title = campaign.informacion = campaign.tema = HOSTILE
        for message in session.query(InboundMessage):
            message.body = HOSTILE
    paths = [
        "/",
        "/campanas/",
        f"/campanas/{cast.sending}",
        f"/campanas/{cast.sending}/personas",
        f"/campanas/{cast.sending}/contenido?como={cast.citlali}",
        f"/contactos/{cast.citlali}",
        "/contactos/",
        f"/redes/{cast.network}",
        "/registro/",
        "/calendario/",
        "/informes/trimestral?desde=2025-04-01&hasta=2025-06-30",
        f"/buscar/?q={HOSTILE}",
        f"/contactos/?q={HOSTILE}",
    ]
    for path in paths:
        text = maura.get(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "alert(1)" in text, path


def test_a_hostile_name_is_text_in_the_letter_too(maura, platform, cast):
    with platform.transaction() as session:
        session.get_one(Contact, cast.citlali).name = "<script>alert(1)</script>"
    letter = maura.get(f"/campanas/{cast.sending}/contenido/correo.html?como={cast.citlali}").text
    assert "&lt;script&gt;" in letter
    assert "<script" not in letter
