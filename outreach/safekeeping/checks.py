"""`outreach db check`: the invariants of an installation, asked of a live database without holding up anybody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, Table, UniqueConstraint, exists, func, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from campaigns.models import Delivery
from campaigns.states import LEFT
from contacts import guarding, notices, search_proof
from outreach import database, keep
from outreach.register import runs as registered
from outreach.safekeeping import invariants
from outreach.tables import metadata

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """How one invariant stands: `found` rows break it, `examples` are some of them."""

    code: str
    found: int = 0
    examples: tuple[object, ...] = ()
    of: str = ""  # what the examples number
    remark: bool = False
    details: dict[str, object] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing breaks it; a remark never does."""
        return self.remark or not self.found


def check(engine: Engine, at: datetime, zone: str) -> Iterator[Answer]:
    """Yield how each invariant stands at a moment (UTC), in one consistent read.

    A database of another version of the schema answers that alone: the questions are about this one's tables.
    `zone` is the institution's, in which the register tells its days.
    """
    with database.answering(engine), database.reading(database.sessions(engine)) as session:
        found, ours = database.version(session.connection()), database.revisions()[-1]
        if found != ours:
            yield Answer("schema", 1, (found or "–",), details={"ours": ours})
            return
        yield Answer("schema", details={"ours": ours})
        stored = _file(session)
        yield stored
        if stored.found:  # what is damaged answers anything
            return
        promised = _constraints(session)
        yield promised
        if promised.details["tables"]:  # what is not there cannot be asked
            return
        yield _foreign_keys(session)
        for question in invariants.QUESTIONS:
            number, examples = invariants.breaking(session, question, at, examples=EXAMPLES)
            yield Answer(question.code, number, tuple(examples), question.of, question.remark)
        yield from _ledger(session)
        yield from _index_of_words(session)
        yield _register(session, zone)
        moved = keep.moved_to(session)
        yield Answer("moved", int(bool(moved)), (moved,) if moved else (), remark=True)


def _file(session: Session) -> Answer:
    """Ask the database whether what it stores is whole."""
    if session.get_bind().dialect.name == "sqlite":
        try:
            said = [row[0] for row in session.execute(text(f"PRAGMA integrity_check({EXAMPLES})"))]
        except DatabaseError as error:  # too much of it to say where
            said = [str(error.orig)]
        wrong = [] if said == ["ok"] else said
    else:
        invalid = text(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid "
            "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE nspname = current_schema() AND NOT (indisvalid AND indisready)"
        )
        wrong = [row[0] for row in session.execute(invalid)]
    return Answer("storage", len(wrong), tuple(wrong[:EXAMPLES]))


def _constraints(session: Session) -> Answer:
    """Look whether what the schema promises is in force: each table, and what may be in it only once."""
    looked = inspect(session.connection())
    present = set(looked.get_table_names())
    missing = [name for name in metadata.tables if name not in present]
    for table in metadata.tables.values():
        if table.name in present:
            there = {frozenset(found["column_names"]) for found in looked.get_unique_constraints(table.name)}
            there |= {
                frozenset(filter(None, found["column_names"]))
                for found in looked.get_indexes(table.name)
                if found["unique"]
            }
            missing += [f"{table.name}({', '.join(sorted(left))})" for left in _unique(table) - there]
    gone = len(metadata.tables.keys() - present)
    return Answer("constraints", len(missing), tuple(sorted(missing)[:EXAMPLES]), details={"tables": gone})


def _unique(table: Table) -> set[frozenset[str]]:
    rules = [rule.columns for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    rules += [index.columns for index in table.indexes if index.unique]
    return {frozenset(column.name for column in columns) for columns in rules}


def _foreign_keys(session: Session) -> Answer:
    """Look for rows that refer to one that is not there: a switched-off constraint lets them in."""
    found, examples = 0, []
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            parent = key.column.table.alias("parent")
            there = exists().where(parent.c[key.column.name] == key.parent)
            lost = select(*table.primary_key.columns).where(key.parent.is_not(None), ~there).subquery()
            number = session.scalar(select(func.count()).select_from(lost)) or 0
            if number:
                some = session.execute(select(lost.c[0]).order_by(lost.c[0]).limit(EXAMPLES)).scalars()
                examples += [f"{table.name}.{key.parent.name} {row}" for row in some]
                found += number
    return Answer("foreign_keys", found, tuple(examples[:EXAMPLES]))


def _ledger(session: Session) -> Iterator[Answer]:
    """Look whether the database still holds the ledger of consent, and whether each notice is the one published."""
    missing = guarding.missing(session.connection())
    yield Answer("ledger_guarded", len(missing), tuple(missing[:EXAMPLES]))
    altered = notices.altered(session)
    yield Answer("notices_whole", len(altered), tuple(altered[:EXAMPLES]))


def _index_of_words(session: Session) -> Iterator[Answer]:
    """Look whether what a search looks through is told of every change, and says what cards and addresses say."""
    connection = session.connection()
    missing = search_proof.missing(connection)
    yield Answer("search_told", len(missing), tuple(missing[:EXAMPLES]))
    found, examples = search_proof.wrong(connection, EXAMPLES)
    yield Answer("search_index", found, tuple(examples), "contact")


def _register(session: Session, zone: str) -> Answer:
    """Hold what the register tells of runs to the deliveries: each communication and each figure, none missing."""
    told: dict[str, int] = {}
    for _made, communication in registered.sent(session, None, None, zone, {}, with_people=False):
        if communication.keywords["recipients"] is not None:
            told[communication.keywords["folio"]] = communication.keywords["recipients"]
    counted = session.execute(
        select(Delivery.run_id, Delivery.channel, func.count())
        .where(Delivery.state.in_(LEFT))
        .group_by(Delivery.run_id, Delivery.channel)
    )
    installation = keep.installation_id(session)
    held = {registered.folio(installation, row[0], row[1]): row[2] for row in counted}
    wrong = sorted(folio for folio in told.keys() | held.keys() if told.get(folio) != held.get(folio))
    return Answer("registered", len(wrong), tuple(wrong[:EXAMPLES]))
