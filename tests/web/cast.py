"""A small cast on a fresh platform: people, networks, campaigns in every state, a register. All fictional."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from campaigns import groups, planning, templates
from campaigns.audience import prepare
from campaigns.calendar import Schedule
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Campaign, Delivery, GroupTask, InboundMessage, Run
from campaigns.states import DeliveryState, RunState
from contacts import consent
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
from outreach import accounts, audit
from outreach.platform import Platform
from outreach.register import entries, importing

PASSWORD = "jacarandas en flor"
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
MJML = """<mjml><mj-body background-color="#f4f0e9"><mj-section background-color="#5e2a86"><mj-column>
<mj-text color="#ffffff" font-size="18px">Voto Chilango</mj-text></mj-column></mj-section>
<mj-section background-color="#ffffff"><mj-column>
<mj-text font-size="22px">Su opinión también cuenta desde lejos</mj-text>
<mj-text>Hola, {{ nombre_de_pila | default("vecina o vecino") }}: el simulacro empieza el 19 de junio.</mj-text>
<mj-button background-color="#5e2a86" href="https://votochilango.example/sei">Registrarme</mj-button>
<mj-text font-size="13px">Para dejar de recibir estos mensajes: <a href="{{ baja }}">darme de baja</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


class Visitor:
    """A browser of few words: keeps cookies, sends the forgery token of the page it last looked at."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)  # type: ignore[arg-type]

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found, f"no form on {path}"
        return found[1]

    def post(self, path: str, data: dict[str, object] | None = None, *, seen: str = "", **more: object) -> TestResponse:
        values = {"csrf_token": self.token(seen or path), **(data or {})}
        return self.client.post(path, data=values, **more)  # type: ignore[arg-type]

    def enter(self, username: str = "maura", password: str = PASSWORD) -> TestResponse:
        return self.post("/entrar", {"usuario": username, "clave": password})


@dataclass
class Cast:
    """Who and what is there, by number."""

    sending: int
    draft: int
    weekly: int
    finished: int
    paused: int
    groups: int
    held: int
    waiting_task: int
    done_task: int
    citlali: int
    network: int
    group: int
    folio: str


def seed(platform: Platform, many: int = 60) -> Cast:
    """Put the cast on a platform; its clock says when it is."""
    now = platform.clock.now()
    with platform.transaction() as session:
        accounts.add(session, "maura", "Maura Tejocote", PASSWORD, now)
        audit.note(session, now, "terminal:utsi", "user.add", "account:maura", {"role": "staff"})
        networks = _networks(session)
        people = _people(session, networks, many, now)
        _templates(session, now)
        sending = _sending(session, now)
        draft = planning.create(session, _mail("Invitación a la Consulta 2025", "invitacion"), at=now, by="maura")
        weekly = planning.create(session, _weekly(), at=now - timedelta(days=40), by="maura")
        planning.schedule(session, weekly, at=now)
        finished = _finished(session, now)
        paused = planning.create(session, _mail("Guía de registro", "difusion"), at=now, by="maura")
        planning.send_now(session, paused, at=now - timedelta(hours=3))
        planning.pause(session, paused, reason="key_refused")
        group, tasks = _group(session, now)
        held = planning.create(session, _mail("Últimas horas", "difusion"), at=now, by="maura")
        held.state = planning.CampaignState.SCHEDULED
        session.add(Run(campaign=held, due_at=now - timedelta(hours=5), version=1, state=RunState.HELD))
        entry = entries.add(
            session,
            {
                "fecha": "2025-06-12",
                "hora": "18:30",
                "canal": "telefono",
                "clase": "seguimiento",
                "tema": "simulacro-1",
                "informacion": "Llamada con liderazgos de Chicago sobre el simulacro",
                "destinatarios": "6",
                "responsable": "DVOE",
            },
            who="maura",
            at=now,
        )
        session.flush()
        return Cast(
            sending=sending.id,
            draft=draft.id,
            weekly=weekly.id,
            finished=finished.id,
            paused=paused.id,
            groups=group.id,
            held=held.id,
            waiting_task=tasks[0].id,
            done_task=tasks[1].id,
            citlali=people[0].id,
            network=networks["Red Voto Chilango"].id,
            group=networks["Ruta Chilanga"].id,
            folio=entry.folio,
        )


def bring(platform: Platform, folder: Path) -> int:
    """Bring a file into the register: a quarter of news and bulletins."""
    rows = ["fecha,canal,cuenta,red,clase,tema,informacion,destinatarios"]
    day = date(2025, 4, 4)
    while day < date(2025, 6, 20):
        rows.append(f"{day},correo,ADMIN,Personal del Instituto,boletin,boletin-electoral,Boletín Electoral,120")
        rows.append(f"{day + timedelta(days=3)},micrositio,,,noticia,,Nota de interés de la semana,")
        day += timedelta(days=7)
    rows.append("2025-04,telefono,,,seguimiento,,Llamadas con liderazgos de la costa oeste,")
    path = folder / "trimestre.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    with platform.transaction() as session:
        outcome = importing.bring(session, importing.read(path), who="maura", at=platform.clock.now())
        assert outcome.import_id
        return outcome.import_id


def _networks(session: Session) -> dict[str, Network]:
    made = {
        "Red Voto Chilango": Network(name="Red Voto Chilango", description="Ciudadanía inscrita en la red."),
        "Red de Observación": Network(name="Red de Observación"),
        "Ruta Chilanga": Network(name="Ruta Chilanga", kind=NetworkKind.WHATSAPP_GROUP),
        "Comunidad migrante": Network(name="Comunidad migrante", kind=NetworkKind.WHATSAPP_GROUP),
    }
    session.add_all(made.values())
    session.flush()
    return made


def _people(session: Session, networks: dict[str, Network], many: int, now: datetime) -> list[Contact]:
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


def _templates(session: Session, now: datetime) -> None:
    body = "Hola, {{1}}. El simulacro del SEI empieza el 19 de junio. Responda BAJA para no recibir más."
    common = {"language": "es", "status": "approved", "body": body, "at": now}
    templates.put(session, "HX" + "1" * 32, name="simulacro_aviso", category="UTILITY", **common)
    templates.put(session, "HX" + "2" * 32, name="consulta_promocion", category="MARKETING", **common)


def _mail(title: str, clase: str, *, channels: tuple[Channel, ...] = (Channel.EMAIL,), **more: object) -> Draft:
    spanish = ContentDraft(
        language="es",
        subject="{{ nombre_de_pila }}, opine desde donde vive",
        text="Hola, {{ nombre }}:\n\nEl simulacro empieza el 19 de junio.\n",
        mjml=MJML,
        template="HX" + "1" * 32,
        template_values={"1": "{{ nombre_de_pila }}"},
    )
    values: dict[str, object] = {
        "title": title,
        "clase": clase,
        "tema": "simulacro-1",
        "informacion": f"Envío de correo: {title.lower()}",
        "cuenta": "votochilango@iecm.mx",
        "channels": channels,
        "networks": ("Red Voto Chilango",),
        "contents": (spanish,),
    }
    return Draft(**(values | more))  # type: ignore[arg-type]


def _weekly() -> Draft:
    schedule = Schedule(start=datetime(2025, 5, 16, 18, 0), rule="FREQ=WEEKLY;UNTIL=20250801T235959")  # noqa: DTZ001
    return _mail("Boletín Electoral", "boletin", tema="boletin-electoral", schedule=schedule)


def _open(session: Session, campaign: Campaign, due_at: datetime) -> list[Delivery]:
    run = planning.send_now(session, campaign, at=due_at)
    prepare(session, run, at=due_at, quiet=None)
    return list(session.query(Delivery).filter_by(run_id=run.id).order_by(Delivery.id))


def _sending(session: Session, now: datetime) -> Campaign:
    draft = _mail("Simulacro 1: regístrese en el SEI", "invitacion", channels=(Channel.WHATSAPP, Channel.EMAIL))
    campaign = planning.create(session, draft, at=now - timedelta(days=1), by="maura")
    rows = [row for row in _open(session, campaign, now - timedelta(hours=1)) if row.state == DeliveryState.PLANNED]
    plan = [
        *[(DeliveryState.READ, "")] * 14,
        *[(DeliveryState.DELIVERED, "")] * 18,
        *[(DeliveryState.ACCEPTED, "")] * 4,
        (DeliveryState.BOUNCED, "hard_bounce"),
        (DeliveryState.BOUNCED, "mailbox_full"),
        (DeliveryState.FAILED, "no_whatsapp"),
        (DeliveryState.IN_DOUBT, "no_answer"),
    ]
    for number, (row, (state, reason)) in enumerate(zip(rows, plan, strict=False)):
        row.state, row.reason = state, reason
        row.called_at = row.accepted_at = now - timedelta(minutes=50)
        row.changed_at = now - timedelta(seconds=number * 11)
    return campaign


def _finished(session: Session, now: datetime) -> Campaign:
    campaign = planning.create(
        session,
        _mail("Convocatoria de observación", "convocatoria", tema="observacion"),
        at=now - timedelta(days=12),
        by="maura",
    )
    for number, row in enumerate(_open(session, campaign, datetime(2025, 5, 9, 16, 0, tzinfo=UTC))):
        if row.state == DeliveryState.PLANNED:
            row.state = DeliveryState.READ if number % 2 else DeliveryState.DELIVERED
            row.accepted_at = row.changed_at = datetime(2025, 5, 9, 16, 1, tzinfo=UTC)
    campaign.runs[-1].state = RunState.FINISHED
    campaign.runs[-1].finished_at = now
    campaign.state = planning.CampaignState.FINISHED
    return campaign


def _group(session: Session, now: datetime) -> tuple[Campaign, list[GroupTask]]:
    draft = Draft(
        title="Cartel del simulacro en los grupos",
        clase="difusion",
        tema="simulacro-1",
        informacion="Difusión por WhatsApp en los grupos administrados por la DVOE",
        channels=(Channel.GROUP,),
        networks=("Ruta Chilanga", "Comunidad migrante"),
        contents=(ContentDraft(group_text="*Simulacro del SEI*\nInscríbase del 19 al 24 de junio.\n¡Le esperamos!"),),
    )
    campaign = planning.create(session, draft, at=now, by="maura")
    run = planning.send_now(session, campaign, at=now - timedelta(minutes=12))
    prepare(session, run, at=now, quiet=None)
    tasks = list(session.query(GroupTask).filter_by(run_id=run.id).order_by(GroupTask.id))
    groups.publish(session, tasks[1], at=now - timedelta(minutes=5), by="maura", members=148)
    return campaign, tasks
