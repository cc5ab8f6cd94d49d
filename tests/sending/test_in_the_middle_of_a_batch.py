"""A person's word in the middle of a batch: what is at the provider has gone, what is not yet there stays."""

from contextlib import contextmanager

import pytest

from campaigns import planning
from campaigns.models import Campaign
from contacts import consent
from contacts.models import Channel
from outreach import faultpoints


@pytest.fixture
def batch(house, cast) -> int:
    """One batch that takes two calls: three people who read Spanish and three who read English."""
    for number in range(6):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", language="es" if number % 2 else "en")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    return campaign


@contextmanager
def after_the_first_call(what):
    """Do something when the first call of a batch has been answered."""
    done = []

    def do(name: str) -> None:
        if name == "outcome.committed" and not done:
            done.append(name)
            what()

    with faultpoints.heard(do):
        yield


def with_campaign(house, campaign: int, verb, **values) -> None:
    with house.platform.transaction() as session:
        verb(session, session.get_one(Campaign, campaign), **values)


def test_a_pause_keeps_the_rest_and_going_on_sends_it_once(house, batch: int) -> None:
    with after_the_first_call(lambda: with_campaign(house, batch, planning.pause)):
        house.engine.drain()
    assert sorted(house.states(batch)) == ["accepted"] * 3 + ["planned"] * 3
    house.settle()
    assert len(house.simulator.counts()) == 3
    with_campaign(house, batch, planning.resume)
    house.settle()
    assert sorted(house.simulator.counts().values()) == [1] * 6


def test_a_cancellation_leaves_out_the_rest(house, batch: int) -> None:
    with after_the_first_call(lambda: with_campaign(house, batch, planning.cancel, at=house.clock.now())):
        house.engine.drain()
    house.settle()
    assert len(house.simulator.counts()) == 3
    assert [(row.state, row.reason) for row in house.rows(batch) if str(row.id) not in house.simulator.counts()] == [
        ("skipped", "cancelled")
    ] * 3


def test_who_leaves_is_left_out_of_the_rest_and_the_others_go(house, batch: int) -> None:
    left: list[int] = []

    def everybody_leaves() -> None:
        """All who have not got it yet, but one."""
        now, received = house.clock.now(), house.simulator.counts()
        waiting = [row for row in house.rows(batch) if str(row.id) not in received][1:]
        for row in waiting:
            with house.platform.transaction() as session:
                consent.withdraw(
                    session, row.contact_id, Channel.EMAIL, source="enlace de baja", evidence="", at=now, by="persona"
                )
        left.extend(row.id for row in waiting)

    with after_the_first_call(everybody_leaves):
        house.engine.drain()
    house.settle()
    assert len(left) == 2
    assert sorted(house.simulator.counts().values()) == [1] * 4
    assert [(row.state, row.reason) for row in house.rows(batch) if row.id in left] == [("skipped", "opted_out")] * 2


def test_one_of_five_hundred_whom_a_400_names_fails_and_the_others_go(house, cast) -> None:
    for number in range(499):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    cast.person("Ñandú", correo="ñandú@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=3)
    failed = [row for row in house.rows(campaign) if row.state not in {"accepted", "delivered", "read"}]
    assert [(row.address, row.state, row.reason) for row in failed] == [
        ("ñandú@example.org", "failed", "invalid_address")
    ]
    assert sorted(house.simulator.counts().values()) == [1] * 499
