"""An installation moves to another database whole, and never sends from two."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from campaigns import stopping
from contacts.errors import Refused
from outreach import audit, database, keep
from outreach.config import Settings
from outreach.platform import Platform, opened
from outreach.safekeeping import checks, copying, moving

PEOPLE = 9
PROGRAM = Path(sys.executable).with_name("outreach")


@pytest.fixture
def other(empty: Callable[[str], Settings]) -> Callable[[str], str]:
    """The address of an empty database of a kind."""

    def made(kind: str) -> str:
        settings = empty(kind)
        return settings.database_url or f"sqlite:///{settings.data / 'outreach.sqlite3'}"

    return made


@pytest.fixture
def lived_in(house, cast):
    """A house that has sent one campaign and has another one half way."""
    for number in range(PEOPLE):
        cast.person(f"Persona {number} Ñ", correo=f"p{number}@example.org")
    house.campaign()
    house.settle()
    house.campaign()
    house.engine.tick()
    house.platform.engine.dispose()
    return house


def move(house, to: str) -> moving.Moved:
    house.platform.engine.dispose()
    return moving.move(house.platform.settings, to, house.clock, by="pruebas")


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [fault.code for fault in refused.value.faults]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_row_goes_along_and_reads_the_same_from_either_database_in_either(
    lived_in, other, everything, kind: str
) -> None:
    to = other(kind)
    before = everything(lived_in.platform.settings)
    moved = move(lived_in, to)
    there = Settings.read({"OUTREACH_DATA": str(lived_in.platform.settings.data), "DATABASE_URL": to})
    after = everything(there)
    assert after == dict(moved.tables)
    assert {name for name, told in before.items() if told != after[name]} == {"audit_entry"}
    with opened(there, lived_in.clock) as platform, platform.transaction() as session:
        audit.note(session, lived_in.clock.now(), "pruebas", "prueba")  # new rows are numbered on
        session.flush()
        assert stopping.stopped(session) is None
        with lived_in.platform.reading() as old:
            assert keep.installation_id(session) == keep.installation_id(old)
    engine = database.connect(there.database)
    broken = [answer for answer in checks.check(engine, lived_in.clock.now(), "UTC") if not answer.holds]
    engine.dispose()
    assert broken == []


def test_what_was_left_is_closed_says_where_it_went_and_sends_nothing(lived_in, other, databases) -> None:
    to = other("postgresql" if databases.name == "sqlite" else "sqlite")
    move(lived_in, to)
    with pytest.raises(Refused) as refused, opened(lived_in.platform.settings):
        pass
    assert codes(refused) == ["installation_moved"]
    with opened(lived_in.platform.settings, moved_too=True) as platform, platform.reading() as session:
        place = keep.moved_to(session)
    assert place
    with pytest.raises(Refused) as refused:
        move(lived_in, to)  # the same command once more
    assert [(fault.code, fault.details) for fault in refused.value.faults] == [("installation_moved", {"place": place})]
    reached = dict(lived_in.simulator.counts())
    lived_in.settle()  # a process that was still there and was never told
    assert lived_in.simulator.counts() == reached


def test_what_dead_workers_held_is_settled_on_the_way(lived_in, other, databases) -> None:
    with lived_in.platform.transaction() as session:
        session.execute(text("UPDATE delivery SET state = 'claimed', worker = 'w', lease_until = due_at WHERE id = 10"))
        session.execute(text("UPDATE delivery SET state = 'calling', worker = 'w', lease_until = due_at WHERE id = 11"))
    to = other("postgresql" if databases.name == "sqlite" else "sqlite")
    assert move(lived_in, to).swept == 2
    engine = database.connect(to)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT state, reason, worker FROM delivery WHERE id IN (10, 11) ORDER BY id"))
        assert [tuple(row) for row in rows] == [("planned", "", ""), ("in_doubt", "crash_while_calling", "")]
    engine.dispose()


def test_a_password_is_shown_nowhere(lived_in, other, databases) -> None:
    to = other("postgresql")
    assert "@/" in to
    moved = move(lived_in, to.replace("outreach@", "outreach:geheim@").replace("host=", "sslpassword=geheim&host="))
    assert "geheim" not in moved.place
    with pytest.raises(Refused) as refused, opened(lived_in.platform.settings):
        pass
    assert "geheim" not in str(refused.value)


def test_cut_off_between_the_two_commits_the_same_command_does_it_again(
    lived_in, other, databases, everything, monkeypatch
) -> None:
    to = other("postgresql" if databases.name == "sqlite" else "sqlite")
    before = everything(lived_in.platform.settings)

    class Cut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_arrive", cut)
        with pytest.raises(Cut):
            move(lived_in, to)
    with pytest.raises(Refused) as refused, opened(lived_in.platform.settings):
        pass
    assert codes(refused) == ["installation_moved"], "the old one does not send any more"
    with pytest.raises(Refused) as refused:
        move(lived_in, other("sqlite"))
    assert codes(refused) == ["installation_moved"], "nor does it go elsewhere"
    after = dict(move(lived_in, to).tables)
    assert {name for name, told in before.items() if told != after[name]} <= {"audit_entry"}


def test_a_database_that_holds_something_is_not_written_to(lived_in, other, clock) -> None:
    to = other("sqlite")
    there = Platform(Settings.read({"OUTREACH_DATA": str(lived_in.platform.settings.data), "DATABASE_URL": to}), clock)
    with there.transaction() as session:
        audit.note(session, clock.now(), "otra", "prueba")
    there.close()
    with pytest.raises(Refused) as refused:
        move(lived_in, to)
    assert codes(refused) == ["copy_taken"]
    with opened(lived_in.platform.settings):
        pass  # it lives on where it was


def test_the_same_database_and_what_is_none_are_refused(lived_in) -> None:
    here = lived_in.platform.settings.database
    for to, code in (
        (here.render_as_string(hide_password=False), "copy_same"),
        ("mysql://x/y", "setting_database"),
        ("", "setting_database"),
        ("sqlite://", "setting_database"),
    ):
        with pytest.raises(Refused) as refused:
            move(lived_in, to)
        assert codes(refused) == [code]


def test_a_row_that_differs_when_read_back_stops_everything(lived_in, other, monkeypatch) -> None:
    to = other("sqlite")
    written = copying.rows.write

    def lossy(connection, shape, batches) -> None:
        cut = (batch[: 3 if shape.table == "contact" else None] for batch in batches)
        written(connection, shape, cut)

    monkeypatch.setattr(copying.rows, "write", lossy)
    with pytest.raises(Refused) as refused:
        move(lived_in, to)
    assert codes(refused) == ["copy_differs"]
    assert refused.value.faults[0].value == "contact"
    with opened(lived_in.platform.settings):
        pass


@pytest.mark.only_on("sqlite")
def test_a_letter_that_the_server_cannot_hold_is_told_with_its_table(lived_in, other) -> None:
    with lived_in.platform.transaction() as session:
        session.execute(text("UPDATE contact SET city = 'a' || char(0) || 'b' WHERE id = 1"))
    with pytest.raises(Refused) as refused:
        move(lived_in, other("postgresql"))
    assert codes(refused) == ["copy_rows"]
    assert refused.value.faults[0].value == "contact"


def test_while_somebody_is_at_work_nothing_moves(lived_in, other) -> None:
    to = other("sqlite")
    with opened(lived_in.platform.settings), pytest.raises(Refused) as refused:
        move(lived_in, to)
    assert codes(refused) == ["installation_in_use"]


@pytest.mark.only_on("postgresql")
def test_while_another_machine_is_connected_nothing_moves(lived_in, other) -> None:
    with lived_in.platform.engine.connect(), pytest.raises(Refused) as refused:
        moving.move(lived_in.platform.settings, other("sqlite"), lived_in.clock, by="pruebas")
    assert codes(refused) == ["server_in_use"]


def test_the_command_tells_what_each_table_holds(lived_in, other, databases) -> None:
    to = other("postgresql" if databases.name == "sqlite" else "sqlite")
    lived_in.platform.engine.dispose()
    settings = lived_in.platform.settings
    environment = {"OUTREACH_DATA": str(settings.data), "DATABASE_URL": settings.database_url, "PATH": ""}
    done = subprocess.run(
        [PROGRAM, "db", "copy", "--to", to, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["tables"]["contact"] == PEOPLE
    assert told["tables"]["delivery"] == 2 * PEOPLE
    again = subprocess.run([PROGRAM, "campaigns", "list"], env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert told["place"] in again.stderr
