"""A campaign written as a file (docs/campaign-file.md): read whole, every fault named with its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from campaigns import filetexts
from campaigns.drafts import CHANNELS, ContentDraft, Draft
from campaigns.filedates import schedule_of
from campaigns.filekeys import Reading, place
from campaigns.tomlfile import KeyPath, TomlFile, read_toml
from contacts.errors import Fault, Refused
from contacts.models import Channel, Purpose

KEYS = (
    "titulo",
    "clave",
    "clase",
    "tema",
    "informacion",
    "cuenta",
    "finalidad",
    "canales",
    "redes",
    "sin_redes",
    "segmentos",
    "sin_segmentos",
    "personas",
    "zona",
    "cuando",
    "fechas",
    "hora",
    "repite",
    "si_tarde",
    "prioridad",
    "extra",
    "correo",
    "whatsapp",
    "grupo",
    "plantilla",
)
LATE = {"enviar": "send", "omitir": "skip", "preguntar": "ask"}
TABLES = {Channel.EMAIL: "correo", Channel.WHATSAPP: "whatsapp", Channel.GROUP: "grupo"}


def read_campaign(path: Path) -> Draft:
    """Return the campaign that a file describes. Refuses with every fault of the file at once.

    Codes: `toml_missing`, `toml_encoding`, `toml_form`, and those of `draft_of`. What only the database can say (an
    unknown network, a template) is said by `campaigns.planning`; `located` gives it its line.
    """
    draft, faults = read_whole(path)
    if faults:
        raise Refused(faults)
    return draft


def read_whole(path: Path) -> tuple[Draft, list[Fault]]:
    """Return the draft as far as it can be read, and everything that is wrong with the file."""
    reading = Reading.of(read_toml(path))
    return draft_of(reading), list(reading.faults)


def together(wrong: list[Fault], more: list[Fault], path: Path) -> Refused:
    """Return one refusal of what the file and what the database found, without saying one thing twice."""
    told = [f"{fault.where}." for fault in wrong]
    known = [(fault, f"{fault.where}.") for fault in located(Refused(more), read_toml(path)).faults]
    new = [fault for fault, where in known if not any(where.startswith(one) or one.startswith(where) for one in told)]
    return Refused([*wrong, *new])


def draft_of(reading: Reading) -> Draft:
    """Return the draft in a table; what is wrong is in `reading.faults`, and then the draft is of no use.

    Codes: `key_unknown`, `key_missing`, `value_text`, `value_texts`, `value_table`, `value_whole`, `value_flag`,
    `choice_unknown`, `moment_form`, `moment_zone`, `moment_hour`, `moment_twice`, `hour_form`, `day_form`, `day_order`,
    `recurrence_form`, `recurrence_often`, `recurrence_start`, `beside_missing`, `beside_outside`, `beside_encoding`,
    `beside_twice`, `template_sid`.
    """
    reading.known(*KEYS)
    reading.required("titulo", "clase", "informacion", "canales")
    if not any(reading.table.get(key) for key in ("redes", "segmentos", "personas")):
        reading.fault("audience_missing", "redes")
    channels = _channels(reading)
    extra = reading.inside("extra")
    return Draft(
        title=reading.text("titulo"),
        key=reading.text("clave") or None,
        clase=reading.text("clase"),
        tema=reading.text("tema"),
        informacion=reading.text("informacion"),
        cuenta=reading.text("cuenta"),
        purpose=Purpose(reading.choice("finalidad", tuple(Purpose), Purpose.NOTICES)),
        channels=channels,
        networks=reading.texts("redes"),
        without_networks=reading.texts("sin_redes"),
        segments=reading.texts("segmentos"),
        without_segments=reading.texts("sin_segmentos"),
        people=reading.texts("personas"),
        timezone=reading.text("zona", "America/Mexico_City"),
        schedule=schedule_of(reading),
        when_late=LATE[reading.choice("si_tarde", tuple(LATE), "enviar")],
        priority=reading.whole("prioridad"),
        extra={key: extra.text(key) for key in extra.table},
        contents=_contents(reading, channels),
        templates=filetexts.declared(reading),
    )


def located(refused: Refused, file: TomlFile, path: KeyPath = ()) -> Refused:
    """Return a refusal of `campaigns.planning` with each fault's line in the file that the draft came from.

    A fault with a row of its own (the line in a text) keeps it among its details, as `line`.
    """
    return Refused(
        replace(
            fault,
            file=file.path.name,
            row=file.line((*path, *fault.where.split("."))),
            where=place((*path, *fault.where.split("."))),
            details=dict(fault.details) | ({"line": fault.row} if fault.row is not None else {}),
        )
        for fault in refused.faults
    )


@contextmanager
def pointing_to(path: Path) -> Iterator[None]:
    """Give the refusals of a block their lines in the campaign file that its draft came from."""
    try:
        yield
    except Refused as refused:
        raise located(refused, read_toml(path)) from None


def _channels(reading: Reading) -> tuple[Channel, ...]:
    names = reading.texts("canales")
    known = tuple(channel.value for channel in CHANNELS)
    for name in names:
        if name not in known:
            reading.fault("choice_unknown", "canales", name, allowed=", ".join(known))
    return tuple(Channel(name) for name in names if name in known)


def _contents(reading: Reading, channels: tuple[Channel, ...]) -> tuple[ContentDraft, ...]:
    """Return what it says in Spanish, and in English where any part is given in English.

    A part that exists in Spanish alone is read in Spanish by everybody.
    """
    for channel in channels:
        if TABLES[channel] not in reading.table:
            reading.fault("key_missing", TABLES[channel], TABLES[channel])
    for channel, name in TABLES.items():
        if name in reading.table and channel not in channels:
            reading.fault("table_unused", name, name, channel=channel.value)
    spanish, english = ContentDraft(language="es"), ContentDraft(language="en")
    for part in (filetexts.mail(reading), filetexts.template(reading), filetexts.post(reading)):
        spanish = replace(spanish, **part.get("es", {}))
        english = replace(english, **part.get("en", part.get("es", {})))
    return (spanish, english) if replace(english, language="es") != spanish else (spanish,)
