"""The small things that everything stands on: the audit log, the installation's own id, the database commands."""

import json
import sys
from datetime import UTC, datetime

from sqlalchemy import select

from outreach import audit, cli, keep
from outreach.audit import AuditEntry
from outreach.config import Settings
from outreach.platform import Platform

NOW = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)


def test_what_is_rolled_back_was_not_done_and_is_not_noted(platform) -> None:
    with platform.transaction() as session:
        audit.note(session, NOW, "ana", "register.annul", "register:E-1", {"reason": "doble"})
    with platform.sessions() as session:
        audit.note(session, NOW, "ana", "register.annul", "register:E-2")
        session.rollback()
    with platform.reading() as session:
        [line] = session.scalars(select(AuditEntry)).all()
    assert (line.at, line.who, line.action, line.subject) == (NOW, "ana", "register.annul", "register:E-1")
    assert line.details == {"reason": "doble"}


def test_an_installation_has_one_id_from_its_first_opening_and_another_has_another(settings, tmp_path) -> None:
    first = Platform(settings)
    with first.reading() as session:
        known = keep.installation_id(session)
    first.close()
    again = Platform(settings)
    with again.reading() as session:
        assert keep.installation_id(session) == known
    again.close()
    other = Platform(Settings.read({"OUTREACH_DATA": str(tmp_path / "other")}))
    with other.reading() as session:
        assert keep.installation_id(session) != known
    other.close()
    assert len(known) == 8


def test_the_id_that_another_process_made_first_is_taken(platform) -> None:
    with platform.transaction() as session:
        session.delete(session.get_one(keep.Kept, keep.INSTALLATION))
    with platform.transaction() as session:
        assert session.get(keep.Kept, keep.INSTALLATION) is None
        session.execute(keep.Kept.__table__.insert().values(name=keep.INSTALLATION, value="abcdef01"))
        assert keep.installation_id(session) == "abcdef01"


def test_what_was_read_stays_readable_after_the_reading(platform) -> None:
    with platform.transaction() as session:
        audit.note(session, NOW, "ana", "register.add")
    with platform.reading() as session:
        line = session.scalars(select(AuditEntry)).one()
    assert line.who == "ana"


def test_the_database_commands_make_the_folder_can_be_repeated_and_say_what_there_is(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OUTREACH_DATA", "datos")
    for words in (["db", "upgrade"], ["db", "upgrade"], ["db", "info"], ["db", "info", "--json"]):
        monkeypatch.setattr(sys, "argv", ["outreach", *words])
        cli.main()
    lines = capsys.readouterr().out.splitlines()
    assert (tmp_path / "datos" / "outreach.sqlite3").exists()
    assert lines[0] == lines[1]
    assert any("comunicaciones en el registro" in line for line in lines)
    info = json.loads("\n".join(lines[lines.index("{") :]))
    assert {name: info[name] for name in ("contacts", "campaigns", "deliveries", "communications")} == {
        "contacts": 0, "campaigns": 0, "deliveries": 0, "communications": 0,
    }  # fmt: skip
    assert len(info["version"]) == 4
