"""What nobody answered: settled by what Twilio shows, or twice does not show, and else by nobody but a person."""

import re
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import delete, event, func, select

from campaigns import claiming, doubts, evidence, planning, receipts
from campaigns.channels import DeliveryEvent, EventKind
from campaigns.claiming import LEASE
from campaigns.drafts import ContentDraft
from campaigns.inquiries import Inquiry, Watch
from campaigns.models import Campaign, Content, Delivery, Receipt
from contacts.models import Channel
from outreach.web.queries import home

MESSAGES = "*/Messages.json"
MINUTE = 1 / 60  # of an hour
ARRIVED = {"delivered", "read"}


@pytest.fixture
def settings(settings):
    """A provider that says nothing is waited for a second: each real one counts here."""
    return replace(settings, provider_timeout=1)


@pytest.fixture
def house(house):
    house.began = house.clock.now()
    house.content = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    return house


@pytest.fixture
def ana(house, cast):
    """One person; the last digits of her number say that she reads."""
    return cast.person("Ana Jacaranda", whatsapp="+525555550121")


def by_whatsapp(house, **more) -> int:
    return house.campaign(Channel.WHATSAPP, contents=(house.content,), **more)


def breaks(house, **how) -> None:
    house.simulator.fault(**({"kind": "reset", "path": MESSAGES, "method": "POST", "times": 1} | how))


def asked(house, campaign: int) -> list[tuple[int, str, str]]:
    """What was asked about the first delivery: seconds since the start, what was found, why."""
    [first, *_others] = house.rows(campaign)
    with house.platform.reading() as session:
        found = session.scalars(select(Inquiry).where(Inquiry.delivery_id == first.id).order_by(Inquiry.id)).all()
    return [(round((one.asked_at - house.began).total_seconds()), one.found, one.code) for one in found]


def started_anew(house) -> None:
    """As after a restart: nothing of the last process is in memory."""
    house.engine = house.providers.engine(house.platform, random=Random(8), inquiring=True)


def again(house, row) -> None:
    with house.platform.transaction() as session:
        assert doubts.decide(session, [row.id], sent=False, at=house.clock.now()) == 1


def told(house, row, kind=EventKind.DELIVERED) -> None:
    """A provider's word about a delivery, with our id in it."""
    word = DeliveryEvent("twilio", f"SMlate:{kind}", kind, house.clock.now(), row.id, provider_id="SMlate")
    with house.platform.transaction() as session:
        receipts.apply(session, [word], at=house.clock.now())


# ---------------------------------------------------------------------- Twilio's list


@pytest.mark.parametrize("how", [{}, {"kind": "status", "status": 500}, {"kind": "status", "status": 503}])
def test_a_message_in_twilios_list_was_accepted_though_no_answer_and_no_callback_came(house, ana, how) -> None:
    house.simulator.fault("lose")
    breaks(house, accept=True, **how)
    campaign = by_whatsapp(house)
    house.settle(hours=MINUTE)
    [row] = house.rows(campaign)
    [message] = house.simulator.messages()
    assert row.state in ARRIVED
    assert (row.provider_id, row.reason) == (message.id, "")
    assert asked(house, campaign) == [(3, "present", "")]


@pytest.mark.parametrize("how", [{}, {"kind": "status", "status": 500}])
def test_a_message_that_two_lists_lack_goes_again_by_itself_and_comes_once(house, ana, how) -> None:
    breaks(house, **how)
    campaign = by_whatsapp(house)
    house.settle(hours=2.9 * MINUTE)
    assert house.states(campaign) == ["in_doubt"]
    assert house.simulator.messages() == []
    assert house.state(campaign) == "sending"
    house.settle()
    assert set(house.states(campaign)) <= ARRIVED
    assert list(house.simulator.counts().values()) == [1]
    assert house.state(campaign) == "finished"
    seconds = [at for at, found, _code in asked(house, campaign) if found == "absent"]
    assert seconds == [3, 10, 30, 60, 90, 120, 180]


def test_a_message_that_comes_into_the_list_late_is_seen_within_a_minute(house, ana) -> None:
    """The list lags: it is empty at first, and has the message before its absence would have counted."""
    house.simulator.fault("lose")
    house.simulator.fault("reset", path=MESSAGES, method="POST", accept=True, times=1)
    campaign = by_whatsapp(house)
    house.engine.tick()
    house.engine.drain()
    kept, house.simulator.core.store.texts = house.simulator.core.store.texts, list
    house.settle(hours=1.2 * MINUTE)
    assert house.states(campaign) == ["in_doubt"]
    house.simulator.core.store.texts = kept
    house.settle(hours=MINUTE)
    assert set(house.states(campaign)) <= ARRIVED
    assert list(house.simulator.counts().values()) == [1]


def test_a_crash_while_calling_is_settled_by_the_list_in_both_ways(house, cast) -> None:
    for number in (21, 22):
        cast.person(f"Persona {number}", whatsapp=f"+5255555501{number}")
    house.simulator.fault("lose")
    campaign = by_whatsapp(house)
    house.engine.tick()
    with house.platform.transaction() as session:
        taken = claiming.claim(session, "otro", at=house.clock.now(), sizes={Channel.WHATSAPP: 10})
    ids = [row.delivery_id for row in taken.rows]
    with house.platform.transaction() as session:
        claiming.begin_call(session, ids, "otro", at=house.clock.now())
    first, _second = house.rows(campaign)
    house.simulator.whatsapp.accept(
        {
            "To": f"whatsapp:{first.address}",
            "From": "whatsapp:+525555550100",
            "ContentSid": house.content.template,
            "ContentVariables": '{"1": "Persona 21"}',
            "StatusCallback": f"{house.platform.settings.public_url}/webhooks/twilio/status?d={first.id}",
        },
        house.clock.now(),
    )
    house.clock.advance(LEASE * 1.1)
    house.settle()
    assert set(house.states(campaign)) <= ARRIVED
    assert house.simulator.counts() == {str(row.id): 1 for row in house.rows(campaign)}


def test_a_callback_that_carries_our_id_settles_a_doubt_before_anybody_asks(house, ana) -> None:
    breaks(house, accept=True)
    campaign = by_whatsapp(house)
    house.settle(hours=2 / 3600)
    assert house.states(campaign) == ["accepted"]
    house.settle()
    assert set(house.states(campaign)) <= ARRIVED
    assert asked(house, campaign) == []


def test_the_callback_that_comes_after_the_list_counts_once(house, ana) -> None:
    house.simulator.fault("withhold")
    breaks(house, accept=True)
    campaign = by_whatsapp(house)
    house.settle(hours=MINUTE)
    assert asked(house, campaign) == [(3, "present", "")]
    house.simulator.clear_faults()
    house.settle()
    [row] = house.rows(campaign)
    assert row.state in ARRIVED
    with house.platform.reading() as session:
        ids = session.scalars(select(Receipt.event_id).where(Receipt.delivery_id == row.id)).all()
    assert len(ids) == len(set(ids))
    assert f"{row.provider_id}:delivered" in ids


def test_a_state_that_was_told_before_without_our_id_does_not_hide_the_message(house, ana) -> None:
    house.simulator.fault("lose")
    breaks(house, accept=True)
    campaign = by_whatsapp(house)
    house.engine.tick()
    house.engine.drain()
    [message] = house.simulator.messages()
    early = DeliveryEvent("twilio", f"{message.id}:delivered", EventKind.DELIVERED, house.clock.now(), None, message.id)
    with house.platform.transaction() as session:
        receipts.apply(session, [early], at=house.clock.now())
    house.settle(hours=MINUTE)
    [row] = house.rows(campaign)
    assert (row.state, row.provider_id) == ("accepted", message.id)


# ---------------------------------------------------------------------- what proves nothing


@pytest.mark.parametrize("status", [429, 500, 503, 401])
def test_a_question_without_an_answer_proves_nothing_and_is_asked_again_with_patience(house, ana, status) -> None:
    breaks(house)
    house.simulator.fault("status", path=MESSAGES, method="GET", status=status)
    campaign = by_whatsapp(house)
    house.settle(hours=30 * MINUTE)
    assert house.states(campaign) == ["in_doubt"]
    assert house.simulator.messages() == []
    assert house.state(campaign) == "finished"  # a person is asked meanwhile
    with house.platform.reading() as session:
        [question] = session.scalars(select(Inquiry)).all()
    assert question.found == "unanswered"
    assert question.times <= 40  # once a minute, not once a tick
    house.simulator.clear_faults()
    house.settle(hours=MINUTE * 12)
    assert set(house.states(campaign)) <= ARRIVED  # proven at last: the run was opened again
    assert list(house.simulator.counts().values()) == [1]


def test_a_question_that_is_refused_does_not_keep_the_others_from_being_asked(house, cast) -> None:
    cast.person("Ana Jacaranda", whatsapp="+525555550121")
    cast.person("Inés Nopal", whatsapp="+525555550122")
    breaks(house, times=2)
    house.simulator.fault("status", path=MESSAGES, method="GET", status=400, address="+525555550121")
    campaign = by_whatsapp(house)
    house.settle(hours=4 * MINUTE)
    house.settle(hours=4 * MINUTE)
    first, second = house.rows(campaign)
    assert first.state == "in_doubt"
    assert second.state in ARRIVED
    with house.platform.reading() as session:
        found = session.scalars(select(Inquiry.found).where(Inquiry.delivery_id == second.id)).all()
    assert found[-2:] == ["absent", "absent"]


def test_one_absence_before_an_outage_of_twilio_is_not_two(house, ana) -> None:
    breaks(house)
    campaign = by_whatsapp(house)
    house.settle(hours=2.1 * MINUTE)
    assert asked(house, campaign)[-1] == (120, "absent", "")
    house.simulator.fault("silence", path=MESSAGES, method="GET", times=1)
    house.settle(hours=62 / 3600)
    assert asked(house, campaign)[-1] == (180, "unanswered", "no_answer")
    assert house.states(campaign) == ["in_doubt"]
    house.settle(hours=MINUTE)
    assert list(house.simulator.counts().values()) == [1]


def test_what_was_asked_survives_a_restart(house, ana) -> None:
    breaks(house)
    campaign = by_whatsapp(house)
    for _ in range(3):
        house.settle(hours=MINUTE)
        started_anew(house)
    house.settle(hours=MINUTE)
    assert set(house.states(campaign)) <= ARRIVED
    absences = [at for at, _found, _code in asked(house, campaign)]
    assert absences == [3, 10, 30, 60, 90, 120, 180]


def test_a_message_that_may_be_of_another_doubt_settles_neither(house, ana) -> None:
    house.simulator.fault("lose")
    breaks(house, accept=True)
    first = by_whatsapp(house)
    house.engine.tick()
    house.engine.drain()
    house.simulator.clear_faults()
    house.simulator.fault("lose")
    breaks(house)
    second = by_whatsapp(house, title="Otro aviso")
    house.engine.tick()
    house.engine.drain()
    assert house.states(first) + house.states(second) == ["in_doubt", "in_doubt"]
    house.settle(hours=24)
    assert house.states(first) + house.states(second) == ["in_doubt", "in_doubt"]
    assert {(found, code) for _at, found, code in asked(house, first) + asked(house, second)} == {
        ("unclear", "other_delivery")
    }
    assert list(house.simulator.counts().values()) == [1]
    told(house, house.rows(first)[0])  # as soon as one is known, the other is as well
    [message] = house.simulator.messages()
    with house.platform.transaction() as session:
        session.get_one(Delivery, house.rows(first)[0].id).provider_id = message.id
    house.settle(hours=2)
    assert set(house.states(first) + house.states(second)) <= ARRIVED
    assert sorted(house.simulator.counts().values()) == [1, 1]


def test_two_doubts_with_texts_of_their_own_are_told_apart(house, ana) -> None:
    house.simulator.fault("lose")
    breaks(house, accept=True, times=2)
    first = by_whatsapp(house)
    other = house.simulator.add_template("otro", "Estimada {{1}}: mañana empieza el simulacro.")
    draft = ContentDraft(template=other, template_values={"1": "{{ nombre }}"})
    with house.platform.transaction() as session:
        from campaigns import templates

        values = {"language": "es", "category": "UTILITY", "status": "approved", "at": house.clock.now()}
        templates.put(session, other, name="otro", body="Estimada {{1}}: mañana empieza el simulacro.", **values)
    second = house.campaign(Channel.WHATSAPP, contents=(draft,), title="Otro aviso")
    house.settle(hours=MINUTE)
    rows = [*house.rows(first), *house.rows(second)]
    assert {row.state for row in rows} <= ARRIVED
    texts = {message.id: message.text for message in house.simulator.messages()}
    assert [texts[row.provider_id][:4] for row in rows] == ["Hola", "Esti"]


def test_a_message_of_somebody_else_to_the_same_person_leaves_it_open(house, ana) -> None:
    breaks(house)
    campaign = by_whatsapp(house)
    house.engine.tick()
    house.engine.drain()
    form = {"To": "whatsapp:+525555550121", "From": "whatsapp:+525555550100", "Body": "Su cita es a las 4."}
    house.simulator.whatsapp.accept(form, house.clock.now())
    house.settle(hours=3)
    assert house.states(campaign) == ["in_doubt"]
    assert {code for _at, _found, code in asked(house, campaign)} == {"differs"}


def test_a_doubt_that_cannot_be_asked_about_does_not_stop_the_others(house, ana) -> None:
    breaks(house, times=2)
    strange = by_whatsapp(house)
    house.engine.tick()
    house.engine.drain()
    other = by_whatsapp(house, title="Otro aviso")
    house.engine.tick()
    house.engine.drain()
    with house.platform.transaction() as session:  # what it said is gone, so what it looks like is not known
        session.execute(delete(Content).where(Content.campaign_id == strange))
        [row] = session.scalars(select(Delivery).where(Delivery.run.has(campaign_id=strange)))
        row.address = "+525555550122"  # no rival of the other
    house.settle()
    assert house.states(strange) == ["in_doubt"]
    assert set(house.states(other)) <= ARRIVED


def test_mail_without_an_answer_is_asked_about_nowhere_and_its_events_settle_it(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    house.simulator.fault("reset", path="/v3/mail/send", times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=72)
    assert house.states(campaign) == ["in_doubt"]
    with house.platform.reading() as session:
        assert session.scalar(select(func.count()).select_from(Watch)) == 0
        assert session.scalar(select(func.count()).select_from(Inquiry)) == 0
    told(house, house.rows(campaign)[0])
    assert house.states(campaign) == ["delivered"]


# ---------------------------------------------------------------------- a person's word and evidence at the same time


def test_evidence_that_comes_before_a_persons_word_stands(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    house.simulator.fault("reset", path="/v3/mail/send", times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    house.engine.drain()
    [row] = house.rows(campaign)
    told(house, row)
    with house.platform.transaction() as session:
        assert doubts.decide(session, [row.id], sent=False, at=house.clock.now()) == 0
    house.settle()
    assert house.states(campaign) == ["delivered"]
    assert house.simulator.messages() == []


@pytest.mark.parametrize("claimed", [False, True])
def test_evidence_that_comes_after_a_persons_word_keeps_it_from_going_twice(house, cast, claimed: bool) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    house.simulator.fault("reset", path="/v3/mail/send", times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    house.engine.drain()
    [row] = house.rows(campaign)
    again(house, row)
    if claimed:
        with house.platform.transaction() as session:
            claim = claiming.claim(session, "otro", at=house.clock.now(), sizes={Channel.EMAIL: 10})
            assert [one.delivery_id for one in claim.rows] == [row.id]
    told(house, row)
    if claimed:
        with house.platform.transaction() as session:
            assert claiming.begin_call(session, [row.id], "otro", at=house.clock.now()) == set()
    house.settle()
    assert house.states(campaign) == ["delivered"]
    assert house.simulator.messages() == []
    assert house.state(campaign) == "finished"


def test_a_list_that_was_being_read_while_a_person_said_send_again_still_counts(house, ana) -> None:
    house.simulator.fault("lose")
    breaks(house, accept=True)
    campaign = by_whatsapp(house)
    house.engine.tick()
    house.engine.drain()
    [row] = house.rows(campaign)
    kept = house.simulator.core.store.texts

    def texts():
        house.simulator.core.store.texts = kept
        again(house, row)
        return kept()

    house.simulator.core.store.texts = texts
    house.clock.advance(timedelta(seconds=3))
    house.engine.tick()
    assert house.simulator.core.store.texts == kept  # it was asked
    house.settle()
    assert set(house.states(campaign)) <= ARRIVED
    assert list(house.simulator.counts().values()) == [1]


def test_a_second_doubt_of_the_same_delivery_needs_proof_of_its_own(house, ana) -> None:
    breaks(house)
    campaign = by_whatsapp(house)
    house.settle(hours=2.9 * MINUTE)
    house.simulator.fault("reset", path=MESSAGES, method="POST", times=1)
    house.settle(hours=3 * MINUTE)
    assert house.states(campaign) == ["in_doubt"]  # the first proof let it go, and its second call was lost as well
    house.settle()
    assert set(house.states(campaign)) <= ARRIVED
    assert list(house.simulator.counts().values()) == [1]
    assert [at for at, found, _code in asked(house, campaign) if found == "absent"][-2:] == [300, 360]


# ---------------------------------------------------------------------- what was meant to happen meanwhile


def test_what_is_proven_not_sent_of_a_cancelled_campaign_is_left_out(house, ana) -> None:
    breaks(house)
    campaign = by_whatsapp(house)
    house.settle(hours=MINUTE)
    with house.platform.transaction() as session:
        planning.cancel(session, session.get_one(Campaign, campaign), at=house.clock.now())
    house.settle()
    assert [(row.state, row.reason) for row in house.rows(campaign)] == [("skipped", "cancelled")]
    assert house.simulator.messages() == []


def test_what_is_proven_not_sent_of_a_paused_campaign_waits_for_it(house, ana) -> None:
    breaks(house)
    campaign = by_whatsapp(house)
    house.settle(hours=MINUTE)
    with house.platform.transaction() as session:
        planning.pause(session, session.get_one(Campaign, campaign))
    house.settle()
    assert [(row.state, row.reason) for row in house.rows(campaign)] == [("planned", "proven_absent")]
    with house.platform.transaction() as session:
        planning.resume(session, session.get_one(Campaign, campaign))
    house.settle()
    assert set(house.states(campaign)) <= ARRIVED


def test_who_leaves_while_in_doubt_is_not_written_to_again(house, ana) -> None:
    from contacts import consent

    breaks(house)
    campaign = by_whatsapp(house)
    house.settle(hours=MINUTE)
    with house.platform.transaction() as session:
        consent.withdraw(session, ana, Channel.WHATSAPP, source="BAJA", at=house.clock.now())
    house.settle()
    assert [(row.state, row.reason) for row in house.rows(campaign)] == [("skipped", "opted_out")]


def test_an_old_doubt_does_not_keep_the_clock_from_going_on(house, cast) -> None:
    """A run that still waits for somebody's morning has a doubt that nobody decides."""
    house.platform.settings = replace(house.platform.settings, quiet_hours=None)
    cast.person("Ana Jacaranda", correo="ana@example.org")
    cast.person("Inés Nopal", correo="ines@example.org")
    house.simulator.fault("reset", path="/v3/mail/send", times=1)
    campaign = house.campaign(Channel.EMAIL, send=False)
    with house.platform.transaction() as session:
        planning.send_now(session, session.get_one(Campaign, campaign), at=house.clock.now())
    house.engine.tick()
    with house.platform.transaction() as session:
        session.scalars(select(Delivery).order_by(Delivery.id)).all()[1].due_at += timedelta(hours=20)
    house.settle(hours=24)
    assert sorted(house.states(campaign)) == ["delivered", "in_doubt"]


# ---------------------------------------------------------------------- what no callback told


def test_a_message_whose_callbacks_were_all_lost_is_asked_about(house, cast) -> None:
    cast.person("Ana Jacaranda", whatsapp="+525555550188")
    campaign = by_whatsapp(house)
    house.settle(hours=14.9 * MINUTE)
    assert house.states(campaign) == ["accepted"]
    house.settle(hours=16 * MINUTE)
    [row] = house.rows(campaign)
    assert row.state == "delivered"
    with house.platform.reading() as session:
        told_of = session.scalars(select(Receipt.event_id).where(Receipt.delivery_id == row.id)).one()
    assert told_of == f"{row.provider_id}:delivered"  # as the callback would have said it


def test_a_message_that_never_arrives_is_asked_about_ever_less_and_at_last_no_more(house, cast) -> None:
    cast.person("Ana Jacaranda", whatsapp="+525555550177")
    house.simulator.fault("latency", path="*/Messages/*", method="GET")  # counts the questions
    campaign = by_whatsapp(house)
    house.settle(hours=200)
    assert house.states(campaign) == ["accepted"]
    [rule] = house.simulator.core.faults.rules
    assert rule.done == 6
    with house.platform.reading() as session:
        assert session.scalar(select(func.count()).select_from(Watch)) == 0


def test_what_callbacks_told_is_not_asked_about(house, ana) -> None:
    house.simulator.fault("latency", path="*/Messages/*", method="GET")
    by_whatsapp(house)
    house.settle(hours=72)
    [rule] = house.simulator.core.faults.rules
    assert rule.done == 0


def test_a_poll_that_is_refused_for_a_while_goes_on_afterwards(house, cast) -> None:
    cast.person("Ana Jacaranda", whatsapp="+525555550188")
    house.simulator.fault("status", path="*/Messages/*", method="GET", status=429, retry_after=90, times=3)
    campaign = by_whatsapp(house)
    house.settle(hours=16 * MINUTE)
    assert house.states(campaign) == ["accepted"]
    [rule] = house.simulator.core.faults.rules
    assert rule.done == 1
    house.settle(hours=6 * MINUTE)
    assert house.states(campaign) == ["delivered"]


def test_a_message_that_twilio_does_not_know_any_more_is_asked_about_once(house, cast) -> None:
    cast.person("Ana Jacaranda", whatsapp="+525555550177")
    house.simulator.fault("status", path="*/Messages/*", method="GET", status=404)
    campaign = by_whatsapp(house)
    house.settle(hours=100)
    assert house.states(campaign) == ["accepted"]
    [rule] = house.simulator.core.faults.rules
    assert rule.done == 1


@pytest.mark.only_on("sqlite")  # PostgreSQL's plans follow the size of the tables
def test_what_is_asked_every_two_seconds_reads_only_doubts_and_what_is_unheard_of(house, cast) -> None:
    """However many deliveries there are: a run of a million has a handful of doubts."""
    cast.person("Ana Jacaranda", whatsapp="+525555550188")
    cast.person("Inés Nopal", whatsapp="+525555550121")
    breaks(house, address="+525555550121", times=9)
    campaign = by_whatsapp(house)
    house.engine.tick()
    house.engine.drain()
    house.clock.advance(timedelta(minutes=16))
    said: list[tuple[str, object]] = []

    def hear(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if statement.startswith(("SELECT", "UPDATE")) and "delivery" in statement:
            said.append((statement, parameters))

    event.listen(house.platform.engine, "before_cursor_execute", hear)
    house.engine._inquirer.next_due()
    assert house.engine._inquirer.ask() == 2
    with house.platform.reading() as session:
        [group] = doubts.groups(session, campaign)
        evidence.of_group(session, group)
        home.doubts(session, house.clock.now())
    event.remove(house.platform.engine, "before_cursor_execute", hear)
    assert len(said) > 10
    with house.platform.engine.connect() as connection:
        plans = [
            (statement, [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)])
            for statement, parameters in said
        ]
    known = re.compile(
        r"\bINDEX (ix_delivery_(doubt|unheard|provider_id|contact_id)|ix_inquiry|ix_receipt)|PRIMARY KEY"
    )
    for statement, plan in plans:
        reads = [step for step in plan if re.match(r"(SCAN|SEARCH) (delivery|inquiry|receipt)\b", step)]
        assert [step for step in reads if not known.search(step)] == [], (statement, plan)
