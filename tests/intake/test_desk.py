"""The work behind the pages outlasts browsers, servers and days."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contacts.models import Address, Contact
from outreach.intake import acts, bringing, desk, shelf
from outreach.intake.desk import Desk
from outreach.intake.plans import Consent, Meant
from outreach.people_imports import MOVES, Intake, IntakeState

HEADERS = "nombre,correo\n"


@pytest.fixture
def hand_in(platform, clock):
    """Hand a file in, up to the button that brings it in; return the number of its import."""

    def _hand_in(text: str, until: IntakeState = IntakeState.BRINGING) -> int:
        received = shelf.receive(platform.settings.data, io.BytesIO(text.encode()), "x.csv")
        with platform.transaction() as session:
            number = acts.receive(session, received, filename="x.csv", at=clock.now(), by="maura").id
        worker = Desk(platform)
        meant = Meant({"nombre": "nombre", "correo": "correo"}, "Red", Consent("papel", "2025-05-15"))
        for state in (IntakeState.CHECKING, IntakeState.BRINGING):
            if until is IntakeState.RECEIVED:
                break
            worker.drain()
            with platform.transaction() as session:
                intake = session.get_one(Intake, number)
                if state is IntakeState.CHECKING:
                    acts.check(session, intake, meant)
                else:
                    acts.bring(session, intake, at=clock.now(), by="maura")
            if state is until:
                break
        return number

    return _hand_in


def rows(count: int) -> str:
    return HEADERS + "".join(f"Persona {n},persona{n}@example.org\n" for n in range(count))


def look(platform, number: int) -> Intake:
    with platform.reading() as session:
        return session.get_one(Intake, number)


def there(platform) -> tuple[int, int]:
    with platform.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Contact, Address))


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch):
    monkeypatch.setitem(bringing.Bringing.__init__.__kwdefaults__, "rows", 5)


def test_a_server_that_ends_in_the_middle_is_gone_on_with_by_the_next_and_the_counts_are_right(platform, hand_in):
    number = hand_in(rows(32) + "Nadie,\n")
    first = Desk(platform)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            raise desk.StoppedError

    first._pause = pause  # type: ignore[method-assign]
    assert first.work()
    halfway = look(platform, number)
    assert (halfway.state, halfway.worker) == (IntakeState.BRINGING, "")
    assert 0 < halfway.done_rows < 32
    assert there(platform)[0] == halfway.done_rows
    Desk(platform).drain()
    done = look(platform, number)
    assert (done.state, done.done_rows, done.refused) == (IntakeState.DONE, 32, 1)
    assert {name: done.counts[name] for name in ("created", "changed", "unchanged", "addresses", "consents")} == {
        "created": 32, "changed": 0, "unchanged": 0, "addresses": 32, "consents": 32,
    }  # fmt: skip
    assert there(platform) == (32, 32)


def test_whoever_was_killed_is_known_to_be_dead_and_a_living_one_is_left_alone(platform, hand_in, clock):
    number = hand_in(rows(3))
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    mine = Desk(platform).name.split(":")
    dead = ":".join([*mine[:2], str(child.pid), "00000000"])
    alive = ":".join([*mine[:2], str(os.getpid()), "00000000"])
    with platform.transaction() as session:
        intake = session.get_one(Intake, number)
        intake.worker, intake.lease_until = alive, clock.now() + bringing.LEASE
    assert not Desk(platform).work()
    with platform.transaction() as session:
        session.get_one(Intake, number).worker = dead
    assert Desk(platform).work()
    assert look(platform, number).state is IntakeState.DONE


def test_an_import_that_was_left_while_it_is_checked_stays_left(platform, hand_in, clock):
    number = hand_in(rows(3), until=IntakeState.CHECKING)
    worker = Desk(platform)

    def pause(_seconds: float) -> None:
        with platform.transaction() as session:
            intake = session.get_one(Intake, number)
            if intake.state is IntakeState.CHECKING:
                acts.discard(session, intake, at=clock.now(), by="maura")

    worker._pause = pause  # type: ignore[method-assign]
    worker.drain()
    assert look(platform, number).state is IntakeState.DISCARDED
    assert there(platform) == (0, 0)


def test_a_fault_of_ours_ends_it_with_a_folio_and_does_not_come_back_every_five_seconds(platform, hand_in, monkeypatch):
    number = hand_in(rows(3))

    def broken(*_any: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr("outreach.intake.working.work", broken)
    worker = Desk(platform)
    assert worker.work()
    assert not worker.work()
    failed = look(platform, number)
    assert (failed.state, failed.faults[0]["code"]) == (IntakeState.FAILED, "intake_broken")


def test_files_are_kept_for_their_owner_alone_under_names_that_say_nothing_and_not_for_long(platform, hand_in, clock):
    number = hand_in(rows(3), until=IntakeState.RECEIVED)
    Desk(platform).drain()
    folder = shelf.folder(platform.settings.data)
    assert oct(folder.stat().st_mode)[-3:] == "700"
    for path in folder.iterdir():
        assert oct(path.stat().st_mode)[-3:] == "600"
        assert "x.csv" not in path.name
        old = clock.now().timestamp()
        os.utime(path, (old, old))
    Desk(platform).sweep()
    assert look(platform, number).state is IntakeState.MAPPING
    clock.advance(timedelta(days=platform.settings.import_days, minutes=1))
    Desk(platform).sweep()
    left = look(platform, number)
    assert (left.state, left.faults[0]["code"]) == (IntakeState.DISCARDED, "intake_aged")
    assert list(folder.iterdir()) == []


def test_the_upload_itself_is_deleted_as_soon_as_its_people_are_in(platform, hand_in):
    number = hand_in(rows(3) + "Nadie,\n")
    kept = look(platform, number).kept
    Desk(platform).drain()
    data = platform.settings.data
    assert not shelf.place(data, kept).exists()
    assert not shelf.place(data, kept, ".head").exists()
    assert [row.number for row in shelf.refused(data, kept)[1]] == [5]


def test_every_state_leads_only_where_its_arrows_do(platform, hand_in):
    number = hand_in(rows(1), until=IntakeState.RECEIVED)
    for state, targets in MOVES.items():
        for target in IntakeState:
            with platform.transaction() as session:
                session.get_one(Intake, number).state = state
            with platform.transaction() as session:
                try:
                    acts.move(session, session.get_one(Intake, number), target)
                    moved = True
                except acts.refuse("x").__class__:
                    moved = False
            assert moved is (target in targets), (state, target)


@pytest.mark.only_on("sqlite")
def test_a_terminal_that_is_killed_leaves_whole_steps_and_the_same_file_brings_the_rest(platform, tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text(rows(12_000), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("outreach")), "contacts", "import", str(path)]
    environment = os.environ | {"OUTREACH_DATA": str(platform.settings.data), "OUTREACH_LANG": "es"}
    environment.pop("DATABASE_URL", None)
    running = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    deadline, pause = time.monotonic() + 60, threading.Event()
    while there(platform)[0] == 0 and time.monotonic() < deadline and running.poll() is None:
        pause.wait(0.02)  # a real process: no clock of ours moves it
    running.send_signal(signal.SIGKILL)
    running.wait()
    people, _addresses = there(platform)
    assert 0 < people < 12_000
    assert people == look(platform, 1).done_rows
    listed = subprocess.run(
        [*command[:2], "imports"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "Se interrumpió" in listed
    subprocess.run(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, check=True)
    assert there(platform) == (12_000, 12_000)
    assert look(platform, 2).counts["created"] == 12_000 - people
