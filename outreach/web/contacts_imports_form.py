"""The form in which somebody says what a file is: what is in its columns, which network, which consent."""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from contacts import columns
from contacts.cards import Card
from contacts.checking import read_row
from contacts.consent import ALL, CHANNELS
from contacts.errors import Fault, Refused
from contacts.models import Purpose
from contacts.spreadsheets import Sheet
from outreach.i18n import gettext as _
from outreach.intake.plans import Consent, Meant
from outreach.web.badges import channel_name, name_of
from outreach.web.forms import Form
from outreach.words.intake import FIELDS

SHOWN = 10  # first rows
SAMPLES = 3  # cells of a column

#: Where the domain puts a fault → the field of the form.
PLACES = {
    "--consent-source": "fuente",
    "--consent-date": "dia",
    "--consent-channel": "vias",
    "--consent-purpose": "finalidades",
    "--notice": "aviso",
    "--network": "red",
    "nombre": "columnas",
    "correo, telefono, whatsapp": "columnas",
}


def LABELS() -> dict[str, str]:  # noqa: N802 — a table that depends on the language in force
    """Return the domain's places as a reader of the page sees them."""
    fields = {name: _(word) for name, word in FIELDS.items()}
    ways = ", ".join(fields[name] for name in columns.ADDRESSES)
    return {
        **fields,
        ", ".join(columns.ADDRESSES): ways,
        "--consent-source": _("Dónde aceptaron"),
        "--consent-date": _("Qué día"),
        "--consent-channel": _("Por qué vías"),
        "--consent-purpose": _("Para qué"),
        "--network": _("Red"),
    }


@dataclass(frozen=True, slots=True)
class FirstRow:
    """One of the first rows as it would be read."""

    number: int
    card: Card | None
    faults: list[Fault]
    warnings: list[Fault]


def column(number: int) -> str:
    """Return the name of the field that says what a column is."""
    return f"columna-{number}"


def consent_options() -> dict[str, list[tuple[str, str]]]:
    """Return the channels and purposes that may be consented to."""
    return {
        "vias": [(str(channel), channel_name(channel)) for channel in CHANNELS],
        "finalidades": [(str(purpose), name_of(purpose)) for purpose in Purpose],
    }


def form_of(sheet: Sheet, meant: Meant) -> Form:
    """Return the form that says a plan."""
    consent = meant.consent
    values: MultiDict[str, str] = MultiDict(
        {
            "columnas": "",
            "red": meant.network,
            "consiente": "si" if consent else "no",
            "fuente": consent.source if consent else "",
            "dia": consent.day if consent else "",
            "aviso": consent.notice if consent else "",
        }
    )
    for number, header in enumerate(sheet.headers):
        values[column(number)] = meant.mapping.get(header, "")
    for name, said in (("vias", consent and consent.channels), ("finalidades", consent and consent.purposes)):
        every = [value for value, _word in consent_options()[name]]
        values.setlist(name, every if not said or ALL in said else list(said))
    return Form(values)


def typed(values: Mapping[str, str] | MultiDict[str, str], sheet: Sheet) -> tuple[Form, Meant]:
    """Return the form as it was typed, and the plan that it says."""
    form = Form(MultiDict(values))
    for name in ("columnas", "red", "fuente", "dia", "aviso", "vias", "finalidades"):
        if name not in form.values:
            form.values.setlist(name, [])
    mapping = {}
    for number, header in enumerate(sheet.headers):
        form.values.setdefault(column(number), "")
        field = form.text(column(number))
        mapping[header] = field if field in FIELDS else ""
    consent = None
    if form.text("consiente") == "si":
        consent = Consent(
            form.text("fuente"),
            form.text("dia"),
            form.text("aviso"),
            _all_or(form, "vias"),
            _all_or(form, "finalidades"),
        )
    return form, Meant(mapping, form.text("red"), consent)


def _all_or(form: Form, name: str) -> tuple[str, ...]:
    """Return what was ticked; everything ticked is everything, also what will be added one day."""
    ticked = tuple(form.several(name))
    every = {value for value, _word in consent_options()[name]}
    return (ALL,) if set(ticked) == every else ticked


def samples(sheet: Sheet, header: str) -> list[str]:
    """Return the first cells of a column that say anything."""
    said = [str(row.cells[header]) for row in sheet.rows if row.cells[header] != ""]
    return [text if len(text) <= 40 else f"{text[:39]}…" for text in said[:SAMPLES]]  # noqa: PLR2004 — letters


def read_first_rows(sheet: Sheet, meant: Meant) -> list[FirstRow]:
    """Read the first rows as the whole file would be; none while the columns cannot be meant so."""
    try:
        found = columns.find(sheet.headers, meant.mapping)
    except Refused:
        return []
    return [FirstRow(row.number, *read_row(row, found)) for row in sheet.rows[:SHOWN]]
