"""Which column of a spreadsheet says what about a person: headers as people write them → our fields."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256

from contacts.errors import Fault, Refused
from contacts.folding import fold_words

#: The fields of a person's row and the headers known for each, folded, without a number at their end.
FIELDS = {
    "nombre": "nombre, nombres, nombre s, nombre completo, nombre y apellido, nombre y apellidos, name, full name",
    "apellidos": "apellidos, apellido, apellido s, apellido paterno, apellido materno, primer apellido, "
    "segundo apellido, surname, last name",
    "correo": "correo, correos, correo electronico, correo e, e mail, email, mail, direccion de correo, "
    "direccion de correo electronico, direccion electronica, email address",
    "telefono": "telefono, telefonos, tel, telefono celular, telefono movil, celular, movil, cel, numero, "
    "numero de telefono, numero telefonico, phone, phone number, mobile",
    "whatsapp": "whatsapp, whats app, whats, wa, numero de whatsapp, telefono whatsapp, id de whatsapp, whatsapp id, "
    "bsuid, usuario de whatsapp",
    "pais": "pais, pais de residencia, country",
    "estado": "estado, estado de residencia, entidad, provincia, state, province",
    "ciudad": "ciudad, ciudad de residencia, localidad, city",
    "idioma": "idioma, lengua, language",
    "zona": "zona, zona horaria, huso, huso horario, time zone, timezone",
    "red": "red, redes, grupo, grupos, network, networks",
    "rol": "rol, papel, role",
    "trajo": "trajo, quien trajo, quien lo trajo, quien la trajo, trajo a la red, invito, quien invito, referido por, "
    "brought by",
    "etiquetas": "etiquetas, etiqueta, tags, tag, labels, label",
    "organizacion": "organizacion, asociacion, institucion, organismo, organization, organisation",
}

#: Fields of which a person may have several columns: «Correo 1», «Correo 2»; two surnames.
SEVERAL = frozenset({"apellidos", "correo", "telefono", "whatsapp", "red", "etiquetas"})

ADDRESSES = ("correo", "telefono", "whatsapp")

_LONGEST = 60  # letters of a header: what is longer is a text
_SHORTEST = 4  # letters of a header that is known by its likeness
_KNOWN = {name: field for field, names in FIELDS.items() for name in names.split(", ")}


@dataclass(frozen=True, slots=True)
class Columns:
    """The headers that each field is read from, and the headers that nobody reads."""

    of: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...] = ()


def known(header: str) -> str:
    """Return the field that a header names, a number at its end aside; "" for none."""
    return _KNOWN.get(re.sub(r" ?\d+$", "", fold_words(header)), "")


def recognised(headers: Iterable[str]) -> int:
    """Return how many different fields these texts name."""
    return len({known(header) for header in headers if len(header) <= _LONGEST} - {""})


def propose(headers: Sequence[str], rows: Sequence[Mapping[str, str]] = ()) -> dict[str, str]:
    """Return header → field as a person would be asked to confirm it: "" where nothing is proposed.

    What `find` knows for sure comes first; then a header a letter or two away from a known one, and a column whose
    cells of `rows` are mostly e-mail addresses. No field that a person has one of is proposed twice.
    """
    proposed: dict[str, str] = {}
    for guess in (known, _misspelt, lambda header: _by_cells(header, rows)):
        for header in headers:
            if not proposed.get(header):
                field = guess(header)
                taken = field in proposed.values() and field not in SEVERAL
                proposed[header] = "" if taken else field
    return {header: proposed[header] for header in headers}


def _misspelt(header: str) -> str:
    plain = re.sub(r" ?\d+$", "", fold_words(header[:_LONGEST]))
    near = get_close_matches(plain, _KNOWN, n=1, cutoff=0.85) if len(plain) >= _SHORTEST else []
    return _KNOWN[near[0]] if near else ""


def _by_cells(header: str, rows: Sequence[Mapping[str, str]]) -> str:
    said = [text for row in rows if (text := row.get(header, "").strip())]
    mails = sum(bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text)) for text in said)
    return "correo" if said and mails * 5 >= len(said) * 4 else ""


def signature(headers: Sequence[str]) -> str:
    """Return what tells this set of headers from others, accents, capitals and order aside."""
    return sha256("\n".join(sorted(fold_words(header) for header in headers)).encode()).hexdigest()


def find(headers: Sequence[str], mapping: Mapping[str, str] | None = None, *, file: str = "") -> Columns:
    """Tell which header is which field; `mapping` (header → field) comes first, accents and capitals aside.

    A header mapped to "" is not read. Refuses, with every fault: `map_header` (not in the file), `map_field` (not one
    of ours), `column_twice` (two columns for what a person has one of), `header_missing` (no name, or no kind of
    address).
    """
    faults: list[Fault] = []
    chosen: dict[str, str] = {}
    by_fold = {fold_words(header): header for header in headers}
    for header, field in (mapping or {}).items():
        real = header if header in headers else by_fold.get(fold_words(header))
        wanted = _KNOWN.get(fold_words(field)) if field else ""
        if real is None:
            faults.append(Fault("map_header", "--map", header, file=file, details={"found": ", ".join(headers)}))
        elif wanted is None:
            faults.append(Fault("map_field", "--map", field, file=file, details={"known": ", ".join(FIELDS)}))
        else:
            chosen[real] = wanted
    mapped = set(chosen.values()) - SEVERAL
    found: dict[str, list[str]] = {}
    unread = []
    for header in headers:
        field = chosen[header] if header in chosen else known(header)
        if not field or (header not in chosen and field in mapped):
            unread.append(header)
        elif found.setdefault(field, []) and field not in SEVERAL:
            first = found[field][0]
            faults.append(Fault("column_twice", header, header, file=file, details={"first": first, "field": field}))
        else:
            found[field].append(header)
    listed = {"found": ", ".join(headers)}
    if "nombre" not in found:
        faults.append(Fault("header_missing", "nombre", file=file, details=listed))
    if not any(field in found for field in ADDRESSES):
        faults.append(Fault("header_missing", "correo, telefono, whatsapp", file=file, details=listed))
    if faults:
        raise Refused(faults)
    return Columns({field: tuple(names) for field, names in found.items()}, tuple(unread))
