"""From a campaign to what each reader received, through the official SDKs, and back through signed webhooks."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta

import pytest

from campaigns import groups, planning
from campaigns.calendar import Schedule, read_wall
from campaigns.drafts import ContentDraft
from contacts import consent
from contacts.errors import Refused
from contacts.models import Channel, NetworkKind


def test_each_person_gets_the_mail_once_with_their_own_name_and_way_out(house, cast) -> None:
    for name in ("Ana Jacaranda", "Beto Nopal", "Citlali Ahuehuete"):
        cast.person(name, correo=f"{name.split()[0].lower()}@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    letters = house.simulator.messages()
    assert sorted(letter.to for letter in letters) == [
        "ana@example.org",
        "beto@example.org",
        "citlali@example.org",
    ]
    assert {letter.subject for letter in letters} == {
        "Aviso para Ana Jacaranda",
        "Aviso para Beto Nopal",
        "Aviso para Citlali Ahuehuete",
    }
    assert all("/baja/c" in letter.text for letter in letters)
    assert set(house.states(campaign)) <= {"delivered", "read"}
    assert house.state(campaign) == "finished"


def test_the_simulators_count_and_the_log_agree_in_every_row(house, cast) -> None:
    for number in range(30):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", consents=number % 5 != 0)
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    received = {int(key): count for key, count in house.simulator.counts().items()}
    rows = house.rows(campaign)
    assert {
        row.id: int(row.state != "skipped") for row in rows if row.id in received or row.state != "skipped"
    } == received
    assert Counter(row.reason for row in rows if row.state == "skipped") == {"no_consent": 6}


def test_two_people_who_share_an_address_both_get_theirs_and_one_person_twice_gets_one(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="familia@example.org")
    cast.person("Beto Nopal", correo="familia@example.org")
    cast.person("Ana Jacaranda", correo="familia@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert sorted(letter.subject for letter in house.simulator.messages()) == [
        "Aviso para Ana Jacaranda",
        "Aviso para Beto Nopal",
    ]
    assert [row.reason for row in house.rows(campaign)] == ["", "", "duplicate_person"]


def test_whatsapp_first_and_mail_for_whom_a_marketing_template_may_not_reach(house, cast) -> None:
    sid = house.template(category="MARKETING")
    cast.person("Ana Jacaranda", correo="ana@example.org", whatsapp="+525555550101")
    cast.person("Beto Nopal", correo="beto@example.org", whatsapp="+12125550101", country="US")
    cast.person("Citlali Ahuehuete", correo="citlali@example.org", whatsapp="+14165550101", country="CA")
    content = ContentDraft(
        subject="Aviso", text="Hola, {{ nombre }}", template=sid, template_values={"1": "{{ nombre_de_pila }}"}
    )
    campaign = house.campaign(Channel.WHATSAPP, Channel.EMAIL, contents=(content,))
    house.settle()
    assert [(row.channel.value, row.route) for row in house.rows(campaign)] == [
        ("whatsapp", ""),
        ("correo", "marketing_us"),
        ("whatsapp", ""),
    ]
    assert sorted(letter.to for letter in house.simulator.messages()) == [
        "+14165550101",
        "+525555550101",
        "beto@example.org",
    ]


def test_a_reader_gets_the_mail_in_their_language(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org", language="es")
    cast.person("Bea Smith", correo="bea@example.org", language="en")
    contents = (
        ContentDraft(language="es", subject="Aviso", text="Hola"),
        ContentDraft(language="en", subject="Notice", text="Hello"),
    )
    house.campaign(Channel.EMAIL, contents=contents)
    house.settle()
    assert {letter.to: letter.subject for letter in house.simulator.messages()} == {
        "ana@example.org": "Aviso",
        "bea@example.org": "Notice",
    }


def test_whatsapp_waits_for_the_readers_morning(house, cast, settings) -> None:

    house.platform.settings = replace(house.platform.settings, quiet_hours=(time(21), time(8)))
    sid = house.template()
    cast.person("Ana Jacaranda", whatsapp="+525555550101")
    cast.person("Marta Nogal", whatsapp="+34600000001", country="ES", timezone="Asia/Tokyo")
    content = ContentDraft(template=sid, template_values={"1": "{{ nombre }}"})
    campaign = house.campaign(Channel.WHATSAPP, contents=(content,), send=False)
    with house.platform.transaction() as session:
        planning.send_now(session, planning.find(session, campaign), at=house.clock.now()).ignores_quiet_hours = False
    house.settle(hours=0)
    assert [letter.to for letter in house.simulator.messages()] == ["+525555550101"]
    waiting = house.rows(campaign)[1]
    assert waiting.state == "planned"
    assert waiting.due_at.isoformat() == "2025-06-20T23:00:00+00:00"  # 08:00 of the 21st in Tokyo
    house.settle(hours=8)
    assert len(house.simulator.messages()) == 2


def test_who_leaves_after_the_list_was_made_is_not_written_to(house, cast) -> None:
    leaver = cast.person("Ana Jacaranda", correo="ana@example.org")
    cast.person("Beto Nopal", correo="beto@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()  # the deliveries are written, nothing is claimed

    with house.platform.transaction() as session:
        consent.withdraw(session, leaver, Channel.EMAIL, source="BAJA", evidence="", at=house.clock.now(), by="pruebas")
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["beto@example.org"]
    assert (house.rows(campaign)[0].state, house.rows(campaign)[0].reason) == ("skipped", "opted_out")


def test_a_paused_campaign_sends_nothing_and_goes_on_where_it_stopped(house, cast) -> None:

    cast.person("Ana Jacaranda", correo="ana@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    with house.platform.transaction() as session:
        planning.pause(session, planning.find(session, campaign))
    house.settle()
    assert house.simulator.messages() == []
    with house.platform.transaction() as session:
        planning.resume(session, planning.find(session, campaign))
    house.settle()
    assert len(house.simulator.messages()) == 1


def test_a_cancelled_campaign_leaves_out_what_was_planned(house, cast) -> None:

    cast.person("Ana Jacaranda", correo="ana@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    with house.platform.transaction() as session:
        planning.cancel(session, planning.find(session, campaign), at=house.clock.now())
    house.settle()
    assert house.simulator.messages() == []
    assert [(row.state.value, row.reason) for row in house.rows(campaign)] == [("skipped", "cancelled")]


def test_a_stop_word_closes_whatsapp_and_nothing_else(house, cast) -> None:
    sid = house.template()
    cast.person("Ana Jacaranda", correo="ana@example.org", whatsapp="+525555550101")
    house.simulator.inbound("+525555550101", "¡Baja!")  # the old Mexican form of the same number
    house.settle()
    content = ContentDraft(subject="Aviso", text="Hola", template=sid, template_values={"1": "{{ nombre }}"})
    campaign = house.campaign(Channel.WHATSAPP, Channel.EMAIL, contents=(content,))
    house.settle()
    assert [(row.channel.value, row.route) for row in house.rows(campaign)] == [("correo", "opted_out")]


def test_a_post_in_a_group_is_a_task_that_a_person_marks_as_done(house, cast) -> None:

    cast.network("Ruta Chilanga", NetworkKind.WHATSAPP_GROUP)
    content = ContentDraft(group_text="Comparta este cartel.")
    campaign = house.campaign(Channel.GROUP, networks=("Ruta Chilanga",), contents=(content,))
    house.settle()
    assert house.simulator.messages() == []
    assert house.state(campaign) == "sending"
    with house.platform.transaction() as session:
        [task] = groups.waiting(session)
        groups.publish(session, task, at=house.clock.now(), by="Inés", members=148)
    house.settle()
    assert house.state(campaign) == "finished"


def test_a_recurring_campaign_makes_one_run_each_time_and_ends_after_the_last(house, cast) -> None:

    cast.person("Ana Jacaranda", correo="ana@example.org")
    schedule = Schedule(start=read_wall("2025-06-21T09:00", ""), rule="FREQ=DAILY;COUNT=3")
    campaign = house.campaign(Channel.EMAIL, send=False, schedule=schedule)
    with house.platform.transaction() as session:
        planning.schedule(session, planning.find(session, campaign), at=house.clock.now())
    house.settle(hours=24 * 5)
    assert len(house.simulator.messages()) == 3
    assert len(house.rows(campaign)) == 3
    assert house.state(campaign) == "finished"


def test_a_moment_that_passed_while_nothing_ran_is_the_campaigns_own_choice(house, cast) -> None:

    cast.person("Ana Jacaranda", correo="ana@example.org")
    made = {}
    for choice in ("send", "skip", "ask"):
        schedule = Schedule(moments=(read_wall("2025-06-20T12:00", ""),))
        made[choice] = house.campaign(Channel.EMAIL, send=False, schedule=schedule, when_late=choice, title=choice)
        with house.platform.transaction() as session:
            planning.schedule(session, planning.find(session, made[choice]), at=house.clock.now())
    house.clock.advance(timedelta(hours=9))
    house.settle()
    assert {choice: house.state(campaign) for choice, campaign in made.items()} == {
        "send": "finished",
        "skip": "finished",
        "ask": "scheduled",
    }
    assert len(house.simulator.messages()) == 1


def test_what_waits_for_a_word_is_not_sent_beside_it(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    schedule = Schedule(moments=(read_wall("2025-06-20T12:00", ""),))
    campaign = house.campaign(Channel.EMAIL, send=False, schedule=schedule, when_late="ask")
    with house.platform.transaction() as session:
        planning.schedule(session, planning.find(session, campaign), at=house.clock.now())
    house.clock.advance(timedelta(hours=9))
    house.settle()
    with pytest.raises(Refused) as caught, house.platform.transaction() as session:
        planning.send_now(session, planning.find(session, campaign), at=house.clock.now())
    assert caught.value.faults[0].code == "campaign_held"
    with house.platform.transaction() as session:
        planning.release(session, planning.find(session, campaign).runs[0])
    house.settle()
    assert len(house.simulator.messages()) == 1


def test_saying_now_twice_writes_to_nobody_twice(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    campaign = house.campaign(Channel.EMAIL)
    with pytest.raises(Refused) as caught, house.platform.transaction() as session:
        planning.send_now(session, planning.find(session, campaign), at=house.clock.now())
    assert caught.value.faults[0].code == "campaign_sending"
    house.settle()
    assert len(house.simulator.messages()) == 1


def test_sending_now_takes_the_place_of_the_one_date_that_was_set(house, cast) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    schedule = Schedule(moments=(read_wall("2025-06-24T10:00", ""),))
    campaign = house.campaign(Channel.EMAIL, send=False, schedule=schedule)
    with house.platform.transaction() as session:
        found = planning.find(session, campaign)
        planning.schedule(session, found, at=house.clock.now())
        planning.send_now(session, found, at=house.clock.now())
    house.settle(hours=24 * 7)
    assert len(house.simulator.messages()) == 1
    assert house.state(campaign) == "finished"
