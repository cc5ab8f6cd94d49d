"""Consent in two steps: the mail that asks goes like any other, once, and a consent stands only once it is answered."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from campaigns import planning
from campaigns.models import Campaign, Run
from contacts import consent, notices
from contacts.errors import Refused
from contacts.models import Address, AddressState, Channel, Decision, Purpose
from outreach import confirming, erasing, invitation, words
from outreach.register.reading import communications

GOLDEN = Path(__file__).parents[1] / "golden" / "confirmacion"
LINK = re.compile(r"http://\S+/confirmar/(\S+)")
DAY = timedelta(days=1)


@pytest.fixture
def ana(cast):
    """Ana is in the base, and nobody knows that she wants to hear anything."""
    return cast.person("Ana Prueba", correo="ana@example.org", consents=False)


def ask(house, who, purposes=("*",), channel=Channel.EMAIL, **more):
    with house.platform.transaction() as session:
        return confirming.ask_to_confirm(
            house.platform, session, who, channel, purposes, source="página para unirse", **more
        )


def refused(call, *args, **more):
    with pytest.raises(Refused) as told:
        call(*args, **more)
    assert not [sentence for sentence in words.explain_all(told.value) if "%(" in sentence or "Código" in sentence]
    return [fault.code for fault in told.value.faults]


def token_of(letter):
    return LINK.search(letter.text)[1]


def confirm(house, token):
    with house.platform.transaction() as session:
        return confirming.confirm(house.platform, session, token)


def why(house, who, purpose=Purpose.NOTICES):
    with house.platform.reading() as session:
        return consent.may_contact(session, who, Channel.EMAIL, purpose).reason


def ledger(house, who):
    with house.platform.reading() as session:
        return consent.ledger(session, who)


def test_who_is_asked_gets_one_mail_and_consents_by_its_link(house, ana):
    ask(house, ana, [Purpose.EVENTS, Purpose.BULLETINS])
    assert why(house, ana, Purpose.EVENTS) == "no_consent"
    house.settle()
    [letter] = house.simulator.messages()
    assert letter.to == "ana@example.org"
    assert "Eventos y boletines" in letter.text
    house.clock.set(house.clock.now() + DAY)
    granted = confirm(house, token_of(letter))
    assert why(house, ana, Purpose.EVENTS) == why(house, ana, Purpose.BULLETINS) == ""
    assert why(house, ana, Purpose.NOTICES) == "no_consent"
    assert {one.evidence for one in granted} == {invitation.fingerprint(token_of(letter))}
    assert {(one.at, one.notice_version) for one in granted} == {(house.clock.now(), notices.FIRST_VERSION)}
    assert [one.decision for one in ledger(house, ana)] == [Decision.GRANTED] * 2 + [Decision.ASKED] * 2


def test_the_mail_goes_the_way_of_every_mail_and_its_day_is_one_line_of_the_register(house, cast, ana):
    beto = cast.person("Beto Prueba", correo="beto@example.org", consents=False)
    ask(house, ana)
    house.settle()
    ask(house, beto)
    house.settle()
    with house.platform.reading() as session:
        [campaign] = session.scalars(select(Campaign)).all()
        [run] = session.scalars(select(Run)).all()
        [line] = communications(session, None, None, house.platform.settings.zone)
    assert (campaign.state.value, run.state.value) == ("finished", "finished")
    assert (line.kind, line.recipients) == ("confirmacion", 2)
    assert set(house.states(campaign.id)) <= {"delivered", "read"}
    house.clock.set(house.clock.now() + 2 * DAY)
    ask(house, cast.person("Caro Prueba", correo="caro@example.org", consents=False))
    house.settle()
    with house.platform.reading() as session:
        assert len(communications(session, None, None, house.platform.settings.zone)) == 2


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_mail_is_the_golden_one(house, cast, language):
    who = cast.person("Ana Prueba", correo="ana@example.org", consents=False, language=language, timezone="Asia/Tokyo")
    ask(house, who)
    house.settle()
    [letter] = house.simulator.messages()
    public, token = house.platform.settings.public_url, token_of(letter)
    leave = re.search(r"/baja/(\S+?)[\s\"]", letter.text + " ")[1]

    def plain(text):
        return text.replace(public, "https://ejemplo.example").replace(token, "LIGA").replace(leave, "BAJA")

    for ending, text in (("txt", f"{letter.subject}\n\n{letter.text}"), ("html", letter.html)):
        path = GOLDEN / f"correo.{language}.{ending}"
        assert plain(text).strip() == path.read_text(encoding="utf-8").strip(), path


def test_nobody_is_asked_twice_within_the_days_whatever_happens(house, ana):
    first = ask(house, ana)
    assert refused(ask, house, ana) == ["confirm_asked"]
    house.settle()
    house.clock.set(first.ask.at + 7 * DAY - timedelta(seconds=1))
    assert refused(ask, house, ana, [Purpose.EVENTS]) == ["confirm_asked"]
    house.settle()
    assert len(house.simulator.messages()) == 1
    house.clock.set(first.ask.at + 7 * DAY)
    ask(house, ana)
    house.settle()
    assert len(house.simulator.messages()) == 2


def test_of_two_who_ask_at_once_one_is_refused(house, ana):
    gate, answers = Barrier(2), []

    def hand():
        gate.wait()
        try:
            ask(house, ana)
            answers.append("asked")
        except Refused as told:
            answers.append(told.faults[0].code)

    hands = [Thread(target=hand) for _ in range(2)]
    for each in hands:
        each.start()
    for each in hands:
        each.join()
    assert sorted(answers) == ["asked", "confirm_asked"]
    house.settle()
    assert len(house.simulator.messages()) == 1


def test_one_mailbox_of_two_people_is_asked_once(house, cast, ana):
    twin = cast.person("Beto Prueba", correo="ana@example.org", consents=False)
    ask(house, ana)
    assert refused(ask, house, twin) == ["confirm_asked"]


def test_who_left_is_never_asked_nor_who_complained_nor_who_was_forgotten(house, cast, ana):
    def leave(session):
        consent.withdraw(session, ana, Channel.EMAIL, source="baja", at=house.clock.now())

    with house.platform.transaction() as session:
        leave(session)
    assert refused(ask, house, ana) == ["confirm_refused"]
    for state in (AddressState.COMPLAINED, AddressState.BOUNCED):
        who = cast.person(f"Persona {state}", correo=f"{state}@example.org", consents=False)
        with house.platform.transaction() as session:
            address = session.scalars(select(Address).where(Address.contact_id == who)).one()
            address.state = state
        assert refused(ask, house, who) == ["confirm_refused"]
    nobody = cast.person("Sin Correo", whatsapp="+525555550100", consents=False)
    assert refused(ask, house, nobody) == ["confirm_refused"]
    gone = cast.person("Se Fue", correo="sefue@example.org", consents=False)
    with house.platform.transaction() as session:
        erasing.erase(session, gone, at=house.clock.now(), by="maura")
    assert refused(ask, house, gone) == ["confirm_refused"]
    back = cast.person("Se Fue", correo="sefue@example.org", consents=False)  # past the door that would refuse it
    assert refused(ask, house, back) == ["address_suppressed"]
    house.settle()
    assert house.simulator.messages() == []
    assert [one.decision for one in ledger(house, ana)] == [Decision.WITHDRAWN], "who may not be asked leaves no line"


def test_who_leaves_after_the_question_does_not_get_it_any_more(house, ana):
    ask(house, ana)
    with house.platform.transaction() as session:
        consent.withdraw(session, ana, Channel.EMAIL, source="baja", at=house.clock.now())
    house.settle()
    assert house.simulator.messages() == []
    [row] = house.rows(campaign_of(house))
    assert (row.state.value, row.reason) == ("skipped", "opted_out")


def test_a_question_that_waits_too_long_is_not_sent(house, ana):
    ask(house, ana)
    with house.platform.transaction() as session:
        planning.pause(session, session.scalars(select(Campaign)).one())
    house.clock.set(house.clock.now() + 8 * DAY)
    with house.platform.transaction() as session:
        planning.resume(session, session.scalars(select(Campaign)).one())
    house.settle()
    assert house.simulator.messages() == []
    assert [row.reason for row in house.rows(campaign_of(house))] == ["ask_over"]


def test_a_link_works_once_and_in_its_time_and_not_after_a_no(house, cast, ana):
    ask(house, ana)
    beto = cast.person("Beto Prueba", correo="beto@example.org", consents=False)
    ask(house, beto)
    caro = cast.person("Caro Prueba", correo="caro@example.org", consents=False)
    ask(house, caro)
    house.settle()
    tokens = {letter.to: token_of(letter) for letter in house.simulator.messages()}
    confirm(house, tokens["ana@example.org"])
    assert refused(confirm, house, tokens["ana@example.org"]) == ["confirm_used"]
    with house.platform.transaction() as session:
        consent.withdraw(session, caro, Channel.EMAIL, source="enlace de baja", at=house.clock.now())
    assert refused(confirm, house, tokens["caro@example.org"]) == ["confirm_withdrawn"]
    house.clock.set(house.clock.now() + 7 * DAY)
    assert refused(confirm, house, tokens["beto@example.org"]) == ["confirm_late"]
    for wrong in ("", "1", "1.", "zz." + "a" * 20, tokens["beto@example.org"][:-1], "á" * 300):
        assert refused(confirm, house, wrong) == ["confirm_unknown"]
    assert why(house, beto) == "no_consent"
    assert why(house, caro) == "opted_out"


def test_a_confirmed_consent_ends_when_the_installation_says(house, ana):
    house.platform.sessions.configure(info=terms(house, {"*": 12, "eventos": 6}))
    ask(house, ana)
    house.settle()
    confirm(house, token_of(house.simulator.messages()[0]))
    ends = {one.purpose: one.until for one in ledger(house, ana) if one.decision is Decision.GRANTED}
    at = house.clock.now()
    assert ends == {"*": at.replace(year=at.year + 1), "eventos": at.replace(month=at.month + 6)}
    house.clock.set(ends["eventos"])
    assert (why(house, ana, Purpose.EVENTS), why(house, ana)) == ("consent_expired", "")
    house.clock.set(ends["*"])
    assert why(house, ana) == "consent_expired"


def terms(house, months):
    with house.platform.sessions() as session:
        return dict(session.info) | {"consent_terms": months}


def test_nobody_chooses_whom_the_mail_goes_to_or_what_it_says(house, ana):
    ask(house, ana)
    house.settle()
    with house.platform.transaction() as session:
        campaign = session.scalars(select(Campaign)).one()
        at = house.clock.now()
        assert refused(planning.send_now, session, campaign, at=at) == ["campaign_automatic"]
        assert refused(planning.schedule, session, campaign, at=at) == ["campaign_automatic"]
        assert refused(planning.edit, session, campaign, None, at=at) == ["campaign_automatic"]
    with pytest.raises(Refused) as told:
        house.campaign(contents=(replace(confirming.letters()[0], language="es"),))
    assert {fault.code for fault in told.value.faults} == {"placeholder_unknown"}


def test_after_a_cancellation_there_is_a_new_one(house, cast, ana):
    ask(house, ana)
    with house.platform.transaction() as session:
        planning.cancel(session, session.scalars(select(Campaign)).one(), at=house.clock.now())
    house.settle()
    assert house.simulator.messages() == []
    ask(house, cast.person("Beto Prueba", correo="beto@example.org", consents=False))
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["beto@example.org"]


def test_who_consented_already_is_not_asked_and_strange_wishes_are_refused(house, cast, ana):
    known = cast.person("Beto Prueba", correo="beto@example.org")
    assert refused(ask, house, known) == ["confirm_needless"]
    assert refused(ask, house, ana, ["ventas"]) == ["consent_purpose"]
    assert refused(ask, house, ana, []) == ["consent_purpose"]
    assert refused(ask, house, ana, channel=Channel.WHATSAPP) == ["consent_channel"]
    assert refused(ask, house, 999_999) == ["person_unknown"]


def campaign_of(house):
    with house.platform.reading() as session:
        return session.scalars(select(Campaign.id)).one()
