"""Who may be there twice: found by address, number, name and city; not proposed again once somebody said no."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import alike, duplicates, people, unifying
from contacts.errors import Refused
from contacts.models import AddressKind, Contact


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def new(session, clock):
    def _new(name, ciudad="", pais="US", **fields) -> int:
        fields = fields or {"correo": f"{'.'.join(name.lower().split())}.{ciudad or 'x'}@example.org"}
        fields = {key: text.encode("ascii", "ignore").decode() for key, text in fields.items()}
        return people.add(session, {"nombre": name, "ciudad": ciudad, "pais": pais} | fields, at=clock.now()).id

    return _new


def found(session) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(pair.first, pair.second, pair.reasons) for pair in duplicates.search(session)]


def test_one_address_is_a_reason_and_names_alike_make_it_likelier(session, new):
    ana = new("Ana Nopal", correo="ana@example.org")
    beto = new("Beto Zacate", correo="ana@example.org")
    anita = new("Ana Nopales", correo="ana@example.org")
    pairs = duplicates.search(session)
    assert [(pair.first, pair.second) for pair in pairs] == [(ana, anita), (beto, anita), (ana, beto)]
    assert {pair.reasons for pair in pairs} == {("same_email",)}
    assert pairs[0].score > 95
    assert 60 <= pairs[2].score <= pairs[1].score < 80


def test_a_number_is_the_same_by_whatever_name_a_list_calls_it_and_in_its_old_form(session, new):
    ana = new("Ana Nopal", pais="MX", telefono="044 55 5555 0100")
    other = new("Ana N.", pais="MX", whatsapp="+52 1 55 5555 0100")
    assert found(session) == [(ana, other, ("same_phone",))]


@pytest.mark.parametrize(
    ("one", "other", "alike_"),
    [
        ("Citlali Ahuehuete Peña", "CITLALI AHUEHUETE PENA", True),
        ("Citlali Ahuehuete", "Ahuehuete Citlali", True),
        ("Citlali Ahuehuete", "Citlali Ahuehuete Peña", True),
        ("Citlali Ahuehuete", "Citlaly Ahuehuette", True),
        ("Citlali Ahuehuete", "Citlali Nopal", False),
        ("Citlali", "Citlali", False),
        ("José García", "Josefa García Luna", False),
    ],
)
def test_names_are_alike_whatever_the_order_accents_and_second_surname(session, new, one, other, alike_):
    pair = new(one, "Chicago"), new(other, "CHICAGO", correo="otra@example.org")
    assert found(session) == ([(*pair, ("like_name",))] if alike_ else [])


def test_a_name_alike_in_another_city_or_in_none_is_no_reason(session, new):
    for number, (city, country) in enumerate([("Chicago", "US"), ("Dallas", "US"), ("", "US"), ("Chicago", "MX")]):
        new("Citlali Ahuehuete", city, country, correo=f"{number}@example.org")
    assert found(session) == []


def test_the_list_is_kept_pages_by_reason_and_leaves_out_who_is_one_by_now(session, new, clock):
    ana, anita = new("Ana Nopal Ruiz", "Chicago"), new("Ana Nopal Ruíz", "Chicago", correo="a@example.org")
    beto, otro = new("Beto", correo="b@example.org"), new("Norma", correo="b@example.org")
    assert duplicates.searched_at(session) is None
    assert duplicates.keep(session, duplicates.search(session), at=clock.now()) == 2
    assert duplicates.searched_at(session) == clock.now()

    def listed(reason=""):
        return [(pair.first_id, pair.second_id) for pair in session.scalars(duplicates.proposed(reason))]

    assert listed() == [(ana, anita), (beto, otro)]
    assert listed("same_email") == [(beto, otro)]
    assert listed("like_name") == [(ana, anita)]
    unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    session.get_one(Contact, otro).erased_at = clock.now()
    assert listed() == []


def test_who_is_not_the_same_is_not_proposed_again_nor_is_who_they_became(session, new, clock):
    trio = [new("Ana Nopal Ruiz", "Chicago", correo=f"a{n}@example.org") for n in range(3)]
    duplicates.keep(session, duplicates.search(session), at=clock.now())
    duplicates.dismiss(session, trio[1], trio[0], at=clock.now(), by="maura")
    later = clock.now() + timedelta(days=1)
    assert duplicates.keep(session, duplicates.search(session), at=later) == 2
    assert duplicates.two_people(session, trio[0], trio[1]).dismissed_by == "maura"
    unifying.merge(session, trio[2], [trio[0]], at=later, by="maura")
    assert found(session) == []
    assert duplicates.like(session, people.get(session, trio[2])) == []
    assert duplicates.reconsider(session, trio[0], trio[1])
    assert [pair[:2] for pair in found(session)] == [(trio[1], trio[2])]
    assert not duplicates.reconsider(session, trio[0], trio[1])
    for one, other, code in ((trio[1], trio[1], "merge_same"), (trio[1], 999, "person_unknown")):
        with pytest.raises(Refused, match=code):
            duplicates.dismiss(session, one, other, at=later, by="maura")


def test_for_one_person_the_same_is_found_at_the_moment(session, new):
    ana = new("Ana Nopal Ruiz", "Chicago", correo="ana@example.org", whatsapp="+1 312 555 0100")
    new("Ana Nopal Ruiz", "Dallas", correo="lejos@example.org")
    new("Ana Nopal Ruis", "Chicago", correo="cerca@example.org")
    new("Otra Persona", correo="x@example.org", telefono="+1 312 555 0100")
    person = people.get(session, ana)
    whole = [pair for pair in duplicates.search(session) if ana in {pair.first, pair.second}]
    assert duplicates.like(session, person) == whole
    assert len(whole) == 2


def test_an_office_address_of_many_proposes_only_names_alike(session, new):
    for number in range(duplicates.SHARED + 5):
        new(f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number] * 9} Cargo", correo="oficina@example.org")
    again = people.add(session, {"nombre": "AAAAAAAAA Cargos", "correo": "oficina@example.org"}, at=session_at(session))
    assert [pair[1] for pair in found(session)] == [again.id]


def session_at(session):
    return session.get_one(Contact, 1).created_at


names = st.text("abñ ", min_size=1, max_size=9)


@given(st.lists(st.tuples(names, st.sampled_from(["", "Chicago", "CHICAGO"])), max_size=12))
def test_pairs_by_name_are_each_once_lower_number_first_and_do_not_hang_on_the_order_of_people(rows):
    everybody = [alike.named(number, name, city, "US") for number, (name, city) in enumerate(rows)]
    pairs = list(alike.by_name(everybody))
    assert len({pair[:2] for pair in pairs}) == len(pairs)
    assert all(first < second and score >= alike.LIKE for first, second, score in pairs)
    assert sorted(alike.by_name(reversed(everybody))) == sorted(pairs)


def test_the_work_is_bounded_however_many_are_called_alike():
    crowd = [alike.named(number, f"María Hernández {number:05}", "Chicago", "US") for number in range(2_000)]
    compared = sum(1 for _ in alike.neighbours(crowd))
    assert compared <= len(crowd) * alike.WINDOW
    assert AddressKind.PHONE in duplicates._NUMBERS
    assert sum(1 for _ in alike.neighbours(crowd[: alike.BLOCK])) == alike.BLOCK * (alike.BLOCK - 1) // 2


def test_the_commands_list_merge_undo_and_dismiss_in_words(platform, cast, outreach):
    one = cast.person("Ana Nopal Ruiz", correo="ana@example.org", city="Chicago", country="US")
    two = cast.person("Ana Nopal Ruíz", correo="anita@example.org", city="Chicago", country="US")
    assert "--search" in outreach("duplicates", "list").out
    listed = outreach("duplicates", "list", "--search").out
    assert "nombre parecido y misma ciudad" in listed
    assert outreach("duplicates", "list", "--json").json == [
        {
            "people": [{"id": one, "name": "Ana Nopal Ruiz"}, {"id": two, "name": "Ana Nopal Ruíz"}],
            "score": 90,
            "reasons": ["like_name"],
        }
    ]
    assert outreach("duplicates", "list", "--reason", "correo").out.startswith("No hay pares")
    done = outreach("duplicates", "merge", one, two, "--keep", f"nombre={two}")
    assert "Unión 1: ahora son una persona" in done.out
    assert "«Ana Nopal Ruíz»" in done.out
    again = outreach("duplicates", "merge", one, two)
    assert (again.code, again.err.count(f"ya está unida a la ficha {one}")) == (2, 1)
    assert f"ficha {one}" in outreach("show", two).err
    assert outreach("duplicates", "merge", one, two, "--keep", "nombre").code == 2
    assert "Son otra vez personas distintas" in outreach("duplicates", "undo", 1).out
    assert "ya se deshizo" in outreach("duplicates", "undo", 1).err
    assert "no son de la misma persona" in outreach("duplicates", "dismiss", two, one).out
    assert outreach("duplicates", "list", "--search").out.startswith("No hay pares")
    assert "quizá son" in outreach("duplicates", "dismiss", one, two, "--undo").out
    assert "Nadie anotó" in outreach("duplicates", "dismiss", one, two, "--undo").err
