"""Two people are made one while a campaign runs: written to once, and once again counted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns import claiming, planning, receipts, unified
from campaigns.channels import DeliveryEvent, EventKind
from campaigns.models import Campaign, Delivery
from campaigns.states import DeliveryState
from contacts import consent, unifying
from contacts.models import Address, AddressState, Channel, Purpose
from outreach.register.reading import communications


def merge(house, survivor: int, *others: int) -> int:
    with house.platform.transaction() as session:
        return unifying.merge(session, survivor, others, at=house.clock.now(), by="pruebas").id


@pytest.fixture
def ana(cast) -> int:
    return cast.person("Ana Jacaranda", correo="ana@example.org")


@pytest.fixture
def anita(cast) -> int:
    return cast.person("Anita Jacaranda", correo="anita@example.org")


def claimed(house, worker: str, size: int):
    with house.platform.transaction() as session:
        return claiming.claim(session, worker, at=house.clock.now(), sizes={Channel.EMAIL: size})


def test_before_anybody_was_written_to_the_person_gets_one_letter_to_the_address_in_use(house, ana, anita):
    campaign = house.campaign()
    with house.platform.transaction() as session:
        session.add(Address(contact_id=anita, kind="whatsapp", value="+525555550100"))
    house.engine.tick()
    merge(house, ana, anita)
    house.settle()
    assert [letter.subject for letter in house.simulator.messages()] == ["Aviso para Ana Jacaranda"]
    assert sorted((row.state != "skipped", row.reason) for row in house.rows(campaign)) == [
        (False, "duplicate_person"),
        (True, ""),
    ]


def test_whose_only_row_is_the_old_ones_is_written_to_by_it_as_the_person_they_are_now(house, cast, ana):
    anita = cast.person("Anita Jacaranda", correo="anita@example.org", network="")
    campaign = house.campaign()
    house.engine.tick()
    merge(house, anita, ana)
    house.settle()
    [letter] = house.simulator.messages()
    assert letter.subject == "Aviso para Anita Jacaranda"
    [row] = house.rows(campaign)
    assert row.contact_id == ana


def test_a_row_that_was_skipped_does_not_keep_the_other_from_going(house, cast, anita):
    ana = cast.person("Ana Jacaranda")  # no address
    house.campaign()
    house.engine.tick()
    merge(house, ana, anita)
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["anita@example.org"]


@pytest.mark.parametrize("survivor", [0, 1])
@pytest.mark.parametrize("held", [1, 2])
def test_what_a_worker_holds_when_two_become_one_goes_back_and_one_letter_leaves(house, ana, anita, survivor, held):
    campaign = house.campaign()
    house.engine.tick()
    claim = claimed(house, "lento", held)
    assert len(claim.rows) == held
    two = (ana, anita)
    merge(house, two[survivor], two[1 - survivor])
    with house.platform.transaction() as session:
        ids = [row.delivery_id for row in claim.rows]
        assert claiming.begin_call(session, ids, "lento", at=house.clock.now(), ledger=claim.ledger) == set()
    house.settle()
    assert len(house.simulator.messages()) == 1
    assert sorted(row.state == "skipped" for row in house.rows(campaign)) == [False, True]


def test_who_is_being_called_when_two_become_one_is_the_one_that_counts(house, ana, anita):
    house.campaign()
    house.engine.tick()
    claim = claimed(house, "uno", 1)
    [first] = claim.rows
    with house.platform.transaction() as session:
        claiming.begin_call(session, [first.delivery_id], "uno", at=house.clock.now())
    merge(house, anita if first.contact_id == ana else ana, first.contact_id)
    assert claimed(house, "dos", 2).rows == ()
    with house.platform.reading() as session:
        states = dict(session.execute(select(Delivery.id, Delivery.state)).all())
    assert states.pop(first.delivery_id) == DeliveryState.CALLING
    assert list(states.values()) == [DeliveryState.SKIPPED]


def test_two_again_before_the_second_was_asked_for_are_each_written_to(house, ana, anita):
    house.campaign()
    house.engine.tick()
    done = merge(house, ana, anita)
    with house.platform.transaction() as session:
        unifying.undo(session, done, at=house.clock.now(), by="pruebas")
    house.settle()
    assert sorted(letter.to for letter in house.simulator.messages()) == ["ana@example.org", "anita@example.org"]


def test_a_campaign_to_come_speaks_to_the_person_once_also_where_the_old_number_was_named(house, cast, ana):
    anita = cast.person("Anita Jacaranda", correo="anita@example.org", network="")
    campaign = house.campaign(networks=(), people=("anita@example.org", str(ana)), send=False)
    merge(house, ana, anita)
    with house.platform.transaction() as session:
        planning.send_now(session, session.get_one(Campaign, campaign), at=house.clock.now())
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["ana@example.org"]


def test_what_a_provider_tells_of_an_old_letter_is_said_of_the_person(house, ana, anita):
    campaign = house.campaign()
    house.engine.tick()
    house.engine.drain()
    merge(house, ana, anita)
    row = next(row for row in house.rows(campaign) if row.contact_id == anita)
    with house.platform.transaction() as session:
        event = DeliveryEvent("sendgrid", "queja", EventKind.COMPLAINED, house.clock.now(), delivery_id=row.id)
        receipts.apply(session, [event], at=house.clock.now())
    with house.platform.reading() as session:
        states = dict(session.execute(select(Address.value, Address.state).where(Address.contact_id == ana)).all())
        assert states["anita@example.org"] == AddressState.COMPLAINED
        assert not consent.may_contact(session, ana, Channel.EMAIL, Purpose.NOTICES).allowed


def test_an_informe_counts_the_person_once_and_the_letters_as_they_left(house, ana, anita):
    house.campaign()
    house.settle()
    assert [(len(each.people), each.recipients) for each in told(house)] == [(2, 2)]
    done = merge(house, ana, anita)
    assert [(len(each.people), each.recipients) for each in told(house)] == [(1, 2)]
    with house.platform.transaction() as session:
        unifying.undo(session, done, at=house.clock.now() + timedelta(days=1), by="pruebas")
    assert [len(each.people) for each in told(house)] == [2]


def told(house):
    with house.platform.reading() as session:
        return communications(session, None, None, house.platform.settings.zone, with_people=True)


def test_of_rows_that_nobody_shares_none_is_kept_back(house, ana, anita):
    house.campaign()
    house.engine.tick()
    with house.platform.reading() as session:
        assert unified.written_to(session, list(session.scalars(select(Delivery.id)))) == set()
