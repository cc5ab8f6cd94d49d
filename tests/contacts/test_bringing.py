"""A file brought in by steps is the same as brought in at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contacts import columns, importing
from contacts.bringing import Bringing
from contacts.checking import check
from contacts.granting import Given
from contacts.models import Address, ConsentEntry, Contact, Membership, Network, Organization
from contacts.peoplefiles import read_people
from outreach.audit import AuditEntry

TEXT = (
    "nombre,correo,telefono,red,rol,trajo,organizacion\n"
    "Ana,ana@example.org,,Uno;Dos,liderazgo,,Club\n"
    "Beto,beto@example.org,,Uno,,fer@example.org,\n"
    "Ceci,ceci@example.org,55 5555 0144,Uno,,Ana,Club\n"
    "Ana,,55 5555 0145,Tres,,,\n"
    "ANA,ana@example.org,55 5555 0145,,,,\n"
    "Dani,casa@example.org,,Uno,,Nadie,\n"
    "Eli,casa@example.org,,Dos,,Eli,\n"
    "Fer,fer@example.org,,Dos,,,Otro\n"
    "Beto,beto@example.com,,Uno,,,\n"
    "Beto,beto@example.org; beto@example.com,,Dos,,,\n"
)
TABLES = (Contact, Address, Network, Membership, ConsentEntry, Organization)


def everything(session) -> dict[str, set[tuple[object, ...]]]:
    """All that is in the tables of people, by names instead of numbers."""
    name = {None: "", **dict(session.execute(select(Contact.id, Contact.name)).all())}
    net = dict(session.execute(select(Network.id, Network.name)).all())
    return {
        "people": set(session.execute(select(Contact.name, Contact.city)).all()),
        "addresses": {(name[who], *rest) for who, *rest in session.execute(
            select(Address.contact_id, Address.kind, Address.value))},
        "members": {(name[who], net[where], role, name[by]) for who, where, role, by in session.execute(
            select(Membership.contact_id, Membership.network_id, Membership.role, Membership.brought_by_id))},
        "consents": {(name[who], *rest) for who, *rest in session.execute(
            select(ConsentEntry.contact_id, ConsentEntry.channel, ConsentEntry.evidence))},
    }  # fmt: skip


@pytest.fixture
def bring(platform, write, clock):
    """Bring the file in by steps of so many rows, each its own transaction; return counts and all that is there."""

    def _bring(rows: int, between=lambda: None):
        sheet = read_people(write(TEXT))
        checked = check(sheet, columns.find(sheet.headers), file="x.csv")
        consent = Given(source="papel", at=clock.now())
        steps = Bringing(checked.people, consent, at=clock.now(), by="pruebas", file="x.csv", rows=rows)
        for number in range(steps.steps):
            with platform.transaction() as session:
                steps.step(session, number)
            between()
        with platform.reading() as session:
            return steps.done, everything(session)

    return _bring


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_by_steps_it_is_the_same_as_at_once(bring, rows, platform, write, clock):
    with platform.sessions() as session:
        consent = Given(source="papel", at=clock.now())
        whole = importing.import_people(
            session, read_people(write(TEXT)), at=clock.now(), by="pruebas", given=consent, file="x.csv"
        )
        at_once = everything(session)
        session.rollback()
    done, found = bring(rows)
    assert found == at_once
    for name in ("created", "changed", "unchanged", "addresses", "memberships", "consents"):
        assert getattr(done, name) == getattr(whole, name), name
    assert sorted(fault.code for fault in done.warnings) == ["brought_self", "brought_unknown"]
    assert sorted(done.networks) == whole.networks == ["Dos", "Tres", "Uno"]


def test_a_second_time_by_other_steps_changes_nothing(bring):
    _done, before = bring(2)
    again, after = bring(3)
    assert after == before
    assert (again.created, again.changed, again.addresses, again.memberships, again.consents) == (0, 0, 0, 0, 0)


def test_others_write_between_two_steps(bring, platform, clock):
    def write_something() -> None:
        with platform.transaction() as session:
            session.add(AuditEntry(at=clock.now(), who="otra", action="session.open"))

    bring(1, between=write_something)
    with platform.reading() as session:
        assert session.query(AuditEntry).count() > 9


def test_whoever_was_made_by_a_process_that_ended_is_counted_as_made(platform, write, clock):
    sheet = read_people(write(TEXT))
    checked = check(sheet, columns.find(sheet.headers))
    for again in (False, True):
        steps = Bringing(checked.people, None, at=clock.now(), by="", file="", again=again, rows=2)
        for number in range(2 if not again else steps.steps):
            with platform.transaction() as session:
                steps.step(session, number)
    assert (steps.done.changed, steps.done.unchanged) == (0, 0)


ROW = st.tuples(
    st.sampled_from(["Ana", "ANÁ", "Beto"]),
    st.sampled_from(["", "a@example.org", "b@example.org", "a@example.org; c@example.org"]),
    st.sampled_from(["", "55 5555 0144", "55 5555 0145"]),
    st.sampled_from(["", "Uno", "Dos"]),
    st.sampled_from(["", "Ana", "b@example.org"]),
)


@given(files=st.lists(st.lists(ROW, max_size=5), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_whatever_came_before_the_last_file_twice_changes_nothing(platform, clock, write, files):
    with platform.sessions() as session:
        for rows in [*files, files[-1]]:
            before = everything(session)
            text = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
            sheet = read_people(write("nombre,correo,telefono,red,trajo\n" + text))
            given_ = Given(source="papel", at=clock.now())
            done = importing.import_people(session, sheet, at=clock.now(), given=given_, file="x.csv")
        assert everything(session) == before
        assert (done.created, done.changed, done.addresses, done.memberships, done.consents) == (0, 0, 0, 0, 0)
        session.rollback()
