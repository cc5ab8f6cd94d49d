"""The refused rows as a file: mended, it is imported again; the column of reasons is not read."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from contacts import repairs
from contacts.checking import RefusedRow
from contacts.errors import Fault
from contacts.formulas import neutralise
from contacts.spreadsheets import as_text
from outreach.i18n import gettext
from outreach.words import N_, explain

REASON = "motivo"  # the column that a file of refused rows has besides its own


def reason(fault: Fault) -> str:
    """Return what is wrong with a cell, and what was probably meant, without the place."""
    return told(Fault(fault.code, fault.where, fault.value, details=fault.details))


def told(fault: Fault) -> str:
    """Return the same with the place in front."""
    meant = repairs.propose(fault)
    return f"{explain(fault)} {gettext(N_('¿Quiso decir «%(meant)s»?'), meant=meant)}" if meant else explain(fault)


def write(out: TextIO, headers: Sequence[str], refused: Iterable[RefusedRow]) -> None:
    """Write the refused rows as they were, and why; Excel reads the accents by the mark at the beginning."""
    own = [header for header in headers if header != REASON]
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([*own, REASON])
    for row in refused:
        cells = [neutralise(as_text(row.cells[header])) for header in own]
        writer.writerow([*cells, neutralise(" ".join(reason(fault) for fault in row.faults))])
