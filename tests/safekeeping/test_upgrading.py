"""A database of the first schema, with everything in it that one can hold, becomes one of today and loses nothing."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import URL, Engine, text

from campaigns.models import GroupTask, InboundMessage
from contacts.models import Notice, Organization
from outreach import accounts, audit, database
from outreach.config import Settings
from outreach.platform import Platform
from outreach.providers import through
from outreach.register.models import Entry, Import
from outreach.safekeeping import archive, checks, restore, rows
from outreach.safekeeping.archive import Manifest

PEOPLE = 8
FIRST = database.revisions()[0]


@pytest.fixture
def lived_in(house, cast):
    """A house in which every table of the first schema holds something, and a campaign is half way."""
    for number in range(PEOPLE):
        cast.person(f"Persona {number} Ñ", correo=f"p{number}@example.org", whatsapp=f"+1 312 555 01{20 + number}")
    house.template()
    house.campaign()
    house.settle()
    house.campaign()
    house.engine.tick()
    now = house.clock.now()
    with house.platform.transaction() as session:
        accounts.add(session, "ana", "Ana", "una contraseña larga", now)
        session.add(Organization(name="Consulado"))
        session.add(GroupTask(run_id=1, network_id=1, published_at=now))
        audit.note(session, now, "ana", "prueba", details={"ñ": [1, None]})
        session.add(Notice(version="2025-1", text="Aviso", sha256=sha256(b"Aviso").hexdigest(), published_at=now))
        session.add(
            InboundMessage(provider_id="SM1", contact_id=1, sender="whatsapp:+1", body="Hola", at=now, raw={"a": "é"})
        )
        brought = Import(filename="r.csv", sha256="0", columns=["Estado"], at=now, who="ana")
        session.add(brought)
        session.flush()
        for _twice in range(2):
            session.add(
                Entry(
                    folio="E-1", day=date(2025, 4, 1), channel="correo", kind="difusion", information="x",
                    fingerprint="f", import_id=brought.id, created_at=now, created_by="ana", extra={"Estado": "ñ"},
                )
            )  # fmt: skip
        session.flush()
        session.execute(text("UPDATE register_entry SET replaced_by_id = 2 WHERE id = 1"))
    return house


def of_the_first_schema(engine: Engine, house) -> dict[str, rows.Told]:
    """Make the first schema in a bare database and write into it what the house knows, as far as it had a place."""
    command.upgrade(database.migration_config(engine), FIRST)
    told = {}
    with (
        house.platform.engine.connect().execution_options(writes=False) as source,
        engine.connect() as target,
        target.begin(),
    ):
        if target.dialect.name == "sqlite":
            target.execute(text("PRAGMA defer_foreign_keys = ON"))
        else:
            target.execute(text("SET LOCAL TIME ZONE 'UTC'"))
            target.execute(text("SET LOCAL session_replication_role = replica"))
        for name in rows.tables(target):
            shape = rows.form(target, name)
            rows.write(target, shape, rows.read(source, shape))
            told[name] = read(target, shape)
        target.execute(text("DELETE FROM kept WHERE name = 'queue_schema'"))  # of the database, not of the installation
        if target.dialect.name == "postgresql":
            target.execute(text("SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), 1000)"))
    return told


def read(connection, shape: rows.Form) -> rows.Told:
    """Count and fingerprint the columns that a table had then."""
    counted = rows.Tally()
    for batch in rows.read(connection, shape):
        counted.add(batch)
    return counted.told()


def shapes(engine: Engine) -> dict[str, rows.Form]:
    with engine.connect().execution_options(writes=False) as connection:
        return {name: rows.form(connection, name) for name in rows.tables(connection)}


def test_a_database_of_the_first_schema_keeps_everything_and_sends_on(
    lived_in, empty: Callable[[str], Settings], databases
) -> None:
    settings = empty(databases.name)
    engine = database.connect(settings.database)
    before = of_the_first_schema(engine, lived_in)
    assert [name for name, told in before.items() if not told.rows] == []
    then = shapes(engine)
    engine.dispose()
    reached = set(lived_in.simulator.counts())
    platform = Platform(settings, lived_in.clock)  # whoever opens it brings it to today's schema
    with platform.engine.connect().execution_options(writes=False) as connection:
        assert database.version(connection) == database.revisions()[-1]
        assert {name: read(connection, then[name]) for name in then if name != "kept"} == {
            name: told for name, told in before.items() if name != "kept"
        }
    through_it = through(platform, lived_in.simulator, everything=True).engine(platform)
    through_it.tick()
    through_it.drain()
    counts = lived_in.simulator.counts()
    assert len(set(counts) - reached) == PEOPLE, "those who waited were written to"
    assert set(counts.values()) == {1}
    through_it.tick()
    wrong = [answer for answer in checks.check(platform.engine, lived_in.clock.now(), "UTC") if not answer.holds]
    platform.close()
    assert wrong == []


def test_a_second_opening_changes_nothing(settings, clock) -> None:
    for _twice in range(2):
        platform = Platform(settings, clock)
        with platform.engine.connect().execution_options(writes=False) as connection:
            assert database.version(connection) == database.revisions()[-1]
        platform.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.only_on("sqlite")
def test_a_backup_of_the_first_schema_is_restored_and_upgraded(
    lived_in, empty, tmp_path: Path, backup_file: Path, kind: str
) -> None:
    file = tmp_path / "entonces.sqlite3"
    engine = database.connect(URL.create("sqlite", database=str(file)))
    before = of_the_first_schema(engine, lived_in)
    then = shapes(engine)
    engine.dispose()
    with zipfile.ZipFile(backup_file, "w") as packed:
        files = {
            "outreach.sqlite3": archive.put(packed, "outreach.sqlite3", io.BytesIO(file.read_bytes())),
            "secret": archive.put(packed, "secret", io.BytesIO(b"secreto")),
        }
        manifest = Manifest(lived_in.clock.now(), "abcdef01", FIRST, "sqlite", "0.1.0", before, files)
        packed.writestr("manifest.json", archive.as_text(manifest))
    settings = empty(kind)
    restore.restore(backup_file, settings, lived_in.clock, by="pruebas")
    after = database.connect(settings.database)
    with after.connect().execution_options(writes=False) as connection:
        assert database.version(connection) == database.revisions()[-1]
        kept = {name: read(connection, shape) for name, shape in then.items()}
    after.dispose()
    changed = {name for name, told in before.items() if told != kept[name]}
    assert changed <= {"audit_entry", "campaign", "delivery", "kept"}  # what a restored one holds back
    assert {name: kept[name].rows for name in ("delivery", "campaign")} == {
        name: before[name].rows for name in ("delivery", "campaign")
    }
