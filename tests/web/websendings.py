"""Campaigns of the small cast, in every state."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from campaigns import groups, planning
from campaigns.audience import prepare
from campaigns.calendar import Schedule
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Campaign, Delivery, GroupTask
from campaigns.states import DeliveryState, RunState
from contacts.models import Channel

MJML = """<mjml><mj-body background-color="#f4f0e9"><mj-section background-color="#5e2a86"><mj-column>
<mj-text color="#ffffff" font-size="18px">Voto Chilango</mj-text></mj-column></mj-section>
<mj-section background-color="#ffffff"><mj-column>
<mj-text font-size="22px">Su opinión también cuenta desde lejos</mj-text>
<mj-text>Hola, {{ nombre_de_pila | default("vecina o vecino") }}: el simulacro empieza el 19 de junio.</mj-text>
<mj-button background-color="#5e2a86" href="https://votochilango.example/sei">Registrarme</mj-button>
<mj-text font-size="13px">Para dejar de recibir estos mensajes: <a href="{{ baja }}">darme de baja</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def mail(title: str, clase: str, *, channels: tuple[Channel, ...] = (Channel.EMAIL,), **more: object) -> Draft:
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


def invitation() -> Draft:
    return mail("Invitación a la Consulta 2025", "invitacion")


def weekly() -> Draft:
    schedule = Schedule(start=datetime(2025, 5, 16, 18, 0), rule="FREQ=WEEKLY;UNTIL=20250801T235959")  # noqa: DTZ001
    return mail("Boletín Electoral", "boletin", tema="boletin-electoral", schedule=schedule)


def opened(session: Session, campaign: Campaign, due_at: datetime) -> list[Delivery]:
    run = planning.send_now(session, campaign, at=due_at)
    prepare(session, run, at=due_at, quiet=None)
    return list(session.query(Delivery).filter_by(run_id=run.id).order_by(Delivery.id))


def sending(session: Session, now: datetime) -> Campaign:
    draft = mail("Simulacro 1: regístrese en el SEI", "invitacion", channels=(Channel.WHATSAPP, Channel.EMAIL))
    campaign = planning.create(session, draft, at=now - timedelta(days=1), by="maura")
    rows = [row for row in opened(session, campaign, now - timedelta(hours=1)) if row.state == DeliveryState.PLANNED]
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


def finished(session: Session, now: datetime) -> Campaign:
    campaign = planning.create(
        session,
        mail("Convocatoria de observación", "convocatoria", tema="observacion"),
        at=now - timedelta(days=12),
        by="maura",
    )
    for number, row in enumerate(opened(session, campaign, datetime(2025, 5, 9, 16, 0, tzinfo=UTC))):
        if row.state == DeliveryState.PLANNED:
            row.state = DeliveryState.READ if number % 2 else DeliveryState.DELIVERED
            row.accepted_at = row.changed_at = datetime(2025, 5, 9, 16, 1, tzinfo=UTC)
    campaign.runs[-1].state = RunState.FINISHED
    campaign.runs[-1].finished_at = now
    campaign.state = planning.CampaignState.FINISHED
    return campaign


def group(session: Session, now: datetime) -> tuple[Campaign, list[GroupTask]]:
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
