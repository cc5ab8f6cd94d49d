"""Several hands on the same rows at the same moment, on each database: nobody waits for ever, nothing is forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain
from random import Random
from threading import Barrier

import pytest
from sqlalchemy import func, select

from campaigns import claiming, doubts, outcomes, planning, receipts, recovery, runs
from campaigns.audience import prepare
from campaigns.channels import DeliveryEvent, EventKind, Outcome, Result
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.models import Channel

PEOPLE = 60
SIZES = {Channel.EMAIL: 7}


@pytest.fixture
def run_id(platform, cast):
    """A run with everybody planned."""
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    now = platform.clock.now()
    draft = Draft(
        title="Aviso",
        clase="difusion",
        informacion="Aviso",
        channels=(Channel.EMAIL,),
        networks=("Red Voto Chilango",),
        contents=(ContentDraft(subject="Aviso", text="Hola"),),
    )
    with platform.transaction() as session:
        run = planning.send_now(session, planning.create(session, draft, at=now, by="pruebas"), at=now)
        prepare(session, run, at=now, quiet=None)
        return run.id


def together(*hands):
    """Let every hand begin at the same moment; give back what they did, or raise what broke."""
    ready = Barrier(len(hands))

    def begin(hand):
        ready.wait(10)
        return hand()

    with ThreadPoolExecutor(len(hands)) as pool:
        return [done.result(60) for done in [pool.submit(begin, hand) for hand in hands]]


def claims(platform, name, calls=100):
    """Claim, mark as calling and record as accepted, until there is nothing left; the ids that were called."""
    called = []
    for _ in range(calls):
        now = platform.clock.now()
        with platform.transaction() as session:
            claim = claiming.claim(session, name, at=now, sizes=SIZES)
        if claim is None:
            return called
        ids = [row.delivery_id for row in claim.rows]
        with platform.transaction() as session:
            mine = claiming.begin_call(session, ids, name, at=now)
        called += mine
        answers = [Outcome(number, Result.ACCEPTED, provider_id=f"m{number}") for number in sorted(mine, reverse=True)]
        with platform.transaction() as session:
            outcomes.record(session, answers, at=now, attempts={})
        with platform.transaction() as session:
            recovery.put_back(session, ids, name, at=now)
    return called


def states(platform):
    with platform.reading() as session:
        return dict(session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())


def event(number, kind, at):
    return DeliveryEvent(
        provider="sendgrid", event_id=f"{kind}-{number}", kind=kind, delivery_id=number, provider_id="", at=at, code="",
        detail="", raw={},
    )  # fmt: skip


def test_four_workers_take_everybody_once(platform, run_id):
    called = list(chain(*together(*[lambda name=f"w{n}": claims(platform, name) for n in range(4)])))
    assert len(called) == len(set(called)) == PEOPLE
    assert states(platform) == {DeliveryState.ACCEPTED: PEOPLE}


@pytest.mark.parametrize("seed", range(4))
def test_a_cancellation_among_the_workers_stops_what_is_planned(platform, run_id, seed):
    wait = Random(seed).randrange(4)

    def cancel():
        claims(platform, "first", wait)
        with platform.transaction() as session:
            campaign = session.get_one(Run, run_id).campaign
            planning.cancel(session, campaign, at=platform.clock.now())

    *called, _none = together(*[lambda name=f"w{n}": claims(platform, name) for n in range(3)], cancel)
    left = states(platform)
    assert set(left) <= {DeliveryState.ACCEPTED, DeliveryState.SKIPPED}
    assert left.get(DeliveryState.ACCEPTED, 0) >= len(list(chain(*called)))
    assert sum(left.values()) == PEOPLE


@pytest.mark.parametrize("told", [Result.RETRY, None])
def test_what_was_under_way_when_a_campaign_was_cancelled_and_was_not_taken_is_left_out(platform, run_id, told):
    now = platform.clock.now()
    with platform.transaction() as session:
        claim = claiming.claim(session, "w", at=now, sizes={Channel.EMAIL: PEOPLE})
    ids = [row.delivery_id for row in claim.rows]
    with platform.transaction() as session:
        claiming.begin_call(session, ids if told else ids[:1], "w", at=now)
    with platform.transaction() as session:
        planning.cancel(session, session.get_one(Run, run_id).campaign, at=now)
    with platform.transaction() as session:
        if told:
            outcomes.record(
                session, [Outcome(number, told, code="rate_limited") for number in ids], at=now, attempts={}
            )
        else:
            recovery.put_back(session, ids, "w", at=now)
    with platform.transaction() as session:
        recovery.sweep(session, at=now)
    left = {DeliveryState.SKIPPED: PEOPLE} if told else {DeliveryState.SKIPPED: PEOPLE - 1, DeliveryState.CALLING: 1}
    assert states(platform) == left
    with platform.reading() as session:
        skipped = select(Delivery.reason).where(Delivery.state == DeliveryState.SKIPPED)
        assert set(session.scalars(skipped)) == {"cancelled"}


@pytest.mark.parametrize("seed", range(4))
def test_receipts_that_come_while_the_answer_is_recorded_are_not_forgotten(platform, run_id, seed):
    now = platform.clock.now()
    with platform.transaction() as session:
        claim = claiming.claim(session, "w", at=now, sizes={Channel.EMAIL: PEOPLE})
        ids = [row.delivery_id for row in claim.rows]
        claiming.begin_call(session, ids, "w", at=now)
    shuffled = Random(seed).sample(ids, len(ids))
    doubtful = set(ids[: PEOPLE // 2])  # the low numbers, which are written after the accepted ones

    def answer(number):
        return Outcome(number, Result.UNKNOWN if number in doubtful else Result.ACCEPTED, provider_id="call")

    def record():
        for start in range(0, PEOPLE, 20):
            answers = [answer(number) for number in shuffled[start : start + 20]]
            with platform.transaction() as session:
                outcomes.record(session, answers, at=now, attempts={})

    def tell(kind):
        for start in (PEOPLE // 4, 0):
            with platform.transaction() as session:
                receipts.apply(session, [event(n, kind, now) for n in reversed(ids[start:])], at=now)

    together(record, lambda: tell(EventKind.DELIVERED), lambda: tell(EventKind.READ))
    assert states(platform) == {DeliveryState.READ: PEOPLE}


def test_a_doubt_sent_again_while_its_run_ends_does_not_stay_behind(platform, run_id):
    now = platform.clock.now()
    claims(platform, "w")
    for _ in range(8):
        with platform.transaction() as session:
            one = session.scalars(select(Delivery).order_by(Delivery.id)).first()
            one.state, one.reason, one.changed_at = DeliveryState.IN_DOUBT, "timeout", now - timedelta(hours=1)
            number = one.id

        def again(number=number):
            with platform.transaction() as session:
                doubts.decide(session, [number], sent=False, at=now)

        def end():
            with platform.transaction() as session:
                for run in runs.finish(session, at=now, doubt_seconds=120):
                    planning.settle(session, run.campaign)

        together(again, end)
        with platform.reading() as session:
            run = session.get_one(Run, run_id)
            assert (run.state, run.campaign.state) == (RunState.SENDING, CampaignState.SENDING)
        claims(platform, "w")
        end()
        with platform.reading() as session:
            assert session.get_one(Run, run_id).state == RunState.FINISHED


def test_a_pause_is_not_forgotten_when_its_campaign_comes_due_at_the_same_moment(platform, run_id):
    now = platform.clock.now()
    for _ in range(8):
        with platform.transaction() as session:
            campaign = session.get_one(Run, run_id).campaign
            campaign.state, campaign.next_due_at = CampaignState.SCHEDULED, now + timedelta(seconds=1)
            number = campaign.id
            session.query(Run).filter(Run.id != run_id).delete()

        def pause(number=number):
            with platform.transaction() as session:
                planning.pause(session, session.get_one(Campaign, number))

        def due():
            with platform.transaction() as session:
                planning.start_due(session, at=now + timedelta(seconds=2), late_minutes=60)

        together(pause, due)
        with platform.reading() as session:
            assert session.get_one(Campaign, number).state == CampaignState.PAUSED


@pytest.mark.only_on("postgresql")  # on SQLite nobody else writes while somebody may
def test_what_was_read_before_a_pause_does_not_undo_it(platform, run_id):
    claims(platform, "w")
    with platform.sessions() as slow:
        [run] = runs.finish(slow, at=platform.clock.now(), doubt_seconds=120)
        slow.commit()
        campaign = slow.get_one(Campaign, run.campaign_id)
        assert campaign.state == CampaignState.SENDING
        with platform.transaction() as quick:
            planning.pause(quick, quick.get_one(Campaign, campaign.id))
        planning.settle(slow, campaign)
        slow.commit()
    with platform.reading() as session:
        assert session.get_one(Run, run_id).campaign.state == CampaignState.PAUSED


def test_two_schedulers_prepare_a_run_once(platform, run_id):
    now = platform.clock.now()
    with platform.transaction() as session:
        session.query(Delivery).delete()
        session.get_one(Run, run_id).prepared_at = None

    def get_ready():
        with platform.transaction() as session:
            prepare(session, session.get_one(Run, run_id, with_for_update=True), at=now, quiet=None)

    together(get_ready, get_ready, get_ready)
    assert states(platform) == {DeliveryState.PLANNED: PEOPLE}


def test_a_reading_sees_one_moment_however_often_it_asks(platform, run_id):
    with platform.reading() as session:
        before = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "planned"))
        claims(platform, "w")
        assert session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "planned")) == before
    assert states(platform) == {DeliveryState.ACCEPTED: PEOPLE}


@pytest.mark.parametrize("late", [Result.RETRY, Result.REFUSED, Result.UNKNOWN])
def test_who_answers_after_the_letter_was_tried_again_does_not_speak_for_the_other(platform, run_id, late) -> None:
    """A worker that slept: its lease ran out, a person sent again, another is calling when it wakes with bad news."""
    now = platform.clock.now()

    def takes(name):
        with platform.transaction() as session:
            (row,) = claiming.claim(session, name, at=now, sizes={Channel.EMAIL: 1}).rows
        with platform.transaction() as session:
            assert claiming.begin_call(session, [row.delivery_id], name, at=now) == {row.delivery_id}
        return row

    first = takes("dormida")
    with platform.transaction() as session:
        recovery.sweep(session, at=now, gone=["dormida"])
        doubts.decide(session, [first.delivery_id], sent=False, at=now - timedelta(days=1))  # before all others
    second = takes("despierta")
    with platform.transaction() as session:
        answer = Outcome(first.delivery_id, late, code="rate_limited")
        outcomes.record(session, [answer], at=now, attempts={first.delivery_id: first.attempts})
    assert states(platform) == {DeliveryState.CALLING: 1, DeliveryState.PLANNED: PEOPLE - 1}
    with platform.transaction() as session:
        outcomes.record(
            session,
            [Outcome(second.delivery_id, Result.ACCEPTED, provider_id="m1")],
            at=now,
            attempts={second.delivery_id: second.attempts},
        )
    assert states(platform) == {DeliveryState.ACCEPTED: 1, DeliveryState.PLANNED: PEOPLE - 1}
