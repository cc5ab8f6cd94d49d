"""The privacy notice (aviso de privacidad) in its versions: what people were told when they consented."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.errors import refuse
from contacts.folding import clean
from contacts.models import Notice

#: In force until an institution publishes its own. A legal text, so it is not translated.
FIRST_VERSION = "inicial"
FIRST_TEXT = """\
Aviso de privacidad simplificado

Sus datos de contacto (nombre, correo electrónico, teléfono, país, ciudad e idioma) se usan solo para enviarle avisos,
convocatorias, invitaciones, boletines e información de los simulacros y de la observación dirigidos a la ciudadanía de
la Ciudad de México que vive en el extranjero. No se comparten con nadie que no deba entregar el mensaje y nunca se
guarda cómo votó u opinó una persona.

Puede dejar de recibir los mensajes en cualquier momento: con el enlace de baja de cada correo, o respondiendo BAJA por
WhatsApp. También puede pedir el acceso, la rectificación, la cancelación o la oposición al uso de sus datos a la cuenta
de correo que le escribe.

Este es el texto con que empieza la plataforma; el aviso aprobado por la institución lo sustituye al publicarse.
"""


def publish(session: Session, version: str, text: str, at: datetime) -> Notice:
    """Publish a version; from then on it is the current one. A version that was only named before gets its text.

    Publishing the same text again changes nothing. Refuses `notice_version` and `notice_text` (empty), and
    `notice_taken`: people consented under that text, so another text needs another version.
    """
    version, text = clean(version), text.strip() + "\n"
    if not version:
        raise refuse("notice_version", "aviso", version)
    if not text.strip():
        raise refuse("notice_text", "aviso", version)
    notice = session.get(Notice, version)
    if notice is None:
        notice = Notice(version=version, text=text, sha256=_digest(text), published_at=at)
        session.add(notice)
    elif not notice.text:
        notice.text, notice.sha256 = text, _digest(text)
    elif notice.sha256 != _digest(text):
        raise refuse("notice_taken", "aviso", version)
    session.flush()
    return notice


def current(session: Session, at: datetime) -> Notice:
    """Return the version published last; an installation without any gets the first text, as of `at`."""
    first_last = Notice.version == FIRST_VERSION  # an institution's own text is above ours, even of the same moment
    notice = session.scalar(
        select(Notice)
        .where(Notice.text != "")
        .order_by(first_last, Notice.published_at.desc(), Notice.version.desc())
        .limit(1)
    )
    return notice or publish(session, FIRST_VERSION, FIRST_TEXT, at)


def named(session: Session, version: str, at: datetime) -> Notice:
    """Return a version by its name. One that was never published here is kept by name alone, without a text.

    People may have consented on paper under a notice older than the platform; its text is added with `publish`.
    """
    version = clean(version)
    if not version:
        raise refuse("notice_version", "aviso", version)
    notice = session.get(Notice, version)
    if notice is None:
        notice = Notice(version=version, text="", sha256="", published_at=at)
        session.add(notice)
        session.flush()
    return notice


def versions(session: Session) -> list[Notice]:
    """Return every version, the newest first."""
    return list(session.scalars(select(Notice).order_by(Notice.published_at.desc(), Notice.version.desc())))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
