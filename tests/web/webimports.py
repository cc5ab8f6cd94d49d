"""Imports for the pages: one in each state that a page looks different in."""

import io

from outreach.intake import acts, shelf
from outreach.intake.desk import Desk
from outreach.intake.plans import Consent, Meant
from outreach.people_imports import Intake, IntakeState
from outreach.platform import Platform

LIST = (
    "Nombre completo,Correo electrónico,Celular,País,Ciudad,Observaciones\n"
    "Amaranta Nube,amaranta.nube@example.org,+1 312 555 0142,Estados Unidos,Chicago,vino al evento\n"
    "Teo Rayo,teo.rayo@gmail,,Estados Unidos,,\n"
    "Inés Bruma,ines.bruma@example.org,55 5555 01,México,Ciudad de México,\n"
    ",sin.nombre@example.org,,Aztlán,,\n"
    "Lía Brisa,lia.brisa@example.org,044 55 5555 0144,México,,\n"
)
MAPPING = {
    "Nombre completo": "nombre",
    "Correo electrónico": "correo",
    "Celular": "whatsapp",
    "País": "pais",
    "Ciudad": "ciudad",
    "Observaciones": "",
}


def seed(platform: Platform) -> dict[str, str]:
    """Hand files in and leave each in a state; return state → key."""
    return {state.value: _until(platform, state) for state in IntakeState}


def _until(platform: Platform, state: IntakeState) -> str:
    content = b"%PDF-1.7" if state is IntakeState.FAILED else LIST.encode()
    name = f"contactos-del-evento-{state.value}.csv"
    now, data = platform.clock.now(), platform.settings.data
    desk = Desk(platform)
    with platform.transaction() as session:
        received = shelf.receive(data, io.BytesIO(content), name)
        intake = acts.receive(session, received, filename=name, at=now, by="maura")
        number, key = intake.id, intake.key
    if state is not IntakeState.RECEIVED:
        desk.drain()
    if state in {IntakeState.CHECKING, IntakeState.CHECKED, IntakeState.BRINGING, IntakeState.DONE}:
        consent = Consent("formulario del evento", "2025-05-15")
        with platform.transaction() as session:
            acts.check(session, session.get_one(Intake, number), Meant(MAPPING, "Ruta de prueba", consent))
    if state in {IntakeState.CHECKED, IntakeState.BRINGING, IntakeState.DONE}:
        desk.drain()
    if state in {IntakeState.BRINGING, IntakeState.DONE}:
        with platform.transaction() as session:
            acts.bring(session, session.get_one(Intake, number), at=now, by="maura")
    if state is IntakeState.DONE:
        desk.drain()
    if state is IntakeState.DISCARDED:
        with platform.transaction() as session:
            acts.discard(session, session.get_one(Intake, number), at=now, by="maura")
    if state in {IntakeState.RECEIVED, IntakeState.CHECKING, IntakeState.BRINGING}:
        with platform.transaction() as session:  # somebody is at it: the others of this cast leave it alone
            waiting = session.get_one(Intake, number)
            waiting.worker, waiting.lease_until, waiting.done_rows = desk.name, now.replace(year=2099), 2
    return key
