"""The page of what is in doubt: the evidence, and a person's word for one, for a call, for all that are alike."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from campaigns.channels import EventKind
from campaigns.inquiries import Inquiry
from campaigns.models import Campaign, Delivery, Receipt
from campaigns.states import CampaignState, DeliveryState
from contacts.models import Channel
from outreach.audit import AuditEntry

SURE = {"confirmado": "1"}
PLANNED, DOUBT, ACCEPTED = DeliveryState.PLANNED, DeliveryState.IN_DOUBT, DeliveryState.ACCEPTED


@pytest.fixture
def path(cast):
    return f"/campanas/{cast.sending}/en-duda"


def doubts(platform, cast, numbers, *, call=0, minutes=10, **values):
    """Put some planned deliveries of the campaign that is being sent in doubt, as one call."""
    now = platform.clock.now()
    with platform.transaction() as session:
        rows = session.scalars(
            select(Delivery)
            .where(Delivery.run.has(campaign_id=cast.sending), Delivery.state == PLANNED)
            .order_by(Delivery.id)
        ).all()[:numbers]
        for row in rows:
            row.state, row.channel, row.reason = DOUBT, Channel.EMAIL, "connection_lost"
            row.detail, row.called_at = "ConnectionResetError", now - timedelta(minutes=minutes, seconds=call)
            row.changed_at = now - timedelta(minutes=minutes)
            for name, value in values.items():
                setattr(row, name, value)
        return [row.id for row in rows]


def states(platform, ids):
    with platform.reading() as session:
        return [session.get_one(Delivery, number).state for number in ids]


def words(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def form_of(answer, heading):
    """What the form of a card holds: the names and values of its hidden fields."""
    card = next(card for card in answer.text.split("<section")[1:] if heading in words(type("", (), {"text": card})))
    form = card.split("<form")[1].split("</form>")[0]
    found = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name in {"visto", "grupo"}}


def test_the_consequence_is_said_before_a_person_decides(maura, path):
    page = words(maura.get(path))
    assert "1 envío en duda" in page
    assert "No se repiten por sí solos" in page
    assert "la persona se queda sin el mensaje" in page
    assert "lo recibe dos veces" in page
    assert "La evidencia no alcanza para saberlo." in page


def test_a_lost_call_of_many_people_is_one_decision(maura, path, cast, platform):
    ids = doubts(platform, cast, 12)
    answer = maura.get(path)
    told = maura.post(
        path, form_of(answer, "12 envíos intento") | {"decision": "no-salio"} | SURE, follow_redirects=True
    )
    assert "12 envíos salen de nuevo." in words(told)
    assert set(states(platform, ids)) == {PLANNED}
    with platform.reading() as session:
        others = session.scalars(select(Delivery).where(Delivery.state == DOUBT)).all()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.decide")).one()
    assert len(others) == 1  # the one of the cast, of another cause
    assert (entry.who, entry.details["sent"], sorted(entry.details["deliveries"])) == ("maura", False, ids)


def test_calls_lost_for_the_same_cause_may_be_decided_together(maura, path, cast, platform):
    first = doubts(platform, cast, 3, call=1)
    second = doubts(platform, cast, 4, call=2)
    answer = maura.get(path)
    assert "7 envíos con la misma causa en 2 intentos" in words(answer)
    maura.post(path, form_of(answer, "7 envíos con la misma causa") | {"decision": "salio"} | SURE)
    assert set(states(platform, first + second)) == {ACCEPTED}


def test_one_person_of_a_call_may_be_decided_alone(maura, path, cast, platform):
    ids = doubts(platform, cast, 3)
    assert "Ver las personas y decidir por separado" in words(maura.get(path))
    maura.post(path, {"decision": "salio", "envio": ids[1]})
    assert states(platform, ids) == [DOUBT, ACCEPTED, DOUBT]


def test_without_a_word_or_a_choice_nothing_changes(maura, path, cast, platform):
    [number] = doubts(platform, cast, 1)
    for given in ({"decision": "salio"}, {"envio": number}, {"decision": "salio", "envio": "nueve"}):
        assert "No se cambió nada" in words(maura.post(path, given, follow_redirects=True))
    assert maura.post(path, {"grupo": "no existe", "decision": "salio"}).status_code == 409
    assert "ya no están en duda" in words(maura.post(path, {"decision": "salio", "envio": 1}, follow_redirects=True))
    assert states(platform, [number]) == [DOUBT]


def test_a_doubt_of_another_campaign_is_not_meant(maura, cast, platform):
    [number] = doubts(platform, cast, 1)
    path = f"/campanas/{cast.finished}/en-duda"
    maura.post(path, {"decision": "salio", "envio": number}, seen=f"/campanas/{cast.sending}/en-duda")
    assert states(platform, [number]) == [DOUBT]


def test_what_came_into_doubt_after_the_page_was_made_is_not_decided_with_it(maura, path, cast, platform, clock):
    early = doubts(platform, cast, 2)
    form = form_of(maura.get(path), "2 envíos intento")
    clock.advance(timedelta(minutes=1))
    with platform.reading() as session:
        called = session.get_one(Delivery, early[0]).called_at
    late = doubts(platform, cast, 2, minutes=0, called_at=called)
    maura.post(path, form | {"decision": "no-salio"} | SURE)
    assert states(platform, early + late) == [PLANNED, PLANNED, DOUBT, DOUBT]


def test_what_others_of_the_same_call_were_told_speaks_for_it(maura, path, cast, platform):
    ids = doubts(platform, cast, 5)
    now = platform.clock.now()
    with platform.transaction() as session:
        for number in ids[:2]:
            session.get_one(Delivery, number).state = DeliveryState.DELIVERED
            common = {
                "provider": "sendgrid",
                "kind": EventKind.DELIVERED.value,
                "at": now,
                "received_at": now,
                "raw": {},
            }
            session.add(Receipt(event_id=f"e{number}", delivery_id=number, **common))
    page = words(maura.get(path))
    assert "Se intentó entregar al servicio 5 envíos" in page
    assert "Llegaron avisos de 2 personas de ese intento, de 5 Sí salió" in page
    assert "Lo más probable: sí salió." in page
    assert "Quedó en duda: se cortó la conexión" in page
    assert "ConnectionResetError" not in page  # the service said nothing


def test_what_the_service_itself_said_is_told_in_its_words(maura, path, cast, platform):
    doubts(platform, cast, 2, reason="provider_failure", detail="503 Service Unavailable")
    assert "el servicio dijo: 503 Service Unavailable" in words(maura.get(path))


def test_a_decision_for_several_is_asked_twice_and_says_for_how_many(maura, path, cast, platform):
    ids = doubts(platform, cast, 12)
    form = form_of(maura.get(path), "12 envíos intento") | {"decision": "no-salio"}
    asked = maura.post(path, form)
    assert "¿Enviar de nuevo a 12 personas?" in words(asked)
    assert "12 personas lo reciben dos veces" in words(asked)
    ticked = maura.post(path, {"decision": "salio", "envio": ids[:3]})
    assert "¿Sí salieron los 3 envíos?" in words(ticked)
    assert set(states(platform, ids)) == {DOUBT}
    found = re.findall(r'name="(\w+)" value="([^"]*)"', asked.text.split("<form")[-1])
    again = {name: unescape(value) for name, value in found if name != "csrf_token"}
    maura.post(path, again)
    assert set(states(platform, ids)) == {PLANNED}


def test_what_twilio_was_asked_and_what_it_showed_is_told(maura, path, cast, platform):
    [number] = doubts(platform, cast, 1, channel=Channel.WHATSAPP)
    now = platform.clock.now()
    with platform.transaction() as session:
        common = {"delivery_id": number, "asked_at": now - timedelta(minutes=5)}
        session.add(Inquiry(found="absent", **common))
        session.add(Inquiry(found="unanswered", code="no_answer", times=3, **common))
    page = words(maura.get(path))
    assert "La lista de mensajes de Twilio no lo tenía; se preguntó 1 vez No salió" in page
    assert "La lista de mensajes de Twilio no respondió, 3 intentos" in page
    assert "Lo más probable: no salió." in page
    with platform.transaction() as session:
        session.add(Inquiry(found="unclear", code="several", delivery_id=number, asked_at=now))
    page = words(maura.get(path))
    assert "varios mensajes que pueden ser éste" in page
    assert "Lo más probable: no salió." not in page


def test_a_young_doubt_says_that_proof_is_still_looked_for_and_is_no_task_yet(maura, path, cast, platform):
    doubts(platform, cast, 4, minutes=1)
    assert "Todavía se busca la prueba" in words(maura.get(path))
    assert "5 envíos en duda" not in words(maura.get("/"))
    assert "1 envío en duda: Simulacro 1" in words(maura.get("/"))


def test_while_proof_is_looked_for_an_absence_moves_nobody_to_send_again(maura, path, cast, platform):
    [number] = doubts(platform, cast, 1, minutes=1, channel=Channel.WHATSAPP)
    with platform.transaction() as session:
        session.add(Inquiry(found="absent", times=2, delivery_id=number, asked_at=platform.clock.now()))
    page = words(maura.get(path))
    assert "La lista de mensajes de Twilio no lo tenía; se preguntó 2 veces No se sabe" in page
    assert "Lo más probable: no salió." not in page


def test_nothing_of_a_cancelled_campaign_can_be_sent_again(maura, path, cast, platform):
    [number] = doubts(platform, cast, 1)
    with platform.transaction() as session:
        session.get_one(Campaign, cast.sending).state = CampaignState.CANCELLED
    answer = maura.get(path)
    assert "enviar de nuevo" not in words(answer)
    maura.post(path, {"decision": "no-salio", "envio": number})
    assert states(platform, [number]) == [DOUBT]
    maura.post(path, {"decision": "salio", "envio": number})
    assert states(platform, [number]) == [ACCEPTED]


def test_when_all_is_decided_the_page_says_so(maura, path):
    form = form_of(maura.get(path), "En duda")
    maura.post(path, form | {"decision": "salio"})
    assert "Nada en duda" in words(maura.get(path))
