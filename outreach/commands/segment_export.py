"""People as a CSV file that a spreadsheet opens and that `contacts import` reads again."""

import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.errors import refuse
from contacts.formulas import neutralise
from contacts.models import AddressKind, Contact, Organization

COLUMNS = ("nombre", "correo", "telefono", "whatsapp", "pais", "ciudad", "idioma", "zona", "organizacion", "red")
_NUMBER = re.compile(r"\+\d+(;\+\d+)*")  # numbers are left as they are


def write_csv(session: Session, path: Path, people: Iterable[Contact]) -> int:
    """Write the people to a file that only its owner reads; return how many. Refuses `segment_unwritable`.

    A cell that a spreadsheet would take for a formula is given an apostrophe.
    """
    organizations = dict(session.execute(select(Organization.id, Organization.name)).all())
    count = 0
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", newline="", encoding="utf-8-sig"
        ) as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for contact in people:
                writer.writerow([_safe(cell) for cell in _cells(contact, organizations)])
                count += 1
    except OSError as error:
        raise refuse("segment_unwritable", "", path, reason=str(error)) from None
    return count


def _cells(contact: Contact, organizations: dict[int, str]) -> list[str]:
    def of(kind: AddressKind) -> str:
        return ";".join(address.value for address in contact.addresses if address.kind is kind)

    return [
        contact.name,
        of(AddressKind.EMAIL),
        of(AddressKind.PHONE),
        of(AddressKind.WHATSAPP),
        contact.country,
        contact.city,
        contact.language,
        contact.timezone,
        organizations.get(contact.organization_id or 0, ""),
        ";".join(each.network.name.replace(";", ",") for each in contact.memberships if each.until is None),
    ]


def _safe(cell: str) -> str:
    return cell if _NUMBER.fullmatch(cell) else neutralise(cell)
