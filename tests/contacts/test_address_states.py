"""What is known of an address: every pair of states for everybody who may speak of it, and the history of each."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from campaigns import consequences
from campaigns.channels import EventKind
from campaigns.consequences import Fate
from contacts import address_book, address_history, address_states, consent, people, sharing, unifying
from contacts.address_history import AddressChange
from contacts.address_states import LAST_WORD, MOVES, Says, may_move, sources
from contacts.errors import Refused
from contacts.models import Address, AddressKind, AddressState, Channel, Decision, Purpose
from outreach import words
from outreach.words.addresses import CHANGES, MEANS, change_reason

A = AddressState
NEWS = Purpose.NOTICES


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def ana(session, clock):
    return people.add(session, {"nombre": "Ana Nopal", "correo": "ana@example.org"}, at=clock.now(), by="maura")


def lines(session, contact) -> list[tuple[str, str, str]]:
    session.flush()
    told = reversed(address_history.of_contact(session, contact.id))
    return [(change.origin, change.target, change.reason) for change, _value in told]


def codes(call, *arguments, **options) -> list[str]:
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    assert all("%(" not in sentence and "Código" not in sentence for sentence in words.explain_all(refused.value))
    return [fault.code for fault in refused.value.faults]


def told(session, contact, kind, code="", *, at, address="ana@example.org"):
    fate = Fate(contact.id, Channel.EMAIL, address, kind, code, "sendgrid", "evento-1", at)
    consequences.draw(session, [fate], at=at)
    session.expire_all()


def test_every_pair_of_states_is_moved_by_whom_the_table_says_and_by_nobody_else(session, ana, clock):
    [address] = ana.addresses
    for origin, target, says in product(A, A, Says):
        address.state, address.state_reason = origin, "antes"
        act = (session, address, target, says)
        clock.advance(timedelta(minutes=1))
        if says in MOVES[origin].get(target, ()):
            address_history.move(*act, reason="prueba", at=clock.now())
            assert address.state is target
            assert origin in sources(target, says)
            assert lines(session, ana)[-1] == (origin, target, "prueba")
        else:
            refused = codes(address_history.move, *act, reason="", at=clock.now())
            assert refused == ["address_last_word" if origin in LAST_WORD and says is Says.STAFF else "address_state"]
            assert address.state is origin
            assert origin not in sources(target, says)


def test_what_the_person_said_is_not_undone_by_staff_and_nothing_but_their_word_opens_it():
    assert {origin for origin in LAST_WORD for target in A if may_move(origin, target, Says.STAFF)} == set()
    assert [target for target in A if may_move(A.COMPLAINED, target, Says.PERSON)] == []
    assert sources(A.NEW, Says.PERSON) == {A.OPTED_OUT}
    assert A.BOUNCED in sources(A.VERIFIED, Says.PERSON)
    assert A.BOUNCED not in sources(A.VERIFIED, Says.PROVIDER)  # a late «delivered» brings nothing back


def test_every_state_says_what_can_be_done_and_every_reason_why():
    assert set(MEANS) == set(A)
    assert all(change_reason(code).endswith(".") for code in CHANGES)


def test_a_delivery_is_told_by_the_address_itself_and_becomes_a_line_when_a_bounce_follows(session, ana, clock):
    told(session, ana, EventKind.DELIVERED, at=clock.now())
    assert session.scalars(select(AddressChange.reason)).all() == ["added"]
    assert lines(session, ana) == [("", "new", "added"), ("new", "verified", "delivered")]
    told(session, ana, EventKind.DELIVERED, at=clock.now() + timedelta(hours=1))
    later = clock.now() + timedelta(days=1)
    told(session, ana, EventKind.BOUNCED, "hard_bounce", at=later)
    assert lines(session, ana) == [
        ("", "new", "added"),
        ("new", "verified", "delivered"),
        ("verified", "bounced", "hard_bounce"),
    ]
    newest = address_history.of_contact(session, ana.id)[0][0]
    assert (newest.evidence, newest.at) == ("evento-1", later)
    told(session, ana, EventKind.BOUNCED, "hard_bounce", at=later)
    told(session, ana, EventKind.DELIVERED, at=later)
    assert len(lines(session, ana)) == 3
    assert ana.addresses[0].state is A.BOUNCED


def test_who_unsubscribes_at_a_shared_mailbox_closes_it_for_both_and_the_other_keeps_their_own(session, ana, clock):
    at = clock.now()
    beto = people.add(session, {"nombre": "Beto", "correo": "ana@example.org;beto@example.org"}, at=at)
    for person in (ana, beto):
        consent.record(session, person.id, "*", "*", Decision.GRANTED, source="formulario", at=at)
    assert [other.name for other in sharing.with_whom(session, ana.addresses)[ana.addresses[0].id]] == ["Beto"]
    told(session, ana, EventKind.UNSUBSCRIBED, at=at + timedelta(hours=1))
    assert consent.may_contact(session, ana.id, Channel.EMAIL, NEWS).reason == "opted_out"
    assert consent.may_contact(session, beto.id, Channel.EMAIL, NEWS).allowed
    used = session.scalar(
        select(consent.usable_address(people.Contact.id, Channel.EMAIL)).where(people.Contact.id == beto.id)
    )
    assert used == "beto@example.org"
    assert lines(session, beto)[-1] == ("new", "opted_out", "shared_unsubscribed")
    # who says yes again is written to again; the other one's row stays closed
    consent.record(session, ana.id, "*", "*", Decision.GRANTED, source="carta", at=at + timedelta(days=1))
    assert consent.may_contact(session, ana.id, Channel.EMAIL, NEWS).allowed
    assert lines(session, ana)[-1] == ("opted_out", "new", "consented")
    assert {one.state for one in beto.addresses} == {A.OPTED_OUT, A.NEW}


def test_a_yes_that_is_older_than_the_no_opens_nothing(session, ana, clock):
    sharing.close(session, ["ana@example.org"], reason="stop_word", at=clock.now())
    consent.record(
        session, ana.id, "*", "*", Decision.GRANTED, source="papel de mayo", at=clock.now() - timedelta(days=30)
    )
    assert ana.addresses[0].state is A.OPTED_OUT
    assert consent.may_contact(session, ana.id, Channel.EMAIL, NEWS).reason == "opted_out"


def test_an_address_that_somebody_left_is_closed_for_who_gets_it_next(session, ana, clock):
    sharing.close(session, ["ana@example.org"], reason="stop_word", at=clock.now())
    beto = people.add(session, {"nombre": "Beto", "telefono": "+52 55 5555 0177"}, at=clock.now())
    made = address_book.add(session, beto, "correo", "ANA@example.org", reason="la dio", at=clock.now(), by="maura")
    assert made.state is A.OPTED_OUT
    assert lines(session, beto)[-1] == ("new", "opted_out", "shared_left")


def test_the_gate_says_what_is_wrong_with_the_only_address(session, ana, clock):
    consent.record(session, ana.id, "*", "*", Decision.GRANTED, source="formulario", at=clock.now())
    [address] = ana.addresses
    for state, reason in {
        A.CLOSED: "address_closed",
        A.UNREACHABLE: "unreachable",
        A.BOUNCED: "bounced",
        A.OPTED_OUT: "opted_out",
        A.COMPLAINED: "complained",
        A.VERIFIED: "",
        A.NEW: "",
    }.items():
        address.state = state
        session.flush()
        assert consent.may_contact(session, ana.id, Channel.EMAIL, NEWS).reason == reason


def test_staff_corrects_verifies_marks_closes_and_removes_each_with_a_reason(session, ana, clock):
    [address] = ana.addresses
    how = {"reason": "lo dijo por teléfono", "at": clock.now(), "by": "maura"}
    assert codes(address_book.verify, session, address, reason=" ", at=clock.now(), by="maura") == ["why_missing"]
    assert codes(address_book.verify, session, address, reason="x" * 9_999, at=clock.now(), by="") == ["field_long"]
    address_book.verify(session, address, **how)
    address_book.close(session, address, **how)
    assert codes(address_book.verify, session, address, **how) == ["address_state"]
    address_book.reopen(session, address, **how)
    address_book.mark(session, address, A.BOUNCED, **how)
    assert codes(address_book.mark, session, address, A.COMPLAINED, **how) == ["address_mark"]
    assert codes(address_book.correct, session, ana, address, "ANA@example.org", **how) == ["address_same"]
    address_book.correct(session, ana, address, "mailto:Ana.Nopal@Example.org", **how)
    assert (address.value, address.state) == ("ana.nopal@example.org", A.NEW)
    assert [step[1:] for step in lines(session, ana)] == [
        ("new", "added"),
        ("verified", "staff_verified"),
        ("closed", "staff_closed"),
        ("new", "staff_reopened"),
        ("bounced", "staff_marked"),
        ("new", "corrected"),
    ]
    address_book.remove(session, ana, address, **how)
    assert ana.addresses == []
    change, value = address_history.of_contact(session, ana.id)[0]
    assert (value, change.target, change.evidence, change.by) == (
        "ana.nopal@example.org", "", "lo dijo por teléfono", "maura",
    )  # fmt: skip


def test_an_address_with_which_somebody_said_no_is_neither_corrected_nor_removed(session, ana, clock):
    sharing.close(session, ["ana@example.org"], reason="stop_word", at=clock.now())
    how = {"reason": "x", "at": clock.now(), "by": "maura"}
    [address] = ana.addresses
    assert codes(address_book.correct, session, ana, address, "otra@example.org", **how) == ["address_last_word"]
    assert codes(address_book.remove, session, ana, address, **how) == ["address_last_word"]
    assert codes(address_book.reopen, session, address, **how) == ["address_last_word"]


def test_the_history_goes_along_when_two_become_one_and_comes_back(session, ana, clock):
    anita = people.add(session, {"nombre": "Anita", "correo": "anita@example.org"}, at=clock.now())
    address_book.close(session, anita.addresses[0], reason="ya no", at=clock.now(), by="maura")
    before = lines(session, anita)
    done = unifying.merge(session, ana.id, [anita.id], at=clock.now(), by="maura")
    assert len(lines(session, ana)) == 3
    assert lines(session, anita) == []
    unifying.undo(session, done.id, at=clock.now(), by="maura")
    assert lines(session, anita) == before


def test_who_is_forgotten_leaves_no_history_and_no_tags(platform, cast, clock):
    from contacts import tagging
    from outreach import erasing

    ana = cast.person("Ana Nogal Encino", correo="ana@example.org")
    with platform.transaction() as session:
        contact = people.get(session, ana)
        address_book.verify(session, contact.addresses[0], reason="llamó Ana Nogal", at=clock.now(), by="maura")
        tagging.put(session, ana, ["prensa"], at=clock.now(), by="maura")
    with platform.transaction() as session:
        erasing.erase(session, ana, at=clock.now(), by="maura", why="oficio")
    with platform.transaction() as session:
        assert session.scalars(select(AddressChange)).all() == []
        assert tagging.of_people(session, [ana]) == {}
        assert session.scalars(select(Address)).all() == []


def test_what_is_held_of_a_person_tells_the_history_and_the_tags(session, ana, clock):
    from contacts import dossier, tagging

    tagging.put(session, ana.id, ["Prensa"], at=clock.now(), by="maura")
    address_book.close(session, ana.addresses[0], reason="ya no la usa", at=clock.now(), by="maura")
    held = dossier.about(session, ana.id)
    assert held["tags"] == ["Prensa"]
    assert [one["to"] for one in held["address_history"]] == ["closed", "new"]


def test_the_kinds_of_one_family_are_alike():
    assert {A.NEW, A.VERIFIED} == address_states.USABLE
    assert AddressKind.PHONE not in sharing.ALIKE[AddressKind.SCOPED]
