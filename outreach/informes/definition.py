"""Reading an informe's definition from a TOML file. The format is docs/informe-definition.md, §2."""

import json
import re
import tomllib
from collections.abc import Collection
from pathlib import Path

from contacts.errors import Fault, Refused
from contacts.filereading import content_of
from outreach.informes.model import Definition
from outreach.informes.places import places
from outreach.informes.validation import Validation

#: The folder of the definitions that come with the platform.
SHIPPED = Path(__file__).resolve().parents[2] / "templates" / "informes"

LARGEST = 8 * 1024 * 1024  # bytes of a file that a person writes


def find(name: str) -> Path:
    """Return the file of a definition: a path, or the bare name of one that comes with the platform."""
    path = Path(name)
    shipped = SHIPPED / f"{name}.toml"
    return shipped if path.name == name and not path.is_file() and shipped.is_file() else path


def read(path: Path, known_fields: Collection[str] | None = None) -> Definition:
    """Read and hold a definition to the contract: all faults at once, each with file and line.

    With `known_fields` (`outreach.register.reading.known_fields`) the fields it names are held to the register too.
    Codes: `definition_missing`, `definition_encoding`, `definition_form` (no TOML), and those of `validation`.
    """
    text, values = _toml(path)
    checked = Validation(values, places(text), str(path))
    source = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    definition = checked.definition(path.stem, source)
    unknown = definition.unknown_fields(known_fields) if known_fields is not None else []
    if checked.faults or unknown:
        raise Refused(sorted(checked.faults + unknown, key=lambda fault: fault.row or 0))
    return definition


def _toml(path: Path) -> tuple[str, dict[str, object]]:
    try:
        text = content_of(path, LARGEST).decode("utf-8-sig")
    except OSError:
        raise Refused([Fault("definition_missing", "", str(path))]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Refused([Fault("definition_encoding", "", str(path), row=line, file=str(path))]) from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The reader tells the place only in its sentence, or "at end of document".
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else max(1, len(text.rstrip("\n").split("\n")))
        found = text.split("\n")[line - 1].strip()[:80]
        raise Refused([Fault("definition_form", "", found, row=line, file=str(path))]) from None
