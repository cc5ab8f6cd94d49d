"""What a campaign of a file says: `[correo]`, `[whatsapp]`, `[grupo]`, `.en` below for English; and `[[plantilla]]`."""

import re
from pathlib import Path
from typing import TypedDict

from campaigns.drafts import TemplateDraft
from campaigns.filekeys import Reading
from campaigns.layout import TEMPLATES, house_letter, house_text
from contacts.filereading import content_of

LANGUAGES = ("es", "en")
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
TEMPLATE_KEYS = ("sid", "nombre", "idioma", "categoria", "cuerpo")
MAIL_KEYS = ("asunto", "texto", "texto_archivo", "mjml", "mjml_archivo", "carpeta", "solo_texto")


class Part(TypedDict, total=False):
    """Fields of a ContentDraft that one channel fills."""

    subject: str
    text: str
    mjml: str
    plain_only: bool
    template: str
    template_values: dict[str, str]
    group_text: str


Parts = dict[str, Part]  # by language


def mail(reading: Reading) -> Parts:
    """Return the mail of a campaign by language, in the house letter (`[correo]`, `[correo.en]`).

    A `carpeta` is a message folder with subject.txt, body.txt and, if it has one, body.mjml; subject.en.txt,
    body.en.txt and body.en.mjml for English. It stands beside the file or in templates/email.
    """
    if "correo" not in reading.table:
        return {}
    table = reading.inside("correo")
    table.known(*MAIL_KEYS, "en")
    if "en" not in table.table:
        folder = table.text("carpeta")
        english = bool(folder) and _message_file(table, "subject.en.txt") is not None
        return {"es": _one_mail(table, "es")} | ({"en": _one_mail(table, "en")} if english else {})
    below = table.inside("en")
    below.known(*MAIL_KEYS)
    return {"es": _one_mail(table, "es"), "en": _one_mail(below, "en")}


def _one_mail(table: Reading, language: str) -> Part:
    ending = "" if language == "es" else f".{language}"
    subject, text, mjml = table.text("asunto"), _either(table, "texto"), _either(table, "mjml")
    if table.text("carpeta"):
        found = (_message(table, f"{name}{ending}.{kind}") for name, kind in _MESSAGE)
        subject, text, mjml = (given or there for given, there in zip((subject, text, mjml), found, strict=True))
    if not subject:
        table.fault("key_missing", "asunto", "asunto")
    if not text and not mjml:
        table.fault("key_missing", "texto", "texto")
    plain_only = table.flag("solo_texto")
    return Part(
        subject=subject.strip(),
        text=house_text(text, language) if text and mjml else text,
        mjml=house_letter(mjml, language) if mjml and not plain_only else "",
        plain_only=plain_only,
    )


_MESSAGE = (("subject", "txt"), ("body", "txt"), ("body", "mjml"))


def _message(table: Reading, filename: str) -> str:
    path = _message_file(table, filename)
    if path is None:
        if filename.endswith(".txt"):
            table.fault("beside_missing", "carpeta", f"{table.text('carpeta')}/{filename}", folder=str(table.folder))
        return ""
    try:
        return content_of(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        table.fault("beside_encoding", "carpeta", f"{table.text('carpeta')}/{filename}")
        return ""


def _message_file(table: Reading, filename: str) -> Path | None:
    """Return a file of the message folder that a table names: beside the campaign file, else in templates/email."""
    name = table.text("carpeta")
    for place in (table.folder, TEMPLATES):
        try:
            path = (place / name / filename).resolve()
            there = path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            return None
        if there and path.is_relative_to(place.resolve()):
            return path
    return None


def template(reading: Reading) -> Parts:
    """Return the WhatsApp template and its values by language (`[whatsapp]`, `[whatsapp.en]`)."""
    if "whatsapp" not in reading.table:
        return {}
    tables = {"es": reading.inside("whatsapp")}
    tables["es"].known("plantilla", "valores", "en")
    if "en" in tables["es"].table:
        tables["en"] = tables["es"].inside("en")
        tables["en"].known("plantilla", "valores")
    parts: Parts = {}
    for language, table in tables.items():
        table.required("plantilla")
        values = table.inside("valores")
        parts[language] = Part(
            template=table.text("plantilla"), template_values={key: values.text(key) for key in values.table}
        )
    return parts


def declared(reading: Reading) -> tuple[TemplateDraft, ...]:
    """Return the WhatsApp templates that a file tells of (`[[plantilla]]`). Fault: `template_sid`."""
    return tuple(_declared(table) for table in reading.each("plantilla"))


def _declared(table: Reading) -> TemplateDraft:
    table.known(*TEMPLATE_KEYS)
    table.required("sid", "nombre", "cuerpo")
    sid = table.text("sid")
    if sid and not re.fullmatch(r"HX[0-9a-fA-F]{32}", sid):
        table.fault("template_sid", "sid", sid)
    return TemplateDraft(
        sid=sid,
        name=table.text("nombre"),
        body=table.text("cuerpo"),
        language=table.choice("idioma", LANGUAGES, "es"),
        category=table.choice("categoria", CATEGORIES, "UTILITY"),
    )


def post(reading: Reading) -> Parts:
    """Return what a person pastes into a group (`[grupo]`); a group has one text, in the language it speaks."""
    if "grupo" not in reading.table:
        return {}
    table = reading.inside("grupo")
    table.known("texto", "texto_archivo")
    text = _either(table, "texto")
    if not text:
        table.fault("key_missing", "texto", "texto")
    return {"es": Part(group_text=text.strip())}


def _either(table: Reading, key: str) -> str:
    """Return the text of a key, or of the file that `<key>_archivo` names (`beside_twice` when both are given)."""
    other = f"{key}_archivo"
    if key in table.table and other in table.table:
        table.fault("beside_twice", other, f"{key}, {other}")
    return table.beside(other) if other in table.table else table.text(key)
