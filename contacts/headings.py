"""How the columns of a kind of file were read the last time: remembered by its headers, whoever sends it next."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base
from contacts.columns import signature
from contacts.folding import fold_words


class Headings(Base):
    """The headers of a file, and the field that each was."""

    __tablename__ = "import_headings"

    signature: Mapped[str] = mapped_column(primary_key=True)  # columns.signature
    fields: Mapped[dict[str, str]]  # header, folded → field; "": not read
    used_at: Mapped[datetime]
    used_by: Mapped[str]


def recall(session: Session, headers: Sequence[str]) -> dict[str, str]:
    """Return header → field as they were read the last time; nothing for headers never seen."""
    known = session.get(Headings, signature(headers))
    if known is None:
        return {}
    return {header: known.fields[fold] for header in headers if (fold := fold_words(header)) in known.fields}


def remember(session: Session, headers: Sequence[str], mapping: Mapping[str, str], *, at: datetime, by: str) -> None:
    """Keep how these headers were read."""
    fields = {fold_words(header): field for header, field in mapping.items()}
    session.merge(Headings(signature=signature(headers), fields=fields, used_at=at, used_by=by))
