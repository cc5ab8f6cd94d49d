"""Whether the index that a search looks through says what cards and addresses say: asked by `outreach db check`."""

from typing import Any

from sqlalchemy import Connection, text

from contacts.search_index import SHALL, TRIGGERS, for_fts, piece, pieces_of

LOOKED_AT = 2000  # people whose pieces are looked at


def missing(connection: Connection) -> list[str]:
    """Return which triggers are not there: whoever changed meanwhile would be found by what they were."""
    where = "sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        where = "(SELECT tgname AS name FROM pg_trigger WHERE tgenabled <> 'D') AS known"
    there = set(connection.scalars(text(f"SELECT name FROM {where}")))  # noqa: S608 — our own names
    return sorted(TRIGGERS - there)


def wrong(connection: Connection, examples: int) -> tuple[int, list[int]]:
    """Return of how many people the index says something else than it shall, and some of them.

    Every text is held to the card; of the pieces, those of some people.
    """
    shall = f"({SHALL[connection.dialect.name]}) AS shall"
    other = (
        f"SELECT shall.contact_id AS id FROM {shall} LEFT JOIN search_entry AS said"  # noqa: S608 — our own names
        " ON said.contact_id = shall.contact_id"
        " WHERE said.contact_id IS NULL OR said.names <> shall.names OR said.reached <> shall.reached"
        " UNION ALL SELECT said.contact_id FROM search_entry AS said LEFT JOIN contact ON contact.id = said.contact_id"
        " WHERE contact.id IS NULL OR contact.erased_at IS NOT NULL OR contact.merged_into_id IS NOT NULL"
    )
    asked = f"SELECT id FROM ({other}) AS other WHERE id NOT IN (SELECT contact_id FROM search_due)"  # noqa: S608
    found = list(connection.scalars(text(f"{asked} ORDER BY id")))
    found += [number for number in _with_other_pieces(connection) if number not in set(found)]
    return len(found), found[:examples]


def _with_other_pieces(connection: Connection) -> list[int]:
    served = connection.dialect.name == "postgresql"
    first, last = connection.execute(text("SELECT min(contact_id), max(contact_id) FROM search_entry")).one()
    step = max(1, ((last or 0) - (first or 0)) // LOOKED_AT)
    more = ", pieces" if served else ""
    some = connection.execute(
        text(
            f"SELECT contact_id, names, reached{more} FROM search_entry WHERE contact_id % :step = 0"  # noqa: S608
            " AND contact_id NOT IN (SELECT contact_id FROM search_due)"
        ),
        {"step": step},
    ).all()
    if served:
        return [row.contact_id for row in some if set(row.pieces) != set(map(piece, _all_pieces(row)))]
    here = text("SELECT count(*) FROM search_piece WHERE search_piece MATCH :pieces AND rowid = :row")
    return [
        row.contact_id
        for row in some
        if (pieces := _all_pieces(row))
        and not connection.scalar(here, {"pieces": for_fts(sorted(pieces)), "row": row.contact_id})
    ]


def _all_pieces(row: Any) -> set[str]:
    return pieces_of(row.names) | pieces_of(row.reached)
