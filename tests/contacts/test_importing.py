"""A spreadsheet of people becomes contacts, networks and consent."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from contacts import consent, importing, networks, notices, people
from contacts.errors import Refused
from contacts.importing import Given
from contacts.models import (
    Address,
    AddressKind,
    Channel,
    ConsentEntry,
    Contact,
    Decision,
    Membership,
    Network,
    Organization,
    Purpose,
    Role,
)
from contacts.spreadsheets import read_sheet
from outreach import words

HEADERS = "nombre,correo,telefono,whatsapp,pais,ciudad,idioma,zona,red\n"


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def bring(session, write, clock):
    """Import a CSV written in a test."""

    def _bring(text: str, **options):
        return importing.import_people(
            session, read_sheet(write(text)), at=clock.now(), by="pruebas", file="contactos.csv", **options
        )

    return _bring


def everything(session) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables of people, to see whether anything changed."""
    tables = (Contact, Address, Network, Membership, ConsentEntry, Organization)
    return {
        table.__tablename__: [tuple(row) for row in session.execute(select(table.__table__).order_by(table.id))]
        for table in tables
    }


def named(session, name: str) -> Contact:
    return session.scalars(select(Contact).where(Contact.name == name)).one()


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_a_row_becomes_a_person_with_addresses_in_a_network(session, bring, clock):
    done = bring(HEADERS + "Ana Núñez,ana@example.org,55 5555 0100,+5215555550101,México,CDMX,es,,Red Voto Chilango\n")
    assert (done.rows, done.accepted, done.created, done.addresses, done.memberships) == (1, 1, 1, 3, 1)
    assert (done.refused, done.warnings, done.networks) == ([], [], ["Red Voto Chilango"])
    ana = named(session, "Ana Núñez")
    assert (ana.country, ana.city, ana.timezone, ana.language) == ("MX", "CDMX", "America/Mexico_City", "es")
    assert ana.created_at == clock.now()
    assert [(a.kind.value, a.value, a.region, a.state.value) for a in ana.addresses] == [
        ("correo", "ana@example.org", "", "new"),
        ("telefono", "+525555550100", "MX", "new"),
        ("whatsapp", "+525555550101", "MX", "new"),
    ]
    (member,) = ana.memberships
    assert (member.network.name, member.role, member.since) == ("Red Voto Chilango", Role.MEMBER, clock.now())
    assert people.search(session, "nunez cdmx").people == [ana]


def test_without_a_source_nobody_consents(session, bring):
    bring(HEADERS + "Ana,ana@example.org,,,,,,,\n")
    assert count(session, ConsentEntry) == 0
    assert consent.may_contact(session, named(session, "Ana").id, Channel.EMAIL, Purpose.NOTICES).reason == "no_consent"


def test_with_a_source_everybody_consents_to_all_purposes_under_the_notice(session, bring, clock):
    day = clock.now() - timedelta(days=40)
    done = bring(HEADERS + "Ana,ana@example.org,,,,,,,\n", given=Given(source="formulario de mayo", at=day))
    assert (done.consents, done.notice) == (1, notices.FIRST_VERSION)
    ana = named(session, "Ana")
    (line,) = consent.ledger(session, ana.id)
    assert (line.channel, line.purpose, line.decision, line.source) == (
        "*",
        "*",
        Decision.GRANTED,
        "formulario de mayo",
    )
    assert (line.notice_version, line.evidence, line.at, line.recorded_by) == (
        notices.FIRST_VERSION,
        "contactos.csv:2",
        day,
        "pruebas",
    )
    assert {verdict.allowed for (way, _), verdict in consent.verdicts(session, ana.id).items() if way == "correo"} == {
        True
    }


def test_a_notice_may_be_named_and_one_without_text_is_warned_of(session, bring, clock):
    notices.publish(session, "2025-06", "Texto", clock.now())
    row = HEADERS + "Ana,ana@example.org,,,,,,,\n"
    done = bring(row, given=Given(source="papel", at=clock.now(), notice="2025-06"))
    assert (done.notice, done.warnings) == ("2025-06", [])
    done = bring(row, given=Given(source="papel viejo", at=clock.now(), notice="2019"))
    assert [fault.code for fault in done.warnings] == ["notice_unpublished"]
    assert [line.notice_version for line in consent.ledger(session, named(session, "Ana").id)] == ["2019", "2025-06"]


def test_a_consent_of_tomorrow_or_without_a_source_is_refused(session, bring, clock):
    with pytest.raises(Refused) as refused:
        bring(
            HEADERS + "Ana,ana@example.org,,,,,,,\n",
            given=Given(source=" ", at=clock.now() + timedelta(days=1)),
            network="x" * 201,
        )
    assert [fault.code for fault in refused.value.faults] == ["consent_source", "consent_date", "network_name"]
    assert all("%(" not in sentence for sentence in words.explain_all(refused.value))
    assert count(session, Contact) == 0


def test_a_bad_number_drops_that_address_with_a_warning_not_the_person(session, bring):
    done = bring(HEADERS + "Ana,ana@example.org,,55 5555 010,,,,,\n")
    assert done.accepted == 1
    (warning,) = done.warnings
    assert words.explain(warning).startswith("contactos.csv, renglón 2, whatsapp: Al número «55 5555 010»")
    assert [address.value for address in named(session, "Ana").addresses] == ["ana@example.org"]


def test_good_rows_come_in_and_the_others_are_listed_with_row_column_value_and_reason(session, bring):
    done = bring(
        "Nombre completo,Correo electrónico,País\n"
        "Ana,ana@example.org,\n"
        ",beto@example.org,Aztlán\n"
        "Ceci,ceci@,\n"
        "\n"
        "Dani,dani@example.org,MX,sobra\n"
        "Eli,eli@example.org,México\n",
        mapping={"Nombre completo": "nombre"},
    )
    assert (done.rows, done.accepted, done.created) == (5, 2, 2)
    assert [(row.number, [fault.where for fault in row.faults]) for row in done.refused] == [
        (3, ["País", "Nombre completo"]),
        (4, ["Correo electrónico"]),
        (6, [""]),
    ]
    sentences = [words.explain(fault) for fault in done.faults]
    assert sentences[0].startswith("contactos.csv, renglón 3, País: No se conoce el país «Aztlán»")
    assert sentences[2].startswith("contactos.csv, renglón 4, Correo electrónico: «ceci@» no es un correo")
    assert "sobra" in sentences[3]
    assert done.refused[1].cells["Nombre completo"] == "Ceci"


def test_strict_takes_all_or_nothing(session, bring):
    text = HEADERS + "Ana,ana@example.org,,,,,,,\nBeto,,,,,,,,\nCeci,x,,,,,,,\n"
    before = everything(session)
    with pytest.raises(Refused) as refused:
        bring(text, strict=True)
    assert [(fault.row, fault.code) for fault in refused.value.faults] == [(3, "person_no_address"), (4, "email_form")]
    assert everything(session) == before
    assert bring(HEADERS + "Ana,ana@example.org,,,,,,,\n", strict=True).created == 1


def test_a_file_without_the_columns_that_are_needed_brings_nothing(session, bring):
    with pytest.raises(Refused):
        bring("apodo,nota\nAna,hola\n")
    assert count(session, Contact) == 0


def test_the_same_file_twice_changes_nothing(session, bring, clock):
    text = (
        "nombre,correo,telefono,whatsapp,pais,ciudad,idioma,zona,red,rol,trajo,organizacion\n"
        "Ana,ana@example.org,55 5555 0100,sí,MX,CDMX,es,,Uno;Dos,liderazgo,,Club\n"
        "Beto,beto@example.org,,,US,Chicago,en,,Uno,,Ana,\n"
        "Ceci,ceci@example.org,,12,ES,,,,,,,\n"
        ",nadie@example.org,,,,,,,,,,\n"
    )
    first = bring(text, given=Given(source="papel", at=clock.now()))
    before = everything(session)
    clock.advance(timedelta(days=3))
    again = bring(text, given=Given(source="papel", at=clock.now()))
    assert everything(session) == before
    assert (first.created, again.created, again.changed, again.unchanged) == (3, 0, 0, 3)
    assert (again.addresses, again.memberships, again.consents, again.networks) == (0, 0, 0, [])
    assert [fault.code for fault in again.warnings] == [fault.code for fault in first.warnings] == ["phone_short"]
    assert len(again.refused) == 1


def test_the_same_name_and_an_address_in_common_is_the_same_person_accents_and_capitals_aside(session, bring):
    bring(HEADERS + "Ana Núñez,ana@example.org,,,,,,,Uno\n")
    done = bring(
        HEADERS + "ANA NUÑEZ,Ana@Example.org,55 5555 0100,,,,,,Dos\n" + "ana nunez,,,+52 55 5555 0100,,,,,Tres\n"
    )
    assert (done.accepted, done.created, done.changed, done.unchanged) == (2, 0, 1, 0)
    ana = named(session, "Ana Núñez")
    assert [address.value for address in ana.addresses] == ["ana@example.org", "+525555550100", "+525555550100"]
    assert [address.kind for address in ana.addresses] == [AddressKind.EMAIL, AddressKind.PHONE, AddressKind.WHATSAPP]
    assert sorted(member.network.name for member in ana.memberships) == ["Dos", "Tres", "Uno"]


def test_two_people_may_share_an_address(session, bring):
    bring(HEADERS + "Ana,casa@example.org,,,,,,,\nBeto,casa@example.org,,,,,,,\n")
    done = bring(HEADERS + "Ceci,casa@example.org,,,,,,,\nBeto,casa@example.org,,,,,,,\n")
    assert (done.created, done.unchanged) == (1, 1)
    assert sorted(person.name for person in people.by_address(session, "casa@example.org")) == ["Ana", "Beto", "Ceci"]


def test_the_same_name_with_other_addresses_is_another_person(session, bring):
    bring(HEADERS + "Ana,ana@example.org,,,,,,,\n")
    assert bring(HEADERS + "Ana,otra.ana@example.org,,,,,,,\n").created == 1


def test_what_is_known_is_completed_and_never_overwritten(session, bring):
    bring(HEADERS + "Ana,ana@example.org,,,,,,,\nBeto,beto@example.org,,,US,Chicago,en,America/Denver,\n")
    done = bring(
        "nombre,correo,pais,ciudad,idioma,zona,organizacion\n"
        "Ana,ana@example.org,Alemania,Berlín,en,,Club\n"
        "Beto,beto@example.org,México,CDMX,es,America/Mexico_City,Club\n"
    )
    assert done.changed == 2
    ana, beto = named(session, "Ana"), named(session, "Beto")
    assert (ana.country, ana.city, ana.timezone, ana.language) == ("DE", "Berlín", "Europe/Berlin", "es")
    assert (beto.country, beto.city, beto.timezone, beto.language) == ("US", "Chicago", "America/Denver", "en")
    assert ana.organization is beto.organization
    assert people.search(session, "berlin").people == [ana]


def test_an_import_never_overrides_a_withdrawal(session, bring, clock):
    text = HEADERS + "Ana,ana@example.org,,+52 55 5555 0100,,,,,\n"
    bring(text, given=Given(source="papel", at=clock.now()))
    ana = named(session, "Ana")
    consent.withdraw(session, ana.id, Channel.EMAIL, source="enlace de baja", at=clock.now())
    clock.advance(timedelta(days=10))
    done = bring(text, given=Given(source="papel", at=clock.now()))
    assert (done.unchanged, done.consents) == (1, 0)
    done = bring(text, given=Given(source="otro papel", at=clock.now()))
    assert [fault.code for fault in done.warnings] == ["consent_kept"]
    assert "correo" in words.explain(done.warnings[0])
    assert consent.may_contact(session, ana.id, Channel.EMAIL, Purpose.NOTICES).reason == "opted_out"
    assert consent.may_contact(session, ana.id, Channel.WHATSAPP, Purpose.NOTICES).allowed
    before = everything(session)
    assert bring(text, given=Given(source="otro papel", at=clock.now())).unchanged == 1
    assert everything(session) == before


def test_a_withdrawn_channel_stays_closed_when_the_file_knows_only_the_other_address(session, bring, clock):
    bring(HEADERS + "Ana,ana@example.org,,+525555550100,,,,,\n")
    ana = named(session, "Ana")
    consent.withdraw(session, ana.id, Channel.WHATSAPP, source="BAJA", at=clock.now())
    done = bring(HEADERS + "Ana,ana@example.org,,,,,,,\n", given=Given(source="papel", at=clock.now()))
    assert [fault.code for fault in done.warnings] == ["consent_kept"]
    assert [(line.channel, line.decision) for line in consent.ledger(session, ana.id)] == [
        ("correo", Decision.GRANTED),
        ("whatsapp", Decision.WITHDRAWN),
    ]


def test_who_withdrew_does_not_come_back_under_another_spelling_of_the_name(session, bring, clock):
    bring(HEADERS + "Ana López,ana@example.org,,+525555550100,,,,,\n", given=Given(source="papel", at=clock.now()))
    consent.withdraw(session, named(session, "Ana López").id, Channel.WHATSAPP, source="BAJA", at=clock.now())
    clock.advance(timedelta(days=1))
    done = bring(
        HEADERS + "Ana López Ruiz,ana@example.org,,+525555550100,,,,,\n", given=Given(source="papel", at=clock.now())
    )
    other = named(session, "Ana López Ruiz")
    assert [fault.code for fault in done.warnings] == ["consent_kept"]
    assert consent.may_contact(session, other.id, Channel.EMAIL, Purpose.NOTICES).allowed
    assert consent.may_contact(session, other.id, Channel.WHATSAPP, Purpose.NOTICES).reason == "no_consent"


def test_who_consents_again_by_themselves_is_imported_again(session, bring, clock):
    text = HEADERS + "Ana,ana@example.org,,,,,,,\n"
    bring(text)
    ana = named(session, "Ana")
    consent.withdraw(session, ana.id, Channel.EMAIL, source="BAJA", at=clock.now())
    clock.advance(timedelta(days=1))
    consent.record(session, ana.id, Channel.EMAIL, "*", Decision.GRANTED, source="formulario", at=clock.now())
    done = bring(text, given=Given(source="papel", at=clock.now()))
    assert (done.warnings, done.consents) == ([], 1)


def test_everybody_joins_the_network_that_the_command_names_besides_their_own(session, bring):
    done = bring(
        HEADERS + "Ana,ana@example.org,,,,,,,Uno\nBeto,beto@example.org,,,,,,,RED VOTO CHILANGO\n",
        network="Red Voto Chilango",
    )
    assert done.networks == ["Red Voto Chilango", "Uno"]
    assert done.memberships == 3
    network = networks.find(session, "red voto chilango")
    assert {member.contact.name for member in networks.members(session, network.id, network.memberships[0].since)} == {
        "Ana",
        "Beto",
    }


def test_a_role_is_kept_and_a_later_file_may_change_it(session, bring):
    bring("nombre,correo,red,rol\nAna,ana@example.org,Uno,liderazgo\nBeto,beto@example.org,Uno,\n")
    assert [named(session, name).memberships[0].role for name in ("Ana", "Beto")] == [Role.LEADER, Role.MEMBER]
    done = bring("nombre,correo,red,rol\nAna,ana@example.org,Uno,\nBeto,beto@example.org,Uno,Lideresa\n")
    assert (done.changed, done.unchanged, done.memberships) == (1, 1, 0)
    assert [named(session, name).memberships[0].role for name in ("Ana", "Beto")] == [Role.LEADER, Role.LEADER]


def test_who_brought_whom_is_found_by_name_or_address_in_the_file_or_before_it(session, bring):
    bring(HEADERS + "Zoe Antes,zoe@example.org,,,,,,,\nRepe,r1@example.org,,,,,,,\nRepe,r2@example.org,,,,,,,\n")
    done = bring(
        "nombre,correo,red,trajo\n"
        "Ana,ana@example.org,Uno,beto\n"
        "Beto,beto@example.org,Uno,ZOE@example.org\n"
        "Ceci,ceci@example.org,Uno,Zoe Antes\n"
        "Dani,dani@example.org,Uno,Nadie Conocido\n"
        "Eli,eli@example.org,Uno,Repe\n"
        "Fer,fer@example.org,Uno,Fer\n"
    )
    brought = {member.contact.name: member.brought_by_id for member in session.scalars(select(Membership)).unique()}
    zoe = named(session, "Zoe Antes")
    assert brought == {
        "Ana": named(session, "Beto").id,
        "Beto": zoe.id,
        "Ceci": zoe.id,
        "Dani": None,
        "Eli": None,
        "Fer": None,
    }
    assert [(fault.row, fault.code) for fault in done.warnings] == [
        (5, "brought_unknown"),
        (6, "brought_several"),
        (7, "brought_self"),
    ]
    assert [person.name for person in networks.brought_by(session, zoe.id)] == ["Beto", "Ceci"]


def test_who_left_a_network_is_not_put_back_by_a_file(session, bring, clock):
    text = HEADERS + "Ana,ana@example.org,,,,,,,Uno\n"
    bring(text)
    ana = named(session, "Ana")
    networks.leave(session, ana.id, networks.find(session, "Uno").id, at=clock.now())
    clock.advance(timedelta(days=1))
    done = bring(text)
    assert [fault.code for fault in done.warnings] == ["left_before"]
    assert "2025-06-20" in words.explain(done.warnings[0])
    assert networks.membership(session, ana.id, networks.find(session, "Uno").id) is None


def test_a_workbook_comes_in_with_its_numbers_as_numbers(session, workbook, clock):
    path = workbook([["Nombre", "Teléfono", "WhatsApp"], ["Ana", 5555550100, True], ["Beto", 5215555550101, ""]])
    done = importing.import_people(session, read_sheet(path), at=clock.now())
    assert done.refused == []
    assert [address.value for address in named(session, "Ana").addresses] == ["+525555550100", "+525555550100"]
    assert [address.value for address in named(session, "Beto").addresses] == ["+525555550101"]


def test_progress_is_told_row_by_row_until_the_last(session, bring):
    told: list[int] = []
    bring(HEADERS + "".join(f"P{n},p{n}@example.org,,,,,,,\n" for n in range(1201)), progress=told.append)
    assert (sum(told), len(told)) == (1201, 3)


def test_many_rows_are_written_in_few_statements(session, bring, platform, clock):
    said: list[str] = []
    event.listen(platform.engine, "before_cursor_execute", lambda _c, _k, statement, *_: said.append(statement))
    rows = "".join(f"P{n},p{n}@example.org,,55 5555 {n:04d},MX,CDMX,,,Uno\n" for n in range(900))
    for _ in range(2):
        said.clear()
        bring(HEADERS + rows, given=Given(source="papel", at=clock.now()))
        reads = [statement for statement in said if not statement.startswith("INSERT INTO contact ")]
        assert len(reads) < 30


ROW = st.tuples(
    st.sampled_from(["Ana", "ana", "Beto", ""]),
    st.sampled_from(["a@example.org", "b@example.org", "mal", ""]),
    st.sampled_from(["", "55 5555 0100", "12"]),
    st.sampled_from(["", "Uno", "Uno;Dos"]),
)


@given(rows=st.lists(ROW, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_every_row_is_accepted_or_refused_and_the_second_time_nothing_happens(session, bring, clock, rows):
    text = "nombre,correo,whatsapp,red,extra\n" + "".join(f"{','.join(row)},x\n" for row in rows)
    given_here = Given(source="papel", at=clock.now())
    done = bring(text, given=given_here)
    assert done.rows == len(rows) == done.accepted + len(done.refused)
    good = [row for row in rows if row[0] and (row[1] not in {"", "mal"} or row[2] not in {"", "12"})]
    assert done.accepted == len(good)
    before = everything(session)
    again = bring(text, given=given_here)
    assert everything(session) == before
    assert (again.created, again.changed) == (0, 0)
