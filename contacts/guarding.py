"""The ledger of consent and the texts of the notices are held by the database itself: appended to, never changed.

Whoever comes with SQL, past every verb of ours, is refused by a trigger on either database. Three things pass, each of
them another rule of the house:

- *words go*: where a person is forgotten, `source`, `evidence` and `evidence_file` may be emptied, or say that
  something was taken out (`contacts.tracing.GONE`). They never say anything else. Who wrote a line down stays.
- *a line goes along*: `contact_id` may move between two rows of one person, the one pointing to the other.
- *a row goes whole*: a line falls with the row of its person, never alone.

What, by which way, about what, when, until when and under which notice is never changed by anybody. A text of a notice
that was only named so far may come; one that is there stays.

A migration that writes one of these tables anew (SQLite's batches do) drops what guards them: it calls `guard` again.
`outreach db check` looks whether they are there.
"""

from collections.abc import Collection

from sqlalchemy import Connection, inspect, text

from contacts.tracing import GONE

#: Of a line, what never changes.
FIXED = (
    "id",
    "channel",
    "purpose",
    "decision",
    "notice_version",
    "evidence_kind",
    "imported",
    "at",
    "until",
    "asked_id",
    "recorded_by",
)
#: Of a line, what may only lose words.
WORDS = ("source", "evidence", "evidence_file")

#: Names of the triggers on each database, with what they say no to.
TRIGGERS = {
    "consent_entry_unchanged": "consent_entry",
    "consent_entry_kept": "consent_entry",
    "notice_unchanged": "notice",
    "notice_kept": "notice",
}
_SAYS = {
    "consent_entry_unchanged": "the ledger of consent is appended to, never changed",
    "consent_entry_kept": "a line of the ledger of consent stays as long as its person",
    "notice_unchanged": "a published notice is never edited",
    "notice_kept": "a published notice is never taken out",
}
_FUNCTION = "CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
_RAISE = "RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation';"
_BACK = {"UPDATE": "NEW", "DELETE": "OLD"}


def _rules(same: str, found: str, columns: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return, for each trigger, what it watches and the condition under which it refuses.

    `same` is how a database says that two values are alike, NULL as well; `found` how it looks for a text in another.
    """
    fixed = " AND ".join(f"OLD.{name} {same} NEW.{name}" for name in FIXED if name in columns)
    words = " AND ".join(f"(OLD.{name} = NEW.{name} OR NEW.{name} = '' OR {found.format(name)} > 0)" for name in WORDS)
    along = (
        "(OLD.contact_id = NEW.contact_id OR EXISTS (SELECT 1 FROM contact WHERE"
        " (id = OLD.contact_id AND merged_into_id = NEW.contact_id)"
        " OR (id = NEW.contact_id AND merged_into_id = OLD.contact_id)))"
    )
    there = "EXISTS (SELECT 1 FROM contact WHERE id = OLD.contact_id)"
    alike = f"OLD.version {same} NEW.version AND OLD.language {same} NEW.language"
    kept = f"OLD.text {same} NEW.text AND OLD.sha256 {same} NEW.sha256"
    notice = f"{alike} AND ({kept} AND OLD.published_at {same} NEW.published_at OR OLD.text = '')"
    return {
        "consent_entry_unchanged": ("UPDATE", f"NOT ({fixed} AND {words} AND {along})"),
        "consent_entry_kept": ("DELETE", there),
        "notice_unchanged": ("UPDATE", f"NOT ({notice})"),
        "notice_kept": ("DELETE", "OLD.text <> ''"),
    }


def statements(dialect: str, columns: Collection[str] = FIXED) -> list[str]:
    """Return what makes the triggers on one of the two databases; `columns` are those that a line has by now."""
    if dialect == "sqlite":
        rules = _rules("IS", f"instr(NEW.{{}}, '{GONE}')", columns)
        return [
            f"CREATE TRIGGER {name} BEFORE {event} ON {TRIGGERS[name]} WHEN {refused}"
            f" BEGIN SELECT RAISE(ABORT, '{_SAYS[name]}'); END"
            for name, (event, refused) in rules.items()
        ]
    made = []
    for name, (event, refused) in _rules("IS NOT DISTINCT FROM", f"position('{GONE}' in NEW.{{}})", columns).items():
        answer = f"IF {refused} THEN {_RAISE.format(_SAYS[name])} END IF; RETURN {_BACK[event]};"
        when = f"BEFORE {event} ON {TRIGGERS[name]} FOR EACH ROW"
        made += [_FUNCTION.format(name, answer), f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"]
    for table in sorted(set(TRIGGERS.values())):
        name, when = f"{table}_whole", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        answer = _RAISE.format(f"{table} is never emptied")
        made += [_FUNCTION.format(name, answer), f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"]
    return made


def guard(connection: Connection) -> None:
    """Put the guards on: what a migration calls after it made or rewrote one of the tables."""
    columns = {column["name"] for column in inspect(connection).get_columns("consent_entry")}
    for statement in statements(connection.dialect.name, columns):
        connection.execute(text(statement))


def texts(connection: Connection) -> set[str]:
    """Return the texts that our triggers have in a database of SQLite: who brings one with others is not trusted.

    A change of these texts must go on knowing those that backups of before have.
    """
    columns = {column["name"] for column in inspect(connection).get_columns("consent_entry")}
    return set(statements("sqlite", columns))


def unguard(connection: Connection) -> None:
    """Take the guards off, for a change of the schema that goes back or writes a table anew."""
    served = connection.dialect.name == "postgresql"
    names = dict(TRIGGERS) | ({f"{table}_whole": table for table in TRIGGERS.values()} if served else {})
    for name, table in names.items():
        if served:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
            connection.execute(text(f"DROP FUNCTION IF EXISTS {name}()"))
        else:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))


def missing(connection: Connection) -> list[str]:
    """Return the guards that are not there, or not in force."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    else:
        found = connection.execute(
            text(
                "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON"
                " pg_namespace.oid = relnamespace WHERE nspname = current_schema() AND tgenabled IN ('O', 'A')"
            )
        )
    return sorted(TRIGGERS.keys() - {row[0] for row in found})
