"""The rights desk on screen: requests with their dates, what is done with them, and who is asked before what."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from contacts import consent, people, rights
from contacts.models import Channel, Contact, Purpose
from contacts.rights import Asked, Right, Terms
from outreach.audit import AuditEntry


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def ask(platform, cast):
    def _ask(kind=Right.ACCESS, received=date(2025, 6, 20), **more):
        asked = Asked(**({"kind": kind, "received_on": received, "contact_id": cast.citlali, "identity": "INE"} | more))
        with platform.transaction() as session:
            at = platform.clock.now()
            return rights.receive(session, asked, Terms(), today=date(2025, 6, 20), at=at, by="maura").id

    return _ask


@pytest.fixture
def noted(platform):
    def _noted():
        with platform.reading() as session:
            return [(one.action, one.subject) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]

    return _noted


def test_without_requests_the_desk_says_what_it_is_for(maura):
    text = words(maura.get("/derechos/").text)
    assert "Nadie ha pedido nada todavía" in text


def test_a_request_is_written_down_and_shown_with_its_last_day(maura, cast, noted):
    answer = maura.post(
        "/derechos/nueva",
        {"tipo": "cancelacion", "recibida": "2025-06-20", "persona": "persona0@example.org", "detalle": "Bórrenme"},
    )
    assert answer.status_code == 303
    text = words(maura.get(answer.headers["Location"]).text)
    assert "ARCO-2025-0001" in text
    assert "a más tardar el viernes 18 de julio de 2025. Quedan 20 días hábiles." in text
    assert "Citlali Jacaranda" in text
    assert "Antes de hacerlo, anote cómo se comprobó su identidad" in text
    assert ("rights.receive", f"contact:{cast.citlali}") in noted()
    assert ("rights.show", f"contact:{cast.citlali}") in noted()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tipo": ""}, "no es un derecho ARCO"),
        ({"recibida": "ayer"}, "«ayer» no es un día"),
        ({"recibida": "2025-06-21"}, "ese día todavía no llega"),
        ({"persona": "nadie@example.org"}, "Nadie tiene la dirección"),
        ({"persona": "", "solicitante": ""}, "Falta quién la pide"),
        ({"persona": "99999"}, "No hay ninguna persona"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(maura, cast, given, said):
    values = {"tipo": "acceso", "recibida": "2025-06-20", "persona": str(cast.citlali), "detalle": "mi historia"}
    answer = maura.post("/derechos/nueva", values | given)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "mi historia" in answer.text


def test_the_list_is_filtered_by_right_and_standing(maura, ask):
    ask()
    ask(Right.OPPOSITION, date(2025, 5, 2), contact_id=None, requester="Donají Encino")
    everything = words(maura.get("/derechos/").text)
    assert everything.index("ARCO-2025-0002") < everything.index("ARCO-2025-0001")  # the overdue one first
    assert "2 solicitudes" in everything
    assert "No está en la base" in everything
    late = words(maura.get("/derechos/?estado=vencida").text)
    assert "1 solicitud" in late
    assert "Ya pasó" in late
    assert "1 solicitud" in words(maura.get("/derechos/?tipo=acceso").text)
    assert "Ninguna solicitud con esos filtros" in words(maura.get("/derechos/?estado=contestada").text)


def test_what_is_overdue_or_due_within_five_days_is_a_task_of_the_first_page(maura, ask, platform):
    ask()  # due in four weeks
    assert "ARCO-" not in words(maura.get("/").text)
    ask(Right.ACCESS, date(2025, 5, 2))  # overdue
    ask(Right.OPPOSITION, date(2025, 5, 26))  # due on Monday 23 June
    text = words(maura.get("/").text)
    assert "Contestar ARCO-2025-0002: acceso Venció el" in text
    assert "Contestar ARCO-2025-0003: oposición Vence el lunes 23 de junio" in text


def test_an_act_is_done_noted_and_said(maura, ask, noted):
    number = ask(identity="")
    page = f"/derechos/{number}"
    assert maura.post(f"{page}/identidad", {"identidad": "credencial"}, seen=page).status_code == 303
    assert maura.post(f"{page}/prorroga", {"dias": "10", "motivo": "papel"}, seen=page).status_code == 303
    text = words(maura.get(page).text)
    assert "Prorrogada" in text
    assert "10 días hábiles: papel" in text
    assert "Prorrogar el plazo" not in text
    assert maura.post(f"{page}/hacer", seen=page).status_code == 303
    assert maura.post(f"{page}/respuesta", {"respuesta": "Se entregó."}, seen=page).status_code == 303
    text = words(maura.get(page).text)
    assert "Contestada" in text
    assert "Se entregó." in text
    acts = [action for action, _subject in noted() if action.startswith("rights.") and action != "rights.show"]
    assert acts == ["rights.identify", "rights.extend", "rights.execute", "rights.answer"]


@pytest.mark.parametrize(
    ("act", "given", "said"),
    [
        ("prorroga", {"dias": "99", "motivo": "x"}, "Una prórroga es de 1 a 20 días hábiles"),
        ("prorroga", {"dias": "muchos", "motivo": "x"}, "Una prórroga es de 1 a 20 días hábiles"),
        ("prorroga", {"dias": "5", "motivo": ""}, "Falta el motivo de la prórroga"),
        ("respuesta", {"respuesta": " "}, "Falta la respuesta que se envió"),
        ("identidad", {"identidad": ""}, "Falta decir cómo se comprobó la identidad"),
    ],
)
def test_an_act_that_is_refused_says_why_on_the_page(maura, ask, act, given, said):
    page = f"/derechos/{ask()}"
    answer = maura.post(f"{page}/{act}", given, seen=page)
    assert answer.status_code == 422
    assert said in words(answer.text)


def test_an_opposition_withdraws_all_consent(maura, ask, cast, platform):
    page = f"/derechos/{ask(Right.OPPOSITION)}"
    assert "Retirar todo consentimiento" in words(maura.get(page).text)
    assert maura.post(f"{page}/hacer", seen=page).status_code == 303
    with platform.reading() as session:
        assert consent.may_contact(session, cast.citlali, Channel.EMAIL, Purpose.NOTICES).reason == "opted_out"
    assert maura.post(f"{page}/hacer", seen=page).status_code == 422  # once


def test_a_person_is_erased_only_after_a_page_that_repeats_whom(maura, ask, cast, platform, noted):
    number = ask(Right.CANCELLATION)
    page = f"/derechos/{number}"
    assert maura.post(f"{page}/hacer", seen=page).status_code == 422  # not without asking
    asking = words(maura.get(f"{page}/suprimir").text)
    assert "¿Suprimir a Citlali Jacaranda Tezontle?" in asking
    assert "persona0@example.org" in asking
    assert "no se puede deshacer" in asking
    name = "Citlali Ahuehuete Roble"
    with platform.transaction() as session:  # another one has the name of the cast
        people.edit(session, session.get_one(Contact, cast.citlali), {"nombre": name})
    assert name in maura.get("/contactos/").text
    answer = maura.post(f"{page}/suprimir")
    assert answer.status_code == 303
    for file in platform.settings.data.glob("outreach.sqlite3*"):  # not in the database's own files either
        assert b"Ahuehuete Roble" not in file.read_bytes()
    for path in (page, f"/contactos/{cast.citlali}", "/contactos/", "/derechos/", "/buscar/?q=persona0@", "/",
                 f"/campanas/{cast.sending}/personas", "/bitacora/?consultas=1", f"/redes/{cast.network}"):  # fmt: skip
        text = maura.get(path).text
        assert name not in text, path
        assert "persona0@example.org" not in text, path
    assert "Suprimida el 20 de junio de 2025" in words(maura.get(page).text)
    assert "pidió que se borraran sus datos" in words(maura.get(f"/contactos/{cast.citlali}").text)
    assert ("contacts.erase", f"contact:{cast.citlali}") in noted()
    assert maura.get(f"{page}/suprimir").status_code == 422  # it is done


def test_nobody_is_erased_before_their_identity_was_checked(maura, ask):
    page = f"/derechos/{ask(Right.CANCELLATION, identity='')}"
    assert maura.get(f"{page}/suprimir").status_code == 422
    assert maura.post(f"{page}/suprimir", seen=page).status_code == 422


def test_an_access_is_answered_with_a_page_and_json_of_everything(maura, ask, cast, noted):
    ask()
    text = words(maura.get(f"/derechos/persona/{cast.citlali}").text)
    for said in ("persona0@example.org", "(212) 555-0100", "Red Voto Chilango", "Formulario de registro",
                 "Me llegó el código pero la app no abre", "ARCO-2025-0001", "Simulacro"):  # fmt: skip
        assert said in text, said
    answer = maura.get(f"/derechos/persona/{cast.citlali}/datos.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    told = json.loads(answer.text)
    assert told["person"]["name"] == "Citlali Jacaranda Tezontle"
    assert {one["value"] for one in told["addresses"]} == {"persona0@example.org", "+12125550100"}
    assert told["inbound"][0]["text"].startswith("Me llegó")
    assert told["requests"][0]["folio"] == "ARCO-2025-0001"
    assert told["deliveries"]
    assert noted().count(("rights.dossier", f"contact:{cast.citlali}")) == 2
    assert maura.get("/derechos/persona/99999").status_code == 404


def test_the_authority_to_complain_to_is_what_the_settings_say(platform, ask, maura):
    number = ask()
    assert "Se reclama ante" not in maura.get(f"/derechos/{number}").text
    platform.settings = replace(platform.settings, arco_authority="Autoridad Garante, calle 1")
    assert "Autoridad Garante, calle 1" in maura.get(f"/derechos/{number}").text


def test_days_on_which_the_institution_is_closed_are_settings(platform, cast, maura):
    closed = frozenset({date(2025, 6, 23) + timedelta(days=n) for n in range(5)})
    platform.settings = replace(platform.settings, non_working_days=closed, arco_days=1)
    values = {"tipo": "acceso", "recibida": "2025-06-20", "persona": str(cast.citlali)}
    page = maura.post("/derechos/nueva", values).headers["Location"]
    assert "lunes 30 de junio de 2025" in words(maura.get(page).text)
