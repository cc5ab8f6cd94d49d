"""The one gate: who may be written to, by which way, about what, and why not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.dialects import sqlite

from contacts import consent, notices
from contacts.errors import Refused
from contacts.models import (
    Address,
    AddressKind,
    AddressState,
    Channel,
    Contact,
    Decision,
    Purpose,
)
from outreach import words

EMAIL, WHATSAPP = Channel.EMAIL, Channel.WHATSAPP
GRANTED, WITHDRAWN, ASKED = Decision.GRANTED, Decision.WITHDRAWN, Decision.ASKED
NEWS = Purpose.NOTICES


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def now(clock):
    return clock.now()


@pytest.fixture
def ana(session, now):
    """Ana Prueba, with an e-mail address and a WhatsApp number, who said nothing yet."""
    contact = Contact(
        name="Ana Prueba",
        created_at=now,
        addresses=[
            Address(kind=AddressKind.EMAIL, value="ana@example.org"),
            Address(kind=AddressKind.WHATSAPP, value="+525555550100", region="MX"),
        ],
    )
    session.add(contact)
    session.flush()
    return contact


def reason(session, contact, channel=EMAIL, purpose=NEWS):
    session.flush()
    verdict = consent.may_contact(session, contact.id, channel, purpose)
    assert verdict.allowed is (verdict.reason == "")
    return verdict.reason


def say(session, contact, decision, at, channel="*", purpose="*", **more):
    return consent.record(session, contact.id, channel, purpose, decision, source="formulario", at=at, **more)


def test_who_said_nothing_is_not_written_to(session, ana):
    assert reason(session, ana) == "no_consent"


def test_who_said_yes_to_all_may_be_written_to_by_every_way_about_everything(session, ana, now):
    say(session, ana, GRANTED, now)
    for pair, verdict in consent.verdicts(session, ana.id).items():
        assert verdict.allowed, pair


def test_yes_to_one_channel_and_one_purpose_says_nothing_about_the_others(session, ana, now):
    say(session, ana, GRANTED, now, EMAIL, Purpose.EVENTS)
    said = {pair: verdict.reason for pair, verdict in consent.verdicts(session, ana.id).items()}
    assert said.pop((EMAIL, Purpose.EVENTS)) == ""
    assert set(said.values()) == {"no_consent"}


def test_a_withdrawal_closes_the_channel_for_every_purpose_and_leaves_the_other_open(session, ana, now):
    say(session, ana, GRANTED, now)
    consent.withdraw(session, ana.id, WHATSAPP, source="BAJA por WhatsApp", at=now + timedelta(seconds=1))
    assert {reason(session, ana, WHATSAPP, purpose) for purpose in Purpose} == {"opted_out"}
    assert reason(session, ana, EMAIL) == ""


def test_the_newest_moment_decides_not_the_order_of_writing(session, ana, now):
    say(session, ana, WITHDRAWN, now)
    say(session, ana, GRANTED, now - timedelta(days=30))
    assert reason(session, ana) == "opted_out"
    say(session, ana, GRANTED, now + timedelta(days=1))
    assert reason(session, ana) == ""


def test_of_the_same_moment_the_line_written_last_decides(session, ana, now):
    say(session, ana, GRANTED, now)
    say(session, ana, WITHDRAWN, now)
    assert reason(session, ana) == "opted_out"


def test_an_imported_consent_never_overrides_a_withdrawal_not_even_one_that_arrives_late(session, ana, now):
    say(session, ana, GRANTED, now, imported=True)
    assert reason(session, ana) == ""
    say(session, ana, WITHDRAWN, now - timedelta(days=1), EMAIL)  # said yesterday, told to us today
    assert reason(session, ana) == "opted_out"
    assert reason(session, ana, WHATSAPP) == ""
    say(session, ana, GRANTED, now + timedelta(days=1), imported=True)
    assert reason(session, ana) == "opted_out"
    say(session, ana, GRANTED, now + timedelta(days=2), EMAIL)  # the person's own later act
    assert reason(session, ana) == ""


def test_who_has_no_address_for_the_channel_is_told_so(session, ana, now):
    say(session, ana, GRANTED, now)
    session.execute(delete(Address).where(Address.kind == AddressKind.EMAIL))
    assert reason(session, ana, EMAIL) == "no_address"
    assert reason(session, ana, WHATSAPP) == ""
    assert consent.may_contact(session, 999_999, EMAIL, NEWS).reason == "no_address"


def test_a_phone_without_whatsapp_is_no_address_to_write_to(session, ana, now):
    say(session, ana, GRANTED, now)
    for address in ana.addresses:
        if address.kind == AddressKind.WHATSAPP:
            address.kind = AddressKind.PHONE
    assert reason(session, ana, WHATSAPP) == "no_address"


@pytest.mark.parametrize(
    ("states", "why", "used"),
    [
        ([AddressState.NEW], "", 0),
        ([AddressState.VERIFIED], "", 0),
        ([AddressState.BOUNCED], "bounced", None),
        ([AddressState.UNREACHABLE], "unreachable", None),
        ([AddressState.COMPLAINED], "complained", None),
        ([AddressState.NEW, AddressState.NEW], "", 0),
        ([AddressState.NEW, AddressState.VERIFIED], "", 1),
        ([AddressState.BOUNCED, AddressState.NEW], "", 1),
        ([AddressState.UNREACHABLE, AddressState.BOUNCED], "bounced", None),
        ([AddressState.COMPLAINED, AddressState.VERIFIED], "complained", 1),
    ],
)
def test_the_address_to_use_and_why_there_is_none(session, ana, now, states, why, used):
    say(session, ana, GRANTED, now)
    ana.addresses[:] = [
        Address(kind=AddressKind.EMAIL, value=f"ana{n}@example.org", state=state) for n, state in enumerate(states)
    ]
    session.flush()
    assert reason(session, ana) == why
    usable = session.scalar(select(consent.usable_address(Contact.id, EMAIL)).where(Contact.id == ana.id))
    assert usable == (None if used is None else f"ana{used}@example.org")


def test_who_asked_to_be_forgotten_is_not_written_to_whatever_else_is_known(session, ana, now):
    say(session, ana, GRANTED, now)
    ana.erased_at = now
    assert reason(session, ana) == "erased"


def test_what_the_person_wants_is_named_before_what_the_mailbox_does(session, ana, now):
    say(session, ana, WITHDRAWN, now)
    ana.addresses[0].state = AddressState.BOUNCED
    assert reason(session, ana) == "opted_out"


def test_a_way_that_writes_to_nobody_in_person_has_no_gate():
    with pytest.raises(KeyError):
        consent.refusal(Contact.id, Channel.GROUP, NEWS, datetime.now(UTC))


LINE = st.tuples(
    st.sampled_from(["correo", "whatsapp", "*"]),
    st.sampled_from(["avisos", "eventos", "*"]),
    st.sampled_from([GRANTED, WITHDRAWN, ASKED]),
    st.integers(0, 3),
    st.booleans(),
    st.none() | st.integers(1, 5),  # days that a grant holds, or a question can be answered
)


@given(lines=st.lists(LINE, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_the_sql_says_what_the_rule_says_for_every_ledger(session, now, lines):
    someone = Contact(
        name="Alguien",
        created_at=now,
        addresses=[
            Address(kind=AddressKind.EMAIL, value="alguien@example.org"),
            Address(kind=AddressKind.WHATSAPP, value="+525555550101", region="MX"),
        ],
    )
    session.add(someone)
    session.flush()
    asked_on = now + timedelta(days=3, hours=1)
    for channel, purpose, decision, day, imported, held in lines:
        at = now + timedelta(days=day)
        until = None if held is None or decision is WITHDRAWN else at + timedelta(days=held)
        say(session, someone, decision, at, channel, purpose, imported=imported, until=until)
    lines = [line for line in lines if line[2] is not ASKED]
    for channel in (EMAIL, WHATSAPP):
        for purpose in (Purpose.NOTICES, Purpose.EVENTS):
            about = [line for line in lines if line[0] in (channel, "*") and line[1] in (purpose, "*")]
            own = [line for line in about if not line[4]] or about
            newest = max(own, key=lambda line: line[3], default=None)
            newest = next((line for line in reversed(own) if line[3] == newest[3]), None) if newest else None
            ended = newest and newest[2] is GRANTED and newest[5] is not None and newest[3] + newest[5] <= 3
            granted = "consent_expired" if ended else ""
            wanted = "no_consent" if newest is None else granted if newest[2] is GRANTED else "opted_out"
            assert consent.may_contact(session, someone.id, channel, purpose, asked_on).reason == wanted


def test_in_bulk_and_for_one_person_the_gate_is_the_same_expression(session, ana, now):
    for number in range(20):
        contact = Contact(name=f"Persona {number}", created_at=now)
        if number % 2:
            contact.addresses = [Address(kind=AddressKind.EMAIL, value=f"p{number}@example.org")]
        session.add(contact)
        session.flush()
        if number % 3:
            say(session, contact, GRANTED if number % 5 else WITHDRAWN, now)
    bulk = dict(session.execute(select(Contact.id, consent.refusal(Contact.id, EMAIL, NEWS, now))).all())
    assert len(set(bulk.values())) == 4
    for contact_id, why in bulk.items():
        assert consent.may_contact(session, contact_id, EMAIL, NEWS).reason == (why or "")


@pytest.mark.only_on("sqlite")  # PostgreSQL's plans follow the size of the tables
def test_the_gate_reads_only_through_indices(session, now):
    query = select(
        Contact.id, consent.refusal(Contact.id, EMAIL, NEWS, now), consent.usable_address(Contact.id, EMAIL)
    ).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert [step for step in plan if step.startswith("SCAN")] == [plan[0]]
    assert any("COVERING INDEX ix_consent_entry_newest" in step for step in plan)
    assert any("COVERING INDEX ix_address_usable" in step for step in plan)
    assert not [step for step in plan if "TEMP B-TREE" in step], "nothing is sorted for each person"


def test_a_grant_is_kept_with_the_notice_in_force(session, ana, now):
    assert say(session, ana, GRANTED, now).notice_version == notices.FIRST_VERSION
    notices.publish(session, "2025-06", "Texto aprobado", now)
    assert say(session, ana, GRANTED, now).notice_version == "2025-06"
    assert say(session, ana, GRANTED, now, notice_version="2020").notice_version == "2020"
    assert say(session, ana, WITHDRAWN, now).notice_version == ""


def test_every_fault_of_an_entry_is_listed(session, ana, now):
    with pytest.raises(Refused) as refused:
        consent.record(session, ana.id, "micrositio", "ventas", GRANTED, source=" ", at=now)
    assert [fault.code for fault in refused.value.faults] == ["consent_channel", "consent_purpose", "consent_source"]
    sentences = words.explain_all(refused.value)
    assert "micrositio" in sentences[0]
    assert "ventas" in sentences[1]
    assert consent.ledger(session, ana.id) == []


def test_the_ledger_shows_the_newest_line_first(session, ana, now):
    first = say(session, ana, GRANTED, now)
    second = consent.withdraw(session, ana.id, EMAIL, source="enlace de baja", at=now, evidence="envío 7", by="web")
    assert consent.ledger(session, ana.id) == [second, first]
    assert (second.channel, second.purpose, second.evidence, second.recorded_by) == ("correo", "*", "envío 7", "web")


def test_an_address_that_opts_out_closes_the_way_for_everybody_who_shares_it(session, ana, now):
    twin = Contact(
        name="Beto Prueba", created_at=now, addresses=[Address(kind=AddressKind.EMAIL, value="ana@example.org")]
    )
    session.add(twin)
    session.flush()
    for contact in (ana, twin):
        say(session, contact, GRANTED, now)
    told = consent.withdraw_address(session, "ana@example.org", EMAIL, source="enlace de baja", at=now)
    assert told == [ana.id, twin.id]
    assert reason(session, ana) == reason(session, twin) == "opted_out"
    assert reason(session, ana, WHATSAPP) == ""
    assert consent.withdraw_address(session, "nadie@example.org", EMAIL, source="x", at=now) == []


def test_a_notice_keeps_its_text_and_proves_it(session, now):
    notice = notices.publish(session, "2025-06", "Texto aprobado", now)
    assert len(notice.sha256) == 64
    assert notices.publish(session, "2025-06", "Texto aprobado\n", now + timedelta(days=1)) is notice
    with pytest.raises(Refused) as refused:
        notices.publish(session, "2025-06", "Otro texto", now)
    assert "2025-06" in words.explain_all(refused.value)[0]
    for version, body, code in ((" ", "x", "notice_version"), ("v", "  ", "notice_text")):
        with pytest.raises(Refused) as refused:
            notices.publish(session, version, body, now)
        assert [fault.code for fault in refused.value.faults] == [code]
        assert words.explain_all(refused.value)


def test_a_notice_older_than_the_platform_may_be_named_and_gets_its_text_later(session, now):
    named = notices.named(session, "2019", now)
    assert (named.text, named.sha256) == ("", "")
    assert notices.current(session, now).version == notices.FIRST_VERSION
    notices.publish(session, "2019", "Texto de 2019", now)
    assert notices.named(session, "2019", now).text == "Texto de 2019\n"
    assert {notice.version for notice in notices.versions(session)} == {"2019", notices.FIRST_VERSION}
    with pytest.raises(Refused):
        notices.named(session, "  ", now)
