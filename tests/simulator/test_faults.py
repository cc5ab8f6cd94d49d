"""What goes wrong on demand: what the caller feels, and whether the message was taken."""

import socket
from datetime import timedelta
from typing import Any

import pytest
import requests

from contacts.errors import Refused
from outreach.clock import SystemClock
from outreach.simulator import Simulator

MAIL = "/v3/mail/send"
DAY = timedelta(days=1)


@pytest.mark.parametrize("accept", [False, True])
def test_a_line_is_cut_with_a_reset(call, simulator, mail_to, accept: bool) -> None:
    simulator.fault("reset", accept=accept, times=1)
    with pytest.raises(requests.ConnectionError) as caught:
        call.post(MAIL, json=mail_to("ana@example.org"))
    assert "ConnectionResetError" in str(caught.value)
    assert simulator.counts() == ({"1": 1} if accept else {})
    assert call.post(MAIL, json=mail_to("ana@example.org")).status_code == 202


@pytest.mark.parametrize("accept", [False, True])
def test_a_silent_provider_never_answers(call, simulator, mail_to, accept: bool) -> None:
    simulator.fault("silence", accept=accept, path=MAIL)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            simulator.url + MAIL, json=mail_to("a@example.org"), headers={"Authorization": "Bearer SG.x"}, timeout=0.3
        )
    assert simulator.counts() == ({"1": 1} if accept else {})


def test_a_simulator_stops_although_somebody_waits_for_a_silent_answer(clock) -> None:
    simulator = Simulator(clock)
    simulator.start()
    simulator.fault("silence")
    line = socket.create_connection(("127.0.0.1", simulator.port))
    line.sendall(b"GET /v3/mail/batch/x HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer SG.x\r\n\r\n")
    line.settimeout(0.2)
    with pytest.raises(TimeoutError):
        line.recv(1)
    simulator.stop()
    line.settimeout(5)
    assert line.recv(1) == b""
    line.close()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
@pytest.mark.parametrize("accept", [False, True])
def test_a_status_is_answered_in_the_providers_shape(call, simulator, mail_to, status: int, accept: bool) -> None:
    simulator.fault("status", status=status, accept=accept)
    answer = call.post(MAIL, json=mail_to("ana@example.org"))
    assert answer.status_code == status
    assert "Retry-After" not in answer.headers
    assert ("errors" in answer.text) is (status in {429, 500})
    assert simulator.counts() == ({"1": 1} if accept else {})


def test_a_429_may_say_when_to_come_back(call, simulator, mail_to) -> None:
    simulator.fault("status", status=429, retry_after=7)
    assert call.post(MAIL, json=mail_to("ana@example.org")).headers["Retry-After"] == "7"


def test_a_413_is_html(call, simulator, mail_to) -> None:
    simulator.fault("status", status=413)
    answer = call.post(MAIL, json=mail_to("ana@example.org"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "text/html")


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (503, 20503), (500, 20500), (401, 20003)])
def test_twilio_in_trouble_answers_with_its_codes(call, simulator, status: int, code: int) -> None:
    simulator.fault("status", status=status, path="/2010-04-01/*")
    with pytest.raises(Exception, match="HTTP") as caught:
        call.text("+525555550101")
    assert (caught.value.status, caught.value.code) == (status, code)
    assert simulator.messages() == []


def test_a_slow_provider_answers_all_the_same(call, simulator, mail_to) -> None:
    simulator.fault("latency", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            simulator.url + MAIL, json=mail_to("a@example.org"), headers={"Authorization": "Bearer SG.x"}, timeout=0.1
        )
    assert call.post(MAIL, json=mail_to("b@example.org")).elapsed.total_seconds() >= 0.3


def test_a_latency_for_all_calls_can_be_given(clock, caller, mail_to) -> None:
    with Simulator(clock, latency=0.2) as simulator:
        assert caller(simulator).post(MAIL, json=mail_to("a@example.org")).elapsed.total_seconds() >= 0.2


def statuses(call: Any, bodies: list[dict[str, Any]]) -> list[int]:
    return [call.post(MAIL, json=body).status_code for body in bodies]


def test_a_fault_befalls_the_calls_that_were_chosen(call, simulator, mail_to) -> None:
    calls = [mail_to(f"p{number}@example.org") for number in range(6)]
    simulator.fault("status", nth=(2, 5))
    assert statuses(call, calls) == [202, 503, 202, 202, 503, 202]
    simulator.clear_faults()
    simulator.fault("status", times=2)
    assert statuses(call, calls) == [503, 503, 202, 202, 202, 202]
    simulator.clear_faults()
    simulator.fault("status", address="P3@*")
    assert statuses(call, calls) == [202, 202, 202, 503, 202, 202]
    simulator.clear_faults()
    simulator.fault("status", path="/2010-04-01/*")
    simulator.fault("status", method="get")
    assert statuses(call, calls) == [202] * 6


def test_a_fault_finds_one_person_of_many_and_one_number(call, simulator, mail_to) -> None:
    simulator.fault("status", status=429, address="p499@example.org")
    many = [f"p{number}@example.org" for number in range(500)]
    assert statuses(call, [mail_to(*many), mail_to(*many[:-1])]) == [429, 202]
    simulator.fault("status", status=429, address="+525555550102")
    assert call.text("+525555550101").status == "queued"
    with pytest.raises(Exception, match="429"):
        call.text("+525555550102")


def test_chance_is_the_same_with_the_same_seed(clock, caller, mail_to) -> None:
    runs = []
    for seed in (3, 3, 4):
        with Simulator(clock, seed=seed) as simulator:
            simulator.fault("status", probability=0.5)
            runs.append(statuses(caller(simulator), [mail_to("a@example.org")] * 20))
    assert runs[0] == runs[1] != runs[2]
    assert 3 < runs[0].count(503) < 17


def test_forty_six_copies_of_an_event_come(call, simulator, listener, clock, mail_to) -> None:
    simulator.fault("duplicate", copies=46, event="delivered")
    call.mail(mail_to("ana@example.org"))
    made = call.text("+525555550101", status_callback=f"{listener.url}/status")
    clock.advance(DAY)
    assert simulator.deliver() == (1 + 46) + (1 + 46 + 1)
    assert listener.told("ana@example.org").count("delivered") == 46
    assert len({event["sg_event_id"] for event in listener.events()}) == 2
    assert listener.statuses_of(made.sid).count("delivered") == 46


def test_copies_come_in_posts_of_their_own(call, simulator, listener, clock, mail_to) -> None:
    simulator.fault("duplicate", copies=2)
    call.mail(mail_to("ana@example.org"))
    clock.advance(DAY)
    simulator.deliver()
    first, second = listener.posted
    assert first.json == second.json


def test_events_come_last_one_first(call, simulator, listener, clock, mail_to) -> None:
    simulator.fault("disorder", address="ana@*")
    simulator.fault("disorder", address="+525555550101")
    call.mail(mail_to("ana@example.org", "beto@example.org", "queja@example.org"))
    made = call.text("+525555550101", status_callback=f"{listener.url}/status")
    clock.advance(DAY)
    simulator.deliver()
    assert listener.told("ana@example.org") == ["delivered", "processed"]
    assert listener.told("beto@example.org") == ["processed", "delivered"]
    assert listener.statuses_of(made.sid) == ["read", "delivered", "sent"]


def test_withheld_events_come_once_the_faults_are_lifted(call, simulator, listener, clock, mail_to) -> None:
    simulator.fault("withhold", event="delivered")
    call.mail(mail_to("ana@example.org", "beto@example.org"))
    made = call.text("+525555550101", status_callback=f"{listener.url}/status")
    clock.advance(DAY)
    simulator.deliver()
    assert listener.told("ana@example.org") == ["processed"]
    assert listener.statuses_of(made.sid) == ["sent", "read"]
    assert simulator.due() is None
    simulator.clear_faults()
    assert simulator.deliver() == 3
    assert listener.told("ana@example.org") == ["processed", "delivered"]
    assert listener.told("beto@example.org") == ["processed", "delivered"]
    assert listener.statuses_of(made.sid) == ["sent", "read", "delivered"]


def test_lost_events_never_come(call, simulator, listener, clock, mail_to) -> None:
    simulator.fault("lose", nth=1)
    call.mail(mail_to("ana@example.org"))
    clock.advance(DAY)
    simulator.deliver()
    simulator.clear_faults()
    simulator.deliver()
    assert listener.told("ana@example.org") == ["delivered"]


def test_faults_are_steered_over_http(call, simulator, mail_to) -> None:
    rule = {"kind": "status", "status": 429, "path": MAIL, "retry_after": 1.5, "nth": 2}
    made = requests.post(f"{simulator.url}/_faults", json=rule, timeout=10)
    assert made.status_code == 201
    assert statuses(call, [mail_to("a@example.org")] * 3) == [202, 429, 202]
    (shown,) = call.get("/_faults").json()["faults"]
    assert (shown["kind"], shown["seen"], shown["done"], shown["nth"]) == ("status", 3, 1, [2])
    assert requests.delete(f"{simulator.url}/_faults", timeout=10).status_code == 204
    assert call.get("/_faults").json() == {"faults": []}


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        ([], []),
        ({}, ["kind dice «» y debe ser latency"]),
        ({"kind": "lluvia"}, ["kind dice «lluvia» y debe ser latency"]),
        ({"kind": "status", "estado": 5}, ["No existe el campo «estado»"]),
        (
            {"kind": "status", "status": "503", "accept": 1, "times": True},
            ["«accept» dice «1»", "«status» dice «503»", "«times» dice «True»"],
        ),
        ({"kind": "status", "status": 99}, ["«status» dice «99» y debe estar entre 200 y 599"]),
        ({"kind": "duplicate", "copies": 47}, ["«copies» dice «47» y debe estar entre 1 y 46"]),
        ("x", ["Se esperaba un objeto JSON"]),
        ([{"kind": "reset"}, {"kind": "x"}], ["kind dice «x»"]),
    ],
)
def test_a_wrong_rule_is_explained_and_none_is_put_in_force(simulator, rule: object, sentences: list[str]) -> None:
    answer = requests.post(f"{simulator.url}/_faults", json=rule, timeout=10)
    if sentences:
        assert answer.status_code == 400
        found = "\n".join(answer.json()["errors"])
        assert all(sentence in found for sentence in sentences), found
    assert simulator.core.faults.rules == []


def test_a_fault_that_does_not_exist_is_a_mistake_in_python_too(simulator) -> None:
    with pytest.raises(Refused, match="simfault_key"):
        simulator.fault("status", estado=503)


def test_faults_work_in_real_time(listener, caller, mail_to) -> None:
    with Simulator(SystemClock(), sendgrid_webhook=f"{listener.url}/sendgrid", delay=0.01) as simulator:
        simulator.fault("duplicate", copies=3, event="processed")
        caller(simulator).mail(mail_to("callado@example.org"))
        listener.wait_for(2)
    assert len(listener.events()) == 3
