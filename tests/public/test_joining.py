"""Whoever joins is asked by one mail to confirm, and nobody learns from the form who is known already."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from contacts import consent, erasing, networks, people
from contacts.formentries import FormEntry
from contacts.models import (
    Address,
    AddressState,
    Channel,
    Contact,
    Network,
    Purpose,
)
from outreach import confirming, limits, newcomers

CONFIRM = re.compile(r"http://\S+/confirmar/(\S+)")


def confirm(house, letter):
    with house.platform.transaction() as session:
        return confirming.confirm(house.platform, session, CONFIRM.search(letter.text)[1])


def person(house, address="citlali@example.org"):
    with house.platform.reading() as session:
        found = people.by_address(session, address)
        return found[0].id if found else None


def may(house, who, channel=Channel.EMAIL, purpose=Purpose.EVENTS):
    with house.platform.reading() as session:
        return consent.may_contact(session, who, channel, purpose).reason


def outcomes(house):
    with house.platform.reading() as session:
        return session.scalars(select(FormEntry.outcome).order_by(FormEntry.id)).all()


def test_who_joins_gets_one_mail_and_consents_by_it_to_what_they_chose(visitor, house):
    answer = visitor.join(via="whatsapp", whatsapp="+1 312 555 0142")
    assert (answer.status_code, answer.location) == (303, "/unirse/listo")
    [letter] = visitor.mail()
    assert letter.to == "citlali@example.org"
    who = person(house)
    assert may(house, who) == "no_consent"
    confirm(house, letter)
    assert may(house, who) == ""
    assert may(house, who, purpose=Purpose.BULLETINS) == "no_consent"
    assert may(house, who, Channel.WHATSAPP) == ""
    with house.platform.reading() as session:
        contact = session.get_one(Contact, who)
        assert (contact.country, contact.city, contact.timezone) == ("US", "Chicago", "America/Chicago")
        assert {(each.value, each.state) for each in contact.addresses} == {
            ("citlali@example.org", AddressState.VERIFIED),
            ("+13125550142", AddressState.NEW),
        }
        [phone] = [
            each for each in consent.ledger(session, who) if each.channel == "whatsapp" and each.purpose == "eventos"
        ]
        assert (phone.evidence, phone.evidence_kind, phone.notice_version) == ("entrada 1", "formulario", "inicial")
        assert session.get_one(FormEntry, 1).said == {}
    assert len(visitor.mail()) == 1


def test_a_whatsapp_number_is_nobodys_before_the_mail_is_confirmed(visitor, house):
    visitor.join(via="whatsapp", whatsapp="+1 312 555 0142")
    visitor.mail()
    assert person(house, "+13125550142") is None


@pytest.mark.only_on("sqlite")
def test_who_confirms_enters_the_network_of_the_settings(visitor, house):
    object.__setattr__(house.platform.settings, "join_network", "Red Voto Chilango")
    visitor.join()
    [letter] = visitor.mail()
    with house.platform.reading() as session:
        assert session.scalar(select(func.count()).select_from(Network)) == 0
    confirm(house, letter)
    with house.platform.reading() as session:
        network = networks.find(session, "red voto chilango")
        assert networks.membership(session, person(house), network.id)


def known(house, cast):
    cast.person("Ana Prueba", correo="ana@example.org", whatsapp="+525555550101")
    left = cast.person("Beto Prueba", correo="beto@example.org")
    cast.person("Carla Prueba", correo="carla@example.org", consents=False)
    spam = cast.person("Dario Prueba", correo="dario@example.org")
    erased = cast.person("Elena Prueba Tezontle", correo="elena@example.org")
    with house.platform.transaction() as session:
        now = house.clock.now()
        consent.withdraw(session, left, "*", source="prueba", at=now)
        address = session.scalar(select(Address).where(Address.contact_id == spam))
        people.mark(address, AddressState.COMPLAINED, reason="spam", at=now)
        erasing.erase(session, erased, at=now)
    return ["ana", "beto", "carla", "dario", "elena", "nadie"]


def test_the_answer_is_the_same_letter_by_letter_whoever_the_address_is_of(visitor, house, cast):
    names = known(house, cast)

    def answer(name, path):
        address = f"{name}@example.org"
        sent = visitor.join(correo=address) if path == "/unirse" else visitor.post(path, {"correo": address})
        page = visitor.get(sent.location)
        return sent.status_code, sent.location, sent.data, dict(sent.headers) | {"Set-Cookie": ""}, page.data

    for path, reached in (("/unirse", ("ana", "beto", "carla", "nadie")), ("/mis-datos", ("ana", "beto", "carla"))):
        before = len(visitor.mail())
        answers = [answer(name, path) for name in names]
        assert all(each == answers[0] for each in answers)
        # who is known gets a link, also who left; who complained or was erased gets nothing
        told = [letter.to for letter in visitor.mail()[before:]]
        assert sorted(told) == [f"{name}@example.org" for name in reached] + ["nadie@example.org"] * (path != "/unirse")
        house.clock.set(house.clock.now() + timedelta(hours=1))


def test_nobody_is_looked_up_before_the_answer(visitor, house, cast):
    """So its time cannot tell: what a form does is the same statements for whoever it names."""
    from sqlalchemy import event

    names = known(house, cast)
    asked: list[str] = []
    event.listen(house.platform.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    done = []
    for name in names:
        visitor.get("/unirse")
        asked.clear()
        visitor.join(correo=f"{name}@example.org")
        done.append([re.sub(r"\s+", " ", each) for each in asked])
    assert all(each == done[0] for each in done)
    assert not any("FROM address" in each or "FROM suppression" in each for each in done[0])


def test_who_is_known_gets_the_link_to_their_preferences_and_only_once_in_some_hours(visitor, house, cast):
    cast.person("Ana Prueba", correo="ana@example.org")
    visitor.join(correo="ANA@example.org", nombre="Otra Persona")
    [letter] = visitor.mail()
    assert letter.to == "ana@example.org"
    assert "/preferencias/" in letter.text
    assert "Ana" in letter.text
    assert "Otra" not in letter.text
    visitor.join(correo="ana@example.org")
    assert len(visitor.mail()) == 1
    house.clock.set(house.clock.now() + timedelta(hours=5))
    visitor.join(correo="ana@example.org")
    assert len(visitor.mail()) == 2
    assert outcomes(house) == ["linked", "link_recent", "linked"]


def test_the_unconfirmed_get_no_second_mail_and_are_forgotten_when_their_time_is_over(visitor, house):
    visitor.join()
    visitor.join(nombre="Alguien Más")
    assert len(visitor.mail()) == 1
    who = person(house)
    assert newcomers.tidy(house.platform) == 0
    house.clock.set(house.clock.now() + timedelta(days=8))
    assert newcomers.tidy(house.platform) == 1
    with house.platform.reading() as session:
        assert session.get_one(Contact, who).name == erasing.NOBODY
        assert session.scalars(select(FormEntry.said)).all() == [{}, {}]
    visitor.join()  # nothing keeps them from coming again
    assert len(visitor.mail()) == 2
    assert person(house) != who


def test_who_says_not_to_be_asked_again_is_forgotten_and_never_asked_again(visitor, house):
    visitor.join()
    out = visitor.link("baja")
    visitor.post(out, {"List-Unsubscribe": "One-Click"})
    house.clock.set(house.clock.now() + timedelta(days=8))
    assert newcomers.tidy(house.platform) == 1
    visitor.join()
    assert len(visitor.mail()) == 1
    assert outcomes(house)[-1] == "suppressed"


def test_who_asks_for_their_data_before_they_confirm_gets_only_what_there_is(visitor, house):
    visitor.join()
    visitor.mail()
    visitor.post("/mis-datos", {"correo": "citlali@example.org"})
    assert len(visitor.mail()) == 2
    house.clock.set(house.clock.now() + timedelta(days=8))
    assert newcomers.tidy(house.platform) == 1


WRONG = (
    ({"nombre": ""}, "Falta el nombre"),
    ({"nombre": "x" * 10_000}, "Hay más de 100 letras"),
    ({"nombre": "Gane dinero http://spam.example"}, "signos que un nombre no lleva"),
    ({"nombre": "<script>alert(1)</script>"}, "signos que un nombre no lleva"),
    ({"correo": "citlali"}, "no es un correo"),
    ({"correo": "citlali@example.org\r\nBcc: otra@example.org"}, "no es"),
    ({"correo": "citlali@example.org, otra@example.org"}, "no es un correo"),
    ({"correo": "x" * 10_000 + "@example.org"}, "Hay más de 254 letras"),
    ({"pais": "Atlántida"}, "No se conoce el país"),
    ({"zona": "Marte/Olimpo"}, "No se conoce la zona"),
    ({"finalidad": None}, "Elija al menos un tema"),
    ({"via": "whatsapp"}, "Escriba su número"),
    ({"whatsapp": "+1 312 555 0142"}, "sin la marca no lo guardamos"),
    ({"via": "whatsapp", "whatsapp": "123"}, "faltan cifras"),
    ({"acepto": None}, "hace falta su consentimiento"),
    ({"version": "otra"}, "cambió mientras llenaba"),
)


@pytest.mark.only_on("sqlite")
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(visitor, house):
    for over, said in WRONG:
        answer = visitor.join(**over)
        assert answer.status_code == 422, over
        assert said in answer.text, over
        assert "<script>alert" not in answer.text
        assert 'value="Chicago"' in answer.text
    assert outcomes(house) == []


def test_a_name_cannot_become_a_message_of_its_own(visitor, house):
    visitor.join(nombre="spam.example \u202e\x00\x07Ana\u2066 \u200b")
    [letter] = visitor.mail()
    with house.platform.reading() as session:
        assert session.get_one(Contact, person(house)).name == "spam. example Ana"
    assert "spam.example" not in letter.text + letter.html


@pytest.mark.only_on("sqlite")
def test_a_program_that_fills_what_nobody_sees_is_answered_and_not_heard(visitor, house):
    answer = visitor.join(sitio="https://spam.example")
    assert (answer.status_code, answer.location) == (303, "/unirse/listo")
    assert outcomes(house) == []


def test_a_network_may_try_so_often_in_an_hour_whichever_process_counts(visitor, house, settings):
    object.__setattr__(house.platform.settings, "public_limit", 3)
    for number in range(3):
        assert visitor.join(correo=f"a{number}@example.org").status_code == 303
    answer = visitor.join(correo="a3@example.org")
    assert answer.status_code == 429
    assert "Espere 60 minutos" in answer.text
    assert answer.headers["Retry-After"] == "3600"
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert visitor.post("/unirse", {"correo": "x"}, environ_base=elsewhere).status_code == 422
    house.clock.set(house.clock.now() + timedelta(hours=1))
    assert visitor.join(correo="a4@example.org").status_code == 303


def test_an_address_may_be_typed_so_often_in_an_hour_wherever_it_is_typed(visitor, house):
    for number in range(limits_of_an_address()):
        assert visitor.post("/mis-datos", {"correo": "nadie@example.org"}).status_code == 303, number
    assert visitor.join(correo="nadie@example.org").status_code == 429
    assert visitor.join().status_code == 303
    with house.platform.reading() as session:
        kept = str(session.execute(select(limits.Attempt.digest)).all())
    assert "nadie" not in kept
    assert "127.0.0" not in kept


def limits_of_an_address():
    from outreach.web.public import OF_AN_ADDRESS

    return OF_AN_ADDRESS.most


@pytest.mark.only_on("sqlite")
def test_a_body_that_is_too_large_is_not_read(visitor):
    answer = visitor.client.post("/unirse", data={"nombre": "x" * 70_000})
    assert answer.status_code == 413
    assert "Es demasiado texto" in answer.text


@pytest.mark.only_on("sqlite")
def test_a_form_of_another_site_is_refused_and_other_methods_do_nothing(visitor, house):
    assert visitor.client.post("/unirse", data={"nombre": "Ana"}).status_code == 400
    assert visitor.client.put("/unirse").status_code == 405
    assert visitor.client.head("/unirse").status_code == 200
    assert outcomes(house) == []


@pytest.mark.only_on("sqlite")
def test_the_page_is_told_to_nobody_and_kept_nowhere_and_speaks_both_languages(visitor):
    answer = visitor.get("/join", follow_redirects=True)
    assert "Join the Voto Chilango Network" in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert "Únase a la Red Voto Chilango" in visitor.get("/unirse?lang=es").text
    assert "Únase a la Red Voto Chilango" in visitor.get("/unirse").text  # the choice is remembered


@pytest.mark.only_on("sqlite")
def test_the_whole_notice_stands_on_the_page_with_its_version_and_its_fingerprint(visitor, house):
    from contacts import notices

    with house.platform.transaction() as session:
        published = notices.publish(session, "2025-06", "Texto íntegro del aviso.\nSegunda línea.", house.clock.now())
        mark = published.sha256
    page = visitor.get("/unirse").text
    assert "Texto íntegro del aviso.\nSegunda línea." in page
    assert mark in page
    assert "versión 2025-06" in page


@pytest.mark.only_on("sqlite")
def test_over_https_a_form_needs_no_referrer(house, visitor):
    page = visitor.get("/unirse", base_url="https://example.org")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = visitor.client.post("/unirse", data={"csrf_token": token}, base_url="https://example.org")
    assert answer.status_code == 422
