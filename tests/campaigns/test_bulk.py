"""Bulk insert: what a database is spared for one block holds again after it, however the block ended."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.bulk import bulk_insert


class Broken(Exception):  # noqa: N818 — stands for whatever breaks
    """What breaks inside a block."""


def unknown_word(session: Session) -> None:
    session.execute(text("INSERT INTO network (name, kind, description) VALUES ('Red', 'unknown', '')"))


def test_a_word_that_no_vocabulary_has_is_refused_after_a_bulk_insert(platform) -> None:
    with platform.transaction() as session:
        with bulk_insert(session):
            pass
        with pytest.raises(IntegrityError):
            unknown_word(session)


def test_and_after_one_that_broke(platform) -> None:
    with platform.transaction() as session:
        with pytest.raises(Broken), bulk_insert(session):
            raise Broken
        with pytest.raises(IntegrityError):
            unknown_word(session)


def test_a_reference_to_nobody_is_refused_within_one(platform) -> None:
    with pytest.raises(IntegrityError), platform.transaction() as session, bulk_insert(session):
        session.execute(
            text("INSERT INTO group_task (run_id, network_id, published_by, evidence) VALUES (9, 9, '', '')")
        )
