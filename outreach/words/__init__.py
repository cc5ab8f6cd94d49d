"""The words for codes: what a person reads when the domain says no, or when a delivery has a state and a reason.

Each area has a table code → Spanish text; the text may use `%(where)s`, `%(value)s` and the fault's details. The
catalogues translate it. A code without words is a fault of ours, and a test walks every code.
"""

from collections import ChainMap
from importlib import import_module

from contacts.errors import Fault, Refused
from outreach.i18n import gettext

AREAS = (
    "campaigns",
    "contacts",
    "doubts",
    "exports",
    "files",
    "informes",
    "intake",
    "platform",
    "public",
    "register",
    "safekeeping",
    "segments",
    "states",
    "web",
)


def N_(text: str) -> str:  # noqa: N802 — the name that extraction tools know
    """Mark a text for the catalogues without translating it yet."""
    return text


def tables() -> ChainMap[str, str]:
    """Return the words of every area, one table over all."""
    return ChainMap(*(import_module(f"{__name__}.{area}").FAULTS for area in AREAS))


def explain(fault: Fault) -> str:
    """Return the sentence for a fault, in the language in force, with its place in front."""
    text = tables().get(fault.code)
    values = {"where": fault.where, "value": fault.value} | dict(fault.details)
    for key in values.keys() & {"why", "reason"}:  # what the operating system said, in English
        values[key] = import_module(f"{__name__}.system").reason(str(values[key]))
    if "gate" in values:  # the answer of the one gate
        values["gate"] = import_module(f"{__name__}.states").reason_words(str(values["gate"]))
    sentence = gettext(text, **values) if text else gettext(N_("Código %(code)s."), code=fault.code)
    place = [fault.file] if fault.file else []
    if fault.row is not None:
        place.append(gettext(N_("renglón %(row)s"), row=fault.row))
    if fault.where and (fault.row is not None or fault.file):
        place.append(fault.where)
    return f"{', '.join(place)}: {sentence}" if place else sentence


def explain_all(refused: Refused) -> list[str]:
    """Return the sentences of a refusal, in its order."""
    return [explain(fault) for fault in refused.faults]
