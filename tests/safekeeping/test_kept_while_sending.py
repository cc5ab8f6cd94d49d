"""A backup is made by the program while another process sends, and comes back without anybody hearing of it twice."""

import json
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from installation import PROGRAMS, Installation, until
from sqlalchemy import select

from campaigns.models import Delivery

PEOPLE = 200


def order(installation: Installation, *words: str | Path) -> str:
    """Give an order at the terminal."""
    done = subprocess.run(
        (PROGRAMS["serve"][0], *words), env=installation.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.faults
def test_what_went_on_after_the_backup_is_sent_to_nobody_again(
    settings, empty, databases, simulator, at_work, backup_file: Path
) -> None:
    first = at_work(settings)
    first.people(PEOPLE)
    simulator.fault("latency", path="/v3/mail/send", seconds=1.0)
    first.campaign()
    process = first.serve()
    assert until(lambda: len(simulator.counts()) >= PEOPLE // 20, 30), first.said()
    before = len(simulator.counts())
    told = json.loads(order(first, "db", "backup", backup_file, "--json"))
    assert told["tables"]["delivery"]["rows"] == PEOPLE
    assert until(lambda: len(simulator.counts()) > before + 4, 30), "it went on sending"
    first.kill(process, signal.SIGKILL)
    with first.platform.reading() as session:
        called = session.scalars(select(Delivery.id).where(Delivery.called_at.is_not(None))).all()
    reached = {str(number) for number in called}  # or on the wire: whoever counts may be slower than we kill
    assert len(reached) < PEOPLE // 2
    first.close()

    kind = "postgresql" if databases.name == "sqlite" else "sqlite"
    there = empty(kind)
    second = at_work(replace(settings, data=there.data, database_url=there.database_url))
    second.platform.close()
    for file in there.data.glob("outreach.sqlite3*"):
        file.unlink()
    restored = json.loads(order(second, "db", "restore", backup_file, "--json"))
    assert restored["ok"] is True
    assert restored["paused"] == 1
    assert restored["in_doubt"] >= PEOPLE - len(reached)
    process = second.serve()
    order(second, "resume")
    order(second, "campaigns", "resume", "1")
    assert until(lambda: "planned" not in second.states(), 30)
    assert set(simulator.counts()) <= reached, "nothing leaves that nobody has decided on"
    assert max(simulator.counts().values()) == 1
    second.end(process, signal.SIGTERM)
    reckoning = second.reckon()
    print(f"\nrestored into {kind}: {reckoning.words}")
    assert reckoning.lost == ()
    assert set(reckoning.doubts) >= {row for row in range(1, PEOPLE + 1) if str(row) not in simulator.counts()}
