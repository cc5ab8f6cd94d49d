"""Networks: who is in them, who leads, who brought whom, and since when."""

from datetime import timedelta

import pytest

from contacts import figures, networks, people
from contacts.errors import Refused
from contacts.models import NetworkKind, Role
from outreach import words


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def cast_of(session, clock):
    """Add people by name and return them."""

    def _cast(*names: str):
        return [
            people.add(session, {"nombre": name, "correo": f"{name.lower()}@example.org"}, at=clock.now())
            for name in names
        ]

    return _cast


def refused(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments, **options)
    (sentence,) = words.explain_all(caught.value)
    assert "%(" not in sentence
    return caught.value.faults[0].code


def test_a_network_is_one_however_its_name_is_typed(session):
    network = networks.ensure(session, "  Red  Voto Chilango ", NetworkKind.WHATSAPP_GROUP)
    assert (network.name, network.kind) == ("Red Voto Chilango", NetworkKind.WHATSAPP_GROUP)
    assert networks.ensure(session, "red voto chilángo") is network
    assert networks.find(session, "RED VOTO CHILANGO") is network
    assert refused(networks.ensure, session, " ") == "network_name"
    assert refused(networks.ensure, session, "x" * 201) == "network_name"
    assert refused(networks.find, session, "Otra") == "network_unknown"


def test_joining_twice_is_joining_once(session, clock, cast_of):
    ana, beto = cast_of("Ana", "Beto")
    network = networks.ensure(session, "Uno")
    first = networks.join(session, ana.id, network.id, at=clock.now())
    clock.advance(timedelta(days=1))
    again = networks.join(session, ana.id, network.id, at=clock.now(), role=Role.LEADER, brought_by_id=beto.id)
    assert again is first
    assert (first.since, first.role, first.brought_by_id) == (clock.now() - timedelta(days=1), Role.LEADER, beto.id)
    networks.join(session, ana.id, network.id, at=clock.now())
    assert first.role is Role.LEADER
    assert refused(networks.join, session, ana.id, network.id, at=clock.now(), brought_by_id=ana.id) == "brought_self"


def test_who_leaves_stays_in_the_history(session, clock, cast_of):
    ana, beto = cast_of("Ana", "Beto")
    network = networks.ensure(session, "Uno")
    begin = clock.now()
    for person in (ana, beto):
        networks.join(session, person.id, network.id, at=begin)
    clock.advance(timedelta(days=10))
    left = clock.now()
    networks.leave(session, ana.id, network.id, at=left)
    clock.advance(timedelta(days=10))
    networks.join(session, ana.id, network.id, at=clock.now())

    def on(moment):
        return [member.contact.name for member in networks.members(session, network.id, moment)]

    assert on(begin - timedelta(seconds=1)) == []
    assert on(begin) == ["Ana", "Beto"]
    assert on(left - timedelta(seconds=1)) == ["Ana", "Beto"]
    assert on(left) == ["Beto"]
    assert on(clock.now()) == ["Ana", "Beto"]
    assert refused(networks.leave, session, 999, network.id, at=left) == "member_unknown"


def test_leaders_come_first_and_are_counted(session, clock, cast_of):
    people_here = cast_of("Ana", "Beto", "Ceci")
    network, empty = networks.ensure(session, "Uno"), networks.ensure(session, "Dos")
    for person in people_here:
        networks.join(session, person.id, network.id, at=clock.now())
    networks.lead(session, people_here[2].id, network.id)
    assert [member.contact.name for member in networks.members(session, network.id, clock.now())] == [
        "Ceci",
        "Ana",
        "Beto",
    ]
    counted = {row.network.name: (row.members, row.leaders) for row in figures.counted_now(session)}
    assert counted == {"Uno": (3, 1), "Dos": (0, 0)}
    networks.lead(session, people_here[2].id, network.id, Role.MEMBER)
    people_here[0].erased_at = clock.now()
    networks.leave(session, people_here[1].id, network.id, at=clock.now())
    session.flush()
    counted = {row.network.name: (row.members, row.leaders) for row in figures.counted_now(session)}
    assert counted == {"Uno": (1, 0), "Dos": (0, 0)}
    assert refused(networks.lead, session, people_here[0].id, empty.id) == "member_unknown"


def test_who_brought_whom(session, clock, cast_of):
    ana, beto, ceci = cast_of("Ana", "Beto", "Ceci")
    one, two = networks.ensure(session, "Uno"), networks.ensure(session, "Dos")
    networks.join(session, beto.id, one.id, at=clock.now(), brought_by_id=ana.id)
    networks.join(session, ceci.id, two.id, at=clock.now(), brought_by_id=ana.id)
    assert networks.brought_by(session, ana.id) == [beto, ceci]
    assert networks.brought_by(session, ana.id, two.id) == [ceci]
    assert networks.brought_by(session, beto.id) == []
