"""A person who asks to be forgotten is in no table and on no page; what was counted is counted still."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from campaigns import claiming, inquiries
from campaigns import erasing as campaign_erasing
from campaigns.budget import Conversation
from campaigns.models import Delivery, InboundMessage, Receipt, WebhookBatch
from campaigns.states import DeliveryState
from contacts import consent, people, suppression, unifying
from contacts.errors import Refused
from contacts.importing import import_people
from contacts.models import Address, AddressKind, Channel, ConsentEntry, Contact, Membership
from contacts.sameness import PersonMerge
from contacts.spreadsheets import Sheet, SheetRow
from contacts.tracing import GONE
from outreach import erasing
from outreach.audit import AuditEntry
from outreach.register.models import Entry


@pytest.fixture
def forget(platform):
    """Erase a person as every edge does."""

    def _forget(contact_id: int):
        with platform.transaction() as session:
            done = erasing.erase(session, contact_id, at=platform.clock.now(), by="maura", why="ARCO-2025-0001")
        erasing.settle(platform.settings.data, platform.engine, done)
        return done

    return _forget


def test_the_search_finds_the_person_everywhere_before(signs, house):
    assert {name.partition(".")[0] for name in signs()} == {
        "address", "audit_entry", "campaign", "consent_entry", "contact", "conversation", "delivery",
        "inbound_message", "inquiry", "receipt", "register_entry", "webhook_batch",
    }  # fmt: skip


def test_after_erasing_no_table_says_a_word_of_the_person(signs, house, forget):
    done = forget(house.ana)
    assert signs() == {}
    assert done.addresses >= 2


@pytest.mark.parametrize("into", ["theirs", "other"])
def test_rows_that_were_merged_are_forgotten_with_the_person_whichever_stayed(platform, house, forget, signs, into):
    with platform.transaction() as session:
        card = {"nombre": "Ana Tepozán Ahuehuete", "correo": "otra.tepozan@example.org"}
        other = people.add(session, card, at=platform.clock.now()).id
        stays, goes = (house.ana, other) if into == "theirs" else (other, house.ana)
        merge = unifying.merge(session, stays, [goes], at=platform.clock.now(), by="maura").id
    with pytest.raises(Refused) as refused:
        forget(goes)
    assert refused.value.faults[0].code == "person_merged"
    forget(stays)
    assert signs() == {}
    with platform.reading() as session:
        names = session.scalars(select(Contact.name).where(Contact.id.in_([stays, goes]))).all()
        assert names == ["Persona suprimida"] * 2
        assert "tepozan" not in json.dumps(session.get_one(PersonMerge, merge).details).lower()
    with platform.transaction() as session, pytest.raises(Refused) as refused:
        people.add(session, card, at=platform.clock.now())
    assert refused.value.faults[0].code == "address_suppressed"


def test_a_file_of_failures_says_nothing_of_them_either(platform, house, forget):
    log = platform.settings.data / "errores.log"
    log.write_text("2025-06-20 550 <anahuac.tepozan@example.org>\nbeto@example.org\n", encoding="utf-8")
    forget(house.ana)
    assert log.read_text(encoding="utf-8") == f"2025-06-20 550 <{GONE}>\nbeto@example.org\n"


@pytest.mark.only_on("sqlite")
def test_the_file_of_the_database_itself_holds_no_letter_of_them(platform, house, forget):
    def raw() -> bytes:
        return b"".join(path.read_bytes() for path in platform.settings.data.glob("outreach.sqlite3*")).lower()

    assert b"tepozan@example" in raw()
    forget(house.ana)
    assert b"tepozan@example" not in raw()
    assert b"5555550177" not in raw()


def test_their_row_stays_without_them(platform, house, forget):
    forget(house.ana)
    with platform.reading() as session:
        ana = session.get_one(Contact, house.ana)
        assert (ana.name, ana.city, ana.search_text, ana.organization_id, ana.country) == (
            "Persona suprimida", "", "", None, "US",
        )  # fmt: skip
        assert ana.timezone == "America/New_York"  # the country's, not the city's
        assert ana.erased_at == platform.clock.now()
        assert session.scalars(select(Address).where(Address.contact_id == house.ana)).all() == []
        assert people.found("Anáhuac") is not None
        assert session.scalars(people.found("anahuac")).all() == []


def test_counts_of_the_past_stay_and_what_was_planned_is_left_out_with_the_reason(platform, house, forget):
    def told(session):
        return Counter(session.execute(select(Delivery.run_id, Delivery.contact_id)).all())

    with platform.reading() as session:
        before, receipts = told(session), session.scalar(select(func.count()).select_from(Receipt))
        batches = session.scalar(select(func.count()).select_from(WebhookBatch))
    forget(house.ana)
    with platform.reading() as session:
        assert told(session) == before
        assert session.scalar(select(func.count()).select_from(Receipt)) == receipts
        assert session.scalar(select(func.count()).select_from(WebhookBatch)) == batches
        sent, planned = session.get_one(Delivery, house.sent), session.get_one(Delivery, house.planned)
        assert (sent.state, sent.reason, sent.address, sent.detail) == (DeliveryState.BOUNCED, "hard_bounce", "", "")
        assert (planned.state, planned.reason) == (DeliveryState.SKIPPED, "erased")
        assert session.scalar(select(func.count()).select_from(Conversation)) == 1  # the budget of today is true
        brought = select(func.count()).where(Membership.brought_by_id == house.ana)
        assert session.scalar(brought) == 1
        ended = session.scalars(select(Membership).where(Membership.contact_id == house.ana)).one()
        assert ended.until == platform.clock.now()


def test_nothing_of_anybody_else_is_touched(platform, house, forget):
    forget(house.ana)
    with platform.reading() as session:
        beto = session.get_one(Contact, house.beto)
        assert (beto.name, beto.addresses[0].value) == ("Beto Cedro Fresno", "beto@example.org")
        theirs = session.scalars(select(Receipt).where(Receipt.event_id == "e2")).one()
        assert theirs.raw["email"] == "beto@example.org"
        post = session.scalars(select(WebhookBatch).where(WebhookBatch.kind == "sendgrid")).one()
        assert [event["email"] for event in json.loads(post.body)] == [GONE, "beto@example.org"]
        entry = session.scalars(select(Entry)).one()
        assert entry.information == f"Llamada con {GONE}"
        assert entry.extra == {"notas": f"llamar a {GONE} o al {GONE}"}
        seen = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"contact:{house.beto}")).one()
        assert seen.details == {"detail": f"ver {GONE}, {GONE}"}


def test_what_they_said_about_consent_stays_as_decision_channel_and_moment_alone(platform, house, forget):
    forget(house.ana)
    with platform.reading() as session:
        line = session.scalars(select(ConsentEntry).where(ConsentEntry.contact_id == house.ana)).one()
        assert (line.decision, line.channel, line.source, line.evidence) == ("granted", "*", GONE, "")
        assert consent.may_contact(session, house.ana, Channel.EMAIL, "avisos").reason == "erased"


def test_a_message_of_theirs_that_nobody_had_read_is_read_no_more(platform, house, forget):
    forget(house.ana)
    with platform.reading() as session:
        post = session.scalars(select(WebhookBatch).where(WebhookBatch.kind == "twilio-inbound")).one()
        assert (post.body, post.fault, post.processed_at) == (b"", "erased", platform.clock.now())
        messages = session.scalars(select(InboundMessage)).all()
        assert {(one.body, one.sender) for one in messages} == {("", GONE)}


def test_a_claimed_letter_does_not_leave(platform, house, forget):
    with platform.transaction() as session:
        session.get_one(Delivery, house.planned).state = DeliveryState.CLAIMED
        session.get_one(Delivery, house.planned).worker = "w"
    forget(house.ana)
    with platform.transaction() as session:
        assert claiming.begin_call(session, [house.planned], "w", at=platform.clock.now()) == set()


def test_a_doubt_about_them_is_left_to_a_person_because_no_list_can_be_asked(platform, house, forget):
    now = platform.clock.now()
    with platform.transaction() as session:
        doubt = session.get_one(Delivery, house.planned)
        doubt.state, doubt.reason, doubt.channel = DeliveryState.IN_DOUBT, "timeout", Channel.WHATSAPP
        session.flush()
        assert inquiries.enrol(session, at=now, fates=False) == 1
    forget(house.ana)
    with platform.transaction() as session:
        assert inquiries.enrol(session, at=now, fates=False) == 0
        assert inquiries.due(session, at=now + timedelta(hours=1), most=9) == []
        assert session.get_one(Delivery, house.planned).state is DeliveryState.IN_DOUBT


def test_what_a_provider_tells_afterwards_is_taken_out_by_the_hour(platform, house, forget, signs):
    forget(house.ana)
    raw = {"email": "anahuac.tepozan@example.org", "event": "open"}
    with platform.transaction() as session:
        now = platform.clock.now()
        session.add(Receipt(provider="sendgrid", event_id="e9", delivery_id=house.sent, kind="read", at=now,
                            received_at=now, raw=raw))  # fmt: skip
        session.add(WebhookBatch(kind="sendgrid", body=json.dumps([raw]).encode(), received_at=now, processed_at=now))
        session.get_one(Delivery, house.sent).detail = "550 anahuac.tepozan@example.org"
    assert signs() != {}
    with platform.transaction() as session:
        assert campaign_erasing.forget_late(session) == 3
    assert signs() == {}
    with platform.transaction() as session:
        assert campaign_erasing.forget_late(session) == 0


def test_a_person_is_erased_once(house, forget):
    forget(house.ana)
    with pytest.raises(Refused, match="person_erased"):
        forget(house.ana)
    with pytest.raises(Refused, match="person_unknown"):
        forget(10**6)


# ---- they do not come back --------------------------------------------------------------------------------------


def sheet(*rows: tuple[str, str, str]) -> Sheet:
    headers = ("nombre", "correo", "telefono")
    return Sheet(headers, [SheetRow(n, dict(zip(headers, row, strict=True)), ()) for n, row in enumerate(rows, 2)])


def test_their_address_is_refused_by_a_file_under_any_name_and_the_other_rows_come_in(platform, house, forget):
    forget(house.ana)
    with platform.transaction() as session:
        done = import_people(
            session,
            sheet(
                ("Anáhuac Tepozán Güemes", "Anahuac.Tepozan@example.org", ""),
                ("Otra Persona", "", "55 5555 0177"),  # the number was WhatsApp's
                ("Ceci Encino", "ceci@example.org", ""),
            ),
            at=platform.clock.now(),
            file="personas.csv",
        )
    assert (done.accepted, [row.number for row in done.refused]) == (1, [2, 3])
    assert [(fault.code, fault.where) for fault in done.faults] == [
        ("address_suppressed", "correo"),
        ("address_suppressed", "telefono"),
    ]


def test_their_address_is_refused_by_a_form(platform, house, forget):
    forget(house.ana)
    with platform.transaction() as session:
        at = platform.clock.now()
        with pytest.raises(Refused, match="address_suppressed"):
            people.add(session, {"nombre": "Anáhuac", "correo": "anahuac.tepozan@example.org"}, at=at)
        beto = session.get_one(Contact, house.beto)
        with pytest.raises(Refused, match="address_suppressed"):
            people.add_address(session, beto, "telefono", "+52 55 5555 0177")


def test_what_is_kept_of_an_address_is_of_this_installation_alone(platform, house, forget):
    forget(house.ana)
    with platform.reading() as session:
        kept = session.scalars(select(suppression.Suppression)).all()
        assert {len(row.digest) for row in kept} == {64}
        assert {(row.kind, row.why) for row in kept} == {("correo", "ARCO-2025-0001"), ("numero", "ARCO-2025-0001")}
        mine = suppression.digest(session, AddressKind.EMAIL, "a@example.org")
        session.info[suppression.SECRET] = "otro secreto"
        assert suppression.digest(session, AddressKind.EMAIL, "a@example.org") != mine


def test_who_asks_to_come_back_may(platform, house, forget):
    forget(house.ana)
    with platform.transaction() as session:
        assert suppression.lift(session, AddressKind.EMAIL, "anahuac.tepozan@example.org")
        assert not suppression.lift(session, AddressKind.EMAIL, "anahuac.tepozan@example.org")
        people.add(session, {"nombre": "A", "correo": "anahuac.tepozan@example.org"}, at=platform.clock.now())


def test_an_address_that_two_share_stays_with_the_other(platform, house, forget):
    with platform.transaction() as session:
        beto = session.get_one(Contact, house.beto)
        people.add_address(session, beto, "correo", "anahuac.tepozan@example.org")
    forget(house.ana)
    with platform.transaction() as session:
        beto = session.get_one(Contact, house.beto)
        assert [one.value for one in beto.addresses] == ["beto@example.org", "anahuac.tepozan@example.org"]
        asked = [(AddressKind.EMAIL, "anahuac.tepozan@example.org", name) for name in ("Anahuac TEPOZÁN Guemes", "X")]
        assert suppression.suppressed(session, asked) == {asked[0]}
        done = import_people(
            session,
            sheet(
                ("Anáhuac Tepozán Güemes", "anahuac.tepozan@example.org", ""),
                ("Beto Cedro Fresno", "anahuac.tepozan@example.org", ""),
            ),
            at=platform.clock.now(),
        )
        assert (done.accepted, [row.number for row in done.refused]) == (1, [2])


def test_a_name_that_two_have_stays_where_it_may_be_the_other_one(platform, cast, house, forget):
    cast.person("Anahuac Tepozan Guemes", correo="tocaya@example.org")
    forget(house.ana)
    with platform.reading() as session:
        assert session.scalars(select(Entry)).one().information == "Llamada con Anáhuac Tepozán Güemes"


def test_an_erasure_is_noted_without_a_word_of_them(platform, house, forget):
    forget(house.ana)
    with platform.reading() as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "contacts.erase")).one()
        assert (line.who, line.subject) == ("maura", f"contact:{house.ana}")
        assert line.details["folio"] == "ARCO-2025-0001"
