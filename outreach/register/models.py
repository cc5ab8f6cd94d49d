"""The tables of the register: entries made by hand or imported, and the imports that brought them."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from contacts.base import Base, BigId


class Import(Base):
    """One file brought into the register. Undone as a whole, and kept as undone."""

    __tablename__ = "register_import"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    filename: Mapped[str]
    sha256: Mapped[str]
    columns: Mapped[list[str]]  # further columns that it had, in its order: known even where every cell is empty
    at: Mapped[datetime]
    who: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")
    undone_reason: Mapped[str] = mapped_column(default="")


class Entry(Base):
    """One communication written down by hand or imported. A correction is a new row that replaces the old one."""

    __tablename__ = "register_entry"
    __table_args__ = (Index("ix_register_entry_day", "day"), Index("ix_register_entry_folio", "folio"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    folio: Mapped[str]  # the communication's own number: a correction keeps it, so it may stand in several rows
    day: Mapped[date]  # first of the month where only the month is known
    month_only: Mapped[bool] = mapped_column(default=False)
    hour: Mapped[str] = mapped_column(default="")  # "20:00", Mexico City time; "" when unknown
    channel: Mapped[str]
    account: Mapped[str] = mapped_column(default="")
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    kind: Mapped[str]  # clase
    topic: Mapped[str] = mapped_column(default="")
    information: Mapped[str]
    recipients: Mapped[int | None]
    extra: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # of an export that another installation made
    fingerprint: Mapped[str]  # of the content: what makes two rows of two files the same communication
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_import.id"), index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("register_entry.id"))  # the correction
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")  # of the annulment, or of the correction that replaced it
