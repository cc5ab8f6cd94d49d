"""The people of the small cast, their networks, what they said, and templates for writing to them. All fictional."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns import templates
from campaigns.models import InboundMessage
from contacts import consent, segments
from contacts.models import (
    Address,
    AddressKind,
    AddressState,
    Channel,
    Contact,
    Decision,
    Membership,
    Network,
    NetworkKind,
    Role,
)

FIRST = (
    "Citlali",
    "Nahúm",
    "Amaranta",
    "Yolotl",
    "Donají",
    "Xóchitl",
    "Eloy",
    "Itzel",
    "Rubén",
    "Inés",
    "Tonalli",
    "Ameyali",
)
LAST = ("Jacaranda", "Tezontle", "Colorín", "Nopal", "Mezquite", "Ahuehuete", "Capulín", "Tejocote")
CITIES = (
    ("Chicago", "US", "America/Chicago"),
    ("Los Ángeles", "US", "America/Los_Angeles"),
    ("San Diego", "US", "America/Los_Angeles"),
    ("Madrid", "ES", "Europe/Madrid"),
    ("Vancouver", "CA", "America/Vancouver"),
    ("Berlín", "DE", "Europe/Berlin"),
    ("Londres", "GB", "Europe/London"),
    ("París", "FR", "Europe/Paris"),
    ("Tokio", "JP", "Asia/Tokyo"),
    ("Tijuana", "MX", "America/Tijuana"),
)


def networks(session: Session) -> dict[str, Network]:
    made = {
        "Red Voto Chilango": Network(name="Red Voto Chilango", description="Ciudadanía inscrita en la red."),
        "Red de Observación": Network(name="Red de Observación"),
        "Ruta Chilanga": Network(name="Ruta Chilanga", kind=NetworkKind.WHATSAPP_GROUP),
        "Comunidad migrante": Network(name="Comunidad migrante", kind=NetworkKind.WHATSAPP_GROUP),
    }
    session.add_all(made.values())
    session.flush()
    return made


def people(session: Session, networks: dict[str, Network], many: int, now: datetime) -> list[Contact]:
    people = []
    for n in range(many):
        city, country, zone = CITIES[n % len(CITIES)]
        contact = Contact(
            name=f"{FIRST[n % len(FIRST)]} {LAST[n % len(LAST)]} {LAST[(n * 3 + 1) % len(LAST)]}",
            city=city,
            country=country,
            timezone=zone,
            language="en" if n % 9 == 4 else "es",
            created_at=now - timedelta(days=90),
        )
        contact.addresses = [
            Address(kind=AddressKind.EMAIL, value=f"persona{n}@example.org", state=AddressState.VERIFIED, state_at=now)
        ]
        if n % 3 == 0:
            number = f"+1212555{100 + n:04}"
            contact.addresses.append(
                Address(kind=AddressKind.WHATSAPP, value=number, raw=f"(212) 555-{100 + n:04}", region="US")
            )
        session.add(contact)
        session.flush()
        people.append(contact)
        session.add(
            Membership(
                network_id=networks["Red Voto Chilango"].id,
                contact_id=contact.id,
                role=Role.LEADER if n % 12 == 0 else Role.MEMBER,
                since=now - timedelta(days=80 - n % 30),
                brought_by_id=people[0].id if 0 < n % 12 < 4 else None,
            )
        )
        if n % 4 == 0:
            session.add(Membership(network_id=networks["Ruta Chilanga"].id, contact_id=contact.id, since=now))
        if n % 10 != 7:
            consent.record(
                session,
                contact.id,
                "*",
                "*",
                Decision.GRANTED,
                source="Formulario de registro",
                at=now - timedelta(days=70),
                evidence=f"formulario, renglón {n + 2}",
                by="maura",
            )
    consent.withdraw(session, people[5].id, Channel.WHATSAPP, source="BAJA por WhatsApp", at=now - timedelta(days=3))
    people[8].addresses[0].state = AddressState.BOUNCED
    people[8].addresses[0].state_reason = "hard_bounce"
    session.add(
        InboundMessage(
            provider_id="SMcast1",
            contact_id=people[0].id,
            sender="whatsapp:+12125550100",
            body="Me llegó el código pero la app no abre, ¿qué hago?",
            at=now - timedelta(hours=22),
            raw={},
        )
    )
    return people


def segment(session: Session, now: datetime) -> int:
    """A segment with groups inside groups; return its number."""
    written = {
        "todas": [
            {"campo": "consentimiento", "finalidad": ["avisos"], "via": ["correo"]},
            {
                "alguna": [
                    {"campo": "ciudad", "es": ["Chicago", "Madrid"]},
                    {"no": {"campo": "red", "es": ["Red Voto Chilango"], "rol": ["integrante"]}},
                    {"campo": "ultimo_contacto", "hace_menos_de": 2, "clase": ["recibido"]},
                ]
            },
        ]
    }
    made = segments.create(
        session, "Chicago y Madrid", segments.read(session, written), at=now, by="maura", description="Para los avisos."
    )
    return made.id


def known_templates(session: Session, now: datetime) -> None:
    body = "Hola, {{1}}. El simulacro del SEI empieza el 19 de junio. Responda BAJA para no recibir más."
    common = {"language": "es", "status": "approved", "body": body, "at": now}
    templates.put(session, "HX" + "1" * 32, name="simulacro_aviso", category="UTILITY", **common)
    templates.put(session, "HX" + "2" * 32, name="consulta_promocion", category="MARKETING", **common)
