"""The ledger of consent is held by the database itself; consents end; notices keep their text; evidence goes along."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from contacts import consent, expiring, guarding, notices, terms, unifying
from contacts.base import table_of
from contacts.errors import Refused
from contacts.models import (
    Address,
    AddressKind,
    Channel,
    ConsentEntry,
    Contact,
    Decision,
    EvidenceKind,
    Notice,
    Purpose,
)
from outreach import database, evidence, words
from outreach import erasing as platform_erasing
from outreach.safekeeping import checks

EMAIL = Channel.EMAIL
GRANTED = Decision.GRANTED
PDF = b"%PDF-1.7\n1 0 obj"
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2000, 2100))


@pytest.fixture
def now(clock):
    return clock.now()


@pytest.fixture
def ana(cast):
    return cast.person("Ana Prueba", correo="ana@example.org")


def tried(platform, statement):
    """Try a statement past every verb of ours; return what the database said to it."""
    with pytest.raises(DBAPIError) as refused, platform.transaction() as session:
        session.execute(statement)
    return str(refused.value.orig)


@pytest.mark.parametrize(
    "values",
    [
        {"decision": "withdrawn"},
        {"channel": "whatsapp"},
        {"purpose": "eventos"},
        {"at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"until": datetime(2030, 1, 1, tzinfo=UTC)},
        {"notice_version": "otra"},
        {"source": "otra"},
        {"evidence": "otra"},
        {"evidence_file": "otra"},
        {"evidence_kind": "papel"},
        {"imported": True},
        {"recorded_by": "otra"},
        {"asked_id": 7},
        {"id": 999},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_database_refuses_to_change_a_line(platform, ana, values):
    assert "never changed" in tried(platform, update(table_of(ConsentEntry)).values(**values))


def test_the_database_refuses_to_take_a_line_out_or_to_give_it_to_somebody_else(platform, cast, ana):
    other = cast.person("Beto Prueba", correo="beto@example.org", consents=False)
    assert "stays as long as its person" in tried(platform, delete(ConsentEntry))
    assert "never changed" in tried(platform, update(table_of(ConsentEntry)).values(contact_id=other))
    with platform.transaction() as session:
        session.execute(delete(Contact).where(Contact.id == ana))  # the whole person, as nothing of ours does
        assert session.scalars(select(ConsentEntry)).all() == []


@pytest.mark.only_on("postgresql")
def test_nor_to_empty_the_tables(platform, ana):
    assert "never emptied" in tried(platform, text("TRUNCATE consent_entry"))
    assert "never emptied" in tried(platform, text("TRUNCATE notice"))


def test_a_person_who_is_forgotten_leaves_what_and_when_and_none_of_their_words(platform, settings, cast, now):
    name = evidence.keep(settings.data, PDF, ".pdf")
    shared = evidence.keep(settings.data, PDF, ".pdf")
    ana = cast.person("Ana Prueba", correo="ana@example.org", consents=False)
    beto = cast.person("Beto Prueba", correo="beto@example.org", consents=False)
    with platform.transaction() as session:
        words_of_hers = "lo firmó Ana Prueba"
        for who, file in ((ana, name), (ana, shared), (beto, shared)):
            consent.grant(
                session,
                who,
                "*",
                "*",
                source="papel",
                at=now,
                evidence=words_of_hers,
                kind=EvidenceKind.PAPER,
                file=file,
            )
    with platform.transaction() as session:
        done = platform_erasing.erase(session, ana, at=now, by="maura")
    platform_erasing.settle(settings.data, platform.engine, done)
    with platform.reading() as session:
        for line in consent.ledger(session, ana):
            assert (line.evidence, line.evidence_file, line.evidence_kind) == ("", "", EvidenceKind.PAPER)
            assert (line.decision, line.at, line.notice_version) == (GRANTED, now, notices.FIRST_VERSION)
        [his] = consent.ledger(session, beto)
    assert "Ana" not in his.evidence, "her name is taken out of other people's lines as well"
    assert not (evidence.folder(settings.data) / name).exists()
    assert (evidence.folder(settings.data) / shared).exists()


def test_lines_go_along_when_two_become_one_and_come_back(platform, cast, ana, now):
    twin = cast.person("Ana P.", correo="anap@example.org")
    with platform.transaction() as session:
        done = unifying.merge(session, ana, [twin], at=now, by="maura")
        assert len(consent.ledger(session, ana)) == 2
        unifying.undo(session, done.id, at=now, by="maura")
        assert len(consent.ledger(session, ana)) == len(consent.ledger(session, twin)) == 1


def test_a_published_notice_is_neither_edited_nor_taken_out_past_our_verbs(platform, now):
    with platform.transaction() as session:
        notices.publish(session, "2025-06", "Texto aprobado", now)
        notices.publish(session, "2025-06", "Approved text", now, "en")
        notices.named(session, "2019", now)
    for values in ({"text": "Otro"}, {"sha256": "0"}, {"published_at": now + timedelta(days=1)}, {"version": "x"}):
        assert "never edited" in tried(platform, update(table_of(Notice)).where(Notice.text != "").values(**values))
    assert "never taken out" in tried(platform, delete(Notice).where(Notice.text != ""))
    with platform.transaction() as session:
        notices.publish(session, "2019", "Texto de 2019", now)
    assert "never edited" in tried(platform, update(table_of(Notice)).where(Notice.version == "2019").values(text="y"))


def test_a_notice_begins_in_spanish_and_counts_as_one_version_in_two_languages(platform, now):
    with platform.transaction() as session:
        for wrong in (("2025-06", "Text", "en"), ("2025-06", "Texte", "fr")):
            with pytest.raises(Refused) as refused:
                notices.publish(session, wrong[0], wrong[1], now, wrong[2])
            assert [fault.code for fault in refused.value.faults] == ["notice_language"]
            assert "%(" not in words.explain_all(refused.value)[0]
        notices.publish(session, "2025-06", "Texto\r\ncon renglones  ", now)
        notices.publish(session, "2025-06", "Text", now + timedelta(days=1), "en")
        notices.publish(session, "2025-06", "Texto\ncon renglones", now)
        assert [one.language for one in notices.texts(session, "2025-06").values()] == ["es", "en"]
        assert notices.current(session, now).version == "2025-06"
        assert notices.read_in(session, "2025-06", "en").text == "Text\n"
        assert notices.read_in(session, "2025-06", "fr").text == "Texto\ncon renglones\n"
        assert notices.read_in(session, "2019", "es") is None
        with pytest.raises(Refused):
            notices.texts(session, "nada")


def test_who_consented_under_which_version_is_known(platform, cast, ana, now):
    with platform.transaction() as session:
        notices.publish(session, "2025-06", "Texto aprobado", now)
    beto = cast.person("Beto Prueba", correo="beto@example.org")
    with platform.reading() as session:
        assert notices.counts(session) == {notices.FIRST_VERSION: 1, "2025-06": 1}
        assert list(session.scalars(notices.consented("2025-06"))) == [beto]


def test_db_check_sees_missing_guards_and_an_altered_notice(platform, ana, now, clock):
    def broken():
        answers = checks.check(platform.engine, clock.now(), "America/Mexico_City")
        return {one.code for one in answers if not one.holds}

    assert broken() == set()
    with platform.transaction() as session:
        guarding.unguard(session.connection())
        session.execute(update(table_of(Notice)).values(text="Otro texto\n"))
    assert broken() == {"ledger_guarded", "notices_whole"}
    with platform.transaction() as session:
        guarding.guard(session.connection())
    assert broken() == {"notices_whole"}


def test_a_consent_ends_at_its_moment_and_is_stated(platform, ana, now, clock):
    with platform.transaction() as session:
        consent.grant(session, ana, EMAIL, Purpose.EVENTS, source="feria", at=now, until=now + timedelta(days=30))
    with platform.reading() as session:
        assert consent.ends(session, ana) == {(EMAIL, Purpose.EVENTS): now + timedelta(days=30)}
    clock.set(now + timedelta(days=30) - timedelta(seconds=1))
    with platform.reading() as session:
        assert consent.may_contact(session, ana, EMAIL, Purpose.EVENTS).allowed
    clock.set(now + timedelta(days=30))
    with platform.reading() as session:
        assert consent.may_contact(session, ana, EMAIL, Purpose.EVENTS).reason == "consent_expired"
        assert consent.may_contact(session, ana, EMAIL, Purpose.NOTICES).allowed
        assert consent.may_contact(session, ana, Channel.WHATSAPP, Purpose.EVENTS).reason == "no_address"


def test_the_installation_says_how_long_a_consent_holds_and_a_stated_end_is_above_it(platform, cast, now):
    platform.sessions.configure(
        info={terms.TERMS: terms.read("24 eventos=6 boletines=0"), consent.CLOCK: platform.clock.now}
    )
    ana = cast.person("Ana Prueba", correo="ana@example.org", consents=False)
    with platform.transaction() as session:
        consent.grant(session, ana, "*", "*", source="formulario", at=now)
        assert {pair[1]: until.date().isoformat() for pair, until in consent.ends(session, ana).items()} == {
            Purpose.NOTICES: "2027-06-20",
            Purpose.SIMULACROS: "2027-06-20",
            Purpose.EVENTS: "2025-12-20",
            Purpose.OBSERVATION: "2027-06-20",
        }
        [one] = consent.grant(session, ana, "*", "*", source="feria", at=now, until=now + timedelta(days=3))
        assert one.until == now + timedelta(days=3)
    with platform.transaction() as session, pytest.raises(Refused) as refused:
        consent.grant(session, ana, "*", "*", source="feria", at=now, until=now)
    assert [fault.code for fault in refused.value.faults] == ["consent_until"]


@given(months=st.integers(1, 600), at=st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC)))
def test_an_end_is_the_same_day_so_many_months_later_or_the_last_of_that_month(months, at):
    end = terms.end({"*": months}, "*", at)
    assert (end.year * 12 + end.month) - (at.year * 12 + at.month) == months
    assert end.time() == at.time()
    assert end.day == at.day or (end.day < at.day and (end + timedelta(days=1)).day == 1)


@given(st.text(max_size=30))
def test_no_text_of_a_setting_does_anything_but_be_read_or_refused(written):
    try:
        held = terms.read(written)
    except ValueError:
        return
    assert all(0 <= months <= terms.MOST_MONTHS for months in held.values())


def test_what_ends_soon_is_listed_until_something_newer_is_said(platform, cast, now):
    people = {}
    with platform.transaction() as session:
        for name, days in (("Ana", 10), ("Beto", 59), ("Caro", 61), ("Dora", 10), ("Eva", 10)):
            people[name] = cast_of(session, name, now)
            consent.grant(session, people[name], EMAIL, "*", source="feria", at=now, until=now + timedelta(days=days))
        consent.grant(session, people["Dora"], "*", "*", source="otra vez", at=now)
        consent.withdraw(session, people["Eva"], "*", source="baja", at=now)
    with platform.reading() as session:
        assert [one.contact.name for one in expiring.soon(session, now)] == ["Ana", "Beto"]
        assert expiring.count(session, now) == 2
        assert expiring.count(session, now, 5) == 0
        assert expiring.count(session, now + timedelta(days=11)) == 2  # Beto and Caro


def cast_of(session, name, now):
    contact = Contact(name=name, created_at=now)
    contact.addresses.append(Address(kind=AddressKind.EMAIL, value=f"{name.lower()}@example.org"))
    session.add(contact)
    session.flush()
    return contact.id


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PDF, ".pdf"),
        (b"\x89PNG\r\n\x1a\n....", ".png"),
        (b"\xff\xd8\xff....", ".jpg"),
        (b"RIFF....WEBPVP8", ".webp"),
        (b"RIFF....WAVEfmt", None),
        (b"<html>%PDF-1.7", None),
        (b"MZ....", None),
        (b"", None),
    ],
)
def test_a_paper_is_known_by_its_content_whatever_its_name_says(content, ending):
    if ending:
        assert evidence.ending_of(content, "papel.exe", evidence.PAPERS) == ending
    else:
        with pytest.raises(Refused) as refused:
            evidence.ending_of(content, "papel.pdf", evidence.PAPERS)
        assert [fault.code for fault in refused.value.faults] == ["paper_form"]
    with pytest.raises(Refused):
        evidence.ending_of(PDF, "papel.pdf")  # where a picture is asked for


def test_an_installation_of_before_keeps_its_ledger_and_gets_its_guards(tmp_path):
    engine = database.connect(f"sqlite:///{tmp_path}/viejo.sqlite3")
    from alembic import command

    config = database.migration_config(engine)
    command.upgrade(config, "0008")
    lines = [(1, "importación", True), (2, "enlace de baja", False), (3, "BAJA por WhatsApp", False)]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO contact (id, name, country, city, timezone, language, search_text, created_at)"
                " VALUES (1, 'Ana', '', '', 'UTC', 'es', 'ana', '2025-01-01 00:00:00.000000')"
            )
        )
        connection.execute(text("INSERT INTO notice VALUES ('inicial', 'T', 'h', '2025-01-01 00:00:00.000000')"))
        for number, source, imported in lines:
            connection.execute(
                text(
                    "INSERT INTO consent_entry (id, contact_id, channel, purpose, decision, source, notice_version,"
                    " evidence, imported, at, recorded_by) VALUES (:id, 1, '*', '*', 'withdrawn', :source, '', 'e',"
                    " :imported, '2025-01-01 00:00:00.000000', '')"
                ),
                {"id": number, "source": source, "imported": imported},
            )
    command.upgrade(config, "head")
    with engine.connect() as connection:
        kinds = connection.execute(text("SELECT evidence_kind FROM consent_entry ORDER BY id")).scalars().all()
        assert kinds == ["archivo", "enlace", "respuesta"]
        assert connection.execute(text("SELECT language FROM notice")).scalars().all() == ["es"]
        assert guarding.missing(connection) == []
    command.downgrade(config, "0008")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM consent_entry")).scalar() == 3
        assert len(guarding.missing(connection)) == len(guarding.TRIGGERS)
    engine.dispose()
