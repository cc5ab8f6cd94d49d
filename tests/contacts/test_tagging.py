"""Tags: folded, renamed, made one, put on whole segments, asked for by segments, in files and back."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from contacts import people, segments, tagging, unifying
from contacts.errors import Refused
from contacts.models import Contact
from contacts.tagging import Tag
from outreach import words

EVERYBODY = select(Contact.id)


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def ana(session, clock):
    return people.add(session, {"nombre": "Ana", "correo": "ana@example.org"}, at=clock.now())


@pytest.fixture
def beto(session, clock):
    return people.add(session, {"nombre": "Beto", "correo": "beto@example.org"}, at=clock.now())


def codes(call, *arguments, **options) -> list[str]:
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    assert all("%(" not in sentence and "Código" not in sentence for sentence in words.explain_all(refused.value))
    return [fault.code for fault in refused.value.faults]


@pytest.fixture
def put(session, clock):
    return lambda person, *names: tagging.put(session, person.id, names, at=clock.now(), by="maura")


def test_accents_and_capitals_make_no_other_tag(session, ana, beto, put):
    assert put(ana, "Observación", "prensa") == (2, 0)
    assert put(beto, "OBSERVACION") == (1, 0)
    assert [(tag.name, count) for tag, count in tagging.every(session)] == [("Observación", 2), ("prensa", 1)]
    assert put(ana, "prensa") == (0, 1)
    assert tagging.of_people(session, [ana.id, beto.id]) == {ana.id: ["prensa"], beto.id: ["Observación"]}


def test_a_name_that_cannot_be_a_tag_is_refused(session, ana, put):
    for name in ("", " \u202e ", "x" * 10_000, "a;b"):
        assert codes(put, ana, name) == ["tag_name"]
    assert codes(put, ana, *[f"t{n}" for n in range(31)]) == ["tags_many"]
    assert put(ana, "🙂 <b>\u202eal revés") == (1, 0)
    assert session.scalars(select(Tag.name)).one() == "🙂 <b>al revés"
    assert codes(tagging.named, session, "nadie") == ["tag_unknown"]


def test_two_tags_become_one_also_in_segments_that_ask_for_them(session, clock, ana, beto, put):
    put(ana, "observadores", "prensa")
    put(beto, "observadores", "observadoras")
    old, new = tagging.named(session, "observadores"), tagging.named(session, "observadoras")
    assert codes(tagging.rename, session, old, "Observadoras") == ["tag_taken"]
    written = {"todas": [{"no": {"campo": "etiqueta", "es": ["observadores"]}}, {"campo": "etiqueta", "es": ["–"]}]}
    segment = segments.create(session, "S", segments.read(session, written), at=clock.now(), by="maura")
    assert codes(tagging.remove, session, old) == ["tag_used"]
    assert codes(tagging.merge, session, old, old, at=clock.now(), by="") == ["tag_same"]
    assert tagging.merge(session, old, new, at=clock.now(), by="maura") == 1
    assert segments.as_written(session, segments.Filter.from_json(segment.filter))["todas"][0] == {
        "no": {"campo": "etiqueta", "es": ["observadoras"]}
    }
    assert tagging.of_people(session, [ana.id])[ana.id] == ["observadoras", "prensa"]
    tagging.rename(session, new, "Observación")
    assert tagging.every(session)[0][0].name == "Observación"


def test_a_tag_is_put_on_a_segment_and_taken_off_counting_only_who_changes(session, clock, ana, beto, put):
    put(ana, "prensa")
    tag = tagging.named(session, "prensa")
    people_there = segments.chosen(
        session, segments.read(session, {"campo": "alta", "desde": "2000-01-01"}), clock.now()
    )
    assert session.scalars(tagging.lacking(tag.id, people_there)).all() == [beto.id]
    assert tagging.put_on(session, tag.id, people_there, at=clock.now(), by="maura") == 1
    assert tagging.put_on(session, tag.id, people_there, at=clock.now(), by="maura") == 0
    assert tagging.take_off(session, tag.id, EVERYBODY.where(Contact.name == "Ana")) == 1
    assert tagging.of_people(session, [ana.id, beto.id]) == {beto.id: ["prensa"]}
    assert tagging.remove(session, tag) == 1
    assert tagging.every(session) == []


def test_a_segment_asks_for_tags_and_for_none(session, clock, ana, beto, put):
    put(ana, "prensa")

    def found(written):
        wanted = segments.read(session, written)
        return set(session.scalars(segments.chosen(session, wanted, clock.now())))

    assert found({"campo": "etiqueta", "es": ["PRENSA"]}) == {ana.id}
    assert found({"campo": "etiqueta", "es": ["–"]}) == {beto.id}
    assert found({"no": {"campo": "etiqueta", "es": ["prensa", "–"]}}) == set()
    with pytest.raises(Refused):
        found({"campo": "etiqueta", "es": ["nadie"]})


def test_tags_of_both_are_the_persons_when_two_become_one_and_come_back(session, clock, ana, beto, put):
    put(ana, "prensa", "a")
    put(beto, "prensa", "b")
    done = unifying.merge(session, ana.id, [beto.id], at=clock.now(), by="maura")
    assert tagging.of_people(session, [ana.id]) == {ana.id: ["a", "b", "prensa"]}
    assert dict((tag.name, count) for tag, count in tagging.every(session))["prensa"] == 1  # noqa: C402
    unifying.undo(session, done.id, at=clock.now(), by="maura")
    assert tagging.of_people(session, [ana.id, beto.id]) == {ana.id: ["a", "prensa"], beto.id: ["b", "prensa"]}


@given(st.lists(st.text(max_size=80), max_size=6))
def test_whatever_is_typed_is_split_into_names_that_are_kept_on_one_line_or_refused(names):
    for name in tagging.split(", ".join(names)):
        kept = None
        with suppress(Refused):
            kept = tagging.checked(name)
        if kept is None:
            assert codes(tagging.checked, name) == ["tag_name"]
            continue
        assert kept == kept.strip() != ""
        assert tagging.checked(kept) == kept
        assert len(kept) <= tagging.LONGEST
        assert not {"\n", "\0", "\u202e", ";"} & set(kept)
