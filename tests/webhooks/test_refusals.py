"""What is turned away is counted hour by hour; a flood of it makes nobody write."""

from datetime import timedelta

from sqlalchemy import select

from campaigns.models import WebhookRefusal
from outreach.webhooks import Refusals


def counted(platform):
    with platform.reading() as session:
        return {(row.kind, row.reason, row.hour.hour): row.count for row in session.scalars(select(WebhookRefusal))}


class Counting:
    """A platform that counts how often it was written to."""

    def __init__(self, platform) -> None:
        self.platform, self.clock, self.writes = platform, platform.clock, 0

    def transaction(self, step: str = ""):
        self.writes += 1
        return self.platform.transaction(step)


def test_the_first_is_written_down_at_once_and_a_flood_once_a_minute(platform, clock) -> None:
    home = Counting(platform)
    refusals = Refusals(home)
    for _ in range(600):  # ten a second
        refusals.add("sendgrid", "unsigned", clock.now())
        refusals.keep_in_time(clock.now())
        clock.advance(timedelta(seconds=0.1))
    assert home.writes == 1
    assert counted(platform) == {("sendgrid", "unsigned", 17): 1}
    clock.advance(timedelta(seconds=1))
    refusals.keep_in_time(clock.now())
    assert home.writes == 2
    assert counted(platform) == {("sendgrid", "unsigned", 17): 600}
    refusals.keep_in_time(clock.now() + timedelta(hours=1))  # nothing new: nothing to write
    assert home.writes == 2


def test_several_processes_add_to_the_same_hour_and_each_hour_has_its_own(platform, clock) -> None:
    one, other = Refusals(platform), Refusals(platform)
    one.add("sendgrid", "wrong", clock.now())
    other.add("sendgrid", "wrong", clock.now())
    other.add("twilio-status", "wrong", clock.now())
    clock.advance(timedelta(hours=1))
    other.add("sendgrid", "wrong", clock.now())
    one.keep(clock.now())
    other.keep(clock.now())
    assert counted(platform) == {
        ("sendgrid", "wrong", 17): 2,
        ("sendgrid", "wrong", 18): 1,
        ("twilio-status", "wrong", 17): 1,
    }


def test_what_could_not_be_written_down_is_not_forgotten(platform, clock, databases) -> None:
    refusals = Refusals(platform)
    refusals.add("sendgrid", "wrong", clock.now())
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE webhook_refusal RENAME TO lost")
    refusals.keep_in_time(clock.now())  # a request is answered whatever becomes of the count
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE lost RENAME TO webhook_refusal")
    clock.advance(timedelta(minutes=1))
    refusals.keep_in_time(clock.now())
    assert counted(platform) == {("sendgrid", "wrong", 17): 1}
