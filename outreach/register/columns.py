"""The register's further columns: what each is called, and in which order they came."""

from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.models import Campaign, GroupTask
from outreach.register.communication import COLUMNS, COUNTS, OWN
from outreach.register.models import Entry, Import

#: What the register adds by itself to a post in groups: their members that day, summed, which are not people reached.
MEMBERS = "integrantes"

Spellings = Mapping[str, str]


def known_fields(session: Session) -> set[str]:
    """Return every column that any row ever had: what an informe definition may name."""
    return {*COLUMNS, *COUNTS, "folio", *further(session, undone=True).values()}


def export_columns(session: Session) -> list[str]:
    """Return the columns that every exported communication has, in their order; the annulment's come on top."""
    return [*COLUMNS, *further(session).values(), *COUNTS, "folio"]


def further(session: Session, *, undone: bool = False) -> Spellings:
    """Return the further columns in the order they came, by casefolded name: `Estado` and `estado` are one column.

    It is spelled as it was first: by imports, then by entries made by hand, then by campaigns. A column of an import
    is known even where every cell is empty. `undone` adds those of imports that were undone.
    """
    spellings: dict[str, str] = {}
    for name in _names(session, undone=undone):
        spellings.setdefault(name.casefold(), name)
    return spellings


def respell(extra: Mapping[str, str], spellings: Spellings) -> dict[str, str]:
    """Return a row's further cells under the names of their columns."""
    return {spellings.get(name.casefold(), name): text for name, text in extra.items()}


def tidy(extra: Mapping[str, str]) -> dict[str, str]:
    """Return a campaign's further columns as a file would bring them: no empty ones, none with a name of ours."""
    cells = {" ".join(name.split()): str(text).strip() for name, text in extra.items()}
    return {name: text for name, text in cells.items() if name and text and name.casefold() not in OWN}


def _names(session: Session, *, undone: bool) -> Iterator[str]:
    imports = select(Import.columns).order_by(Import.undone_at.is_not(None), Import.id)
    for columns in session.scalars(imports if undone else imports.where(Import.undone_at.is_(None))):
        yield from columns
    for extra in session.scalars(select(Entry.extra).where(Entry.import_id.is_(None)).order_by(Entry.id)):
        yield from extra
    for extra in session.scalars(select(Campaign.extra).order_by(Campaign.id)):
        yield from tidy(extra)
    if session.scalar(select(GroupTask.id).where(GroupTask.members.is_not(None)).limit(1)) is not None:
        yield MEMBERS
