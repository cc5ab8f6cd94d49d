"""The one switch: nothing leaves while it is set, from whatever process, and everything goes on after it."""

import pytest
from sqlalchemy.exc import DBAPIError

from campaigns import stopping
from contacts.errors import Refused
from contacts.models import Channel
from outreach import faultpoints


def people(cast, count: int) -> None:
    for number in range(count):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")


def stop(house) -> None:
    with house.platform.transaction() as session:
        stopping.stop(session, at=house.clock.now(), by="maura", reason="fecha equivocada")


def test_nothing_leaves_while_everything_is_stopped_and_all_goes_on_afterwards(house, cast) -> None:
    people(cast, 6)
    stop(house)
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=5)
    assert house.simulator.counts() == {}
    assert set(house.states(campaign)) == {"planned"}
    with house.platform.transaction() as session:
        stopping.resume(session)
    house.settle()
    assert set(house.simulator.counts().values()) == {1}
    assert len(house.simulator.counts()) == 6


def test_what_was_claimed_and_not_yet_marked_does_not_leave(house, cast) -> None:
    people(cast, 6)
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()

    def look(place: str) -> None:
        if place == "claim.committed":
            stop(house)

    with faultpoints.heard(look):
        house.engine.work()
    assert house.simulator.counts() == {}
    assert set(house.states(campaign)) == {"planned"}


def test_what_is_under_way_in_small_calls_stops_in_the_middle(house, cast) -> None:
    people(cast, 12)
    house.providers.carriers[Channel.EMAIL].in_flight = 4
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()

    def look(place: str) -> None:
        if place == "call.answered":
            stop(house)

    with faultpoints.heard(look):
        house.engine.work()
    assert len(house.simulator.counts()) == 4
    assert sorted(set(house.states(campaign))) == ["accepted", "planned"]


def test_the_switch_survives_and_says_who_when_and_why(house) -> None:
    stop(house)
    with house.platform.reading() as session:
        switch = stopping.stopped(session)
    assert switch is not None
    assert (switch.by, switch.reason, switch.since) == ("maura", "fecha equivocada", house.clock.now())


@pytest.mark.parametrize(("reason", "code"), [("  ", "stop_reason"), ("x" * 301, "stop_long")])
def test_a_reason_is_asked_for(house, reason, code) -> None:
    with pytest.raises(Refused) as refused, house.platform.transaction() as session:
        stopping.stop(session, at=house.clock.now(), by="maura", reason=reason)
    assert refused.value.faults[0].code == code


def test_the_second_who_stops_is_told_of_the_first_and_nobody_resumes_twice(house) -> None:
    stop(house)
    with pytest.raises(Refused) as refused:
        stop(house)
    assert refused.value.faults[0].details["reason"] == "fecha equivocada"
    with house.platform.transaction() as session:
        stopping.resume(session)
    with pytest.raises(Refused) as refused, house.platform.transaction() as session:
        stopping.resume(session)
    assert refused.value.faults[0].code == "not_stopped"


@pytest.mark.only_on("postgresql")
def test_who_stops_waits_for_a_mark_that_is_being_set(house) -> None:
    with house.platform.transaction() as session:
        assert stopping.allowed(session)
        with house.platform.sessions() as other:
            other.connection().exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(DBAPIError, match="lock timeout"):
                stopping.stop(other, at=house.clock.now(), by="maura", reason="ya")
    stop(house)
    with house.platform.transaction() as session:
        assert not stopping.allowed(session)


def test_a_claim_asks_the_switch_by_itself_too(house, cast) -> None:
    people(cast, 2)
    house.campaign(Channel.EMAIL)
    house.engine.tick()
    stop(house)
    assert house.engine._dispatcher._claim() is None
