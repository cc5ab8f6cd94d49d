"""A person of whom every table says something, and what searches a whole database for them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import LargeBinary, inspect, text

from campaigns.budget import Conversation
from campaigns.channels import EventKind
from campaigns.inquiries import Inquiry
from campaigns.models import Campaign, Delivery, InboundMessage, Receipt, Run, WebhookBatch
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts import consent, networks
from contacts.models import Address, AddressKind, Channel, Contact, Decision, Membership, Organization
from outreach import audit
from outreach.platform import Platform
from outreach.register import entries

NAME = "Anáhuac Tepozán Güemes"
MAIL = "anahuac.tepozan@example.org"
NUMBER = "+525555550177"
#: Whatever would tell of them, in small letters: their name in its pieces, their mailbox, the end of their number.
SIGNS = ("anahuac", "an\u00e1huac", "tepoz", "emes", "55550177", "5555 0177", "xalatlaco")


@dataclass
class House:
    """Whom it is about, and a neighbour of whom nothing may change."""

    ana: int
    beto: int
    campaign: int
    run: int
    planned: int
    sent: int


@pytest.fixture
def house(platform: Platform, cast: SimpleNamespace) -> House:
    now = platform.clock.now()
    beto = cast.person("Beto Cedro Fresno", correo="beto@example.org")
    with platform.transaction() as session:
        ana = Contact(name=NAME, country="US", city="Xalatlaco", timezone="America/Boise", created_at=now)
        ana.organization = Organization(name="Consulado en Boise")
        ana.addresses = [
            Address(kind=AddressKind.EMAIL, value=MAIL, raw="Anahuac.Tepozan@Example.org"),
            Address(kind=AddressKind.WHATSAPP, value=NUMBER, raw="044 55 5555 0177", region="MX"),
        ]
        session.add(ana)
        session.flush()
        network = networks.ensure(session, "Red Voto Chilango")
        session.add(Membership(network_id=network.id, contact_id=ana.id, since=now))
        session.add(
            Membership(network_id=networks.ensure(session, "Otra").id, contact_id=beto, since=now, brought_by_id=ana.id)
        )
        consent.record(
            session, ana.id, "*", "*", Decision.GRANTED, source=f"formulario de {NAME}", evidence=f"{MAIL}, renglón 3",
            at=now, by="maura",
        )  # fmt: skip
        campaign = Campaign(
            title="Simulacro", clase="convocatoria", informacion=f"Convocatoria; contesta {NAME}", channels=["correo"],
            state=CampaignState.SENDING, created_at=now,
        )  # fmt: skip
        session.add(campaign)
        session.flush()
        first = Run(campaign_id=campaign.id, due_at=now, version=1, state=RunState.SENDING, prepared_at=now)
        later = Run(campaign_id=campaign.id, due_at=now + timedelta(days=1), version=1, prepared_at=now)
        session.add_all([first, later])
        session.flush()
        sent = Delivery(
            run_id=first.id, contact_id=ana.id, channel=Channel.EMAIL, address=MAIL, state=DeliveryState.BOUNCED,
            reason="hard_bounce", detail=f"550 <{MAIL}> unknown", due_at=now, accepted_at=now, changed_at=now,
            provider_id="X1", attempts=1,
        )  # fmt: skip
        planned = Delivery(
            run_id=later.id, contact_id=ana.id, channel=Channel.EMAIL, address=MAIL, state=DeliveryState.PLANNED,
            due_at=now, changed_at=now,
        )  # fmt: skip
        other = Delivery(
            run_id=first.id, contact_id=beto, channel=Channel.EMAIL, address="beto@example.org",
            state=DeliveryState.DELIVERED, due_at=now, accepted_at=now, changed_at=now, provider_id="X1",
        )  # fmt: skip
        session.add_all([sent, planned, other])
        session.flush()
        posted = [
            {"email": MAIL, "event": "bounce", "delivery": sent.id, "reason": f"no mailbox for {NAME}"},
            {"email": "beto@example.org", "event": "delivered", "delivery": other.id},
        ]
        session.add_all(
            [
                Receipt(provider="sendgrid", event_id="e1", delivery_id=sent.id, kind=EventKind.BOUNCED.value,
                        at=now, received_at=now, raw=posted[0]),
                Receipt(provider="sendgrid", event_id="e2", delivery_id=other.id, kind=EventKind.DELIVERED.value,
                        at=now, received_at=now, raw=posted[1]),
                Receipt(provider="sendgrid", event_id="e3", delivery_id=None, kind="unknown", at=now, received_at=now,
                        raw={"to": {"email": MAIL.upper()}, "n": int(NUMBER[1:])}),
                WebhookBatch(kind="sendgrid", body=json.dumps(posted).encode(), received_at=now, processed_at=now),
                WebhookBatch(
                    kind="twilio-inbound", received_at=now,
                    body=b"From=whatsapp%3A%2B5215555550177&ProfileName=An%C3%A1huac+Tepoz%C3%A1n+G%C3%BCemes&Body=Hola",
                ),
                WebhookBatch(
                    kind="twilio-status", received_at=now, query="installation=x",
                    body=b"To=whatsapp%3A%2B525555550177&MessageStatus=delivered&MessageSid=SM1",
                ),
                InboundMessage(
                    provider_id="SM9", contact_id=ana.id, sender="whatsapp:+5215555550177",
                    body="Soy Anáhuac, de Xalatlaco", at=now, raw={"ProfileName": NAME},
                ),
                InboundMessage(
                    provider_id="SM8", contact_id=None, sender=f"whatsapp:{NUMBER}", body="¿Anáhuac?", at=now, raw={}
                ),
                Conversation(sender="+525555550100", address=NUMBER, opened_at=now, delivery_id=sent.id),
                Inquiry(delivery_id=sent.id, asked_at=now, found="unclear", detail=f"to {NUMBER}"),
            ]
        )  # fmt: skip
        audit.note(session, now, "maura", "contacts.list", details={"search": "anáhuac tepozán güemes", "shown": 1})
        audit.note(session, now, "maura", "contacts.list", details={"search": "55 5555 0177"})
        audit.note(session, now, "maura", "contacts.add", f"contact:{ana.id}", {"organization": "Consulado en Boise"})
        audit.note(
            session, now, "terminal:root", "consent.withdraw", f"contact:{beto}", {"detail": f"ver {MAIL}, {NAME}"}
        )
        entries.add(
            session,
            {"fecha": "2025-06-12", "canal": "telefono", "clase": "seguimiento", "informacion": f"Llamada con {NAME}",
             "destinatarios": "1", "notas": f"llamar a {MAIL} o al (55) 5555-0177"},
            who="maura", at=now,
        )  # fmt: skip
        return House(ana.id, beto, campaign.id, first.id, planned.id, sent.id)


@pytest.fixture
def signs(platform: Platform) -> Callable[[], dict[str, list[str]]]:
    """Search every column of every table that there is for what would tell of the person."""

    def search() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        with platform.engine.connect() as connection:
            looked = inspect(connection)
            for table in looked.get_table_names():
                for column in looked.get_columns(table):
                    name = f"{table}.{column['name']}"
                    hits = [sign for value in _values(connection, table, column) for sign in _told(value)]
                    if hits:
                        found[name] = hits
        return found

    return search


def _values(connection, table: str, column) -> Iterator[object]:
    rows = connection.execute(text(f'SELECT "{column["name"]}" FROM "{table}"'))
    for (value,) in rows:
        yield bytes(value) if isinstance(column["type"], LargeBinary) and value is not None else value


def _told(value: object) -> list[str]:
    if value is None:
        return []
    words = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    words = words if isinstance(words, str) else json.dumps(words, ensure_ascii=False, default=str)
    if "\\u" in words:
        words = words.encode().decode("unicode_escape", "ignore")
    return [sign for sign in SIGNS if sign in words.casefold()]
