"""What is told to the platform: signed as the vendors sign, in batches and one by one, tried again or lost."""

from datetime import timedelta

from sendgrid import EventWebhook
from twilio.request_validator import RequestValidator

from outreach.clock import SystemClock
from outreach.simulator import Simulator

ANA = "+525555550101"
DAY = timedelta(days=1)


def test_events_are_verified_by_sendgrids_own_helper(call, simulator, listener, clock, mail_to) -> None:
    call.mail(mail_to("ana@example.org", "ñandú".encode("idna").decode() + "@example.org"))
    clock.advance(DAY)
    simulator.deliver()
    (posted,) = listener.posted
    helper = EventWebhook(simulator.sendgrid_public_key)
    signature = posted.headers["x-twilio-email-event-webhook-signature"]
    timestamp = posted.headers["x-twilio-email-event-webhook-timestamp"]
    assert helper.verify_signature(posted.body.decode(), signature, timestamp)
    assert not helper.verify_signature(posted.body.decode() + " ", signature, timestamp)
    assert not helper.verify_signature(posted.body.decode(), signature, str(int(timestamp) + 1))
    assert int(timestamp) == int(clock.now().timestamp())
    assert posted.body.endswith(b"]\r\n")


def test_an_event_carries_our_arguments_at_its_top_and_reserved_names_win(
    call, simulator, listener, clock, mail_to
) -> None:
    body = mail_to("ana@example.org", categories=["difusion"], custom_args={"event": "nuestro", "campaña": "7"})
    message_id = call.mail(body).headers["X-Message-Id"]
    taken = int(clock.now().timestamp())
    clock.advance(DAY)
    simulator.deliver()
    processed, delivered = listener.events()
    assert (processed["event"], processed["vc_delivery"], processed["vc_installation"]) == (
        "processed",
        "1",
        "c0ffee12",
    )
    assert (processed["email"], processed["campaña"], processed["category"]) == ("ana@example.org", "7", ["difusion"])
    assert (processed["timestamp"], delivered["timestamp"]) == (taken + 1, taken + 4)
    assert processed["sg_message_id"].startswith(f"{message_id}.")
    assert processed["sg_event_id"] != delivered["sg_event_id"]
    assert delivered["response"].startswith("250")


def test_events_come_in_batches_of_a_thousand(call, simulator, listener, clock, mail_to) -> None:
    call.mail(mail_to(*(f"p{number}@example.org" for number in range(700))))
    clock.advance(DAY)
    assert simulator.deliver() == 1400
    assert [len(one.json) for one in listener.posted] == [1000, 400]
    assert len({event["sg_event_id"] for event in listener.events()}) == 1400


def test_nothing_moves_by_itself_in_virtual_time(call, simulator, listener, clock, mail_to) -> None:
    start = clock.now()
    call.mail(mail_to("ana@example.org"))
    assert simulator.due() == start + timedelta(seconds=1)
    assert simulator.deliver() == 0
    clock.advance(timedelta(seconds=1))
    assert simulator.deliver() == 1
    assert simulator.due() == start + timedelta(seconds=4)
    assert simulator.deliver(start + timedelta(seconds=4)) == 1
    assert (simulator.due(), listener.told("ana@example.org")) == (None, ["processed", "delivered"])


def test_a_batch_that_is_not_taken_is_told_again_later_and_later(call, simulator, listener, clock, mail_to) -> None:
    listener.statuses = [500, 302, 0]
    call.mail(mail_to("callado@example.org"))
    clock.advance(timedelta(seconds=1))
    waits = []
    for _ in range(3):
        assert simulator.deliver() == 0
        waits.append((simulator.due() - clock.now()).total_seconds())
        clock.set(simulator.due())
    assert simulator.deliver() == 1
    assert waits == [30, 60, 120]
    assert len(listener.events()) == 4
    assert len({event["sg_event_id"] for event in listener.events()}) == 1
    helper = EventWebhook(simulator.sendgrid_public_key)
    for posted in listener.posted:
        named = [posted.headers[f"x-twilio-email-event-webhook-{name}"] for name in ("signature", "timestamp")]
        assert helper.verify_signature(posted.body.decode(), *named)
    assert simulator.due() is None


def test_sendgrid_gives_up_after_a_day(call, simulator, listener, clock, mail_to) -> None:
    listener.statuses = [500] * 100
    call.mail(mail_to("callado@example.org"))
    start = clock.now()
    while simulator.due():
        clock.set(simulator.due())
        simulator.deliver()
    assert timedelta(hours=24) < clock.now() - start < timedelta(hours=48)
    assert 10 < len(listener.posted) < 14


def test_a_status_is_verified_by_twilios_own_validator(call, simulator, listener, clock) -> None:
    path = "/status?d=31&i=c0ffee12"
    made = call.text(ANA, status_callback=f"{listener.url}{path}#rc=3")
    clock.advance(DAY)
    assert simulator.deliver() == 3
    validator = RequestValidator(simulator.twilio_token)
    for posted in listener.posted:
        assert posted.path == path
        assert validator.validate(listener.url + posted.path, posted.form, posted.headers["x-twilio-signature"])
        assert not validator.validate(listener.url + "/status", posted.form, posted.headers["x-twilio-signature"])
    last = listener.posted[-1].form
    assert (last["MessageSid"], last["MessageStatus"], last["EventType"]) == (made.sid, "read", "READ")
    assert (last["To"], last["AccountSid"]) == (f"whatsapp:{ANA}", simulator.twilio_sid)


def test_twilio_tries_once_more_and_only_where_there_was_no_answer(call, simulator, listener, clock) -> None:
    listener.statuses = [0, 500, 0, 200, 0]  # sent is lost once; delivered is answered 500; read is lost twice
    made = call.text(ANA, status_callback=f"{listener.url}/status")
    clock.advance(DAY)
    assert simulator.deliver() == 1
    assert listener.statuses_of(made.sid) == ["sent", "delivered", "read", "sent", "read"]
    tokens = ["i-twilio-idempotency-token" in one.headers for one in listener.posted]
    assert tokens == [False, False, False, True, True]
    assert simulator.due() is None


def test_a_person_writes_and_the_platform_hears_it_as_twilio_says_it(simulator, listener) -> None:
    assert simulator.inbound("+525555550101", "¡Baja!", name="Ana Jacaranda") == 200
    (posted,) = listener.posted
    form = posted.form
    assert (form["From"], form["To"], form["Body"]) == ("whatsapp:+5215555550101", "whatsapp:+525555550100", "¡Baja!")
    assert (form["WaId"], form["ProfileName"], form["NumMedia"]) == ("5215555550101", "Ana Jacaranda", "0")
    assert RequestValidator(simulator.twilio_token).validate(
        f"{listener.url}/inbound", form, posted.headers["x-twilio-signature"]
    )


def test_a_person_may_be_known_by_an_id_and_no_number(call, simulator, listener, clock) -> None:
    simulator.inbound("US.ABC123", "Hola")
    form = listener.posted[0].form
    assert (form["From"], form["ExternalUserId"], form["WaId"]) == (
        "whatsapp:US.ABC123",
        "whatsapp:US.ABC123",
        "US.ABC123",
    )
    answer = call.text(ANA, to="whatsapp:US.ABC123", content_sid=None, content_variables=None, body="Hola")
    clock.advance(DAY)
    assert call.twilio.messages(answer.sid).fetch().error_code is None  # the window is open


def test_a_person_can_write_later(simulator, listener, clock) -> None:
    simulator.inbound("+12125550101", "Hola", after=timedelta(minutes=30))
    assert simulator.due() == clock.now() + timedelta(minutes=30)
    clock.advance(timedelta(minutes=30))
    assert simulator.deliver() == 1
    assert listener.posted[0].form["From"] == "whatsapp:+12125550101"


def test_the_same_words_twice_are_two_messages(simulator, listener) -> None:
    for _ in range(2):
        simulator.inbound("+12125550101", "Hola")
    assert len({one.form["MessageSid"] for one in listener.posted}) == 2


def test_without_addresses_nothing_is_posted_and_nothing_breaks(clock, caller, mail_to) -> None:
    with Simulator(clock) as simulator:
        caller(simulator).mail(mail_to("rebota@example.org"))
        assert simulator.inbound("+12125550101", "Hola") == 0
        clock.advance(DAY)
        assert simulator.deliver() == 0
        assert simulator.messages()[0].state == "bounce"
        assert simulator.due() is None


def test_a_line_that_was_closed_while_idle_loses_nothing_and_repeats_nothing(
    call, simulator, listener, clock, mail_to
) -> None:
    listener.statuses = [-200, -200]
    call.mail(mail_to("tarde@example.org"))
    for _ in range(3):
        clock.set(simulator.due())
        listener.closed.clear()
        assert simulator.deliver() == 1
        listener.closed.wait(0.5 if listener.statuses else 0.05)
    assert listener.told("tarde@example.org") == ["processed", "deferred", "delivered"]


def test_in_real_time_everything_is_told_by_itself(listener, caller, mail_to) -> None:
    with Simulator(SystemClock(), sendgrid_webhook=f"{listener.url}/sendgrid", delay=0.01) as simulator:
        call = caller(simulator)
        call.mail(mail_to("ana@example.org"))
        listener.wait_for(2)
        assert listener.told("ana@example.org") == ["processed", "delivered"]
        call.text(ANA, status_callback=f"{listener.url}/status")
        listener.wait_for(5)


def test_in_real_time_a_platform_that_comes_back_hears_what_it_missed(listener, caller, mail_to) -> None:
    listener.statuses = [500, 500]
    with Simulator(SystemClock(), sendgrid_webhook=f"{listener.url}/sendgrid", delay=0.01) as simulator:
        caller(simulator).mail(mail_to("callado@example.org"))
        listener.wait_for(3)
    assert len({event["sg_event_id"] for event in listener.events()}) == 1
