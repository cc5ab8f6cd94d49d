"""A long list a page at a time, and counts that are told of a sample."""

from itertools import chain

import pytest
from sqlalchemy import insert, select, text

from contacts import counting, listing, search_index
from contacts.counting import Count
from contacts.listing import Turn, Wanted
from contacts.models import Contact, Membership, Network
from outreach.indexing import settle_search

MANY = 7000  # more than a sample
SIZE = 300


@pytest.fixture
def many(platform):
    """So many people in the order of no list, a third of them in a network, three of ten abroad."""
    now = platform.clock.now()
    with platform.transaction() as session:
        session.execute(
            insert(Contact),
            [
                {
                    "name": f"{'Zoila Ana' if n % 4 else 'Ana'} {n % 10}{n * 7919 % 500:03}",
                    "country": "US" if n % 10 < 3 else "MX",
                    "search_text": f"{'zoila ana' if n % 4 else 'ana'} {n % 10}{n * 7919 % 500:03}",
                    "created_at": now,
                }
                for n in range(MANY)
            ],
        )
        network = Network(name="Red Voto Chilango")
        session.add(network)
        session.flush()
        people = session.scalars(select(Contact.id).order_by(Contact.id)).all()
        session.execute(
            insert(Membership), [{"network_id": network.id, "contact_id": each, "since": now} for each in people[::3]]
        )
        platform.network = network.id
        search_index.settle(session)
    settle_search(platform, None)
    return platform


def everybody(platform, **wanted) -> list[int]:
    with platform.reading() as session:
        return list(
            session.scalars(
                select(Contact.id)
                .where(*Wanted(**wanted).conditions(as_set=True))
                .order_by(Contact.search_text, Contact.id)
            )
        )


@pytest.mark.parametrize("of", ["all", "network", "country", "sparse"])
def test_pages_by_number_from_either_end_and_from_the_page_beside_show_everybody_once(many, of):
    wanted = {
        "all": {},
        "network": {"network_id": many.network},
        "country": {"country": "US"},
        "sparse": {"more": (Contact.name.like("%7"),)},
    }[of]
    expected = everybody(many, **wanted)
    asked = Wanted(**wanted)
    with many.reading() as session:
        looked = listing.look(session, asked, None)
        assert looked.count == Count(len(expected))
        pages = range(0, len(expected), SIZE)
        by_number = [listing.ids(session, asked, looked, offset, SIZE) for offset in pages]
        assert list(chain(*by_number)) == expected
        forth = [by_number[0]]
        while len(forth[-1]) == SIZE:
            forth.append(listing.ids(session, asked, looked, 0, SIZE, Turn(forth[-1][-1])))
        assert list(chain(*forth)) == expected
        back = listing.ids(session, asked, looked, 0, SIZE, Turn(by_number[2][0], after=False))
        assert back == by_number[1]
        assert listing.ids(session, asked, looked, SIZE, SIZE, Turn(10**8)) == by_number[1]  # who is gone by now


def test_of_more_than_a_thousand_those_whose_name_begins_with_the_text_come_first(many):
    with many.reading() as session:
        wanted = Wanted("ana")
        looked = listing.look(session, wanted)
        assert looked.count == Count(listing.MOST, more=True)
        first = listing.people(session, listing.ids(session, wanted, looked, 0, 25))
        assert all(person.name.startswith("Ana") for person in first)
        assert [person.search_text for person in first] == sorted(person.search_text for person in first)
        last = listing.ids(session, wanted, looked, listing.MOST - 25, 25)
        assert len(last) == len(set(last)) == 25
        somebody = session.scalars(select(Contact.name).order_by(Contact.id.desc())).first()
        few = listing.look(session, Wanted(somebody))
        assert few.count.exact
        assert 0 < few.count.number < 100


def test_an_estimate_says_between_what_the_number_lies_and_says_the_same_each_time(many):
    with many.reading() as session:
        told = counting.estimate(session, Contact.country == "US")
        assert told.about
        assert told.least <= MANY * 0.3 <= told.most
        assert told.most - told.least < MANY * 0.04
        assert told == counting.estimate(session, Contact.country == "US")
        nobody = counting.estimate(session, Contact.country == "XX")
        assert (nobody.number, nobody.least) == (0, 0)
        assert 0 < nobody.most < 10
        assert counting.people(session, Contact.country == "US", seconds=None) == Count(MANY * 3 // 10)


def test_a_count_that_takes_too_long_is_given_up_and_the_read_goes_on(many):
    long = "SELECT count(*) FROM contact AS a, contact AS b, contact AS c WHERE a.name <> b.name AND b.name <> c.name"
    with many.reading() as session:
        assert counting.within(session, text(long), 0.05) is None
        assert counting.within(session, select(Contact.id).limit(1), 5) is not None
        assert listing.look(session, Wanted()).count == Count(MANY)
