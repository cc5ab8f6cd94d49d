"""Two people who are one, and two again: nothing is lost, nothing is said twice, nobody who left is written to."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import outreach.tables
from campaigns.models import InboundMessage
from contacts import consent, figures, networks, outlasting, people, pointers, unifying
from contacts.base import Base
from contacts.errors import Refused
from contacts.models import (
    Address,
    AddressKind,
    AddressState,
    Channel,
    Contact,
    Decision,
    Membership,
    Purpose,
    Role,
)
from outreach import words
from outreach.clock import VirtualClock
from outreach.platform import Platform

PEOPLE = 5
PHONES = ["+525555550100", "+525555550101"]
SIDS = count(1)


def snapshot(session) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the notes of merges themselves; and what the ledger comes to, for everybody.

    A line that a merge wrote into the ledger stays there for ever, and says nothing new of whom it is about.
    """
    session.flush()
    lines = outlasting.SOURCE
    return {
        name: sorted((tuple(row) for row in session.execute(select(table)) if lines not in tuple(row)), key=repr)
        for name, table in Base.metadata.tables.items()
        if name not in {"person_merge", "audit_entry"}
    } | {
        "standing": [
            (each, *consent.standing(session, each).values())
            for each in session.scalars(select(Contact.id).order_by(Contact.id))
        ]
    }


def codes(call, *arguments, **options) -> list[str]:
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    assert all("%(" not in sentence and "Código" not in sentence for sentence in words.explain_all(refused.value))
    return [fault.code for fault in refused.value.faults]


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def ana(cast) -> int:
    return cast.person("Ana Nopal", correo="ana@example.org", city="Chicago", country="US")


@pytest.fixture
def anita(cast) -> int:
    return cast.person("Ana María Nopal", correo="anita@example.org", whatsapp="+525555550100", country="")


def test_what_either_has_is_the_persons_and_the_other_row_points_there(session, clock, ana, anita):
    session.add(InboundMessage(provider_id="SM1", contact_id=anita, sender="w", body="Hola", at=clock.now(), raw={}))
    done = unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    merged = people.get(session, ana)
    assert {address.value for address in merged.addresses} == {"ana@example.org", "anita@example.org", "+525555550100"}
    assert len(consent.ledger(session, ana)) == 2
    assert session.scalars(select(InboundMessage.contact_id)).all() == [ana]
    assert pointers.followed(session, [ana, anita]) == {anita: ana}
    assert done.survivor_id == ana
    assert [each.id for each in people.search(session).people] == [ana]
    assert consent.may_contact(session, anita, Channel.EMAIL, Purpose.NOTICES).reason == "merged"
    assert consent.may_contact(session, ana, Channel.WHATSAPP, Purpose.NOTICES).allowed


def test_each_field_is_the_chosen_ones_and_an_empty_one_is_filled(session, clock, ana, anita):
    session.get_one(Contact, ana).city = ""
    session.get_one(Contact, anita).city = "Cicero"
    unifying.merge(session, ana, [anita], choices={"nombre": anita}, at=clock.now(), by="maura")
    merged = people.get(session, ana)
    assert (merged.name, merged.country, merged.city) == ("Ana María Nopal", "US", "Cicero")
    assert people.search(session, "maria cicero").people == [merged]


def test_an_address_of_both_stays_once_with_the_worse_that_is_known_of_it(session, clock, ana, anita):
    people.add_address(session, people.get(session, anita), "correo", "ana@example.org")
    theirs = select(Address).where(Address.contact_id == anita, Address.value == "ana@example.org")
    people.mark(session.scalars(theirs).one(), AddressState.BOUNCED, reason="hard_bounce", at=clock.now())
    unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    merged = people.get(session, ana)
    known = [(a.state, a.state_reason) for a in merged.addresses if a.value == "ana@example.org"]
    assert known == [(AddressState.BOUNCED, "hard_bounce")]
    assert people.holders(session, ["ana@example.org"]) == [merged]
    assert consent.withdraw_address(session, "ana@example.org", Channel.EMAIL, source="x", at=clock.now()) == [ana]


def test_who_is_in_a_network_twice_is_in_it_once_since_the_first_day_and_leads_if_either_did(
    session, clock, ana, anita
):
    network = networks.find(session, "Red Voto Chilango").id
    early = clock.now() - timedelta(days=40)
    theirs = networks.membership(session, anita, network)
    theirs.since, theirs.role = early, Role.LEADER
    unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    assert [(m.contact_id, m.since, m.role) for m in networks.members(session, network, clock.now())] == [
        (ana, early, Role.LEADER)
    ]
    assert [each.members for each in figures.counted_now(session)] == [1]


def test_spans_that_overlap_count_a_person_once_on_a_past_day(session, clock, ana, anita):
    network = networks.find(session, "Red Voto Chilango").id
    theirs = networks.membership(session, anita, network)
    theirs.since = clock.now() - timedelta(days=40)
    networks.leave(session, anita, network, at=clock.now() + timedelta(days=5))
    unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    days = (clock.now() + timedelta(days=each) for each in (-1, 1, 9))
    assert [len(networks.members(session, network, day)) for day in days] == [1, 1, 1]


def test_whom_either_brought_the_person_brought_and_nobody_brought_themselves(session, clock, cast, ana, anita):
    network = networks.find(session, "Red Voto Chilango").id
    beto = cast_member(session, clock, "Beto", network, brought_by=anita)
    networks.membership(session, ana, network).brought_by_id = anita
    unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    assert [each.id for each in networks.brought_by(session, ana)] == [beto]
    assert networks.membership(session, ana, network).brought_by_id is None


def cast_member(session, clock, name, network, brought_by=None) -> int:
    person = people.add(session, {"nombre": name, "correo": f"{name.lower()}@example.org"}, at=clock.now())
    networks.join(session, person.id, network, at=clock.now(), brought_by_id=brought_by)
    return person.id


@pytest.mark.parametrize("survivor", ["ana", "anita"])
def test_a_withdrawal_of_either_holds_even_before_a_later_word_of_the_other(session, clock, ana, anita, survivor):
    consent.withdraw(session, ana, Channel.EMAIL, source="baja", at=clock.now())
    later = clock.now() + timedelta(days=1)
    consent.record(session, anita, "*", "*", Decision.GRANTED, source="formulario", at=later)
    one, other = (ana, anita) if survivor == "ana" else (anita, ana)
    before = {each: consent.verdicts(session, each) for each in (ana, anita)}
    done = unifying.merge(session, one, [other], at=later + timedelta(days=1), by="maura")
    verdicts = consent.verdicts(session, one)
    assert {verdicts[Channel.EMAIL, purpose].reason for purpose in Purpose} == {"opted_out"}
    assert verdicts[Channel.WHATSAPP, Purpose.NOTICES].allowed
    unifying.undo(session, done.id, at=later + timedelta(days=2), by="maura")
    assert {each: consent.verdicts(session, each) for each in (ana, anita)} == before


def test_a_word_by_the_old_number_is_the_persons(session, clock, ana, anita):
    unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    consent.withdraw(session, anita, Channel.EMAIL, source="enlace de baja", at=clock.now() + timedelta(days=1))
    assert consent.may_contact(session, ana, Channel.EMAIL, Purpose.NOTICES).reason == "opted_out"


@pytest.mark.only_on("postgresql")
def test_a_withdrawal_that_is_being_written_while_two_become_one_is_not_left_behind(platform, clock, ana, anita):
    def merge() -> None:
        with platform.transaction() as session:
            unifying.merge(session, ana, [anita], at=clock.now(), by="maura")

    merging = Thread(target=merge)
    with platform.transaction() as session:
        consent.withdraw(session, anita, Channel.EMAIL, source="enlace de baja", at=clock.now())
        merging.start()
        merging.join(0.3)
        assert merging.is_alive()
    merging.join(10)
    with platform.reading() as session:
        assert consent.may_contact(session, ana, Channel.EMAIL, Purpose.NOTICES).reason == "opted_out"


def test_a_withdrawal_since_the_merge_holds_for_both_when_they_are_two_again(session, clock, ana, anita):
    done = unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    consent.withdraw(session, anita, Channel.EMAIL, source="enlace de baja", at=clock.now() + timedelta(days=1))
    undone = unifying.undo(session, done.id, at=clock.now() + timedelta(days=2), by="maura")
    assert undone.withdrawals == 1
    for each in (ana, anita):
        assert consent.may_contact(session, each, Channel.EMAIL, Purpose.NOTICES).reason == "opted_out"


def test_what_came_since_stays_with_the_survivor_and_an_edit_is_kept(session, clock, ana, anita):
    done = unifying.merge(session, ana, [anita], choices={"nombre": anita}, at=clock.now(), by="maura")
    people.edit(session, people.get(session, ana), {"nombre": "Ana M. Nopal"})
    people.add_address(session, people.get(session, ana), "correo", "nueva@example.org")
    undone = unifying.undo(session, done.id, at=clock.now(), by="maura")
    assert undone.fields == ("nombre",)
    assert people.get(session, ana).name == "Ana M. Nopal"
    assert {a.value for a in people.get(session, ana).addresses} == {"ana@example.org", "nueva@example.org"}
    assert {a.value for a in people.get(session, anita).addresses} == {"anita@example.org", "+525555550100"}
    assert [each.id for each in people.search(session, "ana m. nopal").people] == [ana]


def test_a_bounce_since_the_merge_is_known_of_an_address_that_both_have_back(session, clock, ana, anita):
    people.add_address(session, people.get(session, anita), "correo", "ana@example.org")
    theirs = session.scalars(
        select(Address).where(Address.contact_id == anita, Address.value == "ana@example.org")
    ).one()
    people.mark(theirs, AddressState.VERIFIED, reason="", at=clock.now())
    done = unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    mine = next(a for a in people.get(session, ana).addresses if a.value == "ana@example.org")
    people.mark(mine, AddressState.BOUNCED, reason="hard_bounce", at=clock.now())
    unifying.undo(session, done.id, at=clock.now(), by="maura")
    states = session.scalars(select(Address.state).where(Address.value == "ana@example.org")).all()
    assert states == [AddressState.BOUNCED, AddressState.BOUNCED]


def test_merges_are_undone_in_the_order_of_a_stack(session, clock, cast, ana, anita):
    beto = cast_member(session, clock, "Beto", networks.find(session, "Red Voto Chilango").id)
    first = unifying.merge(session, anita, [ana], at=clock.now(), by="maura")
    second = unifying.merge(session, beto, [anita], at=clock.now(), by="maura")
    assert pointers.followed(session, [ana, anita]) == {ana: beto, anita: beto}
    assert codes(unifying.undo, session, first.id, at=clock.now(), by="maura") == ["merge_later"]
    unifying.undo(session, second.id, at=clock.now(), by="maura")
    assert pointers.followed(session, [ana, anita, beto]) == {ana: anita}
    unifying.undo(session, first.id, at=clock.now(), by="maura")
    assert pointers.everybody(session) == {}


def test_what_cannot_be_is_refused_in_words(session, clock, cast, ana, anita):
    beto = cast_member(session, clock, "Beto", networks.find(session, "Red Voto Chilango").id)

    def tried(one, others, **choices):
        return codes(unifying.merge, session, one, others, choices=choices, at=clock.now(), by="maura")

    assert tried(ana, []) == ["merge_alone"]
    assert tried(ana, [ana]) == ["merge_same"]
    assert tried(ana, [anita, anita]) == ["merge_same"]
    assert tried(ana, [999]) == ["person_unknown"]
    assert tried(ana, range(2, 30)) == ["merge_many"]
    assert tried(ana, [anita], apodo=ana) == ["field_unknown"]
    assert tried(ana, [anita], nombre=beto) == ["merge_choice"]
    done = unifying.merge(session, ana, [anita], at=clock.now(), by="maura")
    assert tried(beto, [anita]) == ["merge_done"]
    assert tried(anita, [beto]) == ["merge_done"]
    unifying.undo(session, done.id, at=clock.now(), by="maura")
    assert codes(unifying.undo, session, done.id, at=clock.now(), by="maura") == ["merge_undone"]
    assert codes(unifying.undo, session, 99, at=clock.now(), by="maura") == ["merge_unknown"]
    session.get_one(Contact, anita).erased_at = clock.now()
    assert tried(ana, [anita]) == ["merge_erased"]


def test_forgetting_a_person_takes_their_data_out_of_the_notes_and_names_the_rows_that_point(
    session, clock, ana, anita
):
    done = unifying.merge(session, ana, [anita], choices={"nombre": anita}, at=clock.now(), by="maura")
    assert unifying.forget(session, ana, at=clock.now()) == [anita]
    assert "Nopal" not in str(done.details)
    assert codes(unifying.undo, session, done.id, at=clock.now(), by="maura") == ["merge_undone"]


def test_of_every_column_that_names_a_person_somebody_thought():
    """A new table about people says here what becomes of its rows when two are made one."""
    stays = {
        ("address", "contact_id"),  # moved by contacts.joining
        ("address_change", "contact_id"),  # moved by contacts.unifying
        ("audience_rule", "contact_id"),  # followed by campaigns.audience
        ("consent_entry", "contact_id"),  # moved by contacts.unifying
        ("contact", "merged_into_id"),
        ("contact_tag", "contact_id"),  # moved by contacts.joining
        ("delivery", "contact_id"),  # stays, see campaigns.unified
        ("like_pair", "first_id"),
        ("like_pair", "second_id"),
        ("membership", "brought_by_id"),
        ("membership", "contact_id"),
        ("person_merge", "survivor_id"),
    }
    naming = {
        (table.name, key.parent.name)
        for table in outreach.tables.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "contact"
    }
    assert naming - unifying.moved_columns() == stays


@dataclass
class Life:
    """What is drawn of five people before they are made one."""

    addresses: list[tuple[int, str, AddressState]] = field(default_factory=list)
    stays: list[tuple[int, int, bool, int | None, Role]] = field(default_factory=list)
    said: list[tuple[int, str, str, Decision, bool, int]] = field(default_factory=list)
    wrote: list[int] = field(default_factory=list)


who = st.integers(0, PEOPLE - 1)
value = st.sampled_from(["uno@example.org", "dos@example.org", "tres@example.org", *PHONES])
lives = st.builds(
    Life,
    addresses=st.lists(
        st.tuples(who, value, st.sampled_from(AddressState)), max_size=12, unique_by=lambda each: each[:2]
    ),
    stays=st.lists(
        st.tuples(who, st.integers(0, 1), st.booleans(), st.none() | who, st.sampled_from(Role)),
        max_size=12,
        unique_by=lambda each: each[:3],
    ),
    said=st.lists(
        st.tuples(
            who,
            st.sampled_from(["*", "correo", "whatsapp"]),
            st.sampled_from(["*", "avisos", "boletines"]),
            st.sampled_from(Decision),
            st.booleans(),
            st.integers(0, 3),
        ),
        max_size=12,
    ),
    wrote=st.lists(who, max_size=4),
)
chains = st.lists(st.tuples(who, st.lists(who, min_size=1, max_size=3, unique=True)), min_size=1, max_size=4)


def live(session, life: Life, at) -> list[int]:
    """Bring five people with such a life into a database that has none."""
    persons = [Contact(name=f"Persona {n}", city="Chicago" if n % 2 else "", created_at=at) for n in range(PEOPLE)]
    session.add_all(persons)
    session.flush()
    ids = [person.id for person in persons]
    red = [networks.ensure(session, name).id for name in ("Red", "Ruta")]
    for person, text, state in life.addresses:
        kind = AddressKind.EMAIL if "@" in text else AddressKind.WHATSAPP
        session.add(Address(contact_id=ids[person], kind=kind, value=text, state=state, state_at=at))
    for person, network, is_open, bringer, role in life.stays:
        session.add(
            Membership(
                contact_id=ids[person],
                network_id=red[network],
                role=role,
                since=at - timedelta(days=person),
                until=None if is_open else at,
                brought_by_id=None if bringer in {None, person} else ids[bringer],
            )
        )
    for person, channel, purpose, decision, imported, day in life.said:
        consent.record(
            session,
            ids[person],
            channel,
            purpose,
            decision,
            source="prueba",
            at=at - timedelta(days=day),
            notice_version="",
            imported=imported,
        )
    for person in life.wrote:
        message = InboundMessage(
            provider_id=f"SM{next(SIDS)}", contact_id=ids[person], sender="w", body="", at=at, raw={}
        )
        session.add(message)
    session.flush()
    return ids


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=lives, chain=chains)
def test_to_merge_and_to_undo_leaves_every_table_as_it_was_and_nobody_who_left_is_reached(platform, life, chain):
    clock: VirtualClock = platform.clock
    with platform.sessions() as session:
        ids = live(session, life, clock.now())
        before = [snapshot(session)]
        done = []
        for survivor, others in chain:
            people_now = [ids[survivor], *(ids[each] for each in others)]
            if len(set(people_now)) < len(people_now) or pointers.followed(session, people_now):
                continue
            left = {
                pair
                for each in people_now
                for pair, word in consent.standing(session, each).items()
                if word == Decision.WITHDRAWN
            }
            done.append(unifying.merge(session, people_now[0], people_now[1:], at=clock.now(), by="prueba"))
            now = consent.standing(session, people_now[0])
            assert {pair for pair in left if now[pair] != Decision.WITHDRAWN} == set()
            before.append(snapshot(session))
        for merge in reversed(done):
            assert snapshot(session) == before.pop()
            unifying.undo(session, merge.id, at=clock.now(), by="prueba")
        assert snapshot(session) == before.pop()
        session.rollback()


def test_the_platform_itself_tells_campaigns_of_it(platform: Platform):
    assert ("inbound_message", "contact_id") in unifying.moved_columns()
