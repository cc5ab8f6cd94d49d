"""A person decides, a provider tells, Twilio's list is read, all at the same moment: a doubt ends once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier

import pytest
from sqlalchemy import select

from campaigns import answers, claiming, doubts, inquiries, planning, receipts
from campaigns.audience import prepare
from campaigns.channels import DeliveryEvent, EventKind, Outcome, Result
from campaigns.drafts import ContentDraft, Draft
from campaigns.inquiries import Due, Inquiry, Rules
from campaigns.matching import Found, Listed, Verdict
from campaigns.models import Delivery
from campaigns.outcomes import record
from campaigns.states import DeliveryState
from contacts.models import Channel

PEOPLE = 24
RULES = Rules(timedelta(seconds=120), timedelta(seconds=60))


@pytest.fixture
def doubtful(platform, cast):
    """A run of which everybody is in doubt, since three minutes, and looked for once without being found."""
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", whatsapp=f"+5255555501{number:02}")
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
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        for row in rows:
            row.state, row.channel, row.reason = DeliveryState.IN_DOUBT, Channel.WHATSAPP, "connection_lost"
            row.called_at = row.changed_at = now
            session.add(Inquiry(delivery_id=row.id, asked_at=now + timedelta(seconds=120), found="absent"))
        session.flush()
        ids = [row.id for row in rows]
        inquiries.enrol(session, at=now, fates=False)
    platform.clock.advance(timedelta(seconds=180))
    return ids, now


def together(*hands):
    ready = Barrier(len(hands))

    def begin(hand):
        ready.wait(10)
        return hand()

    with ThreadPoolExecutor(len(hands)) as pool:
        return [done.result(60) for done in [pool.submit(begin, hand) for hand in hands]]


def called(platform):
    """Claim and call whatever may be called; the ids that went out."""
    now, gone = platform.clock.now(), []
    while True:
        with platform.transaction() as session:
            claim = claiming.claim(session, "yo", at=now, sizes={Channel.WHATSAPP: 5})
        if claim is None:
            return gone
        ids = [row.delivery_id for row in claim.rows]
        with platform.transaction() as session:
            mine = claiming.begin_call(session, ids, "yo", at=now)
        gone += mine
        with platform.transaction() as session:
            taken = [Outcome(number, Result.ACCEPTED, provider_id=f"SMnew{number}") for number in sorted(mine)]
            record(session, taken, at=now, attempts={})


def states(platform, ids):
    with platform.reading() as session:
        return {row.id: row.state for row in session.scalars(select(Delivery).where(Delivery.id.in_(ids)))}


@pytest.mark.parametrize("seed", range(3))
def test_what_the_provider_tells_while_a_person_sends_again_never_goes_twice(platform, doubtful, seed) -> None:
    ids, _since = doubtful
    heard = set(Random(seed).sample(ids, PEOPLE // 2))

    def person():
        with platform.transaction() as session:
            return doubts.decide(session, ids, sent=False, at=platform.clock.now())

    def provider():
        now = platform.clock.now()
        for some in (sorted(heard)[::2], sorted(heard)[1::2]):
            events = [DeliveryEvent("twilio", f"SM{n}:sent", EventKind.ACCEPTED, now, n, f"SM{n}") for n in some]
            with platform.transaction() as session:
                receipts.apply(session, events, at=now)

    together(person, provider)
    assert set(called(platform)) == set(ids) - heard
    assert set(states(platform, ids).values()) == {DeliveryState.ACCEPTED}


def test_the_list_a_person_and_a_callback_settle_each_doubt_once(platform, doubtful) -> None:
    ids, since = doubtful
    present, absent = set(ids[::2]), set(ids[1::2])

    def lists():
        now = platform.clock.now()
        for number in ids:
            watched = Due(number, since, True, "")
            event = DeliveryEvent("twilio", f"SM{number}:sent", EventKind.ACCEPTED, now, None, f"SM{number}")
            there = Verdict(Found.PRESENT, message=Listed(event, "", "", None))
            with platform.transaction() as session:
                if answers.hold_doubt(session, watched):
                    said = there if number in present else Verdict(Found.ABSENT)
                    answers.answered(session, watched, said, asked_at=now, at=now, rules=RULES)

    def person():
        with platform.transaction() as session:
            doubts.decide(session, ids[: PEOPLE // 2], sent=True, at=platform.clock.now())

    def callbacks():
        now = platform.clock.now()
        events = [DeliveryEvent("twilio", f"SM{n}:sent", EventKind.ACCEPTED, now, n, f"SM{n}") for n in present]
        with platform.transaction() as session:
            receipts.apply(session, events, at=now)

    together(lists, person, callbacks)
    gone = set(called(platform))
    assert gone <= absent
    assert gone >= absent - set(ids[: PEOPLE // 2])
    assert set(states(platform, ids).values()) == {DeliveryState.ACCEPTED}


def test_two_that_ask_by_mistake_send_nothing_twice(platform, doubtful) -> None:
    ids, since = doubtful
    now = platform.clock.now()

    def asks():
        for number in ids:
            watched = Due(number, since, True, "")
            with platform.transaction() as session:
                if answers.hold_doubt(session, watched):
                    answers.answered(session, watched, Verdict(Found.ABSENT), asked_at=now, at=now, rules=RULES)

    together(asks, asks)
    assert sorted(called(platform)) == ids


def test_two_that_enrol_by_mistake_watch_each_doubt_once(platform, doubtful) -> None:
    with platform.transaction() as session:
        for number in doubtful[0]:
            inquiries.forget(session, number, doubtful[1])

    def enrols():
        with platform.transaction() as session:
            return inquiries.enrol(session, at=platform.clock.now(), fates=True)

    assert sorted(together(enrols, enrols)) == [0, PEOPLE]
