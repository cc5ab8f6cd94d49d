"""The privacy notice (aviso de privacidad) in its versions: what people were told when they consented."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from contacts.errors import refuse
from contacts.folding import clean
from contacts.models import ConsentEntry, Decision, Notice

MAIN = "es"  # every version has this text; the law is in Spanish
LANGUAGES = ("es", "en")

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


def publish(session: Session, version: str, text: str, at: datetime, language: str = MAIN) -> Notice:
    """Publish a version in a language; from then on it is the current one. What was only named gets its text.

    A version begins in Spanish; the same in another language may follow. A published text is never edited: the same
    again changes nothing. Refuses `notice_version` and `notice_text` (empty), `notice_language` (unknown, or before the
    Spanish text), and `notice_taken`: people consented under that text, so another text needs another version.
    """
    version, text = clean(version), canonical(text)
    if not version:
        raise refuse("notice_version", "aviso", version)
    if not text.strip():
        raise refuse("notice_text", "texto", version)
    main = session.get(Notice, (version, MAIN))
    if language not in LANGUAGES or (language != MAIN and not (main and main.text)):
        raise refuse("notice_language", "idioma", language, version=version)
    notice = session.get(Notice, (version, language))
    if notice is None:
        notice = Notice(version=version, language=language, text=text, sha256=digest(text), published_at=at)
        session.add(notice)
    elif not notice.text:
        notice.text, notice.sha256 = text, digest(text)
    elif notice.sha256 != digest(text):
        raise refuse("notice_taken", "aviso", version)
    session.flush()
    return notice


def canonical(text: str) -> str:
    """Return a text as it is published: lines end alike, and nothing stands around it."""
    return "\n".join(text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")) + "\n"


def current(session: Session, at: datetime) -> Notice:
    """Return the version published last; an installation without any gets the first text, as of `at`."""
    first_last = Notice.version == FIRST_VERSION  # an institution's own text is above ours, even of the same moment
    notice = session.scalar(
        select(Notice)
        .where(Notice.text != "", Notice.language == MAIN)
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
    notice = session.get(Notice, (version, MAIN))
    if notice is None:
        notice = Notice(version=version, language=MAIN, text="", sha256="", published_at=at)
        session.add(notice)
        session.flush()
    return notice


def versions(session: Session) -> list[Notice]:
    """Return every version in every language, the newest first, Spanish before the others."""
    spanish_last = Notice.language == MAIN
    return list(
        session.scalars(select(Notice).order_by(Notice.published_at.desc(), Notice.version.desc(), spanish_last.desc()))
    )


def texts(session: Session, version: str) -> dict[str, Notice]:
    """Return a version by language. Refuses `notice_unknown`."""
    found = {each.language: each for each in session.scalars(select(Notice).where(Notice.version == version))}
    if not found:
        raise refuse("notice_unknown", "aviso", version)
    return {language: found[language] for language in LANGUAGES if language in found}


def read_in(session: Session, version: str, language: str) -> Notice | None:
    """Return the text of a version that somebody reads: in their language, else in Spanish; None without any."""
    notice = session.get(Notice, (version, language)) or session.get(Notice, (version, MAIN))
    return notice if notice and notice.text else None


def consented(version: str) -> Select[int]:
    """Return the select of the numbers of people with a consent under a version, each once."""
    return (
        select(ConsentEntry.contact_id)
        .where(ConsentEntry.notice_version == version, ConsentEntry.decision == Decision.GRANTED)
        .distinct()
    )


def counts(session: Session) -> dict[str, int]:
    """Return how many people have a consent under each version; versions without any are left out."""
    counted = (
        select(ConsentEntry.notice_version, func.count(func.distinct(ConsentEntry.contact_id)))
        .where(ConsentEntry.decision == Decision.GRANTED)
        .group_by(ConsentEntry.notice_version)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def altered(session: Session) -> list[str]:
    """Return the versions whose text is not the one that was published: its SHA-256 says another.

    There is none, unless somebody went past the database's own guard.
    """
    kept = session.scalars(select(Notice).where(Notice.text != "").order_by(Notice.version, Notice.language))
    return [f"{each.version} ({each.language})" for each in kept if digest(each.text) != each.sha256]


def digest(text: str) -> str:
    """Return the SHA-256 of a published text, in hexadecimal letters: what names it beyond doubt."""
    return sha256(text.encode()).hexdigest()
