"""What a search finds, whether the index of words has been brought up to date or not."""

import pytest
from sqlalchemy import text

from contacts import listing, people, search_index, search_proof, unifying
from contacts.listing import Wanted
from contacts.models import Address, AddressKind, Contact
from outreach import erasing as forgetting
from outreach.indexing import settle_search

TEXTS = (
    *("a", "an", "lu", "na", "x", "ana", "nañez", "NÚÑ", "unez", "pez", "o'", "o’f", "100%", "%", "_", "a_a", "c_c@"),
    *("ana lu", "lu ana", "ana ana", "ana example", "houston", "mexico ana", "los ang", "55 5555 01", "5555010"),
    *("(55) 5555-0100", "0199", "@example", "example.org", "nadie", "ana nadie", '"', "a'b", "méxico-", "ciudad de"),
)


@pytest.fixture
def crowd(platform):
    """Some people with little in common."""
    cards = (
        ("Ana Núñez Luna", "Ciudad de México", ("ana@example.org", "+525555550100")),
        ("Analuz Ñandú", "Houston", ("lu.ana@example.com",)),
        ("Lucía O’Farrill", "Los Ángeles", ("c_c@example.org", "+13125550199")),
        ("Ceci 100% López", "", ()),
        ("Xóchitl Nanahuatzin", "México-Tenochtitlan", ("x@example.net",)),
    )
    with platform.transaction() as session:
        for name, city, addresses in cards:
            kinds = [AddressKind.EMAIL if "@" in value else AddressKind.WHATSAPP for value in addresses]
            session.add(
                Contact(
                    name=name,
                    city=city,
                    created_at=platform.clock.now(),
                    addresses=[Address(kind=kind, value=value) for kind, value in zip(kinds, addresses, strict=True)],
                )
            )
    return platform


def found(platform, asked: str, **more) -> list[str]:
    """Who is found, by the list of a page and by the whole select: they agree."""
    with platform.reading() as session:
        wanted = Wanted(asked, **more)
        looked = listing.look(session, wanted)
        page = listing.people(session, listing.ids(session, wanted, looked, 0, 50))
        every = list(session.scalars(people.found(asked, **more)))
        assert page == every
        assert looked.count.number == len(every)
        assert looked.count.exact
        return [person.name for person in every]


def test_the_index_finds_whom_the_cards_find(crowd):
    by_cards = {asked: found(crowd, asked) for asked in TEXTS}
    assert settle_search(crowd, None)
    with crowd.reading() as session:
        assert not search_index.waiting(session)
    assert {asked: found(crowd, asked) for asked in TEXTS} == by_cards
    assert by_cards["lu"] == ["Ana Núñez Luna", "Analuz Ñandú", "Lucía O’Farrill"]  # the beginning of a word
    assert by_cards["unez"] == ["Ana Núñez Luna"]  # a longer one is any piece
    assert by_cards["%"] == ["Ceci 100% López"]
    assert by_cards["55 5555 01"] == ["Ana Núñez Luna"]


def test_whoever_may_not_see_addresses_does_not_find_by_them(crowd):
    for _settled in range(2):
        assert found(crowd, "example", addresses=False) == []
        assert found(crowd, "55555501", addresses=False) == []
        assert found(crowd, "nunez", addresses=False) == ["Ana Núñez Luna"]
        settle_search(crowd, None)


def test_a_change_is_found_at_once_and_what_was_is_not(crowd):
    settle_search(crowd, None)
    with crowd.transaction() as session:
        ana, luz = (session.scalars(people.found(name)).one() for name in ("nunez", "analuz"))
        ana.name = "Beatriz Jacaranda"
        ana.addresses[0].value = "beatriz@example.net"
        session.delete(luz.addresses[0])
    for _settled in range(2):
        assert found(crowd, "nunez") == []
        assert found(crowd, "ana@") == []
        assert found(crowd, "lu.ana") == []
        assert found(crowd, "jacar") == found(crowd, "beatriz@") == ["Beatriz Jacaranda"]
        settle_search(crowd, None)


def test_who_was_merged_is_found_as_one(crowd):
    settle_search(crowd, None)
    with crowd.transaction() as session:
        ana, luz = (session.scalars(people.found(name)).one().id for name in ("nunez", "analuz"))
        unifying.merge(session, ana, [luz], at=crowd.clock.now(), by="maura")
    for _settled in range(2):
        assert found(crowd, "lu.ana@example.com") == ["Ana Núñez Luna"]
        assert found(crowd, "nandu") == []
        settle_search(crowd, None)


def test_nothing_of_who_was_forgotten_stays_in_the_index(crowd):
    settle_search(crowd, None)
    with crowd.transaction() as session:
        xochitl = session.scalars(people.found("nanahuatzin")).one().id
        done = forgetting.erase(session, xochitl, at=crowd.clock.now(), by="maura")
        assert session.scalar(text("SELECT count(*) FROM search_entry WHERE names LIKE '%nanahuatzin%'")) == 0
    assert found(crowd, "nanahuatzin") == []
    forgetting.settle(crowd.settings.data, crowd.engine, done)
    settle_search(crowd, None)
    if crowd.engine.dialect.name == "sqlite":
        with crowd.engine.begin() as connection:
            connection.execute(text("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'search_piece', 'row')"))
            kept = set(connection.scalars(text("SELECT term FROM words")))
        assert "nez" in kept
        assert not {"ahu", "hua", "atz", "xoc"} & kept
        raw = (crowd.settings.data / "outreach.sqlite3").read_bytes().lower()
        assert b"nanahuatzin" not in raw


def test_the_index_is_whole_after_all_that(crowd):
    settle_search(crowd, None)
    with crowd.transaction() as session:
        session.scalars(people.found("nunez")).one().city = "Cicero"
        session.flush()
        connection = session.connection()
        assert search_proof.wrong(connection, 5) == (0, [])  # due, and so not wrong
        search_index.settle(session)
        assert search_proof.wrong(connection, 5) == (0, [])
        number = session.scalars(people.found("cicero")).one().id
        connection.execute(text("UPDATE search_entry SET reached = '' WHERE contact_id = :id"), {"id": number})
        assert search_proof.wrong(connection, 5) == (1, [number])
        search_index.renew(connection)
        search_index.settle(session)
        assert search_proof.wrong(connection, 5) == (0, [])
        assert search_proof.missing(connection) == []
