"""The pace of a sender: whatever workers and clocks do, no second holds more than the rate; little of it is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import pacing
from campaigns.lines import SenderLine
from campaigns.pacing import Pace
from contacts.models import Channel

START = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)
TICK = 0.004  # seconds: how late a thread wakes


def new_line() -> SenderLine:
    return SenderLine(channel=Channel.WHATSAPP, sender="+525555550100", slot_used=0, opened=0, strikes=0, closings=0)


class Watch:
    """True time beside a clock that may be set, and workers that take places and release at them."""

    def __init__(self, pace: Pace, *, together: bool) -> None:
        self.pace = pace
        self.together = together
        self.line = new_line()
        self.true = 0.0
        self.offset = 0.0
        self.waiting: list[datetime] = []
        self.released: list[float] = []

    @property
    def clock(self) -> datetime:
        return START + timedelta(seconds=self.true + self.offset)

    def tick(self, wanted: int) -> None:
        if wanted:
            self.waiting += pacing.take(self.line, self.pace, wanted, self.clock, together=self.together)
        self.true += TICK
        due = [moment for moment in self.waiting if moment <= self.clock]
        self.waiting = [moment for moment in self.waiting if moment > self.clock]
        self.released += [self.true for moment in due if self.clock - moment <= pacing.LATEST]

    def most(self) -> int:
        """The most people in any second."""
        return max((sum(begin <= moment < begin + 1 for moment in self.released) for begin in self.released), default=0)


def pace_of(rate: int, batch: int) -> Pace:
    return pacing.each_letter(rate) if batch == 1 else pacing.each_call(rate, batch)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.integers(1, 200),
    batch=st.sampled_from([1, 7, 500]),
    wishes=st.lists(st.integers(0, 40), min_size=450, max_size=450),
    steps=st.dictionaries(st.integers(0, 449), st.floats(0.001, 3600), max_size=4),
)
def test_no_second_holds_more_than_the_rate_whoever_takes_places_and_however_often_clocks_are_set_back(
    rate: int, batch: int, wishes: list[int], steps: dict[int, float]
) -> None:
    watch = Watch(pace_of(rate, batch), together=batch > 1)
    for number, wanted in enumerate(wishes):
        watch.offset -= steps.get(number, 0)
        watch.tick(wanted)
    assert watch.most() <= rate


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize("rate", [1, 15, 23, 80, 101, 400, 997])
def test_where_there_is_work_nearly_all_of_the_rate_is_used(rate: int, batch: int) -> None:
    watch = Watch(pace_of(rate, batch), together=batch > 1)
    while watch.true < 6:
        watch.tick(rate)
    first, last = watch.released[0], watch.released[-1]
    after = sum(moment > first for moment in watch.released)
    assert after >= rate * (last - first) * 0.98
    assert watch.most() <= rate


def test_a_clock_set_back_by_an_hour_holds_nobody_up_for_longer_than_a_second() -> None:
    watch = Watch(pacing.each_letter(80), together=False)
    for _tick in range(100):
        watch.tick(5)
    before = len(watch.released)
    watch.offset -= 3600
    stepped = watch.true
    while watch.true < stepped + 2:
        watch.tick(5)
    assert len(watch.released) - before >= 70
    assert watch.most() <= 80


def test_places_are_handed_out_only_when_they_are_near() -> None:
    line, pace = new_line(), pacing.each_letter(80)
    taken = [moment for _try in range(20) for moment in pacing.take(line, pace, 50, START)]
    assert taken == sorted(taken)
    assert taken[-1] - START <= pacing.AHEAD + pacing.SPAN
    assert pacing.turn(line, pace, START) > START


def test_a_call_for_many_has_one_moment() -> None:
    line, pace = new_line(), pacing.each_call(100, 500)
    places = pacing.take(line, pace, 90, START, together=True)
    assert len(places) == pace.size
    assert len(set(places)) == 1
