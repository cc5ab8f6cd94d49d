"""«One of these rows» as one parameter: the same rows as a list would give, through the same index."""

import pytest
from sqlalchemy import insert, select, text

from contacts.idsets import among, among_texts
from contacts.models import Contact


@pytest.fixture
def session(platform, clock):
    with platform.transaction() as session:
        session.execute(
            insert(Contact),
            [{"id": number, "name": f"Persona {number}", "created_at": clock.now()} for number in range(1, 2001)],
        )
        yield session


@pytest.mark.parametrize("ids", [[], [7], [7, 7, 9], [3, 4_000_000_000], list(range(1, 2001))], ids=len)
def test_it_finds_the_rows_that_a_list_would(session, ids):
    found = session.scalars(select(Contact.id).where(among(Contact.id, ids))).all()
    assert sorted(found) == sorted(session.scalars(select(Contact.id).where(Contact.id.in_(ids))))


def test_the_numbers_may_come_with_the_execution(session):
    statement = select(Contact.id).where(among(Contact.id, "ids")).order_by(Contact.id)
    assert session.scalars(statement, {"ids": (5, 2)}).all() == [2, 5]
    assert session.scalars(statement, {"ids": range(1998, 2005)}).all() == [1998, 1999, 2000]


@pytest.mark.parametrize(
    "names", [[], ["Persona 7"], ["Persona 7", "Persona 7", "nadie"], ["O'Farrill", 'a"b', "ñ😀", "\\", "{Persona 7}"]]
)
def test_texts_are_found_as_they_are_written(session, names):
    session.execute(
        insert(Contact),
        [
            {"id": 3000 + number, "name": name, "created_at": session.get_one(Contact, 1).created_at}
            for number, name in enumerate(["O'Farrill", 'a"b', "ñ😀", "\\"])
        ],
    )
    found = session.scalars(select(Contact.id).where(among_texts(Contact.name, names))).all()
    assert sorted(found) == sorted(session.scalars(select(Contact.id).where(Contact.name.in_(names))))
    by_name = select(Contact.id).where(among_texts(Contact.name, "names"))
    assert sorted(session.scalars(by_name, {"names": names})) == sorted(found)


@pytest.mark.only_on("sqlite")  # PostgreSQL's plans follow the size of the tables
def test_it_goes_through_the_key_and_not_through_the_table(session):
    statement = str(select(Contact.name).where(among(Contact.id, "ids")).compile(session.get_bind()))
    plan = [
        row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {statement.replace('?', ':ids')}"), {"ids": "[1]"})
    ]
    assert plan[0] == "SEARCH contact USING INTEGER PRIMARY KEY (rowid=?)"
