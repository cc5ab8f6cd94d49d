"""The link in every message: whoever reads that mailbox, and nobody else, decides what they receive."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as told
from hypothesis import strategies as st
from sqlalchemy import select

from contacts import consent, people, preferences, unifying
from contacts.linkrequests import LinkUse
from contacts.models import Address, AddressKind, AddressState, Channel, ConsentEntry, Contact, EvidenceKind, Purpose
from outreach import links
from outreach.audit import AuditEntry

ALL = [purpose.value for purpose in Purpose]


@pytest.fixture
def ana(cast):
    return cast.person("Ana Prueba", correo="ana@example.org", whatsapp="+525555550101", country="US")


@pytest.fixture
def link(house, ana, visitor):
    """The link in a campaign's mail to Ana."""
    house.campaign(Channel.EMAIL)
    return visitor.link("preferencias")


def open_(house, who, channel=Channel.EMAIL):
    with house.platform.reading() as session:
        return {purpose.value for purpose in Purpose if consent.may_contact(session, who, channel, purpose).allowed}


def lines(house, who):
    with house.platform.reading() as session:
        found = session.scalars(select(ConsentEntry).where(ConsentEntry.contact_id == who).order_by(ConsentEntry.id))
        return [(each.channel, each.purpose, each.decision.value) for each in found][1:]  # the first is the cast's


def save(visitor, link, **over):
    data = {"correo": ALL, "whatsapp": ALL, "idioma": "es", "zona": "America/Chicago", "version": "inicial"}
    return visitor.post(link, {"accion": "guardar", **data, **over})


@pytest.mark.only_on("sqlite")
def test_the_mail_of_a_campaign_has_the_link_beside_the_way_out(house, ana, visitor):
    house.campaign(Channel.EMAIL)
    [letter] = visitor.mail()
    for part in (letter.text, letter.html):
        assert re.search(r"/preferencias/\w+\.[\w-]{20}", part)
        assert "/baja/" in part


@pytest.mark.only_on("sqlite")
def test_looking_changes_nothing_and_shows_no_whole_address(house, ana, visitor, link):
    before = lines(house, ana)
    for method in ("get", "head"):
        assert getattr(visitor.client, method)(link.removeprefix(house.platform.settings.public_url)).status_code == 200
    page = visitor.get(link).text
    assert "a…a@example.org, …01" in page
    assert "ana@example.org" not in page
    assert "5555550101" not in page
    assert "Ana Prueba" not in page
    assert page.count("checked") == 2 * len(ALL)
    assert lines(house, ana) == before


def test_each_change_is_a_line_of_the_ledger_and_of_the_log_in_the_persons_own_name(house, ana, visitor, link):
    answer = save(visitor, link, correo=["avisos", "eventos"], zona="America/Denver", idioma="en")
    assert answer.status_code == 303
    assert open_(house, ana) == {"avisos", "eventos"}
    assert open_(house, ana, Channel.WHATSAPP) == set(ALL)
    assert lines(house, ana) == [("correo", each, "withdrawn") for each in ("simulacros", "boletines", "observacion")]
    with house.platform.reading() as session:
        entry = session.scalars(select(ConsentEntry).order_by(ConsentEntry.id.desc())).first()
        assert entry.source == "página de preferencias"
        assert entry.evidence_kind is EvidenceKind.LINK
        assert re.fullmatch(r"envío \d+, sha256:[0-9a-f]{32}", entry.evidence)
        contact = session.get_one(Contact, ana)
        assert (contact.language, contact.timezone) == ("en", "America/Denver")
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "contacts.preferences")).one()
        assert (noted.who, noted.subject) == ("persona", f"contact:{ana}")
        assert noted.details["fields"] == ["language", "timezone"]
    assert "Saved at" in visitor.get(answer.location).text  # in the language that was just chosen
    save(visitor, link, correo=["avisos", "eventos"], zona="America/Denver", idioma="en")
    assert len(lines(house, ana)) == 3  # the same again is no change


def test_what_is_opened_again_names_the_notice_that_the_page_showed(house, ana, visitor, link):
    visitor.post(link, {"accion": "nada"})
    assert (open_(house, ana), open_(house, ana, Channel.WHATSAPP)) == (set(), set())
    assert lines(house, ana) == [("*", "*", "withdrawn")]
    visitor.post(link, {"accion": "nada"})
    assert len(lines(house, ana)) == 1
    save(visitor, link, whatsapp=[])
    assert lines(house, ana)[1:] == [("correo", "*", "granted")]
    assert open_(house, ana) == set(ALL)
    with house.platform.reading() as session:
        newest = session.scalars(select(ConsentEntry).order_by(ConsentEntry.id.desc())).first()
        assert newest.notice_version == "inicial"


@pytest.mark.only_on("sqlite")
def test_only_mail_closes_whatsapp_and_leaves_mail_as_it_is(house, ana, visitor, link):
    visitor.post(link, {"accion": "solo-correo"})
    assert (open_(house, ana), open_(house, ana, Channel.WHATSAPP)) == (set(ALL), set())


def test_a_link_is_over_after_its_days_and_a_new_one_comes_by_mail(house, ana, visitor, link):
    house.clock.set(house.clock.now() + timedelta(days=181))
    page = visitor.get(link)
    assert "Este enlace ya venció" in page.text
    save(visitor, link, correo=[])
    assert open_(house, ana) == set(ALL)
    visitor.post(link, {"accion": "enlace"})
    fresh = visitor.link("preferencias")
    assert fresh != link
    assert "Usted decide" in visitor.get(fresh).text


def test_a_link_ends_when_the_address_is_no_longer_the_persons(house, ana, visitor, link):
    with house.platform.transaction() as session:
        address = session.scalar(select(Address).where(Address.value == "ana@example.org"))
        address.value = "ana.nueva@example.org"
    assert visitor.get(link).status_code == 404
    assert "ana" not in visitor.get(link).text


def test_a_link_of_a_row_that_was_merged_leads_to_the_person(house, ana, cast, visitor, link):
    other = cast.person("Ana Prueba López", correo="ana.lopez@example.org")
    with house.platform.transaction() as session:
        unifying.merge(session, other, [ana], at=house.clock.now(), by="pruebas")
    save(visitor, link, correo=["avisos"])
    assert open_(house, other) == {"avisos"}


@pytest.mark.only_on("sqlite")
def test_whom_a_message_was_spam_to_cannot_open_mail_again_by_themselves(house, ana, visitor, link):
    with house.platform.transaction() as session:
        address = session.scalar(select(Address).where(Address.kind == AddressKind.EMAIL))
        people.mark(address, AddressState.COMPLAINED, reason="spam", at=house.clock.now())
    page = visitor.get(link).text
    assert 'name="correo"' not in page
    assert 'name="whatsapp"' in page


@pytest.mark.only_on("sqlite")
def test_a_forged_link_and_one_of_another_use_are_none(house, ana, visitor, link):
    base, token = link.rsplit("/", 1)
    body, signature = token.split(".")
    secret = house.platform.secret
    data = links.token(secret, LinkUse.DATA, int(body, 16), "ana@example.org")
    bad = [
        token[:-1],
        f"{body}.{signature[::-1]}",
        f"{int(body, 16) + 1:x}.{signature}",
        f"0{token}",
        f"-{token}",
        f" {token}",
        f"{body.upper()}0.{signature}",
        data,
        "x",
        ".",
        "é.é",
        "%00.a",
        "f" * 40 + ".a",
        "a" * 5_000,
    ]
    for each in bad:
        answer = visitor.get(f"{base}/{each}")
        assert answer.status_code == 404, each
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@given(text=st.text(max_size=90))
@told(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.only_on("sqlite")
def test_no_text_is_a_link_unless_we_wrote_it(platform, text):
    from contacts.errors import Refused

    with platform.reading() as session, pytest.raises(Refused):
        links.opened(
            session, platform.secret, LinkUse.PREFERENCES, text, at=platform.clock.now(), lasts=timedelta(days=1)
        )


@pytest.mark.only_on("sqlite")
def test_what_a_page_sends_that_is_no_choice_changes_nothing(house, ana, visitor, link):
    answer = save(visitor, link, zona="Marte/Olimpo", idioma="fr", correo=[])
    assert answer.status_code == 422
    assert "No se conoce la zona horaria" in answer.text
    assert open_(house, ana) == set(ALL)
    assert visitor.client.post(link.removeprefix(house.platform.settings.public_url)).status_code == 400


def test_a_change_goes_only_over_what_the_page_showed(house, cast, visitor):
    """A number that was added after the page was made is not closed by it."""
    with house.platform.transaction() as session:
        beto = cast.person("Beto Prueba", correo="beto@example.org")
        wanted = preferences.Wanted(frozenset(), (Channel.EMAIL,), "es", "America/Mexico_City")
        preferences.change(session, beto, wanted, at=house.clock.now(), evidence="prueba", notice="inicial")
        now = preferences.standing(session, beto, house.clock.now())
        assert {now[Channel.WHATSAPP, purpose] for purpose in Purpose} == {"granted"}
        assert {now[Channel.EMAIL, purpose] for purpose in Purpose} == {"withdrawn"}
