"""What somebody typed to find people, as a condition: every word in a name, a city or an address.

Accents and capitals aside. A word of one or two letters is the beginning of a word, a longer one any piece of it; a
piece of a number counts however it is spaced: «55 5555 01» finds +525555550100.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Dialect,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from contacts.folding import fold
from contacts.models import Address, Contact
from contacts.search_index import PIECE, due, entry, for_fts, piece, pieces

_PIECE_OF_A_NUMBER = 4  # digits
_MOST_PIECES = 9  # of all words: more find hardly fewer people, and what is found is looked at anyway


@dataclass(frozen=True, slots=True)
class Asked:
    """A text that was read: its words folded, or the digits of a number, which addresses alone hold."""

    words: tuple[str, ...]
    number: bool = False

    def pieces(self) -> list[str]:
        """Return three letters in a row that everybody who is found has, as the index keeps them."""
        found: dict[str, None] = {}
        most = max(2, _MOST_PIECES // max(1, len(self.words)))
        for word in self.words:
            if len(word) >= PIECE:
                some = [word[place : place + PIECE] for place in range(len(word) - PIECE + 1)]
                found |= dict.fromkeys(some[:: -(-len(some) // most)])
            elif _beginning(word):
                found[f"  {word}"[-PIECE:]] = None
        return list(found)


def read(text: str) -> list[Asked]:
    """Return the ways in which a text may be meant: its words; and a number, where it has no letters."""
    digits = "".join(filter(str.isdigit, text))
    ways = [Asked(tuple(dict.fromkeys(fold(text).split())))]
    if len(digits) >= _PIECE_OF_A_NUMBER and not any(map(str.isalpha, text)):
        ways.append(Asked((digits,), number=True))
    return [way for way in ways if way.words]


def matching(text: str, *, addresses: bool = True) -> ColumnElement[bool]:
    """Return the condition that a person is found by a text; without `addresses`, by name and city alone."""
    ways = [way for way in read(text) if addresses or not way.number]
    if not ways:
        return true()
    known = [_known(way, addresses=addresses) for way in ways]
    return Contact.id.in_(union_all(*known, _unsettled(ways, addresses=addresses)))


def hits(session: Session, text: str, *, addresses: bool = True) -> list[Select[Any]]:
    """Return selects of the numbers of who is found by a text, as the index gives them: one by one, in no order.

    Each is asked by itself, so that nothing is made ready of which only the first so many are taken.
    """
    ways = [way for way in read(text) if addresses or not way.number]
    if session.get_bind().dialect.name == "sqlite":
        known = [_streamed(way, addresses=addresses) for way in ways]
    else:
        known = [_known(way, addresses=addresses) for way in ways]
    return [_unsettled(ways, addresses=addresses), *known]


def _known(way: Asked, *, addresses: bool) -> Select[Any]:
    return select(entry.c.contact_id).where(_holding(way.pieces()), *_settled(way, addresses=addresses))


def _streamed(way: Asked, *, addresses: bool) -> Select[Any]:
    """Let SQLite give what the index finds one by one: asked for a set, it would make all of it first."""
    found = select(entry.c.contact_id).where(*_settled(way, addresses=addresses))
    if not (some := way.pieces()):
        return found
    holding = pieces.c.search_piece.op("MATCH")(for_fts(some))
    return found.select_from(pieces.join(entry, entry.c.contact_id == pieces.c.rowid)).where(holding)


def _settled(way: Asked, *, addresses: bool) -> list[ColumnElement[bool]]:
    """Return what is looked at in the texts of the index, which holds nothing of who changed since."""
    looked = [
        or_(
            *[
                column.contains(word if not _beginning(word) else f"  {word}", autoescape=True)
                for column in ((entry.c.reached,) if way.number else (entry.c.names, entry.c.reached))
                if addresses or column is entry.c.names
            ]
        )
        for word in way.words
    ]
    return [*looked, entry.c.contact_id.not_in(select(due.c.contact_id))]


def _unsettled(ways: list[Asked], *, addresses: bool) -> Select[Any]:
    """Return the select of who is found among those whom the index does not tell of yet, by their cards."""
    person = aliased(Contact)
    found = or_(*[_on_card(person, way, addresses=addresses) for way in ways])
    return select(person.id.label("contact_id")).where(person.id.in_(select(due.c.contact_id)), found)


def _on_card(person: Any, way: Asked, *, addresses: bool) -> ColumnElement[bool]:
    return and_(true(), *[or_(*_held(person, word, number=way.number, addresses=addresses)) for word in way.words])


def _held(person: Any, word: str, *, number: bool, addresses: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not number:
        found.append(
            (literal(" ") + person.search_text).contains(f" {word}", autoescape=True)
            if _beginning(word)
            else person.search_text.contains(word, autoescape=True)
        )
    if addresses:
        value = func.lower(Address.value, type_=String())
        held = value.startswith if _beginning(word) else value.contains
        found.append(exists().where(Address.contact_id == person.id, held(word, autoescape=True)).correlate(person))
    return found


def _beginning(word: str) -> bool:
    """Tell whether a word is so short that it is meant as a beginning."""
    return len(word) < PIECE and word.isalnum()


class _PiecesType(TypeDecorator[list[str]]):
    """Pieces of words as the value of one parameter."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return an array of their numbers where the database has arrays."""
        return dialect.type_descriptor(postgresql.ARRAY(Integer) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        """Pieces → what the database takes."""
        some = value or []
        return sorted(map(piece, some)) if dialect.name == "postgresql" else for_fts(some)


class _Holding(FunctionElement[bool]):
    """The condition that an entry of the index holds these pieces."""

    type = Boolean()
    inherit_cache = True
    name = "holding"

    def self_group(self, against: Any = None) -> "_Holding":  # noqa: ARG002 — the signature is SQLAlchemy's
        """Stand as it is."""
        return self


@compiles(_Holding)
def _in_a_file(element: _Holding, compiler: SQLCompiler, **options: Any) -> str:
    who, some = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{who} IN (SELECT rowid FROM search_piece WHERE search_piece MATCH {some})"  # noqa: S608 — compiled SQL


@compiles(_Holding, "postgresql")
def _on_a_server(element: _Holding, compiler: SQLCompiler, **options: Any) -> str:
    _who, some = (compiler.process(clause, **options) for clause in element.clauses)
    return f"search_entry.pieces @> {some}"


def _holding(some: list[str]) -> ColumnElement[bool]:
    if not some:
        return true()
    return _Holding(entry.c.contact_id, bindparam(None, some, type_=_PiecesType()))
