"""Members on a day, whole and in the institution's zone; leaders from when to when; networks that close and open."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contacts import days, erasing, figures, netkeeping, networks, people, reach
from contacts.errors import Refused
from contacts.models import NetworkKind, Role
from outreach.counting import count_networks

ZONE = "America/Mexico_City"


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def person(session, clock):
    def _person(name: str, country: str = "MX") -> int:
        fields = {"nombre": name, "correo": f"{name.lower()}@example.org", "pais": country}
        return people.add(session, fields, at=clock.now()).id

    return _person


def refused(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments, **options)
    return caught.value.faults[0].code


def since(day: str) -> datetime:
    return days.begins(date.fromisoformat(day), ZONE)


def last(day: str) -> datetime:
    return days.ends(date.fromisoformat(day), ZONE) - timedelta(seconds=1)


def test_who_was_there_at_any_moment_of_a_day_was_there_that_day_by_mexico_s_clock(session, person):
    network = networks.ensure(session, "Uno").id
    ana = person("Ana", "US")
    networks.join(session, ana, network, at=datetime(2025, 5, 16, 5, 59, tzinfo=UTC))  # 23:59 of the 15th
    networks.leave(session, ana, network, at=last("2025-05-18"))

    def on(day: str) -> int:
        return reach.on(session, network, date.fromisoformat(day), ZONE).members

    assert [on(f"2025-05-{day}") for day in (14, 15, 16, 18, 19)] == [0, 1, 1, 1, 0]


def test_who_led_counts_as_a_leader_on_the_days_they_did(session, person):
    network = networks.ensure(session, "Uno").id
    ana, beto = person("Ana", "US"), person("Beto", "DE")
    for one in (ana, beto):
        networks.join(session, one, network, at=since("2025-01-10"))
    networks.lead(session, ana, network, at=since("2025-02-01"))
    networks.lead(session, ana, network, Role.MEMBER, at=last("2025-02-28"))
    networks.lead(session, ana, network, at=since("2025-04-01"))
    assert [
        reach.on(session, network, date.fromisoformat(day), ZONE).leaders
        for day in ("2025-01-31", "2025-02-01", "2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01")
    ] == [0, 1, 1, 0, 0, 1]
    found = reach.on(session, network, date(2025, 2, 10), ZONE)
    assert found.countries == (("DE", 1, 0), ("US", 1, 1))
    assert refused(networks.lead, session, ana, network, Role.MEMBER, at=since("2025-03-01")) == "led_order"
    assert refused(networks.lead, session, beto, network, at=since("2025-01-09")) == "led_order"
    assert refused(networks.leave, session, ana, network, at=since("2025-03-15")) == "left_order"


def test_who_comes_back_has_two_spans_that_do_not_overlap_and_counts_once(session, person):
    network = networks.ensure(session, "Uno").id
    ana = person("Ana")
    networks.join(session, ana, network, at=since("2025-01-10"))
    networks.leave(session, ana, network, at=last("2025-02-10"))
    assert refused(networks.join, session, ana, network, at=since("2025-02-10")) == "member_overlap"
    networks.join(session, ana, network, at=since("2025-02-11"))
    assert reach.on(session, network, date(2025, 2, 10), ZONE).members == 1
    months = [date(2025, month, 1) for month in (1, 2, 3)]
    assert [(one.joined, one.left) for one in reach.by_month(session, network, months, ZONE)] == [
        (1, 0),
        (1, 1),
        (0, 0),
    ]


def test_the_figure_of_a_past_day_outlasts_whoever_is_forgotten(session, person, clock):
    network = networks.ensure(session, "Uno").id
    ana = person("Ana", "US")
    networks.join(session, ana, network, at=clock.now() - timedelta(days=9))
    clock.advance(timedelta(days=2))
    before = reach.on(session, network, clock.now().date() - timedelta(days=5), ZONE)
    erasing.erase(session, ana, at=clock.now())
    assert reach.on(session, network, before.day, ZONE) == before
    assert [each.members for each in figures.counted_now(session)] == [0]
    assert refused(networks.join, session, ana, network, at=clock.now()) == "person_erased"


def test_a_network_that_closes_lets_everybody_go_and_gives_them_back_when_it_opens(session, person, clock):
    network = netkeeping.create(session, "Observación 2025", NetworkKind.OBSERVERS)
    ana, beto = person("Ana"), person("Beto")
    for one in (ana, beto):
        networks.join(session, one, network.id, at=clock.now() - timedelta(days=3))
    networks.leave(session, beto, network.id, at=clock.now() - timedelta(days=1))
    assert netkeeping.close(session, network, at=clock.now()) == 1
    assert refused(netkeeping.close, session, network, at=clock.now()) == "network_closed"
    assert refused(networks.join, session, beto, network.id, at=clock.now()) == "network_closed"
    assert [each.members for each in figures.counted_now(session)] == [0]
    clock.advance(timedelta(days=1))
    assert netkeeping.reopen(session, network) == 1
    assert networks.membership(session, ana, network.id)
    assert networks.membership(session, beto, network.id) is None
    assert refused(netkeeping.reopen, session, network) == "network_open"


@pytest.mark.parametrize(
    ("name", "kind", "description", "code"),
    [
        ("", "list", "", "network_name"),
        ("x" * 10_000, "list", "", "network_name"),
        ("RÉD  uno", "list", "", "network_taken"),
        ("Otra", "tribu", "", "network_kind"),
        ("Otra", "list", "y" * 10_000, "field_long"),
    ],
)
def test_a_network_that_cannot_be_is_refused_with_its_reason(session, name, kind, description, code):
    netkeeping.create(session, "Red Uno", "list")
    assert refused(netkeeping.create, session, name, kind, description) == code


def test_days_that_cannot_be_are_refused(clock):
    now = clock.now()
    assert refused(days.since, "2025-06-21", "desde", ZONE, now) == "day_future"
    assert refused(days.until, "31/12/2024", "hasta", ZONE, now) == "day_form"
    assert refused(days.since, "9" * 10_000, "desde", ZONE, now) == "day_form"
    assert days.since("2025-06-20", "desde", ZONE, now) == now
    assert days.until("2025-06-19", "hasta", ZONE, now) == datetime(2025, 6, 20, 5, 59, 59, tzinfo=UTC)


def test_a_large_house_shows_what_was_counted_last_and_counts_again_in_its_time(platform, clock, cast, monkeypatch):
    monkeypatch.setattr(figures, "LARGE", 1)
    for name in ("Ana", "Beto"):
        cast.person(name, correo=f"{name.lower()}@example.org", country="US", city="Chicago")
    with platform.reading() as read:
        assert [(each.known, each.members) for each in figures.every(read)] == [(False, 0)]
    assert count_networks(platform) == 1
    cast.person("Ceci", correo="ceci@example.org")
    assert count_networks(platform) == 0
    with platform.reading() as read:
        assert [(each.members, each.at) for each in figures.every(read)] == [(2, clock.now())]
    clock.advance(timedelta(minutes=11))
    assert count_networks(platform) == 1
    with platform.reading() as read:
        assert [(each.members, each.countries) for each in figures.every(read)] == [(3, 2)]
