"""Bodies that come at the same time share a commit, and each is answered for by itself."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from sqlalchemy import select

from campaigns.models import WebhookBatch
from outreach.webhooks.storing import Storage


class Slow:
    """A platform whose transactions begin when they are let, and may fail."""

    def __init__(self, platform) -> None:
        self.clock = platform.clock
        self.platform = platform
        self.begun, self.let = Event(), Event()
        self.steps: list[str] = []
        self.fails = False

    @contextmanager
    def transaction(self, step: str = ""):
        self.steps.append(step)
        self.begun.set()
        assert self.let.wait(20)
        if self.fails:
            raise OSError("no space left")
        with self.platform.transaction(step) as session:
            yield session


def bodies(platform):
    with platform.reading() as session:
        return set(session.scalars(select(WebhookBatch.body)))


def test_what_comes_while_one_is_written_is_written_together(platform) -> None:
    house = Slow(platform)
    storage = Storage(house)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(storage.keep, "sendgrid", b"0", "", platform.clock.now())
        assert house.begun.wait(20)
        others = [pool.submit(storage.keep, "sendgrid", b"%d" % n, "", platform.clock.now()) for n in range(1, 9)]
        while len(storage._waiting) < 8:
            Event().wait(0.01)
        assert not first.done()
        house.let.set()
        assert [each.result(20) for each in (first, *others)] == [None] * 9
    assert bodies(platform) == {b"%d" % n for n in range(9)}
    assert house.steps == ["receive", "receive"]


def test_nobody_is_told_that_a_body_is_kept_when_it_is_not(platform) -> None:
    house = Slow(platform)
    house.fails = True
    house.let.set()
    storage = Storage(house)
    with ThreadPoolExecutor(4) as pool:
        tried = [pool.submit(storage.keep, "sendgrid", b"x", "", platform.clock.now()) for _ in range(4)]
    for each in tried:
        with pytest.raises(OSError, match="no space"):
            each.result()
    assert bodies(platform) == set()
    house.fails = False
    storage.keep("sendgrid", b"y", "", platform.clock.now())  # and the next one finds the way free
    assert bodies(platform) == {b"y"}
