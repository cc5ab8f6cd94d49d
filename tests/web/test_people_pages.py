"""People and networks on screen, and the link by which a person leaves."""

import re

import pytest

from contacts import consent
from contacts.models import Channel, Contact, Purpose
from outreach import unsubscribe
from outreach.web.public import masked


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 60),
        ("q=citlali", 5),
        ("q=CHICAGO", 6),
        ("q=persona17@", 1),
        ("q=212+555+0103", 1),  # a number as people write it
        ("q=(212)+555-0103", 1),
        ("q=nadie", 0),
        ("q=%25", 0),
        ("pais=US", 18),
        ("pais=US&q=Chicago", 6),
        ("red=3", 15),
        ("red=999", 0),
        ("red=x", 60),
    ],
)
def test_people_are_found_by_name_city_address_number_network_and_country(maura, cast, query, count):
    text = words(maura.get(f"/contactos/?{query}").text)
    assert f" {count} persona" in text


def test_while_one_types_only_the_list_comes(maura, cast):
    answer = maura.get("/contactos/?q=citlali", headers={"HX-Request": "true"})
    assert answer.text.startswith('<section class="vc-card" id="lista"')
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]
    back = maura.get("/contactos/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in back.text


def test_a_long_list_comes_a_page_at_a_time(maura, cast):
    first, last = maura.get("/contactos/").text, maura.get("/contactos/?pagina=3").text
    assert "1 a 25 de 60" in first
    assert "Siguientes" in first
    assert "Anteriores" not in first
    assert "51 a 60 de 60" in last
    assert "Siguientes" not in last


def test_a_person_shows_whether_one_may_write_by_purpose_and_way_as_the_gate_says(maura, cast, platform):
    with platform.transaction() as session:
        consent.withdraw(session, cast.citlali, Channel.WHATSAPP, source="BAJA por WhatsApp", at=platform.clock.now())
        answers = consent.verdicts(session, cast.citlali)
    page = maura.get(f"/contactos/{cast.citlali}").text
    gate = page.split('id="k1"')[1].split("</section>")[0]
    assert gate.count('vc-badge is-yes"') == sum(verdict.allowed for verdict in answers.values()) == len(Purpose)
    assert gate.count('vc-badge is-no"') == len(Purpose)
    assert "La persona pidió no recibir mensajes por esta vía." in gate


def test_a_person_shows_addresses_ledger_networks_messages_and_their_own_hour(maura, cast):
    text = words(maura.get(f"/contactos/{cast.citlali}").text)
    assert "Allá son las 12:42" in text
    assert "America/Chicago (UTC\N{MINUS SIGN}5)" in text
    assert "persona0@example.org" in text
    assert "escrito “(212) 555-0100”" in text
    assert "11 abr 2025, 11:42 Alta Toda finalidad y toda vía Formulario de registro" in text
    assert "Red Voto Chilango , liderazgo desde" in text
    assert "Invitó a 15 personas" in text
    assert "Me llegó el código pero la app no abre" in text
    assert "Simulacro 1: regístrese en el SEI" in text


def test_the_ledger_shows_the_newest_line_first(maura, cast, platform):
    with platform.transaction() as session:
        consent.withdraw(session, cast.citlali, "*", source="por teléfono", at=platform.clock.now(), by="maura")
    ledger = words(maura.get(f"/contactos/{cast.citlali}").text.split('id="k3"')[1].split("</section>")[0])
    assert ledger.index("por teléfono") < ledger.index("Formulario de registro")
    assert "anotó maura" in ledger


def test_networks_are_listed_with_their_people_and_leaders(maura, cast):
    text = words(maura.get("/redes/").text)
    assert "Red Voto Chilango Lista · Ciudadanía inscrita en la red. 60 5 8" in text
    assert "Ruta Chilanga Grupo de WhatsApp 15" in text


def test_a_network_shows_who_leads_who_brought_whom_and_where_they_live(maura, cast):
    text = words(maura.get(f"/redes/{cast.network}").text)
    people = text.split("Ver todas")[1]
    assert people.index("Liderazgo ·") < people.index("Ameyali")  # leaders first
    brought = words(maura.get(f"/redes/{cast.network}/integrantes?q=Nahúm+Tezontle").text)
    assert "Citlali Jacaranda Tezontle" in brought
    assert "Chicago Estados Unidos 6 1" in text
    assert "Total 60 5" in text
    assert "Ver en el registro" in text


def test_being_in_a_group_is_said_to_be_no_consent(maura, cast):
    assert "estar en él no es consentimiento" in maura.get(f"/redes/{cast.group}").text


def test_who_asked_to_be_forgotten_is_in_no_list(maura, cast, platform):
    with platform.transaction() as session:
        session.get_one(Contact, cast.citlali).erased_at = platform.clock.now()
    assert " 59 personas" in words(maura.get("/contactos/").text)
    assert " 59 personas" in words(maura.get(f"/redes/{cast.network}").text)
    assert "pidió que se borraran sus datos" in maura.get(f"/contactos/{cast.citlali}").text


# ---- the way out


def link(platform, contact_id: int, channel: Channel) -> str:
    return f"/baja/{unsubscribe.token(platform.secret, contact_id, channel)}"


def allowed(platform, contact_id: int) -> dict[Channel, bool]:
    with platform.reading() as session:
        return {
            channel: consent.may_contact(session, contact_id, channel, Purpose.NOTICES).allowed
            for channel in consent.CHANNELS
        }


def test_looking_at_the_link_changes_nothing_and_asks(stranger, cast, platform):
    for _scan in range(3):
        answer = stranger.get(link(platform, cast.citlali, Channel.EMAIL))
        assert answer.status_code == 200
    assert "¿Dejar de recibir nuestros correos?" in answer.text
    assert "p…0@example.org" in answer.text
    assert "persona0@example.org" not in answer.text  # anybody may hold the link
    assert allowed(platform, cast.citlali) == {Channel.EMAIL: True, Channel.WHATSAPP: True}


def test_pressing_the_button_closes_that_channel_at_once_and_no_other(stranger, cast, platform):
    answer = stranger.client.post(link(platform, cast.citlali, Channel.EMAIL))
    assert answer.status_code == 200
    assert "Ya no le enviaremos correos." in answer.text
    assert allowed(platform, cast.citlali) == {Channel.EMAIL: False, Channel.WHATSAPP: True}


def test_a_mail_programs_single_press_works_without_cookie_or_token(stranger, cast, platform):
    answer = stranger.client.post(link(platform, cast.citlali, Channel.EMAIL), data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert not allowed(platform, cast.citlali)[Channel.EMAIL]
    with platform.reading() as session:
        line = consent.ledger(session, cast.citlali)[0]
        assert (line.source, line.evidence) == ("enlace de baja", "RFC 8058, un paso")


def test_pressing_twice_is_no_fault(stranger, cast, platform):
    path = link(platform, cast.citlali, Channel.WHATSAPP)
    assert [stranger.client.post(path).status_code for _n in range(2)] == [200, 200]
    assert allowed(platform, cast.citlali) == {Channel.EMAIL: True, Channel.WHATSAPP: False}


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t.replace("c1.", "c2."), lambda t: t[:1], lambda t: t + "é"]
)
def test_a_link_that_is_not_ours_does_nothing_and_says_so(stranger, cast, platform, change):
    path = "/baja/" + change(unsubscribe.token(platform.secret, 1, Channel.EMAIL))
    for answer in (stranger.get(path), stranger.client.post(path)):
        assert answer.status_code == 404
        assert "No reconocemos este enlace" in answer.text
    assert allowed(platform, 1) == {Channel.EMAIL: True, Channel.WHATSAPP: True}


def test_a_link_of_somebody_who_is_not_there_says_so(stranger, cast, platform):
    assert stranger.client.post(link(platform, 99999, Channel.EMAIL)).status_code == 404


def test_the_page_of_leaving_is_guarded_and_needs_no_log_in(stranger, cast, platform):
    answer = stranger.get(link(platform, cast.citlali, Channel.EMAIL))
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("citlali@example.org", "c…i@example.org"),
        ("al@example.org", "a…@example.org"),
        ("a@example.org", "a…@example.org"),
        ("+12125550142", "…42"),
    ],
)
def test_a_public_page_shows_as_little_of_an_address_as_tells_its_owner(address, shown):
    assert masked(address) == shown


def test_from_page_to_page_everybody_is_shown_once(maura, cast):
    seen, address = [], "/contactos/"
    while address:
        page = maura.get(address).text
        seen += re.findall(r'scope="row"><a href="/contactos/(\d+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following and following[1].replace("&amp;", "&")
        assert not address or "tras=" in address
    assert len(seen) == len(set(seen)) == 60
    before = re.search(r'href="([^"]+)" rel="prev"', page)[1].replace("&amp;", "&")
    assert "antes=" in before
    assert re.findall(r'scope="row"><a href="/contactos/(\d+)"', maura.get(before).text) == seen[25:50]


def test_the_exact_number_is_told_where_a_page_asks_for_it(maura, cast):
    assert "18 personas" in words(maura.get("/contactos/cuantas?pais=US").text)
    assert "5 personas" in words(maura.get("/contactos/cuantas?q=citlali").text)
