"""What a list of messages proves, and what it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.channels import DeliveryEvent, EventKind
from campaigns.inquiries import LOOKS, OLD, Rules, next_look
from campaigns.matching import NEAR, SKEW, Call, Found, Listed, Listing, judge

NOON = datetime(2025, 6, 20, 12, tzinfo=UTC)
OURS, THEIRS = "whatsapp:+525555550100", "whatsapp:+525555550109"
TEXT = "Hola Ana, hay un aviso para usted."
CALL = Call(
    delivery_id=1,
    address="+525555550121",
    sender="+525555550100",
    texts=(TEXT, "Hola {{1}}, hay un aviso para usted."),
    values=("Ana",),
    began=NOON,
    ended=NOON + timedelta(seconds=20),
)


def listed(sid="SM1", *, sender=OURS, text=TEXT, made: datetime | None = NOON) -> Listed:
    return Listed(DeliveryEvent("twilio", f"{sid}:sent", EventKind.ACCEPTED, NOON, provider_id=sid), sender, text, made)


def verdict(*messages: Listed, complete=True, taken=(), rivals=(), call=CALL) -> tuple[Found, str]:
    said = judge(call, Listing(messages, complete), taken=taken, rivals=rivals)
    return said.found, said.code


PRESENT, ABSENT = (Found.PRESENT, ""), (Found.ABSENT, "")


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"text": f"  Aviso\n{TEXT} \n\nVoto Chilango "},  # between a title and a footer
        {"text": "Hola {{1}}, hay un aviso para usted."},  # a list that shows the template
        {"text": ""},
        {"sender": ""},
        {"sender": "whatsapp:+5215555550100"},
        {"made": None},
        {"made": NOON - SKEW},
        {"made": CALL.ended + SKEW},
    ],
)
def test_a_message_in_which_nothing_speaks_against_the_call_is_ours(seen):
    assert verdict(listed(**seen)) == PRESENT


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"text": "Su cita es a las 4."}, (Found.UNCLEAR, "differs")),
        ({"sender": THEIRS}, (Found.UNCLEAR, "differs")),
        ({"made": NOON - SKEW - timedelta(seconds=1)}, (Found.UNCLEAR, "differs")),
        ({"made": NOON + timedelta(hours=5)}, (Found.UNCLEAR, "differs")),
        ({"text": "Su cita es a las 4.", "made": NOON - timedelta(hours=1)}, ABSENT),
        ({"text": "Su cita es a las 4.", "sender": THEIRS}, ABSENT),
        ({"made": NOON - NEAR - timedelta(seconds=1)}, ABSENT),
        ({"made": CALL.ended + NEAR + timedelta(seconds=1)}, ABSENT),
    ],
)
def test_what_contradicts_the_call_once_is_unclear_and_twice_is_another_message(seen, said):
    assert verdict(listed(**seen)) == said


def test_the_message_of_another_delivery_is_not_ours():
    assert verdict(listed("SM1"), taken={"SM1"}) == ABSENT
    assert verdict(listed("SM1"), listed("SM2"), taken={"SM1"}) == PRESENT


def test_several_that_fit_are_never_guessed_among():
    assert verdict(listed("SM1"), listed("SM2")) == (Found.UNCLEAR, "several")


def test_one_that_may_be_of_another_open_call_is_not_claimed():
    rival = replace(CALL, delivery_id=2)
    assert verdict(listed(), rivals=[rival]) == (Found.UNCLEAR, "other_delivery")
    assert verdict(listed(), rivals=[replace(rival, texts=("Estimada Ana: mañana empieza.",))]) == PRESENT
    assert verdict(listed(), rivals=[replace(rival, began=NOON + timedelta(hours=1), ended=NOON + NEAR)]) == PRESENT


def test_a_list_that_was_not_read_to_its_end_proves_no_absence():
    assert verdict(complete=False) == (Found.UNCLEAR, "list_long")
    assert verdict(listed(), complete=False) == PRESENT
    assert verdict() == ABSENT


def test_a_text_that_we_do_not_know_is_told_by_what_is_the_persons_own():
    unknown = replace(CALL, texts=())
    assert verdict(listed(text="Estimada Ana: …"), call=unknown) == PRESENT
    assert verdict(listed(text="Estimado Teo: …"), call=unknown) == (Found.UNCLEAR, "differs")
    assert verdict(listed(text="Estimado Teo: …"), call=replace(unknown, values=())) == PRESENT


MOMENTS = st.one_of(st.none(), st.integers(-200_000, 200_000).map(lambda seconds: NOON + timedelta(seconds=seconds)))
MESSAGES = st.lists(
    st.builds(
        listed,
        st.sampled_from(["SM1", "SM2", "SM3"]),
        sender=st.sampled_from([OURS, THEIRS, ""]),
        text=st.sampled_from([TEXT, "", "Su cita es a las 4."]),
        made=MOMENTS,
    ),
    max_size=3,
    unique_by=lambda message: message.event.provider_id,
)


@given(MESSAGES, st.booleans(), st.sets(st.sampled_from(["SM1", "SM2", "SM3"])))
def test_whatever_the_list_holds_presence_is_one_free_message_and_absence_a_whole_list_without_one(
    messages, complete, taken
):
    said = judge(CALL, Listing(tuple(messages), complete), taken=taken, rivals=())
    fitting = [
        message
        for message in messages
        if message.event.provider_id not in taken
        and message.sender in {OURS, ""}
        and message.text in {TEXT, ""}
        and (message.made is None or NOON - SKEW <= message.made <= CALL.ended + SKEW)
    ]
    if said.found == Found.PRESENT:
        assert [said.message] == fitting
    else:
        assert len(fitting) != 1
    if said.found == Found.ABSENT:
        assert complete
        assert fitting == []


@given(MESSAGES, st.booleans())
def test_a_known_message_of_another_delivery_changes_nothing(messages, complete):
    others = Listing(tuple(messages), complete)
    more = Listing((*messages, listed("SM9")), complete)
    assert judge(CALL, others, taken=(), rivals=()) == judge(CALL, more, taken={"SM9"}, rivals=())


# ---------------------------------------------------------------------- when to ask again

RULES = Rules(timedelta(seconds=120), timedelta(seconds=60))
ANSWERED = st.sampled_from([Found.ABSENT, Found.UNCLEAR])


@given(st.integers(0, 10**6), ANSWERED)
def test_a_doubt_is_always_asked_about_again_later_and_within_a_day(seconds, found):
    asked_at = NOON + timedelta(seconds=seconds)
    following = next_look(NOON, asked_at, found, RULES)
    assert asked_at < following <= asked_at + timedelta(days=1)


@given(st.lists(ANSWERED, min_size=12, max_size=12))
def test_while_a_doubt_is_young_a_message_that_appears_is_seen_within_a_minute(answers):
    asked_at = NOON + timedelta(seconds=LOOKS[0])
    for found in answers:
        following = next_look(NOON, asked_at, found, RULES)
        assert following - asked_at <= timedelta(seconds=60)
        asked_at = following
        if asked_at > NOON + timedelta(minutes=8):
            break


def test_absence_is_asked_for_exactly_when_it_counts():
    asked_at, asked = NOON + timedelta(seconds=3), [3]
    while asked[-1] < 180:
        asked_at = next_look(NOON, asked_at, Found.ABSENT, RULES)
        asked.append((asked_at - NOON).seconds)
    assert asked == [3, 10, 30, 60, 90, 120, 180]


def test_shorter_waits_leave_out_what_comes_too_late():
    quick = Rules(timedelta(seconds=5), timedelta(seconds=2))
    assert next_look(NOON, NOON + timedelta(seconds=3), Found.ABSENT, quick) == NOON + timedelta(seconds=5)
    assert next_look(NOON, NOON + timedelta(seconds=5), Found.ABSENT, quick) == NOON + timedelta(seconds=7)


def test_a_clock_that_was_set_back_does_not_put_a_question_off_for_hours():
    before = NOON - timedelta(hours=5)
    assert next_look(NOON, before, Found.ABSENT, RULES) <= before + timedelta(seconds=120)


def test_what_stays_unclear_is_asked_about_ever_less():
    def gap(age):
        return next_look(NOON, NOON + age, Found.UNCLEAR, RULES) - NOON - age

    gaps = [gap(timedelta(minutes=5)), gap(timedelta(hours=2)), gap(timedelta(hours=20)), gap(OLD * 2)]
    assert gaps == [timedelta(minutes=1), timedelta(minutes=12), timedelta(hours=1), timedelta(days=1)]
