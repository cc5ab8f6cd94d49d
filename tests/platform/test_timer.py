"""The timer ticks whatever happens to the clock on the wall: only a clock that nobody sets is relied on."""

from datetime import timedelta

import pytest
from installation import until

from outreach.clock import SystemClock
from outreach.engine import Engine
from outreach.platform import Platform
from outreach.timer import Timer


class Counting(Engine):
    """Counts its ticks, and does nothing in them."""

    ticks = 0

    def tick(self) -> None:
        self.ticks += 1


@pytest.fixture
def engine(settings):
    platform = Platform(settings, SystemClock())
    yield Counting(platform, {})
    platform.close()


def test_a_clock_that_is_set_back_by_an_hour_stops_neither_ticks_nor_chores(engine) -> None:
    done: list[int] = []
    timer = Timer(engine, threads=1, chores=[(lambda: done.append(1), 0.2)])
    timer.start()
    try:
        assert until(lambda: engine.ticks >= 2, 10)
        for job in timer._scheduler.get_jobs():  # what a clock set back does: the next time is an hour away
            job.modify(next_run_time=SystemClock().now() + timedelta(hours=1))
        before, chores = engine.ticks, len(done)
        assert until(lambda: engine.ticks >= before + 3 and len(done) >= chores + 3, 15)
    finally:
        timer.stop()
