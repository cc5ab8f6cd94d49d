"""When the database does not answer: told once, waited for longer and longer; what must not be forgotten is kept."""

import sqlite3
from threading import Event, Thread

import pytest
from installation import until
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from outreach.clock import SystemClock
from outreach.patience import FIRST_PAUSE, LONGEST_PAUSE, TRIES, Patience, insist, pause

BUSY = sqlite3.OperationalError("database is locked")
BUSY.sqlite_errorcode = sqlite3.SQLITE_BUSY


def locked() -> OperationalError:
    return OperationalError("UPDATE", None, BUSY)


def test_pauses_grow_and_stay_within_bounds() -> None:
    spans = [pause(failures) for failures in range(1, 20)]
    assert spans == sorted(spans)
    assert (spans[0], spans[1], spans[-1]) == (FIRST_PAUSE, 2 * FIRST_PAUSE, LONGEST_PAUSE)


def test_an_outage_is_told_once_whoever_meets_it_and_its_end_too(platform, capsys, monkeypatch) -> None:
    patience = Patience(platform.engine.url)
    for failures in (1, 2, 3):
        assert patience.failed("a worker", locked(), failures) == pause(failures)
        assert patience.failed("a tick", locked(), failures) == pause(failures)
        patience.well()  # another thread had nothing to write: that is no end
    monkeypatch.setattr("outreach.patience.QUIET", 0)
    patience.well()
    patience.well()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith("Otro programa tiene ocupada la base de datos")
    assert said[0].endswith("Se sigue intentando; nada de lo guardado se pierde.")
    assert said[1] == "La base de datos responde otra vez: se sigue donde se quedó."
    patience.failed("a tick", locked(), 1)
    assert capsys.readouterr().err.startswith("Otro programa")  # another outage, another word


def test_what_must_not_be_forgotten_is_tried_until_the_database_takes_it(platform, clock) -> None:
    tried = []

    def write() -> str:
        tried.append(len(tried))
        if len(tried) < TRIES:
            raise locked()
        return "written"

    assert insist(write, clock=clock, url=platform.engine.url, stopping=Event()) == "written"
    assert len(tried) == TRIES


def test_a_fault_of_our_own_or_an_end_that_was_asked_for_is_not_waited_for(platform, clock) -> None:
    tried = []

    def broken() -> None:
        tried.append("broken")
        with platform.transaction() as session:
            session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError):
        insist(broken, clock=clock, url=platform.engine.url, stopping=Event())
    assert tried == ["broken"]
    ending = Event()
    ending.set()
    with pytest.raises(OperationalError):
        insist(lambda: (_ for _ in ()).throw(locked()), clock=clock, url=platform.engine.url, stopping=ending)


@pytest.mark.only_on("postgresql")
def test_an_answer_that_comes_while_the_server_is_gone_is_written_down_when_it_is_back(databases, platform) -> None:
    written, tries = [], []

    def write() -> None:
        tries.append(1)
        with platform.transaction() as session:
            session.execute(text("INSERT INTO kept (name, value) VALUES ('answer', 'accepted')"))

    def work() -> None:
        insist(write, clock=SystemClock(), url=platform.engine.url, stopping=Event())
        written.append(1)

    platform.engine.dispose()
    databases.server.stop()
    thread = Thread(target=work)
    thread.start()
    assert until(lambda: len(tries) >= 2, 20)
    assert written == []
    databases.server.start()
    thread.join(40)
    assert written == [1]
    with platform.reading() as session:
        assert session.scalar(text("SELECT value FROM kept WHERE name = 'answer'")) == "accepted"
