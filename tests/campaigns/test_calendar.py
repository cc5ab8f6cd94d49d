from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.calendar import Schedule, next_after, occurrences, out_of_quiet, read_wall, to_utc
from contacts.errors import Refused

MEXICO, MADRID, CHICAGO = "America/Mexico_City", "Europe/Madrid", "America/Chicago"
NIGHT = (time(21, 0), time(8, 0))


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


ZONES = st.sampled_from([MEXICO, MADRID, CHICAGO, "Pacific/Honolulu", "Asia/Tokyo", "Australia/Sydney"])
MOMENTS = st.datetimes(wall("2024-01-01"), wall("2028-01-01"), timezones=st.just(UTC))


def test_mexico_city_has_no_summer_time_and_madrid_has() -> None:
    assert to_utc(wall("2025-01-15T10:00"), MEXICO) == datetime(2025, 1, 15, 16, tzinfo=UTC)
    assert to_utc(wall("2025-07-15T10:00"), MEXICO) == datetime(2025, 7, 15, 16, tzinfo=UTC)
    assert to_utc(wall("2025-01-15T10:00"), MADRID) == datetime(2025, 1, 15, 9, tzinfo=UTC)
    assert to_utc(wall("2025-07-15T10:00"), MADRID) == datetime(2025, 7, 15, 8, tzinfo=UTC)


def test_an_hour_that_a_clock_change_skips_comes_just_after_it() -> None:
    moment = to_utc(wall("2025-03-09T02:30"), CHICAGO)  # clocks went from 02:00 to 03:00
    assert moment.astimezone(ZoneInfo(CHICAGO)).time() == time(3, 30)


def test_an_hour_that_happens_twice_is_the_first_one() -> None:
    assert to_utc(wall("2025-11-02T01:30"), CHICAGO) == datetime(2025, 11, 2, 6, 30, tzinfo=UTC)


def test_a_weekly_rule_gives_every_friday_at_the_same_wall_time_over_a_clock_change() -> None:
    schedule = Schedule(start=wall("2025-10-17T09:00"), rule="FREQ=WEEKLY;BYDAY=FR;COUNT=4")
    moments = occurrences(schedule, MADRID)
    assert [f"{moment.astimezone(ZoneInfo(MADRID)):%a %d %H:%M}" for moment in moments] == [
        "Fri 17 09:00",
        "Fri 24 09:00",
        "Fri 31 09:00",
        "Fri 07 09:00",
    ]
    assert [moment.hour for moment in moments] == [7, 7, 8, 8]


def test_single_moments_and_a_rule_are_joined_and_excluded_days_left_out() -> None:
    schedule = Schedule(
        moments=(wall("2025-05-03T12:00"), wall("2025-05-01T12:00")),
        start=wall("2025-05-01T12:00"),
        rule="FREQ=DAILY;UNTIL=20250504T235959",
        excluded=(date(2025, 5, 2),),
    )
    assert [moment.day for moment in occurrences(schedule, MEXICO)] == [1, 3, 4]


def test_a_rule_without_end_stops_somewhere() -> None:
    assert len(occurrences(Schedule(start=wall("2025-01-01T10:00"), rule="FREQ=MINUTELY"), MEXICO)) == 4000


@pytest.mark.parametrize(
    "rule",
    ["", "cada viernes", "FREQ=SOMETIMES", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;BYEASTER=9999"],
)
def test_a_rule_that_nobody_can_follow_is_a_fault_and_not_a_traceback(rule: str) -> None:
    faults = Schedule(start=wall("2025-01-01T10:00"), rule=rule).faults()
    assert [fault.code for fault in faults] == (["recurrence_form"] if rule else [])


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "RRULE:freq=hourly;COUNT=3", "FREQ=DAILY;BYSECOND=1,2,3"])
def test_a_rule_that_repeats_within_a_day_is_refused(rule: str) -> None:
    faults = Schedule(start=wall("2025-01-01T10:00"), rule=rule).faults()
    assert [fault.code for fault in faults] == ["recurrence_often"]


def test_a_rule_needs_to_know_since_when() -> None:
    assert Schedule(rule="FREQ=DAILY").faults()[0].code == "recurrence_start"


@pytest.mark.parametrize("text", ["mañana", "2025-06-31T10:00", "10:00", "2025-06-20T10:00-06:00"])
def test_a_moment_that_is_none_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_wall(text, "cuando")
    assert caught.value.faults[0].value == text


@given(moments=st.lists(st.datetimes(wall("2024-01-01"), wall("2027-01-01")), max_size=6), zone=ZONES)
def test_a_schedule_survives_the_database(moments: list[datetime], zone: str) -> None:
    whole = tuple(moment.replace(second=0, microsecond=0) for moment in moments)
    schedule = Schedule(moments=whole, excluded=(date(2025, 5, 1),))
    again = Schedule.from_json(schedule.to_json())
    assert again == schedule
    assert occurrences(again, zone) == occurrences(schedule, zone)


@given(moments=st.lists(st.datetimes(wall("2024-01-01"), wall("2027-01-01")), max_size=6), zone=ZONES)
def test_walking_from_one_moment_to_the_next_meets_each_exactly_once(moments: list[datetime], zone: str) -> None:
    schedule = Schedule(moments=tuple(moments))
    met, here = [], datetime(2000, 1, 1, tzinfo=UTC)
    while (here := next_after(schedule, zone, here) or datetime.max.replace(tzinfo=UTC)) < datetime(
        2100, 1, 1, tzinfo=UTC
    ):
        met.append(here)
    assert met == occurrences(schedule, zone)


@given(moment=MOMENTS, zone=ZONES)
def test_nobody_is_written_to_in_their_night_and_nobody_waits_longer_than_it(moment: datetime, zone: str) -> None:
    sent = out_of_quiet(moment, zone, NIGHT)
    hour = sent.astimezone(ZoneInfo(zone)).time()
    assert time(8, 0) <= hour < time(21, 0)
    assert timedelta(0) <= sent - moment <= timedelta(hours=12)  # eleven hours, and one more when clocks go back


@given(moment=MOMENTS, zone=ZONES)
def test_without_quiet_hours_nothing_waits(moment: datetime, zone: str) -> None:
    assert out_of_quiet(moment, zone, None) == moment
