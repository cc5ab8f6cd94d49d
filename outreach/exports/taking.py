"""The one way to take people out as a file: which, as what, what for; counted before the first byte leaves."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from contacts.errors import Fault, Refused, refuse
from contacts.folding import clean, fold_words
from outreach.exports import cells, choosing, csvfile, jsonlines, rows, sealing, vcards, workbook
from outreach.exports.about import About
from outreach.exports.choosing import Chosen
from outreach.i18n import gettext as _

FORMATS: Mapping[str, tuple[str, str]] = {  # name → ending, type of contents
    "csv": (".csv", "text/csv; charset=utf-8"),
    "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "vcard": (".vcf", "text/vcard; charset=utf-8"),
    "vcard3": (".vcf", "text/x-vcard; charset=utf-8"),
    "jsonl": (".jsonl", "application/x-ndjson"),
}
ADDRESSES = ("whole", "masked", "none")
SHORTEST_WHY, LONGEST_WHY = 8, 300  # letters: a word alone says nothing to whoever reads the log
_NAME = 60


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants the file. `delimiter` is one of `csvfile.DELIMITERS`; `mark` is for Excel."""

    form: str
    why: str
    addresses: str = "whole"
    delimiter: str = "coma"
    mark: bool = True
    password: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file on its way: its name, its type, its bytes, and what the audit log says of it (`contacts.export`)."""

    name: str
    mimetype: str
    chunks: Iterator[bytes]
    people: int
    details: Mapping[str, object]


def purpose(why: str) -> str:
    """Return what somebody said a file is for, on one line. Refuses `export_why`."""
    said = clean(why)
    if not SHORTEST_WHY <= len(said) <= LONGEST_WHY or not said.isprintable():
        raise refuse("export_why", "motivo", said[:LONGEST_WHY], least=SHORTEST_WHY, most=LONGEST_WHY)
    return said


def take(
    session: Session, chosen: Chosen, wish: Wish, *, who: str, at: datetime, zone: str, whole: bool = True
) -> Taken:
    """Begin an export within a session that reads; its transaction must last until the bytes were taken.

    Whoever calls writes `details` into the audit log before the first byte leaves. Without `whole` nobody gets more
    than masked addresses. Refuses, with every fault, `export_form`, `export_why`, `export_addresses`,
    `export_delimiter`, the password's faults, and what `choosing.conditions` refuses.
    """
    faults = _faults(wish)
    if faults:
        raise Refused(faults)
    addresses = "masked" if wish.addresses == "whole" and not whole else wish.addresses
    conditions = choosing.conditions(session, chosen, at, zone)
    people = rows.count(session, conditions)
    named = choosing.words(session, chosen, zone)
    about = About(who, at, zone, purpose(wish.why), named, people, addresses)
    moment = choosing.moment_of(chosen, at, zone)
    masked = addresses == "masked"
    found = rows.stream(session, conditions, network_id=chosen.network_id, at=moment, zone=zone, masked=masked)
    columns = cells.columns(addresses=addresses != "none", network=chosen.network_id is not None)
    ending, mimetype = FORMATS[wish.form]
    name = _file_name(session, chosen, about)
    if wish.form == "csv":
        delimiter = csvfile.DELIMITERS[wish.delimiter]
        chunks = csvfile.write(found, columns, delimiter=delimiter, mark=wish.mark)
    elif wish.form == "xlsx":
        chunks = workbook.write(found, columns, about)
    elif wish.form == "jsonl":
        chunks = jsonlines.write(found, about)
    else:
        if addresses == "none":
            found = _bare(found)
        chunks = vcards.write(found, about, version="4.0" if wish.form == "vcard" else "3.0")
    if wish.password:
        chunks, mimetype, ending = sealing.seal(name + ending, chunks, wish.password), "application/zip", ".zip"
    details = {
        "reason": about.why,
        "persons": people,
        **choosing.names(session, chosen),
        "format": wish.form,
        "address_form": addresses,
        "encrypted": bool(wish.password),
        "file": name + ending,
    }
    return Taken(name + ending, mimetype, chunks, people, details)


def _faults(wish: Wish) -> list[Fault]:
    found: list[Fault] = []
    for code, where, value, known in (
        ("export_form", "formato", wish.form, FORMATS),
        ("export_addresses", "direcciones", wish.addresses, ADDRESSES),
        ("export_delimiter", "separador", wish.delimiter, csvfile.DELIMITERS),
    ):
        if value not in known:
            found.append(Fault(code, where, value[:40], details={"known": ", ".join(known)}))
    for check, said in ((purpose, wish.why), (sealing.check, wish.password)):
        try:
            check(said)
        except Refused as refused:
            found += refused.faults
    return found


def _bare(people: Iterator[rows.Person]) -> Iterator[rows.Person]:
    for one in people:
        one.addresses.clear()
        yield one


def _file_name(session: Session, chosen: Chosen, about: About) -> str:
    names = choosing.names(session, chosen)
    known = str(names.get("network") or names.get("segment") or names.get("organization") or _("personas"))
    plain = re.sub(r"[^a-z0-9]+", "-", fold_words(known)).strip("-")[:_NAME] or "personas"
    return f"{plain}-{chosen.on or about.local.date()}"
