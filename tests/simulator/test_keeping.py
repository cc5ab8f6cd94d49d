"""What is kept: in memory up to a limit, in a file over a restart, and the same again with the same seed."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from contacts.errors import Refused
from outreach.clock import VirtualClock
from outreach.simulator import Credentials, Simulator
from outreach.simulator.letters import fill

DAY = timedelta(days=1)
ANA = "+525555550101"


def test_memory_lets_the_oldest_go_and_the_counts_stay_exact(clock, caller, mail_to) -> None:
    with Simulator(clock, memory=20_000) as simulator:
        call = caller(simulator)
        for number in range(100):
            body = mail_to("ana@example.org")
            body["personalizations"][0]["custom_args"]["vc_delivery"] = str(number)
            call.mail(body)
        call.mail(body)
        assert simulator.counts() == {str(number): 1 for number in range(99)} | {"99": 2}
        seen = [letter.delivery for letter in simulator.messages()]
        assert seen[:2] == ["99", "99"]
        assert 5 < len(seen) < 60
        asked = call.get("/_counts").json()
        assert (asked["messages"], asked["twice"]) == ({"correo": 101, "whatsapp": 0}, {"99": 2})


def test_messages_are_found_by_channel_address_and_delivery(call, simulator, mail_to) -> None:
    call.mail(mail_to("ana@example.org", "beto@example.org"))
    call.text(ANA, status_callback="https://votochilango.example.org/s?d=31")
    assert [letter.to for letter in simulator.messages()] == [ANA, "beto@example.org", "ana@example.org"]
    assert [letter.to for letter in simulator.messages("correo")] == ["beto@example.org", "ana@example.org"]
    assert [letter.to for letter in simulator.messages(address="BETO")] == ["beto@example.org"]
    assert [letter.to for letter in simulator.messages(address="5550101")] == [ANA]
    assert [letter.to for letter in simulator.messages(delivery="31")] == [ANA]
    assert [letter.to for letter in simulator.messages(delivery="2")] == ["beto@example.org"]
    assert simulator.messages(address="nadie") == []


def test_reset_forgets_everything_but_keys_and_templates(call, simulator, listener, clock, mail_to) -> None:
    call.mail(mail_to("rebota@example.org"))
    call.text(ANA)
    key = simulator.sendgrid_public_key
    simulator.fault("status")
    simulator.reset()
    assert (simulator.messages(), simulator.counts(), simulator.due()) == ([], {}, None)
    call.mail(mail_to("ana@example.org"))
    assert simulator.sendgrid_public_key == key
    assert call.twilio.content.v1.content_and_approvals.list()


def told(simulator: Simulator, clock: VirtualClock, call: Any, mail_to: Any, listener: Any) -> list[object]:
    """Let one story happen; everything that was seen and told, in order."""
    listener.posted.clear()
    start = clock.now()
    simulator.fault("disorder", probability=0.5)
    people = ["ana@example.org", "rebota@example.org", "queja@example.org", "lleno@example.org"]
    call.mail(mail_to(*people))
    call.mail(mail_to(*people))
    call.mail({**mail_to("sin.folio@example.org"), "personalizations": [{"to": [{"email": "sin.folio@example.org"}]}]})
    for number in range(10):
        call.text(f"+5255555501{number:02}" if number != 10 else ANA, status_callback=f"{listener.url}/s?d={number}")
    clock.advance(DAY)
    simulator.deliver()
    messages = [letter.as_json() for letter in simulator.messages()]
    forms = [one.form for one in listener.posted if one.path != "/sendgrid"]
    for form in forms:
        form.pop("AccountSid")
    clock.set(start)
    return [messages, listener.events(), forms]


def test_the_same_seed_and_clock_give_the_same_messages_events_and_ids(clock, listener, caller, mail_to) -> None:
    stories = []
    for seed in (5, 5, 6):
        with Simulator(clock, seed=seed, sendgrid_webhook=f"{listener.url}/sendgrid") as simulator:
            stories.append(told(simulator, clock, caller(simulator), mail_to, listener))
    assert stories[0] == stories[1]
    assert {message["id"] for message in stories[0][0]}.isdisjoint(message["id"] for message in stories[2][0])
    ids = [event["sg_event_id"] for event in stories[0][1]]
    assert len(ids) == len(set(ids))
    assert len({message["id"] for message in stories[0][0]}) == len(stories[0][0])


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    return tmp_path / "simulador"


def test_a_restart_knows_keys_messages_counts_and_what_was_still_to_be_told(
    clock, listener, caller, mail_to, keep: Path
) -> None:
    hook = f"{listener.url}/sendgrid"
    with Simulator(clock, seed=5, sendgrid_webhook=hook, keep=keep) as first:
        call = caller(first)
        call.mail(mail_to("ana@example.org", "lleno@example.org"))
        sid = call.text(ANA, status_callback=f"{listener.url}/status?d=31").sid
        first.inbound("+525555550102", "Hola")
        clock.advance(timedelta(seconds=2))
        first.deliver()  # both processed; sent
        known = (
            first.sendgrid_public_key,
            first.sendgrid_api_key,
            first.twilio_sid,
            first.twilio_token,
            first.counts(),
        )
        seen = [letter.as_json() for letter in first.messages()]
    listener.posted.clear()
    with Simulator(clock, sendgrid_webhook=hook, keep=keep) as again:
        assert known == (
            again.sendgrid_public_key, again.sendgrid_api_key, again.twilio_sid, again.twilio_token, again.counts(),
        )  # fmt: skip
        assert [letter.as_json() for letter in again.messages()] == seen
        call = caller(again)
        assert call.twilio.messages(sid).fetch().status == "sent"
        free = {"content_sid": None, "content_variables": None, "body": "Con gusto."}
        answer = call.twilio.messages.create(to="whatsapp:+525555550102", from_="whatsapp:+525555550100", body="Hola")
        assert call.text(ANA, **free).sid != sid
        clock.advance(DAY)
        again.deliver()
        assert call.twilio.messages(answer.sid).fetch().error_code is None  # the window is still open
        assert listener.told("ana@example.org") == ["delivered"]
        assert listener.told("lleno@example.org") == ["deferred", "deferred", "bounce"]
        assert listener.statuses_of(sid)[-2:] == ["delivered", "read"]
        assert [one["name"] for one in call.get("/_templates").json()["templates"]] == ["aviso"]


def test_what_nobody_took_before_a_restart_is_told_after_it(clock, listener, caller, mail_to, keep: Path) -> None:
    hook = f"{listener.url}/sendgrid"
    listener.statuses = [500]
    with Simulator(clock, sendgrid_webhook=hook, keep=keep) as first:
        caller(first).mail(mail_to("ana@example.org"))
        clock.advance(timedelta(seconds=1))
        assert first.deliver() == 0
        clock.advance(timedelta(seconds=3))
        assert first.deliver() == 1
    ids = {event["sg_event_id"] for event in listener.events()}
    listener.posted.clear()
    with Simulator(clock, sendgrid_webhook=hook, keep=keep) as again:
        again.deliver()
    assert listener.told("ana@example.org")[0] == "processed"
    assert {event["sg_event_id"] for event in listener.events()} <= ids


def test_what_is_taken_after_everything_was_told_is_told_after_a_restart(
    clock, listener, caller, mail_to, keep: Path
) -> None:
    hook = f"{listener.url}/sendgrid"
    with Simulator(clock, sendgrid_webhook=hook, keep=keep) as first:
        caller(first).mail(mail_to("ana@example.org"))
        clock.advance(DAY)
        first.deliver()
        assert first.due() is None
        caller(first).mail(mail_to("beto@example.org"))
    clock.advance(DAY)
    with Simulator(clock, sendgrid_webhook=hook, keep=keep) as again:
        assert again.deliver() == 2
    assert listener.told("ana@example.org") == listener.told("beto@example.org") == ["processed", "delivered"]


def test_given_credentials_win_over_kept_ones(clock, keep: Path) -> None:
    with Simulator(clock, keep=keep):
        pass
    given = Credentials("SG.la-mia", "AC" + "7" * 32, "el-mio")
    with Simulator(clock, credentials=given, keep=keep) as simulator:
        assert (simulator.sendgrid_api_key, simulator.twilio_token) == ("SG.la-mia", "el-mio")


def test_a_record_cut_off_by_a_crash_is_dropped_and_the_next_one_follows(clock, caller, mail_to, keep: Path) -> None:
    with Simulator(clock, keep=keep) as simulator:
        call = caller(simulator)
        call.mail(mail_to("ana@example.org"))
        size = keep.stat().st_size
        call.mail(mail_to("beto@example.org"))
    for cut in (size + 1, size + 30, keep.stat().st_size - 1):
        with keep.open("r+b") as file:
            file.truncate(cut)
        with Simulator(clock, keep=keep) as simulator:
            assert [letter.to for letter in simulator.messages()] == ["ana@example.org"]
            caller(simulator).mail(mail_to("carmen@example.org"))
        with Simulator(clock, keep=keep) as simulator:
            assert [letter.to for letter in simulator.messages()] == ["carmen@example.org", "ana@example.org"]
            assert simulator.counts() == {"1": 2}
        with keep.open("r+b") as file:
            file.truncate(size)
        with Simulator(clock, keep=keep) as simulator:
            caller(simulator).mail(mail_to("beto@example.org"))


def test_what_a_crash_left_of_a_long_record_does_not_stand_behind_a_short_one(
    clock, caller, mail_to, keep: Path
) -> None:
    with Simulator(clock, keep=keep) as simulator:
        long = json.dumps(mail_to(*(f"p{number}@example.org" for number in range(50))), indent=1)  # of many lines
        headers = {"Content-Type": "application/json"}
        assert caller(simulator).post("/v3/mail/send", data=long, headers=headers).status_code == 202
    with keep.open("r+b") as file:
        file.truncate(keep.stat().st_size - 1)
    for address in ("beto@example.org", "carmen@example.org"):
        with Simulator(clock, keep=keep) as simulator:
            caller(simulator).mail(mail_to(address))
    with Simulator(clock, keep=keep) as simulator:
        assert [letter.to for letter in simulator.messages()] == ["carmen@example.org", "beto@example.org"]


def test_the_file_is_its_owners_alone(clock, keep: Path) -> None:
    with Simulator(clock, keep=keep):
        assert stat.S_IMODE(keep.stat().st_mode) == 0o600


def test_two_simulators_do_not_share_a_file(clock, keep: Path) -> None:
    with Simulator(clock, keep=keep), pytest.raises(Refused, match="simulator_keep_busy"):
        Simulator(clock, keep=keep).start()


@pytest.mark.parametrize("content", [b"nombre,correo\nAna,ana@example.org\n", b'["x"]\n', b'{"kind": "mail"}\n'])
def test_a_file_of_something_else_is_refused_and_left_alone(clock, keep: Path, content: bytes) -> None:
    keep.write_bytes(content)
    with pytest.raises(Refused, match="simulator_keep"):
        Simulator(clock, keep=keep).start()
    assert keep.read_bytes() == content


def test_a_folder_is_refused(clock, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="simulator_keep"):
        Simulator(clock, keep=tmp_path).start()


def test_reset_empties_the_file_but_for_keys_and_templates(clock, caller, mail_to, keep: Path) -> None:
    with Simulator(clock, keep=keep) as simulator:
        caller(simulator).mail(mail_to("ana@example.org"))
        caller(simulator).text(ANA)
        key = simulator.sendgrid_public_key
        simulator.reset()
    with Simulator(clock, keep=keep) as again:
        assert (again.messages(), again.counts(), again.sendgrid_public_key) == ([], {}, key)
        assert len(again.templates.found) == 1


def test_stopped_and_started_it_is_the_same_on_the_same_port(clock, caller, mail_to, keep: Path) -> None:
    simulator = Simulator(clock, keep=keep)
    simulator.start()
    call, url = caller(simulator), simulator.url
    call.mail(mail_to("ana@example.org"))
    simulator.stop()
    with pytest.raises(OSError, match="refused"):
        call.mail(mail_to("beto@example.org"))
    simulator.start()
    assert simulator.url == url
    call.mail(mail_to("carmen@example.org"))
    assert [letter.to for letter in simulator.messages()] == ["carmen@example.org", "ana@example.org"]
    simulator.stop()
    simulator.stop()


def test_a_port_that_is_taken_is_refused_in_words(clock, simulator) -> None:
    other = Simulator(clock, port=simulator.port)
    with pytest.raises(Refused, match="port_taken"):
        other.start()
    other.stop()


def test_nothing_is_left_open_behind_a_simulator(clock, caller, mail_to) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Simulator(clock) as simulator:
        caller(simulator).mail(mail_to("ana@example.org"))
        with pytest.raises(TwilioRestException):
            caller(simulator).text(ANA, to="whatsapp:x").close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1  # the SDK's own session may linger


@given(
    st.dictionaries(st.text("-ab", min_size=1, max_size=3), st.text("-abñ", max_size=5), max_size=5), st.text("-abx")
)
def test_filling_in_reads_the_text_once_from_left_to_right(values: dict[str, str], text: str) -> None:
    expected, place = "", 0
    while place < len(text):
        tag = max((tag for tag in values if text.startswith(tag, place)), key=len, default="")
        expected += values[tag] if tag else text[place]
        place += len(tag) or 1
    assert fill(text, values) == expected
