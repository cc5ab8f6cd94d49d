"""A backup is whole, private and true, of either database and into either; a bad one changes nothing."""

import json
import sqlite3
import zipfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from sqlalchemy import func, select, text

from contacts.errors import Refused
from contacts.models import Channel
from outreach import audit, database, unsubscribe
from outreach.audit import AuditEntry
from outreach.platform import Platform
from outreach.safekeeping import archive, backup, restore

PEOPLE = 7


@pytest.fixture
def kept(house, cast, backup_file: Path) -> Path:
    """A backup of an installation that has sent a campaign and knows of its people what can be known."""
    for number in range(PEOPLE):
        cast.person(f"Persona Ñ{number} «é»", correo=f"p{number}@example.org", whatsapp=f"+1 312 555 01{20 + number}")
    house.campaign()
    house.settle()
    house.campaign(send=False)
    evidence = house.platform.settings.data / "evidence"
    evidence.mkdir()
    (evidence / f"{'a' * 32}.png").write_bytes(b"\x89PNG")
    backup.write(house.platform, backup_file)
    return backup_file


def put_back(file: Path, settings, clock, **options):
    return restore.restore(file, settings, clock, by="pruebas", **options)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [fault.code for fault in refused.value.faults]


def test_a_backup_is_one_file_that_only_its_owner_can_read_and_says_what_is_in_it(kept, house) -> None:
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir() if path.name.startswith(".backup")] == []
    with zipfile.ZipFile(kept) as packed:
        assert packed.testzip() is None
        assert set(packed.namelist()) == {"manifest.json", "outreach.sqlite3", "secret", f"evidence/{'a' * 32}.png"}
        told = json.loads(packed.read("manifest.json"))
        assert packed.read("secret").decode() == house.platform.secret
    assert told["tables"]["contact"]["rows"] == PEOPLE
    assert told["tables"]["delivery"]["rows"] == PEOPLE
    assert told["origin"] == house.platform.engine.dialect.name
    assert told["schema"] == database.revisions()[-1]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_either_database_comes_back_the_same_in_either(
    kept, house, empty, everything, clock, kind: str
) -> None:
    settings = empty(kind)
    done = put_back(kept, settings, clock)
    before, after = everything(house.platform.settings), everything(settings)
    changed = {name for name, told in before.items() if told != after[name]}
    assert changed == {"audit_entry", "sending_stop"}  # that it was restored is noted, and nothing leaves by itself
    assert done.manifest.tables["receipt"].rows > 0
    restored = Platform(settings, clock)
    assert restored.secret == house.platform.secret
    link = unsubscribe.token(house.platform.secret, 1, Channel.EMAIL)
    assert unsubscribe.read(restored.secret, link) == (1, Channel.EMAIL)
    assert (settings.data / "evidence" / f"{'a' * 32}.png").read_bytes() == b"\x89PNG"
    assert (settings.data / "secret").stat().st_mode & 0o777 == 0o600
    with restored.transaction() as session:  # new rows are numbered on
        audit.note(session, clock.now(), "pruebas", "prueba")
        session.flush()
    with restored.reading() as session:
        assert session.scalar(text("SELECT value FROM kept WHERE name = 'installation'")) == done.manifest.installation
    restored.close()


def test_a_backup_holds_one_moment_and_waits_for_nobody_who_writes(house, clock, empty, backup_file) -> None:
    with house.platform.transaction() as session:
        audit.note(session, clock.now(), "antes", "prueba")
        audit.note(session, clock.now(), "antes", "prueba")
    steps: list[int] = []

    def meanwhile(_rows: int) -> None:
        if not steps:
            steps.append(1)
            with house.platform.transaction() as other:
                audit.note(other, clock.now(), "durante", "prueba")

    with house.platform.sessions() as session:  # a writer in the middle of its work
        audit.note(session, clock.now(), "durante", "prueba")
        session.flush()
        if house.platform.engine.dialect.name == "sqlite":  # one writer at a time: this one goes on afterwards
            meanwhile = lambda _rows: None  # noqa: E731
        backup.write(house.platform, backup_file, tell=meanwhile)
        session.commit()
    settings = empty("sqlite")
    put_back(backup_file, settings, clock)
    restored = Platform(settings, clock)
    with restored.reading() as session:
        written = session.execute(select(AuditEntry.who, func.count()).group_by(AuditEntry.who)).all()
    restored.close()
    assert dict(map(tuple, written))["antes"] == 2
    assert "durante" not in dict(map(tuple, written))


def test_a_backup_never_replaces_a_file_unless_told_to(kept, house) -> None:
    was = kept.read_bytes()
    with pytest.raises(Refused) as refused:
        backup.write(house.platform, kept)
    assert codes(refused) == ["backup_exists"]
    assert kept.read_bytes() == was
    with house.platform.transaction() as session:
        audit.note(session, house.clock.now(), "pruebas", "prueba")
    backup.write(house.platform, kept, force=True)
    assert kept.read_bytes() != was


def test_a_backup_into_a_folder_that_is_not_there_leaves_nothing(house, tmp_path) -> None:
    with pytest.raises(Refused) as refused:
        backup.write(house.platform, tmp_path / "no" / "r.zip")
    assert codes(refused) == ["path_missing"]


def test_an_installation_that_is_there_is_not_touched(kept, empty, everything, clock, databases) -> None:
    settings = empty(databases.name)
    put_back(kept, settings, clock)
    was = everything(settings)
    with pytest.raises(Refused) as refused:
        put_back(kept, settings, clock)
    assert codes(refused) == ["restore_taken"]
    assert everything(settings) == was


def test_with_force_the_installation_that_was_there_is_kept_aside(kept, house, empty, everything, clock, databases):
    settings = empty(databases.name)
    there = Platform(settings, clock)
    with there.transaction() as session:
        audit.note(session, clock.now(), "de antes", "prueba")
    secret = there.secret
    there.close()
    done = put_back(kept, settings, clock, force=True)
    assert everything(settings)["contact"].rows == PEOPLE
    [aside] = settings.data.glob("antes-*")
    assert (aside / "secret").read_text() == secret
    assert str(aside) in done.aside
    if databases.name == "sqlite":
        old = Platform(type(settings).read({"OUTREACH_DATA": str(aside)}), clock)
        with old.reading() as session:
            assert session.scalars(select(AuditEntry.who)).all() == ["de antes"]
        old.close()
    else:
        engine = database.connect(settings.database)
        with engine.connect() as connection:
            schema = done.aside.partition(",")[0]
            assert connection.scalar(text(f"SELECT who FROM {schema}.audit_entry")) == "de antes"
        engine.dispose()


def test_while_somebody_has_the_installation_open_nothing_is_restored(kept, empty, clock) -> None:
    from outreach.platform import opened

    settings = empty("sqlite")
    with opened(settings, clock), pytest.raises(Refused) as refused:
        put_back(kept, settings, clock, force=True)
    assert codes(refused) == ["installation_in_use"]


def test_while_another_machine_is_connected_nothing_is_restored(kept, empty, clock) -> None:
    settings = empty("postgresql")
    engine = database.connect(settings.database)
    with engine.connect(), pytest.raises(Refused) as refused:
        put_back(kept, settings, clock)
    engine.dispose()
    assert codes(refused) == ["server_in_use"]


def test_another_secret_in_the_settings_is_told_before_anything_is_touched(kept, empty, clock) -> None:
    from dataclasses import replace

    settings = replace(empty("sqlite"), secret_key="otro secreto")
    with pytest.raises(Refused) as refused:
        put_back(kept, settings, clock)
    assert codes(refused) == ["secret_other"]
    assert not (settings.data / "outreach.sqlite3").exists()


# ------------------------------------------------------------------ what is no backup, or no longer


def rewritten(file: Path, **members: bytes | None) -> None:
    """Write a backup anew with some files of it changed, left out (None) or added; the list stays as it is."""
    with zipfile.ZipFile(file) as packed:
        held: dict[str, bytes | None] = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in (held | members).items():
            if data is not None:
                packed.writestr(name, data)


def relisted(file: Path, **values: object) -> None:
    with zipfile.ZipFile(file) as packed:
        told = json.loads(packed.read("manifest.json"))
    rewritten(file, **{"manifest.json": json.dumps(told | values).encode()})


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2000])


def flipped(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(raw)


def foreign_zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("fotos/una.png", b"no")


def bomb(file: Path) -> None:
    rewritten(file, **{"outreach.sqlite3": bytes(200 << 20)})


def smuggled(file: Path) -> None:
    rewritten(file, **{"../../.bashrc": b"rm"})


def changed_database(file: Path, statement: str) -> None:
    """Change the database with the list left as it was, but for its length and hash."""
    with zipfile.ZipFile(file) as packed, NamedTemporaryFile() as beside:
        told = json.loads(packed.read("manifest.json"))
        Path(beside.name).write_bytes(packed.read("outreach.sqlite3"))
        with closing(sqlite3.connect(beside.name)) as changed, changed:
            changed.execute(statement)
        raw = Path(beside.name).read_bytes()
    told["files"]["outreach.sqlite3"] = {"bytes": len(raw), "sha256": sha256(raw).hexdigest()}
    rewritten(file, **{"outreach.sqlite3": raw, "manifest.json": json.dumps(told).encode()})


def other_row(file: Path) -> None:
    changed_database(file, "UPDATE contact SET name = 'Otra' WHERE id = 1")


def listed_as(file: Path, old: str, new: str) -> None:
    """Change the list as a text: what JSON says and no program of ours writes."""
    with zipfile.ZipFile(file) as packed:
        told = packed.read("manifest.json").decode()
    assert old in told
    rewritten(file, **{"manifest.json": told.replace(old, new).encode()})


def with_secret(file: Path, secret: bytes) -> None:
    """Another secret, told of truly in the list."""
    with zipfile.ZipFile(file) as packed:
        files = json.loads(packed.read("manifest.json"))["files"]
    files["secret"] = {"bytes": len(secret), "sha256": sha256(secret).hexdigest()}
    relisted(file, files=files)
    rewritten(file, secret=secret)


def packed_otherwise(file: Path, way: int) -> None:
    with zipfile.ZipFile(file) as packed:
        held = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(file, "w", way) as packed:
        for name, data in held.items():
            packed.writestr(name, data)


def minded(file: Path) -> None:
    """A database that does something by itself when the switch is thrown."""
    changed_database(file, "CREATE TRIGGER quiet AFTER UPDATE ON campaign BEGIN SELECT 1; END")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (truncated, "backup_damaged"),
        (flipped, "backup_damaged"),
        (lambda file: file.write_bytes(b""), "backup_damaged"),
        (lambda file: file.write_text("hola"), "backup_kind"),
        (foreign_zip, "backup_kind"),
        (lambda file: rewritten(file, secret=None), "backup_damaged"),
        (lambda file: rewritten(file, secret=b"otro"), "backup_damaged"),
        (lambda file: rewritten(file, **{"manifest.json": b"{"}), "backup_damaged"),
        (lambda file: rewritten(file, **{"manifest.json": b"[]"}), "backup_damaged"),
        (lambda file: relisted(file, kind="otro"), "backup_kind"),
        (lambda file: relisted(file, format=2), "backup_format"),
        (lambda file: relisted(file, schema="9999"), "backup_newer"),
        (lambda file: relisted(file, schema="0001"), "backup_damaged"),
        (lambda file: relisted(file, tables={}), "backup_damaged"),
        (lambda file: relisted(file, made_at="2025-06-20"), "backup_damaged"),
        (bomb, "backup_large"),
        (smuggled, "backup_damaged"),
        (other_row, "backup_damaged"),
        (minded, "backup_damaged"),
        (lambda file: listed_as(file, '"format": 1', '"format": Infinity'), "backup_damaged"),
        (lambda file: listed_as(file, '"rows": 7', '"rows": Infinity'), "backup_damaged"),
        (lambda file: relisted(file, made_at="0001-01-01T00:00:00+14:00"), "backup_damaged"),
        (lambda file: relisted(file, made_at="9999-12-31T23:59:59-14:00"), "backup_damaged"),
        (lambda file: relisted(file, made_at="2090-01-01T00:00:00+00:00"), "backup_future"),
        (lambda file: relisted(file, schema="0001\0\x1b[2J"), "backup_damaged"),
        (lambda file: packed_otherwise(file, zipfile.ZIP_LZMA), "backup_damaged"),
        (lambda file: packed_otherwise(file, zipfile.ZIP_BZIP2), "backup_damaged"),
        (lambda file: with_secret(file, b""), "backup_damaged"),
        (lambda file: with_secret(file, b"\r\n\n"), "backup_damaged"),
        (lambda file: with_secret(file, b"\xff\xfe" * 20), "backup_damaged"),
    ],
)
def test_what_is_no_backup_or_no_longer_one_is_refused_and_nothing_is_touched(kept, empty, clock, spoil, code) -> None:
    spoil(kept)
    settings = empty("sqlite")
    with pytest.raises(Refused) as refused:
        put_back(kept, settings, clock)
    assert codes(refused) == [code]
    left = {path.name for path in settings.data.iterdir()}
    assert left <= {"in-use.lock", "engine.lock"}


@pytest.mark.only_on("sqlite")
def test_a_secret_that_a_setting_gave_comes_back_whatever_its_letters(kept, house, empty, clock) -> None:
    with_secret(kept, "una contraseña larga de la institución".encode())
    settings = empty("sqlite")
    put_back(kept, settings, clock)
    restored = Platform(settings, clock)
    assert restored.secret == "una contraseña larga de la institución"
    restored.close()


@pytest.mark.only_on("sqlite")
def test_a_backup_that_says_less_than_it_unfolds_to_is_not_unfolded_further(kept, empty, clock, tmp_path) -> None:
    with zipfile.ZipFile(kept) as packed:
        told = json.loads(packed.read("manifest.json"))
    told["files"]["secret"]["bytes"] = 3
    rewritten(kept, **{"manifest.json": json.dumps(told).encode()})
    with pytest.raises(Refused) as refused:
        put_back(kept, empty("sqlite"), clock)
    assert codes(refused) == ["backup_damaged"]


@pytest.mark.only_on("sqlite")
def test_a_disk_without_room_is_told_before_a_byte_is_written(kept, empty, clock, monkeypatch) -> None:
    from collections import namedtuple

    room = namedtuple("room", "total used free")  # noqa: PYI024 — as shutil gives it
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _path: room(10, 9, 1))
    settings = empty("sqlite")
    with pytest.raises(Refused) as refused:
        put_back(kept, settings, clock)
    assert codes(refused) == ["disk_room"]
    assert not (settings.data / "outreach.sqlite3").exists()


@pytest.mark.only_on("sqlite")
def test_a_damaged_database_gives_no_backup(house, backup_file) -> None:
    file = house.platform.settings.data / "outreach.sqlite3"
    with house.platform.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        root = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'audit_entry'"))
    house.platform.engine.dispose()
    with file.open("r+b") as raw:
        raw.seek((root - 1) * 4096)
        raw.write(b"\xff" * 4096)
    with pytest.raises(Refused) as refused:
        backup.write(house.platform, backup_file)
    assert codes(refused) == ["database_damaged"]
    assert str(file) in refused.value.faults[0].value
    assert not backup_file.exists()
