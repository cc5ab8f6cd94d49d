"""Whoever reads a person's mailbox sees all that is held about them, and asks the rights desk for the rest."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts import erasing, rights
from contacts.linkrequests import LinkUse
from contacts.models import Contact
from contacts.rights import Right, RightsRequest
from outreach import linking
from outreach.audit import AuditEntry


@pytest.fixture
def ana(cast):
    return cast.person("Ana Prueba Tezontle", correo="ana@example.org", whatsapp="+525555550101", city="Chicago")


@pytest.fixture
def link(ana, visitor):
    visitor.post("/mis-datos", {"correo": "ana@example.org"})
    return visitor.link("mis-datos")


@pytest.fixture
def inside(visitor, link):
    """The link, after the button was pressed."""
    assert visitor.post(link).status_code == 303
    return link


def requests(house):
    with house.platform.reading() as session:
        return session.scalars(select(RightsRequest).order_by(RightsRequest.id)).all()


def actions(house):
    with house.platform.reading() as session:
        return session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()


@pytest.mark.only_on("sqlite")
def test_opening_the_link_shows_nothing_before_the_button_is_pressed(house, visitor, link):
    page = visitor.get(link).text
    assert "a…a@example.org" in page
    for data in ("Ana Prueba", "ana@example.org", "Chicago", "5555550101"):
        assert data not in page
    assert visitor.get(f"{link}/datos.json").status_code == 302
    assert "data.show" not in actions(house)


def test_all_that_is_held_is_read_and_downloaded_and_both_are_in_the_log(house, ana, visitor, inside):
    page = visitor.get(inside).text
    for data in ("Ana Prueba Tezontle", "ana@example.org", "+525555550101", "Chicago", "formulario de prueba"):
        assert data in page
    answer = visitor.get(f"{inside}/datos.json")
    told = json.loads(answer.data)
    assert told["person"]["name"] == "Ana Prueba Tezontle"
    assert len(told["addresses"]) == 2
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mis-datos.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert actions(house)[-2:] == ["data.show", "data.download"]
    with house.platform.reading() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (last.who, last.subject) == ("persona", f"contact:{ana}")


@pytest.mark.parametrize(
    ("asked", "kind", "detail"),
    [
        (
            {"tipo": "rectificacion", "nombre": "Ana P.\r\nTezontle", "lugar": "Dallas"},
            Right.RECTIFICATION,
            "nombre: Ana P. Tezontle\nlugar: Dallas",
        ),
        ({"tipo": "cancelacion", "seguro": "si"}, Right.CANCELLATION, ""),
        ({"tipo": "oposicion", "motivo": "No quiero <b>nada</b>"}, Right.OPPOSITION, "No quiero <b>nada</b>"),
    ],
)
def test_a_wish_becomes_a_request_with_a_folio_and_a_day(house, ana, visitor, inside, asked, kind, detail):
    answer = visitor.post(f"{inside}/solicitud", asked, seen=inside)
    assert answer.status_code == 303
    page = visitor.get(answer.location).text
    [one] = requests(house)
    assert (one.kind, one.detail, one.contact_id) == (kind, detail, ana)
    assert (one.identity, one.reply_to, one.created_by) == ("enlace al correo registrado", "ana@example.org", "persona")
    assert one.folio in page
    assert "viernes 18 de julio de 2025" in page
    assert f"{one.due_on:%d}" == "18"
    # nothing is done by itself: the staff decides
    with house.platform.reading() as session:
        assert session.get_one(Contact, ana).erased_at is None
    again = visitor.post(f"{inside}/solicitud", asked, seen=inside)
    assert len(requests(house)) == (2 if kind is Right.RECTIFICATION else 1)
    assert again.status_code == 303


def test_the_staff_sees_it_and_may_carry_it_out(house, ana, visitor, inside):
    visitor.post(f"{inside}/solicitud", {"tipo": "cancelacion", "seguro": "si"}, seen=inside)
    with house.platform.transaction() as session:
        [one] = rights.pressing(session, requests(house)[0].due_on)
        rights.cancel(session, rights.hold(session, one.id), at=house.clock.now(), by="maura")
    assert visitor.get(inside).status_code == 404


@pytest.mark.only_on("sqlite")
def test_what_is_wrong_with_a_wish_is_said(house, visitor, inside):
    for asked, said in (
        ({"tipo": "rectificacion"}, "Escriba al menos un dato"),
        ({"tipo": "cancelacion"}, "Marque la casilla"),
        ({"tipo": "otra"}, "no es un derecho ARCO"),
        ({"tipo": "rectificacion", "nombre": "x" * 10_000}, "Hay más de 1000 letras"),
    ):
        answer = visitor.post(f"{inside}/solicitud", asked, seen=inside)
        assert answer.status_code == 422
        assert said in answer.text
    assert requests(house) == []


@pytest.mark.only_on("sqlite")
def test_nobody_has_more_than_some_requests_waiting(house, visitor, inside):
    for number in range(6):
        answer = visitor.post(f"{inside}/solicitud", {"tipo": "rectificacion", "otro": f"{number}"}, seen=inside)
    assert answer.status_code == 422
    assert "Ya tiene 5 solicitudes" in answer.text
    assert len(requests(house)) == 5


def test_the_link_is_good_for_some_hours_and_for_one_person(house, cast, visitor, inside):
    beto = cast.person("Beto Prueba", correo="beto@example.org")
    with house.platform.transaction() as session:
        today = house.clock.now().date()
        other = rights.receive(
            session,
            rights.Asked(kind=Right.ACCESS, received_on=today, contact_id=beto),
            rights.Terms(),
            today=today,
            at=house.clock.now(),
            by="maura",
        ).id
    assert visitor.get(f"{inside}/solicitud/{other}").status_code == 404
    house.clock.set(house.clock.now() + timedelta(hours=6))
    answer = visitor.get(inside)
    assert answer.status_code == 410
    assert "Ana" not in answer.text
    assert visitor.get(f"{inside}/datos.json").status_code == 410


def test_no_mail_leaves_to_who_was_forgotten_between_the_wish_and_the_mail(house, ana, visitor):
    visitor.post("/mis-datos", {"correo": "ana@example.org"})
    with house.platform.transaction() as session:
        linking.send(house.platform, session, ana, LinkUse.DATA)
        erasing.erase(session, ana, at=house.clock.now())
    assert visitor.mail() == []


def test_two_who_share_a_mailbox_get_a_link_of_their_own(house, ana, cast, visitor):
    cast.person("Beto Prueba", correo="ana@example.org")
    visitor.post("/mis-datos", {"correo": "ana@example.org"})
    assert sorted(letter.text.split(",")[1].split(":")[0].strip() for letter in visitor.mail()) == ["Ana", "Beto"]


@pytest.mark.only_on("sqlite")
def test_the_page_speaks_the_language_that_the_person_reads(house, cast, visitor):
    cast.person("Grace Sample", correo="grace@example.org", language="en")
    visitor.post("/mis-datos", {"correo": "grace@example.org"})
    link = visitor.link("mis-datos")
    assert "See my data" in visitor.mail()[-1].text or "You asked to see" in visitor.mail()[-1].text
    assert "See my data" in visitor.get(link).text
    assert "Ver mis datos" in visitor.get(f"{link}?lang=es").text
