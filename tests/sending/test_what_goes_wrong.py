"""Faults of the provider: nothing lost, nothing twice, and what cannot be known is in doubt."""

import pytest

from campaigns import claiming, doubts, outcomes, planning, stopping
from campaigns.channels import Outcome, Result
from campaigns.claiming import LEASE
from campaigns.drafts import ContentDraft
from contacts.models import Channel
from outreach import faultpoints


def people(cast, count: int) -> None:
    for number in range(count):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")


def test_a_429_is_tried_again_and_everybody_gets_one(house, cast) -> None:
    people(cast, 3)
    house.simulator.fault("status", path="/v3/mail/send", status=429, times=2, retry_after=7)
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert set(house.simulator.counts().values()) == {1}
    assert set(house.states(campaign)) <= {"delivered", "read"}


def test_a_500_is_in_doubt_and_never_sent_again_by_itself(house, cast) -> None:
    people(cast, 2)
    house.simulator.fault("status", path="/v3/mail/send", status=500, times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=48)
    assert house.states(campaign) == ["in_doubt", "in_doubt"]
    assert house.simulator.messages() == []


def test_an_answer_lost_after_acceptance_is_settled_by_the_providers_own_events(house, cast) -> None:
    people(cast, 2)
    house.simulator.fault("reset", path="/v3/mail/send", accept=True, times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert set(house.simulator.counts().values()) == {1}
    assert set(house.states(campaign)) <= {"delivered", "read"}


def test_a_person_decides_what_evidence_does_not(house, cast) -> None:
    people(cast, 2)
    house.simulator.fault("status", path="/v3/mail/send", status=500, times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=2)
    assert house.state(campaign) == "finished"
    first, second = house.rows(campaign)
    with house.platform.transaction() as session:
        doubts.decide(session, [first.id], sent=True, at=house.clock.now())
        doubts.decide(session, [second.id], sent=False, at=house.clock.now())
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["p1@example.org"]
    assert house.rows(campaign)[0].state == "accepted"


def test_a_413_is_sent_in_smaller_calls(house, cast) -> None:
    people(cast, 4)
    house.simulator.fault("status", path="/v3/mail/send", status=413, times=1)
    house.campaign(Channel.EMAIL)
    house.settle()
    assert sorted(house.simulator.counts().values()) == [1, 1, 1, 1]


def test_smaller_calls_ask_whether_they_may_leave(house, cast) -> None:
    people(cast, 6)
    house.simulator.fault("status", path="/v3/mail/send", status=413, times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    calls: list[str] = []

    def stop(place: str) -> None:
        if place == "call.before":
            calls.append(place)
            with house.platform.transaction() as session:
                stopping.stop(session, at=house.clock.now(), by="pruebas", reason="Prueba")

    with faultpoints.heard(stop):
        house.settle()
    assert len(calls) == 1  # too large; and before the next one everything was stopped
    assert set(house.states(campaign)) == {"planned"}
    with house.platform.transaction() as session:
        stopping.resume(session)
    house.settle()
    assert sorted(house.simulator.counts().values()) == [1] * 6


def test_a_fault_of_the_sender_told_as_one_of_each_letter_burns_few_and_pauses(house, cast) -> None:
    people(cast, 40)
    house.simulator.fault("status", path="/v3/mail/send", status=400)
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert house.state(campaign) == "paused"
    states = house.states(campaign)
    assert states.count("failed") < 10
    assert states.count("planned") == 40 - states.count("failed")
    house.simulator.clear_faults()
    with house.platform.transaction() as session:
        planning.resume(session, planning.find(session, campaign))
    house.settle()
    assert sum(house.simulator.counts().values()) == states.count("planned")


def test_a_wrong_key_pauses_the_campaign_and_burns_nobody(house, cast) -> None:
    people(cast, 3)
    house.simulator.fault("status", path="/v3/mail/send", status=401, times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert house.state(campaign) == "paused"
    assert set(house.states(campaign)) == {"planned"}
    assert house.simulator.messages() == []


@pytest.mark.parametrize(("called", "state"), [(False, "planned"), (True, "in_doubt")])
def test_after_a_crash_only_what_was_being_called_is_in_doubt(house, cast, called: bool, state: str) -> None:
    people(cast, 1)
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    with house.platform.transaction() as session:
        taken = claiming.claim(session, "otro", at=house.clock.now(), sizes={Channel.EMAIL: 10})
    if called:
        with house.platform.transaction() as session:
            claiming.begin_call(session, [row.delivery_id for row in taken.rows], "otro", at=house.clock.now())
    house.clock.advance(LEASE * 2)
    house.engine.tick()
    assert house.states(campaign) == [state]


def test_events_told_forty_six_times_and_out_of_order_count_once_and_only_forward(house, cast) -> None:
    people(cast, 2)
    house.simulator.fault("duplicate", copies=46)
    house.simulator.fault("disorder")
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert set(house.states(campaign)) <= {"delivered", "read"}


def test_a_hard_bounce_closes_the_address_for_the_next_campaign(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="rebota.ana@example.org")
    first = house.campaign(Channel.EMAIL)
    house.settle(hours=24)
    assert house.states(first) == ["bounced"]
    second = house.campaign(Channel.EMAIL, title="Otro aviso")
    house.settle()
    assert [(row.state.value, row.reason) for row in house.rows(second)] == [("skipped", "bounced")]


def test_a_number_that_is_refused_at_once_is_not_tried_by_the_next_campaign(house, cast) -> None:
    sid = house.template()
    cast.person("Ana Jacaranda", whatsapp="+525555550101")
    content = ContentDraft(template=sid, template_values={"1": "{{ nombre }}"})
    house.campaign(Channel.WHATSAPP, contents=(content,))
    house.engine.tick()
    now = house.clock.now()
    with house.platform.transaction() as session:
        [row] = claiming.claim(session, "yo", at=now, sizes={Channel.WHATSAPP: 1}).rows
        claiming.begin_call(session, [row.delivery_id], "yo", at=now)
        refused = Outcome(row.delivery_id, Result.REFUSED, code="no_whatsapp")
        outcomes.record(session, [refused], at=now, attempts={})
    second = house.campaign(Channel.WHATSAPP, contents=(content,), title="Otro aviso")
    house.settle()
    assert [(row.state.value, row.reason) for row in house.rows(second)] == [("skipped", "unreachable")]
    assert house.simulator.messages() == []
