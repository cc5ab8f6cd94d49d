"""A plan: a period of work written as one TOML file, with the files beside it (docs/campaign-file.md).

Read whole, with every fault named at its place; nothing is done with it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import available_timezones

from campaigns.calendar import to_utc
from campaigns.drafts import Draft, TemplateDraft
from campaigns.filedates import day_of, wall_of
from campaigns.filekeys import Reading
from campaigns.files import draft_of
from campaigns.filetexts import declared
from campaigns.tomlfile import KeyPath, TomlFile, read_toml
from contacts.errors import Refused
from contacts.models import NetworkKind
from outreach.informes import definition
from outreach.register import importing
from outreach.register.fields import Content

KEYS = (
    *("titulo", "zona", "desde", "hasta", "definicion", "aviso", "equipo"),
    *("red", "contactos", "registro", "plantilla", "respuesta", "baja", "campana"),
)
KINDS = {"lista": NetworkKind.LIST, "grupo": NetworkKind.WHATSAPP_GROUP, "observacion": NetworkKind.OBSERVERS}
REGISTER_ZONE = "America/Mexico_City"  # of `hora` in every register file
_NOTED_AT = time(18, 0)  # an entry without its hour is written down at the end of the day


@dataclass(frozen=True, slots=True)
class PlannedNetwork:
    """A network. Its people come with the files of contacts."""

    name: str
    kind: NetworkKind
    description: str


@dataclass(frozen=True, slots=True)
class PlannedPeople:
    """A file of contacts; `consent` is where they said yes, "" when they did not."""

    file: Path
    network: str
    consent: str
    consent_day: date | None


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """A communication that a person writes into the register at a moment."""

    at: datetime
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlannedWord:
    """What a person says at a moment: a WhatsApp message, or, without a text, the way out of an e-mail."""

    at: datetime
    person: str
    text: str


@dataclass(frozen=True, slots=True)
class Team:
    """Who does what no program does: posts in groups (so many minutes after being asked, in turn), writes entries."""

    posts: str = "DVOE"
    minutes: tuple[int, ...] = (15,)
    notes: str = "DVOE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of it. Days are wall days of `zone`; moments are UTC."""

    file: TomlFile
    title: str
    zone: str
    start: date | None
    end: date | None
    definition: Path | None
    notice_version: str
    notice_text: str
    team: Team
    networks: tuple[PlannedNetwork, ...]
    people: tuple[PlannedPeople, ...]
    templates: tuple[TemplateDraft, ...]
    entries: tuple[PlannedEntry, ...]
    words: tuple[PlannedWord, ...]
    campaigns: tuple[tuple[Draft, KeyPath], ...]


def read(path: Path) -> Plan:
    """Read a plan and what it names. Refuses with every fault of all its files.

    Codes: those of `campaigns.files` and `register.importing.read`, and `zone_unknown`, `day_order`.
    """
    reading = Reading.of(read_toml(path))
    reading.known(*KEYS)
    reading.required("titulo")
    zone = reading.text("zona", "America/Mexico_City")
    if zone not in available_timezones():
        reading.fault("zone_unknown", "zona", zone)
        zone = "UTC"
    start, end = (day_of(reading, key) if key in reading.table else None for key in ("desde", "hasta"))
    if start and end and end < start:
        reading.fault("day_order", "hasta", end.isoformat(), begin=start.isoformat())
    notice = reading.inside("aviso")
    notice.known("version", "archivo")
    plan = Plan(
        file=_file(reading),
        title=reading.text("titulo"),
        zone=zone,
        start=start,
        end=end,
        definition=_definition(reading),
        notice_version=notice.text("version"),
        notice_text=notice.beside("archivo"),
        team=_team(reading.inside("equipo")),
        networks=tuple(_network(table) for table in reading.each("red")),
        people=tuple(group for table in reading.each("contactos") if (group := _people(table))),
        templates=declared(reading),
        entries=tuple(entry for table in reading.each("registro") for entry in _entries(table)),
        words=tuple(word for table in _spoken(reading) if (word := _word(table, zone))),
        campaigns=tuple((draft_of(table), table.path) for table in reading.each("campana")),
    )
    if reading.faults:
        raise Refused(reading.faults)
    return plan


def _file(reading: Reading) -> TomlFile:
    assert reading.file is not None
    return reading.file


def _definition(reading: Reading) -> Path | None:
    """Return the definition beside the plan, or the one of that name that comes with the platform."""
    name = reading.text("definicion")
    if not name:
        return None
    if name.endswith(".toml"):
        return reading.file_beside("definicion", name)
    return definition.find(name)


def _team(reading: Reading) -> Team:
    reading.known("publica", "minutos", "anota")
    minutes = reading.table.get("minutos", [15])
    if not isinstance(minutes, list) or not minutes or not all(type(item) is int and item >= 0 for item in minutes):
        reading.fault("value_wholes", "minutos", minutes)
        minutes = [15]
    return Team(reading.text("publica", "DVOE"), tuple(minutes), reading.text("anota", "DVOE"))


def _network(reading: Reading) -> PlannedNetwork:
    reading.known("nombre", "tipo", "descripcion")
    reading.required("nombre")
    return PlannedNetwork(
        reading.text("nombre"),
        KINDS[reading.choice("tipo", tuple(KINDS), "lista")],
        reading.text("descripcion"),
    )


def _people(reading: Reading) -> PlannedPeople | None:
    reading.known("archivo", "red", "consentimiento", "fecha")
    reading.required("archivo")
    file = reading.file_beside("archivo", reading.text("archivo")) if reading.text("archivo") else None
    day = day_of(reading, "fecha") if "fecha" in reading.table else None
    return PlannedPeople(file, reading.text("red"), reading.text("consentimiento"), day) if file else None


def _entries(reading: Reading) -> list[PlannedEntry]:
    reading.known("archivo")
    reading.required("archivo")
    file = reading.file_beside("archivo", reading.text("archivo")) if reading.text("archivo") else None
    if file is None:
        return []
    try:
        found = importing.read(file)
    except Refused as refused:
        reading.faults.extend(refused.faults)
        return []
    reading.faults.extend(replace(fault, file=file.name) for fault in found.faults)
    return [PlannedEntry(_noted_at(line.content), _values(line.content)) for _row, line in found.lines]


def _noted_at(content: Content) -> datetime:
    """Return when a person writes it down: at its hour, else in the evening; of a month alone, on its last day."""
    hour = time.fromisoformat(content.hour) if content.hour else _NOTED_AT
    day = content.day
    if content.month_only:
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return to_utc(datetime.combine(day, hour), REGISTER_ZONE)


def _values(content: Content) -> dict[str, str]:
    """Return a content as the texts of a file's row."""
    values = {
        "fecha": f"{content.day:%Y-%m}" if content.month_only else content.day.isoformat(),
        "hora": content.hour,
        "canal": content.channel,
        "cuenta": content.account,
        "red": ";".join(content.networks),
        "clase": content.kind,
        "tema": content.topic,
        "informacion": content.information,
        "destinatarios": "" if content.recipients is None else str(content.recipients),
    }
    return values | dict(content.extra)


def _spoken(reading: Reading) -> list[Reading]:
    replies, leavings = reading.each("respuesta"), reading.each("baja")
    for table in replies:
        table.known("persona", "cuando", "texto")
        table.required("persona", "cuando", "texto")
    for table in leavings:
        table.known("persona", "cuando")
        table.required("persona", "cuando")
    return [*replies, *leavings]


def _word(reading: Reading, zone: str) -> PlannedWord | None:
    wall = wall_of(reading, "cuando", reading.table["cuando"]) if "cuando" in reading.table else None
    return PlannedWord(to_utc(wall, zone), reading.text("persona"), reading.text("texto")) if wall else None
