"""The eleven windows through which GOV.UK Notify sends twice, loses or sticks, each by its name: ours are shut.

In virtual time, on each database. Where a window speaks of a queue, the delivery table is ours; what a queue of jobs
adds on PostgreSQL (jobs lost, doubled, of a worker that died) is in tests/postgres/test_queue.py.
"""

from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from campaigns import claiming, doubts, outcomes, recovery
from campaigns.channels import Letter, Message
from campaigns.claiming import LEASE
from campaigns.drafts import ContentDraft
from campaigns.models import Delivery, Run
from contacts import consent
from contacts.models import Channel
from outreach import faultpoints
from outreach.engine import Engine

CHANNELS = (Channel.EMAIL, Channel.WHATSAPP)
PEOPLE = 6
USUAL = "012456"  # last digits at which nothing special happens (docs/simulator.md)
WENT = {"accepted", "delivered", "read"}


def sending(house, cast, channel: Channel = Channel.EMAIL) -> int:
    """Six people, on whichever channel."""
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", whatsapp=f"+52555555010{USUAL[number]}")
    content = ContentDraft(
        subject="Aviso",
        text="Hola, {{ nombre }}",
        template=house.template() if channel == Channel.WHATSAPP else "",
        template_values={"1": "{{ nombre }}"} if channel == Channel.WHATSAPP else {},
    )
    return house.campaign(channel, contents=(content,))


def received(house) -> list[int]:
    """How many messages each delivery got, by the receiver's count."""
    return sorted(house.simulator.counts().values())


@contextmanager
def dies_at(place: str):
    """Let the worker that reaches a place fall dead there, once: nothing behind it is done, not even tidying up."""
    fallen = []

    def fall(name: str) -> None:
        if name == place and not fallen:
            fallen.append(name)
            raise SystemExit(place)

    with faultpoints.heard(fall):
        yield fallen


@contextmanager
def on_reaching(place: str, what):
    """Do something at the moment when a place is reached for the first time."""
    done = []

    def do(name: str) -> None:
        if name == place and not done:
            done.append(name)
            what()

    with faultpoints.heard(do):
        yield done


@pytest.mark.parametrize("channel", CHANNELS)
def test_1_an_answer_lost_is_not_retried(house, cast, channel: Channel) -> None:
    house.simulator.fault("reset", method="POST", accept=True, nth=1)
    house.simulator.fault("lose")  # and nothing is told afterwards either
    campaign = sending(house, cast, channel)
    house.settle(hours=48)
    assert received(house) == [1] * PEOPLE
    assert set(house.states(campaign)) <= WENT | {"in_doubt"}
    assert all(row.reason for row in house.rows(campaign) if row.state == "in_doubt")


@pytest.mark.parametrize(
    ("channel", "place"),
    [
        (Channel.EMAIL, "call.answered"),
        (Channel.EMAIL, "outcome.uncommitted"),
        (Channel.WHATSAPP, "outcome.uncommitted"),
    ],
)
def test_2_a_crash_between_accept_and_commit_sends_nothing_again(house, cast, channel: Channel, place: str) -> None:
    campaign = sending(house, cast, channel)
    house.engine.tick()
    with dies_at(place) as fallen, pytest.raises(SystemExit):
        house.engine.drain()
    assert fallen
    house.clock.advance(LEASE * 2)  # nobody renews what the dead one held
    house.settle(hours=2)
    assert received(house) == [1] * PEOPLE
    assert set(house.states(campaign)) <= WENT  # the provider's own events tell


def test_3_a_queue_that_is_down_at_replay_forgets_nothing(house, cast) -> None:
    house.simulator.fault("status", path="/v3/mail/send", status=500, times=1)
    campaign = sending(house, cast)
    house.settle(hours=2)
    ids = [row.id for row in house.rows(campaign)]
    assert house.states(campaign) == ["in_doubt"] * PEOPLE
    with broken(house.platform, "UPDATE delivery"), pytest.raises(OperationalError), house.platform.transaction() as s:
        doubts.decide(s, ids, sent=False, at=house.clock.now())
    assert house.states(campaign) == ["in_doubt"] * PEOPLE  # not «sent again», and not half of them
    with house.platform.transaction() as session:
        assert doubts.decide(session, ids, sent=False, at=house.clock.now()) == PEOPLE
    house.settle()
    assert received(house) == [1] * PEOPLE


@contextmanager
def broken(platform, told: str, times: int = 1):
    """Let the database fail so many statements that tell it this."""
    left = [times]

    def fail(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if left[0] and told in statement:
            left[0] -= 1
            raise OperationalError(statement, parameters, Exception("the database is gone"))

    event.listen(platform.engine, "before_cursor_execute", fail)
    yield left
    event.remove(platform.engine, "before_cursor_execute", fail)
    assert left == [0], "no such statement"


def test_4_a_job_whose_message_is_lost_is_found_again_in_the_table(house, cast) -> None:
    campaign = sending(house, cast)
    house.engine.tick()
    with dies_at("claim.committed"), pytest.raises(SystemExit):
        house.engine.work()  # taken, and whoever took it told nobody
    assert "claimed" in house.states(campaign)
    house.settle()
    assert received(house) == [1] * PEOPLE


@pytest.mark.parametrize(("place", "state"), [("claim.committed", "accepted"), ("calling.committed", "in_doubt")])
def test_5_a_job_stuck_for_longer_than_any_window_is_not_overlooked(house, cast, place: str, state: str) -> None:
    house.simulator.fault("lose")
    campaign = sending(house, cast)
    house.engine.tick()
    with dies_at(place), pytest.raises(SystemExit):
        house.engine.work()
    house.clock.advance(timedelta(days=400))  # and nothing ran meanwhile
    house.settle(hours=2)
    assert set(house.states(campaign)) == {state}
    assert received(house) == ([1] * PEOPLE if state == "accepted" else [])
    assert house.state(campaign) == "finished"


@pytest.mark.parametrize("place", ["prepare.uncommitted", "prepare.committed", "start.uncommitted", "start.committed"])
def test_6_a_run_is_not_done_before_its_rows_are_saved(house, cast, place: str) -> None:
    campaign = sending(house, cast)
    with dies_at(place), pytest.raises(SystemExit):
        house.engine.tick()
    assert house.state(campaign) == "sending"
    house.settle()
    assert received(house) == [1] * PEOPLE
    assert len(house.rows(campaign)) == PEOPLE
    assert house.state(campaign) == "finished"


def test_6_a_run_whose_rows_could_not_be_saved_is_prepared_again(house, cast) -> None:
    campaign = sending(house, cast)
    with broken(house.platform, "INSERT INTO delivery"), pytest.raises(OperationalError):
        house.engine.tick()
    with house.platform.reading() as session:
        assert session.scalar(select(Run.prepared_at)) is None
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
    house.settle()
    assert received(house) == [1] * PEOPLE
    assert house.state(campaign) == "finished"


def test_7_a_receipt_that_comes_before_our_commit_counts_and_is_not_undone(house, cast) -> None:
    campaign = sending(house, cast)
    before: list[str] = []

    def provider_is_quicker() -> None:
        house.simulator.deliver(house.clock.now() + timedelta(minutes=1))
        house.engine.tick()
        before.extend(house.states(campaign))

    with on_reaching("call.answered", provider_is_quicker):
        house.engine.tick()
        house.engine.drain()
    assert before == ["delivered"] * PEOPLE
    assert house.states(campaign) == before
    assert all(row.provider_id for row in house.rows(campaign))
    house.settle()
    assert received(house) == [1] * PEOPLE


def test_7_a_callback_of_twilios_that_comes_before_our_commit_is_not_undone(house, cast) -> None:
    campaign = sending(house, cast, Channel.WHATSAPP)
    house.engine.tick()
    now, carrier = house.clock.now(), house.providers.carriers[Channel.WHATSAPP]
    with house.platform.transaction() as session:
        rows = claiming.claim(session, "yo", at=now, sizes={Channel.WHATSAPP: PEOPLE}).rows
        claiming.begin_call(session, [row.delivery_id for row in rows], "yo", at=now)
    message = Message(
        Channel.WHATSAPP, "+525555550100", template_sid=house.template(), template_keys=("1",), tags=("-1-",)
    )
    answers = carrier.send(message, [Letter(row.delivery_id, row.address, row.name, (row.name,)) for row in rows])
    house.simulator.deliver(now + timedelta(minutes=1))
    house.engine.tick()
    assert house.states(campaign) == ["delivered"] * PEOPLE
    with house.platform.transaction() as session:
        outcomes.record(session, answers, at=now, attempts={})
    assert house.states(campaign) == ["delivered"] * PEOPLE
    house.settle()
    assert received(house) == [1] * PEOPLE


def test_8_an_address_that_stands_twice_in_the_list_gets_one(house, cast) -> None:
    for _ in range(3):
        cast.person("Ana Jacaranda", correo="ana@example.org")
    cast.person("ANA JACARANDA", correo="ana@example.org", network="Ruta Chilanga")
    campaign = house.campaign(Channel.EMAIL, networks=("Red Voto Chilango", "Ruta Chilanga"))
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["ana@example.org"]
    assert [row.reason for row in house.rows(campaign)] == ["", *["duplicate_person"] * 3]


def test_9_a_row_that_is_asked_for_twice_goes_once(house, cast) -> None:
    house.simulator.fault("status", path="/v3/mail/send", status=500, times=1)
    campaign = sending(house, cast)
    house.settle(hours=2)
    ids = [row.id for row in house.rows(campaign)]
    moved = []
    for _hand in range(2):
        with house.platform.transaction() as session:
            moved.append(doubts.decide(session, ids, sent=False, at=house.clock.now()))
    assert moved == [PEOPLE, 0]
    house.settle()
    assert received(house) == [1] * PEOPLE


def other(house, name: str) -> Engine:
    """Another worker of the same installation."""
    return Engine(house.platform, house.providers.carriers, random=Random(8), name=name)


@pytest.mark.parametrize("place", ["claim.committed", "calling.uncommitted"])
def test_10_two_workers_with_one_message_send_it_once(house, cast, place: str) -> None:
    campaign = sending(house, cast)
    house.engine.tick()

    def meanwhile() -> None:
        """The first one sleeps so long that it is taken for dead, and a second one does its work."""
        house.clock.advance(LEASE * 2)
        with house.platform.transaction() as session:
            recovery.sweep(session, at=house.clock.now())
        other(house, "segundo").drain()

    if place == "claim.committed":
        with on_reaching(place, meanwhile):
            house.engine.drain()
    else:
        other(house, "segundo").drain()
        house.engine.drain()
    house.settle()
    assert received(house) == [1] * PEOPLE
    assert set(house.states(campaign)) <= WENT


def leaves(house, contact_id: int, channel: Channel) -> None:
    """What the link in a message does."""
    now = house.clock.now()
    with house.platform.transaction() as session:
        consent.withdraw(session, contact_id, channel, source="enlace de baja", evidence="", at=now, by="persona")


@pytest.mark.parametrize("channel", CHANNELS)
def test_11_who_left_after_the_list_was_made_is_not_written_to(house, cast, channel: Channel) -> None:
    campaign = sending(house, cast, channel)
    house.engine.tick()
    [first, *_rest] = house.rows(campaign)
    leaves(house, first.contact_id, channel)
    house.settle()
    assert str(first.id) not in house.simulator.counts()
    assert received(house) == [1] * (PEOPLE - 1)
    assert [(row.state, row.reason) for row in house.rows(campaign) if row.id == first.id] == [("skipped", "opted_out")]


@pytest.mark.parametrize("channel", CHANNELS)
def test_11_who_leaves_after_the_claim_and_before_the_call_is_not_written_to(house, cast, channel: Channel) -> None:
    campaign = sending(house, cast, channel)
    house.engine.tick()
    [first, *_rest] = house.rows(campaign)
    with on_reaching("claim.committed", lambda: leaves(house, first.contact_id, channel)):
        house.settle()
    assert str(first.id) not in house.simulator.counts()
    assert received(house) == [1] * (PEOPLE - 1)
