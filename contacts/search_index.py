"""The index that a search looks through: for each person the beginnings and the pieces of three letters of their words.

It is derived. What it says of a person is made anew from their card and their addresses (`settle`); until then the
person is in `search_due`, put there by triggers, and a search looks at the card itself (`contacts.matching`). So what
is found never depends on when the index was last brought up to date; only how quickly.

SQLite keeps the pieces in an FTS5 table, PostgreSQL in an array with a GIN index: neither needs an extension.
"""

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from sqlalchemy import BigInteger, Connection, Integer, String, column, select, table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

AT_ONCE = 4000  # notes of who is due that one transaction works off
DERIVED = "search_"  # what every table of the index is called by: none of them is copied, all can be made anew
PIECE = 3  # letters
LOCK = 0x42555343  # any number that is ours alone on a server: one process at a time brings the index up to date

#: Who changed since the index was made of them; somebody may be there several times.
due = table("search_due", column("id", BigInteger), column("contact_id", BigInteger))
#: The words of a person, each behind two blanks: `names` of name and city, `reached` of addresses.
entry = table(
    "search_entry",
    column("contact_id", BigInteger),
    column("names", String),
    column("reached", String),
    column("pieces", postgresql.ARRAY(Integer)),  # on PostgreSQL alone
)
#: On SQLite alone.
pieces = table("search_piece", column("rowid", BigInteger), column("search_piece", String))

_WATCHED = (
    ("contact", "id", "search_text, erased_at, merged_into_id"),
    ("address", "contact_id", "value, contact_id"),
)
_OF_SQLITE = (
    # One note a person: whoever writes is alone, and need not fear to wait for another's.
    "CREATE TABLE IF NOT EXISTS search_due (id INTEGER PRIMARY KEY, contact_id INTEGER GENERATED ALWAYS AS (id))",
    (
        "CREATE TABLE IF NOT EXISTS search_entry"
        " (contact_id INTEGER PRIMARY KEY, names VARCHAR NOT NULL, reached VARCHAR NOT NULL)"
    ),
    # Where in a text a piece stands is not kept: what the pieces find is looked at in the text.
    (
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_piece USING fts5"
        " (names, reached, content = 'search_entry', content_rowid = 'contact_id', detail = none, columnsize = 0,"
        " tokenize = 'trigram')"
    ),
    *(
        f"CREATE TRIGGER IF NOT EXISTS search_{name}_{when} AFTER {act} ON {name} BEGIN"  # noqa: S608 — our own names
        + "".join(
            f" INSERT INTO search_due (id) SELECT {row}.{whose}"  # noqa: S608 — our own names
            f" WHERE NOT EXISTS (SELECT 1 FROM search_due WHERE id = {row}.{whose});"
            for row in rows
        )
        + " END"
        for name, whose, columns in _WATCHED
        for when, act, rows in (
            ("added", "INSERT", ("new",)),
            ("changed", f"UPDATE OF {columns}", ("old", "new") if name == "address" else ("new",)),
            ("gone", "DELETE", ("old",)),
        )
    ),
)
_OF_POSTGRES = (
    (
        "CREATE TABLE IF NOT EXISTS search_due"
        " (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, contact_id BIGINT NOT NULL)"
    ),
    (
        'CREATE TABLE IF NOT EXISTS search_entry (contact_id BIGINT PRIMARY KEY, names VARCHAR COLLATE "C" NOT NULL,'
        " reached VARCHAR COLLATE \"C\" NOT NULL, pieces INTEGER[] NOT NULL DEFAULT '{}')"
    ),
    (
        "CREATE INDEX IF NOT EXISTS ix_search_entry_pieces ON search_entry USING gin (pieces)"
        " WITH (gin_pending_list_limit = 1024)"
    ),
    "ALTER TABLE search_entry ALTER pieces SET STATISTICS 1000",
    *(
        f"CREATE OR REPLACE FUNCTION search_{name}_noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608
        f" IF TG_OP <> 'INSERT' THEN INSERT INTO search_due (contact_id) VALUES (OLD.{whose}); END IF;"
        f" IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.{whose} <> OLD.{whose})"
        f" THEN INSERT INTO search_due (contact_id) VALUES (NEW.{whose}); END IF; RETURN NULL; END $$"
        for name, whose, _columns in _WATCHED
    ),
    *(
        f"CREATE OR REPLACE TRIGGER search_{name}_{when} AFTER {act} ON {name}"
        f" FOR EACH ROW EXECUTE FUNCTION search_{name}_noted()"
        for name, _whose, columns in _WATCHED
        for when, act in (("added", "INSERT"), ("changed", f"UPDATE OF {columns}"), ("gone", "DELETE"))
    ),
)
TRIGGERS = frozenset(f"search_{name}_{when}" for name, *_more in _WATCHED for when in ("added", "changed", "gone"))


def install(connection: Connection) -> None:
    """Make the tables of the index and the triggers that note who is due, where they are not there. Harmless again."""
    for statement in _OF_SQLITE if connection.dialect.name == "sqlite" else _OF_POSTGRES:
        connection.execute(text(statement))


def remove(connection: Connection) -> None:
    """Take the index away with all that keeps it."""
    served = connection.dialect.name == "postgresql"
    for name, *_more in _WATCHED:
        for when in ("added", "changed", "gone"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS search_{name}_{when}" + (f" ON {name}" if served else "")))
        if served:
            connection.execute(text(f"DROP FUNCTION IF EXISTS search_{name}_noted()"))
    for name in ("search_entry", "search_due") if served else ("search_piece", "search_entry", "search_due"):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def renew(connection: Connection) -> None:
    """Note everybody as due: after rows came by a way that told nobody."""
    connection.execute(text("DELETE FROM search_due"))
    column = "id" if connection.dialect.name == "sqlite" else "contact_id"
    connection.execute(text(f"INSERT INTO search_due ({column}) SELECT id FROM contact"))  # noqa: S608 — our own names


def piece(letters: str) -> int:
    """Return the number by which PostgreSQL keeps three letters. Two may share one: what is found is looked at."""
    return crc32(letters.encode()) & 0x7FFFFFFF


def pieces_of(words: str) -> set[str]:
    """Return every three letters in a row."""
    return {words[place : place + PIECE] for place in range(len(words) - PIECE + 1)}


def waiting(session: Session) -> bool:
    """Tell whether somebody is due."""
    return session.scalar(select(due.c.id).limit(1)) is not None


def settle(session: Session, most: int | None = None) -> int:
    """Make the index anew of those who are due, of all or of so many notes; return how many notes were worked off.

    On PostgreSQL it does nothing while another process does.
    """
    connection = session.connection()
    served = connection.dialect.name == "postgresql"
    if served and not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK}):
        return 0
    done = 0
    while most is None or done < most:
        notes = connection.execute(select(due.c.id, due.c.contact_id).order_by(due.c.id).limit(AT_ONCE)).all()
        if not notes:
            break
        people = sorted({note.contact_id for note in notes})
        (_written_on_a_server if served else _written_in_a_file)(connection, people)
        connection.execute(
            text(f"DELETE FROM search_due WHERE id IN {_in(connection)}"),  # noqa: S608 — our own names
            {"some": _many(connection, [note.id for note in notes])},
        )
        done += len(notes)
    return done


def forget(session: Session, people: Iterable[int]) -> None:
    """Take what the index says of some people out of it now."""
    connection, some = session.connection(), sorted(set(people))
    _taken_out(connection, some)
    connection.execute(
        text(f"DELETE FROM search_due WHERE contact_id IN {_in(connection)}"),  # noqa: S608 — our own names
        {"some": _many(connection, some)},
    )


def tidy(connection: Connection, at_once: int = 500) -> bool:
    """Let SQLite's index do away with what was taken out of it, some pages at a time; tell whether more is to be done.

    It keeps that something was taken out beside what it was, until the two are merged. To be called anew, with
    `at_once` negative the first time: then everything is merged, not only what has grown long.
    """
    driver: Any = connection.connection.driver_connection
    before = driver.total_changes
    driver.execute("PRAGMA secure_delete = ON")
    connection.execute(
        text("INSERT INTO search_piece (search_piece, rank) VALUES ('merge', :pages)"), {"pages": at_once}
    )
    return bool(driver.total_changes - before >= 2)  # noqa: PLR2004 — the command itself is one


def for_fts(some: Iterable[str]) -> str:
    """Return the question to SQLite's index for who has all of these pieces."""
    return " AND ".join('"' + each.replace('"', '""') + '"' for each in some)


#: What the index shall say of everybody; who was forgotten or points to somebody else is not in it.
_SHALL = (
    "SELECT contact.id AS contact_id, '  ' || replace(search_text, ' ', '  ') AS names,"
    " coalesce((SELECT {reached}), '') AS reached"
    " FROM contact WHERE erased_at IS NULL AND merged_into_id IS NULL"
)
SHALL = {
    "sqlite": _SHALL.format(
        reached="group_concat(word, '') FROM (SELECT '  ' || lower(value) AS word FROM address"
        " WHERE address.contact_id = contact.id ORDER BY address.id)"
    ),
    "postgresql": _SHALL.format(
        reached="string_agg('  ' || lower(value), '' ORDER BY address.id) FROM address"
        " WHERE address.contact_id = contact.id"
    ),
}


def _many(connection: Connection, numbers: list[int]) -> Any:
    return numbers if connection.dialect.name == "postgresql" else str(numbers)


def _in(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        return "(SELECT unnest(CAST(:some AS BIGINT[])))"
    return "(SELECT value FROM json_each(:some))"


def _taken_out(connection: Connection, people: list[int]) -> None:
    some = {"some": _many(connection, people)}
    if connection.dialect.name == "sqlite":
        connection.execute(
            text(
                "INSERT INTO search_piece (search_piece, rowid, names, reached) SELECT 'delete', contact_id, names,"
                " reached FROM search_entry WHERE contact_id IN (SELECT value FROM json_each(:some))"
            ),
            some,
        )
    gone = f"DELETE FROM search_entry WHERE contact_id IN {_in(connection)}"  # noqa: S608 — our own names
    connection.execute(text(gone), some)


def _written_in_a_file(connection: Connection, people: list[int]) -> None:
    _taken_out(connection, people)
    some = {"some": _many(connection, people)}
    here = " IN (SELECT value FROM json_each(:some))"
    shall = f"{SHALL['sqlite']} AND contact.id{here}"
    connection.execute(text(f"INSERT INTO search_entry (contact_id, names, reached) {shall}"), some)
    connection.execute(
        text(
            "INSERT INTO search_piece (rowid, names, reached) SELECT contact_id, names, reached FROM search_entry"  # noqa: S608
            f" WHERE contact_id{here}"
        ),
        some,
    )


def _written_on_a_server(connection: Connection, people: list[int]) -> None:
    _taken_out(connection, people)
    shall = f"{SHALL['postgresql']} AND contact.id IN {_in(connection)}"
    rows = connection.execute(text(shall), {"some": people}).all()
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy("COPY search_entry (contact_id, names, reached, pieces) FROM STDIN") as copy:
        for number, names, reached in rows:
            copy.write_row((number, names, reached, sorted({*map(piece, pieces_of(names) | pieces_of(reached))})))
