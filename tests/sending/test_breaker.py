"""The breaker of a line: a bad hour leaves a few in doubt, and the rest waits, is tried, and goes on by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns import breaker, lines
from campaigns.breaker import State
from campaigns.channels import Outcome, Result
from campaigns.drafts import ContentDraft
from contacts.models import Channel
from outreach.audit import AuditEntry

SEND = "/v3/mail/send"
SENDER = "votochilango@iecm.mx"
UNKNOWN = Outcome(1, Result.UNKNOWN, code="provider_failure")
GOOD = Outcome(1, Result.ACCEPTED, provider_id="x")


def people(cast, count: int, network: str = "Red Voto Chilango") -> None:
    for number in range(count):
        cast.person(f"Persona {number}", correo=f"p{number}.{network[:3]}@example.org".lower(), network=network)


def note(platform, *calls: Outcome, probe: bool = False) -> None:
    with platform.transaction() as session:
        breaker.note(session, Channel.EMAIL, SENDER, calls, platform.clock.now(), probe=probe)


def state(platform) -> State:
    with platform.reading() as session:
        return breaker.state(lines.seen(session, Channel.EMAIL, SENDER), platform.clock.now())


def span(platform) -> timedelta:
    with platform.reading() as session:
        line = lines.seen(session, Channel.EMAIL, SENDER)
        assert line is not None
        assert line.closed_until is not None
        return line.closed_until - platform.clock.now()


def test_a_bad_hour_leaves_a_few_calls_in_doubt_and_everybody_else_gets_theirs_after_it(house, cast) -> None:
    people(cast, 120)
    house.providers.carriers[Channel.EMAIL].batch_size = house.providers.carriers[Channel.EMAIL].in_flight = 5
    house.engine = house.providers.engine(house.platform)
    house.simulator.fault("status", path=SEND, status=503)
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=1)
    doubts = house.states(campaign).count("in_doubt")
    assert 15 <= doubts <= 5 * 3 + 10  # three calls of five, then one person a trial
    house.simulator.clear_faults()
    house.settle(hours=2)
    states = house.states(campaign)
    assert states.count("in_doubt") == doubts
    assert sum(one in {"delivered", "read"} for one in states) == 120 - doubts


def test_three_doubts_in_a_row_close_the_line_for_thirty_seconds_doubling_to_fifteen_minutes(platform, clock) -> None:
    note(platform, UNKNOWN, UNKNOWN)
    assert state(platform) == State.OPEN
    note(platform, UNKNOWN)
    spans = []
    for _trial in range(7):
        assert state(platform) == State.CLOSED
        spans.append(span(platform).total_seconds())
        clock.advance(span(platform))
        assert state(platform) == State.PROBE
        note(platform, UNKNOWN, probe=True)
    assert spans == [30, 60, 120, 240, 480, 900, 900]


def test_a_trial_that_succeeds_opens_the_line_and_another_doubt_closes_it_at_once(platform, clock) -> None:
    note(platform, UNKNOWN, UNKNOWN, UNKNOWN)
    clock.advance(span(platform))
    note(platform, GOOD, probe=True)
    assert state(platform) == State.OPEN
    note(platform, UNKNOWN)
    assert state(platform) == State.CLOSED


def test_a_doubt_now_and_then_closes_nothing(platform) -> None:
    for _turn in range(20):
        note(platform, UNKNOWN, *[GOOD] * 25)
    assert state(platform) == State.OPEN


def test_half_of_the_calls_in_doubt_close_the_line_although_they_are_never_three_in_a_row(platform) -> None:
    note(platform, *[UNKNOWN, GOOD] * 5)
    assert state(platform) == State.CLOSED


@pytest.mark.parametrize(("asked", "waits"), [(None, 5.0), (42.0, 42.0)])
def test_a_provider_that_asks_to_wait_closes_the_line_for_as_long(platform, asked, waits) -> None:
    note(platform, Outcome(1, Result.RETRY, code="rate_limited", retry_after=asked))
    assert span(platform).total_seconds() == waits


def test_what_one_letter_is_refused_for_says_nothing_of_the_line(platform) -> None:
    note(platform, *[Outcome(1, Result.REFUSED, code="invalid_address")] * 10)
    assert state(platform) == State.OPEN


def test_only_one_worker_tries_a_closed_line_and_with_one_person(house, cast, clock) -> None:
    people(cast, 10)
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    note(house.platform, UNKNOWN, UNKNOWN, UNKNOWN)
    assert house.engine.work() is False
    clock.advance(span(house.platform))
    other = house.providers.engine(house.platform)
    claim = house.engine._dispatcher._claim()
    assert claim is not None
    assert len(claim.rows) == 1
    assert other.work() is False
    with house.engine._dispatcher._keeping(claim):
        pass  # it died, or was told to end
    assert other.work() is True
    assert len(house.simulator.counts()) == 1
    assert house.states(campaign).count("planned") == 9


def test_a_closed_line_holds_up_no_other_sender_and_no_other_way(house, cast) -> None:
    people(cast, 3)
    cast.person("Ana", whatsapp="+525555010044", network="Teléfonos")
    note(house.platform, UNKNOWN, UNKNOWN, UNKNOWN)
    waits = house.campaign(Channel.EMAIL)
    other = house.campaign(Channel.EMAIL, cuenta="otra@example.org")
    template = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    phone = house.campaign(Channel.WHATSAPP, networks=("Teléfonos",), contents=(template,))
    house.engine.tick()
    house.engine.drain()
    assert set(house.states(waits)) == {"planned"}
    assert set(house.states(other)) == set(house.states(phone)) == {"accepted"}


def test_a_provider_that_cannot_be_reached_is_tried_by_one_person_at_a_time(house, cast) -> None:
    people(cast, 50)
    url = house.simulator.url
    house.simulator.stop()
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    for _hour in range(30):
        house.engine.drain()
        moment = house.engine.next_due()
        house.clock.set(max(moment, house.clock.now() + timedelta(seconds=1)))
    tries = sum(row.attempts for row in house.rows(campaign))
    assert tries <= 50 + 40  # the first call had everybody; each one after it had one person
    house.simulator.start()
    assert house.simulator.url == url
    house.settle(hours=2)
    assert set(house.simulator.counts().values()) == {1}
    assert set(house.states(campaign)) <= {"delivered", "read"}


def test_the_audit_log_tells_when_a_line_was_closed_and_opened(house, cast) -> None:
    people(cast, 40)
    house.providers.carriers[Channel.EMAIL].batch_size = house.providers.carriers[Channel.EMAIL].in_flight = 5
    house.engine = house.providers.engine(house.platform)
    house.simulator.fault("status", path=SEND, status=500, times=3)
    house.campaign(Channel.EMAIL)
    house.settle(hours=1)
    with house.platform.reading() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action.like("line.%")).order_by(AuditEntry.id)).all()
    assert [one.action for one in told] == ["line.close", "line.open"]
    assert told[0].details["reason"] == "provider_failure"
    assert told[0].subject == f"line:correo:{SENDER}"
