"""A small cast on a fresh platform: people, networks, campaigns in every state, a register. All fictional."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import webpeople
import websendings

from campaigns import planning
from campaigns.models import Run
from campaigns.states import RunState
from outreach import accounts, audit
from outreach.platform import Platform
from outreach.register import entries, importing

PASSWORD = "jacarandas en flor"


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
    segment: int
    folio: str


def seed(platform: Platform, many: int = 60) -> Cast:
    """Put the cast on a platform; its clock says when it is."""
    now = platform.clock.now()
    with platform.transaction() as session:
        accounts.add(session, "maura", "Maura Tejocote", PASSWORD, now)
        audit.note(session, now, "terminal:utsi", "user.add", "account:maura", {"role": "staff"})
        networks = webpeople.networks(session)
        people = webpeople.people(session, networks, many, now)
        webpeople.known_templates(session, now)
        sending = websendings.sending(session, now)
        draft = planning.create(
            session, websendings.mail("Invitación a la Consulta 2025", "invitacion"), at=now, by="maura"
        )
        weekly = planning.create(session, websendings.weekly(), at=now - timedelta(days=40), by="maura")
        planning.schedule(session, weekly, at=now)
        finished = websendings.finished(session, now)
        paused = planning.create(session, websendings.mail("Guía de registro", "difusion"), at=now, by="maura")
        planning.send_now(session, paused, at=now - timedelta(hours=3))
        planning.pause(session, paused, reason="key_refused")
        group, tasks = websendings.group(session, now)
        held = planning.create(session, websendings.mail("Últimas horas", "difusion"), at=now, by="maura")
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
        segment = webpeople.segment(session, now)
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
            segment=segment,
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
