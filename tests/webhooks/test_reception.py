"""Bodies that were stored are read in short turns, whatever one of them holds, and dropped long after."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import OperationalError

from campaigns.models import Receipt, WebhookBatch
from outreach import reception
from outreach.reception import (
    BODIES_STAY,
    TOGETHER,
    TOGETHER_BYTES,
    forget_bodies,
    process_batches,
    process_waiting,
)


def store(platform, *bodies: bytes, kind: str = "sendgrid") -> None:
    rows = [{"kind": kind, "body": body, "query": "", "received_at": platform.clock.now()} for body in bodies]
    with platform.transaction() as session:
        session.execute(insert(WebhookBatch), rows)


def body(number: int, length: int = 0) -> bytes:
    return b'[{"event": "delivered", "sg_event_id": "e%d", "response": "%s"}]' % (number, b"x" * length)


def state(platform):
    with platform.reading() as session:
        return [
            (bool(row.processed_at), row.fault)
            for row in session.scalars(select(WebhookBatch).order_by(WebhookBatch.id))
        ]


def test_many_small_posts_share_a_turn_and_large_ones_do_not(platform) -> None:
    store(platform, *[body(n) for n in range(TOGETHER + 1)])
    assert [len(some) for some in reception._waiting(platform)] == [TOGETHER, 1]
    process_waiting(platform)
    most = TOGETHER_BYTES[platform.engine.dialect.name]
    store(platform, *[body(n, most // 2) for n in range(3)])
    assert [len(some) for some in reception._waiting(platform)] == [1] * 3


def test_a_flood_is_read_in_rounds_so_that_a_tick_ends(platform) -> None:
    store(platform, *[body(n, 1_000_000) for n in range(12)])
    assert 0 < process_batches(platform) < 12
    process_waiting(platform)
    assert {read for read, _fault in state(platform)} == {True}
    with platform.reading() as session:
        assert session.query(Receipt).count() == 12


def test_what_is_no_text_stays_in_the_event_as_it_came(platform) -> None:
    strange = {"nul": "a\0b", "half": "\ud83d", "deep": {"ñ": ["\0", 1.5, None, True]}, "quote": "'\"\\"}
    told = {"event": "delivered", "sg_event_id": "e1", **strange}
    store(platform, json.dumps([told]).encode())
    assert process_batches(platform) == 1
    assert state(platform) == [(True, "")]
    with platform.reading() as session:
        raw = session.scalars(select(Receipt.raw)).one()
    assert {name: raw[name] for name in strange} == strange


def test_a_kind_that_nobody_knows_is_noted_and_the_others_are_read(platform) -> None:
    store(platform, b"", kind="otro")
    store(platform, body(1), b"[", b"\xff\xfe")
    assert process_batches(platform) == 4
    assert state(platform) == [(True, "batch_kind"), (True, ""), (True, "batch_json"), (True, "batch_json")]


@pytest.mark.only_on("sqlite")
def test_where_it_is_the_database_that_fails_nothing_is_given_up(platform) -> None:
    store(platform, body(1), body(2))

    def hurry(connection, _record, _proxy) -> None:
        connection.execute("PRAGMA busy_timeout=10")

    event.listen(platform.engine, "checkout", hurry)
    with platform.engine.begin(), pytest.raises(OperationalError):  # beside a writer that does not end
        process_batches(platform)
    event.remove(platform.engine, "checkout", hurry)
    assert state(platform) == [(False, ""), (False, "")]
    assert process_batches(platform) == 2
    assert state(platform) == [(True, ""), (True, "")]


def test_bodies_are_dropped_long_after_they_were_read_and_their_events_stay(platform, clock) -> None:
    store(platform, body(1), b"no es JSON")
    process_batches(platform)
    store(platform, body(2))  # nobody reads it
    clock.advance(BODIES_STAY + timedelta(seconds=1))
    store(platform, body(3))
    with platform.transaction() as session:
        session.query(WebhookBatch).filter_by(body=body(3)).one().processed_at = clock.now()
    assert forget_bodies(platform) == 1
    assert forget_bodies(platform) == 0
    assert state(platform) == [(True, "batch_json"), (False, ""), (True, "")]
    with platform.reading() as session:
        assert session.scalars(select(Receipt.event_id)).all() == ["e1"]
