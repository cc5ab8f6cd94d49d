"""Who wrote by WhatsApp, and what that says: numbers old and new, business-scoped ids, the spelling for replies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns import inbox
from campaigns.channels import Inbound
from contacts import addresses, consent, hearing, people
from contacts.models import Address, AddressKind, AddressState, Channel, Contact, Decision, Purpose
from outreach.channels import twilio_events

SCOPED = "MX.13491208655302741918"
EMAIL, PHONE, NUMBER, ID = AddressKind
NEWS = Purpose.NOTICES


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def person(session, clock):
    def _person(name="Ana Nopal", **fields):
        made = people.add(session, {"nombre": name} | fields, at=clock.now())
        consent.record(session, made.id, "*", "*", Decision.GRANTED, source="formulario", at=clock.now())
        return made

    return _person


@pytest.fixture
def write(session, clock):
    """Somebody writes: as Twilio posts it, read by the adapter, kept by the inbox."""
    numbers = iter(range(1, 99))

    def _write(sender, text="Hola", **more):
        form = {"MessageSid": f"SM{next(numbers)}", "From": f"whatsapp:{sender}", "Body": text, **more}
        body = "&".join(f"{key}={value.replace('+', '%2B').replace(' ', '+')}" for key, value in form.items())
        message = twilio_events.inbound(body.encode(), clock.now())
        assert isinstance(message, Inbound)
        return inbox.receive(session, message)

    return _write


def known(session, contact) -> list[tuple[AddressKind, str, AddressState]]:
    session.expire_all()
    return [(one.kind, one.value, one.state) for one in contact.addresses]


def test_an_old_mexican_spelling_is_the_same_person_and_replies_go_to_the_providers_own(session, person, write):
    ana = person(whatsapp="55 5555 0100")
    assert write("+5215555550100").contact_id == ana.id
    assert known(session, ana) == [(NUMBER, "+525555550100", AddressState.VERIFIED)]
    assert ana.addresses[0].spelled == "+5215555550100"
    assert hearing.reply_to(session, ana.id) == "+5215555550100"


def test_an_address_that_never_wrote_is_answered_as_it_is_kept(session, person):
    assert hearing.reply_to(session, person(whatsapp="55 5555 0100").id) == "+525555550100"
    assert hearing.reply_to(session, person("Beto", correo="beto@example.org").id) == ""


def test_an_id_beside_a_number_is_learned_and_is_the_way_once_the_number_is_hidden(session, person, write):
    ana = person(whatsapp="55 5555 0100")
    for field in ("ExternalUserId", "ExternalUserIdentifier"):
        write("+5215555550100", **{field: f"whatsapp:{SCOPED}"})
    assert known(session, ana)[1:] == [(ID, SCOPED, AddressState.VERIFIED)]
    assert write(SCOPED, ExternalUserId=f"whatsapp:{SCOPED}").contact_id == ana.id
    to = select(consent.usable_address(Contact.id, Channel.WHATSAPP)).where(Contact.id == ana.id)
    assert session.scalar(to) == "+525555550100"
    ana.addresses[0].state = AddressState.UNREACHABLE
    session.flush()
    assert session.scalar(to) == SCOPED
    assert consent.may_contact(session, ana.id, Channel.WHATSAPP, NEWS).allowed


def test_an_id_alone_is_a_way_and_no_telephone(session, person):
    ana = person(whatsapp=f"whatsapp:{SCOPED}")
    assert known(session, ana) == [(ID, SCOPED, AddressState.NEW)]
    assert ana.addresses[0].region == "MX"
    assert consent.may_contact(session, ana.id, Channel.WHATSAPP, NEWS).allowed


def test_who_is_known_by_the_id_gives_their_number_by_writing_from_it(session, person, write):
    ana = person(whatsapp=SCOPED)
    write("+13125550142", ExternalUserId=SCOPED)
    assert known(session, ana)[1:] == [(NUMBER, "+13125550142", AddressState.VERIFIED)]
    assert ana.addresses[1].region == "US"


def test_a_telephone_that_writes_is_a_whatsapp_from_then_on(session, person, write):
    ana = person(telefono="55 5555 0100")
    assert write("+5215555550100").contact_id == ana.id
    assert known(session, ana) == [
        (PHONE, "+525555550100", AddressState.NEW),
        (NUMBER, "+525555550100", AddressState.VERIFIED),
    ]


def test_an_id_that_is_somebody_elses_is_not_given_to_who_has_the_number(session, person, write):
    ana, beto = person(whatsapp="55 5555 0100"), person("Beto", whatsapp=SCOPED)
    assert write("+5215555550100", ExternalUserId=SCOPED).contact_id == ana.id
    assert len(known(session, ana)) == 1
    assert len(known(session, beto)) == 1


def test_a_reply_brings_a_bounced_address_back_and_opens_none_that_was_closed(session, person, write):
    ana = person(whatsapp="55 5555 0100")
    [address] = ana.addresses
    for before, after in {
        AddressState.UNREACHABLE: AddressState.VERIFIED,
        AddressState.BOUNCED: AddressState.VERIFIED,
        AddressState.CLOSED: AddressState.CLOSED,
        AddressState.OPTED_OUT: AddressState.OPTED_OUT,
    }.items():
        address.state = before
        session.flush()
        write("+525555550100")
        assert known(session, ana)[0][2] is after


def test_a_stop_word_closes_number_and_id_for_everybody_who_has_the_number(session, person, write):
    ana, beto = person(whatsapp="55 5555 0100"), person("Beto", whatsapp="55 5555 0100")
    write("+5215555550100", "BAJA", ExternalUserId=SCOPED)
    for each in (ana, beto):
        assert {state for _kind, _value, state in known(session, each)} == {AddressState.OPTED_OUT}
        assert consent.may_contact(session, each.id, Channel.WHATSAPP, NEWS).reason == "opted_out"
    stranger = write("+13125550199", "BAJA")
    assert (stranger.contact_id, stranger.stop_word) == (None, "BAJA")
    assert session.query(Address).count() == 4


def test_who_was_forgotten_is_not_known_again_by_their_id(platform, cast, clock):
    from outreach import erasing

    ana = cast.person("Ana Nogal Encino", whatsapp="+52 55 5555 0100")
    beto = cast.person("Beto Roble Alto", whatsapp="+52 55 5555 0177")
    with platform.transaction() as session:
        hearing.heard(session, "+525555550100", SCOPED, at=clock.now(), evidence="SM1")
        erasing.erase(session, ana, at=clock.now(), by="maura", why="oficio")
    with platform.transaction() as session:
        told = hearing.heard(session, "+525555550177", SCOPED, at=clock.now(), evidence="SM2")
        assert told.people == (beto,)
        assert [one.kind for one in people.get(session, beto).addresses] == [NUMBER]


@given(st.text(max_size=150))
def test_what_is_an_id_is_never_read_as_a_number_or_a_mail(text):
    if addresses.scoped(text):
        assert addresses.kind_of_way(text) is ID
        assert addresses.whatsapp(f"whatsapp:{text}") == (text, text[:2])
    else:
        assert addresses.kind_of_way(text) is not ID
