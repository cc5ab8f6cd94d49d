"""The one read over the register: what runs sent, and what people entered by hand or imported."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import Session

from campaigns.models import Run
from outreach.register.columns import Spellings, further, known_fields, respell
from outreach.register.communication import Annulment, Communication
from outreach.register.models import Entry, Import
from outreach.register.runs import Made, sent

__all__ = ["communications", "known_fields", "latest_day", "live"]


def communications(
    session: Session,
    start: date | None,
    end: date | None,
    zone: str = "America/Mexico_City",
    *,
    with_annulled: bool = False,
    with_people: bool = True,
) -> list[Communication]:
    """Return every communication of a period, both days included; None leaves that end open.

    A run's day is its scheduled day in `zone`; entries have the day they were given, and those known only to the month
    belong to every period that their month overlaps. Order: by day (month-only after the days of their month), hour
    (none first), and then as they were made. `with_people=False` saves gathering who was reached.
    """
    spellings = further(session)
    found = [
        *sent(session, start, end, zone, spellings, with_people=with_people),
        *_entered(session, start, end, spellings, with_annulled=with_annulled),
    ]
    found.sort(key=lambda made: made[0])
    return sorted((make(order=i) for i, (_, make) in enumerate(found)), key=_place)


def live() -> Select[Any]:
    """Select from the entries that belong to the register at all: not those of an import that was undone."""
    return select().select_from(Entry).outerjoin(Import, Import.id == Entry.import_id).where(Import.undone_at.is_(None))


def _place(one: Communication) -> tuple[int, int, bool, date, bool, time]:
    return one.day.year, one.day.month, one.month_only, one.day, one.hour is not None, one.hour or time()


def _within(start: date | None, end: date | None) -> ColumnElement[bool]:
    until = Entry.day <= end if end else true()
    if start is None:
        return until
    month = and_(Entry.month_only, Entry.day >= start.replace(day=1))
    return and_(or_(month, and_(not_(Entry.month_only), Entry.day >= start)), until)


def _entered(
    session: Session, start: date | None, end: date | None, spellings: Spellings, *, with_annulled: bool
) -> Iterator[tuple[Made, "partial[Communication]"]]:
    corrected = {
        folio: (moment, row)
        for folio, moment, row in session.execute(
            live()
            .add_columns(Entry.folio, func.min(Entry.created_at), func.min(Entry.id))
            .where(Entry.replaced_by_id.is_not(None))
            .group_by(Entry.folio)
        )
    }
    rows = live().add_columns(*Entry.__table__.columns).where(Entry.replaced_by_id.is_(None), _within(start, end))
    if not with_annulled:
        rows = rows.where(Entry.annulled_at.is_(None))
    for row in session.execute(rows):
        moment, first = corrected.get(row.folio, (row.created_at, row.id))  # a correction stays in its place
        yield (moment.astimezone(UTC), 1, first, ""), partial(shown, row, spellings, corrected=row.folio in corrected)


def shown(row: Any, spellings: Spellings, *, order: int = 0, corrected: bool = False) -> Communication:
    """Return an entry (or a row with its columns) as a communication."""
    return Communication(
        folio=row.folio,
        day=row.day,
        month_only=row.month_only,
        hour=time.fromisoformat(row.hour) if row.hour else None,
        channel=row.channel,
        account=row.account,
        networks=tuple(row.networks),
        kind=row.kind,
        topic=row.topic,
        information=row.information,
        recipients=row.recipients,
        extra=respell(row.extra, spellings),
        source="manual" if row.import_id is None else "import",
        order=order,
        counts=row.counts,
        corrected=corrected,
        annulment=Annulment(row.annulled_at, row.annulled_by, row.reason) if row.annulled_at else None,
    )


def latest_day(session: Session, until: date, zone: str = "America/Mexico_City") -> date | None:
    """Return the last day up to `until` on which something was communicated; None when nothing ever was."""
    noted = session.scalar(select(func.max(Entry.day)).where(Entry.day <= until, Entry.replaced_by_id.is_(None)))
    end = datetime.combine(until, time.max, ZoneInfo(zone))
    sent = session.scalar(select(func.max(Run.due_at)).where(Run.due_at <= end, Run.prepared_at.is_not(None)))
    days = [day for day in (noted, sent.astimezone(ZoneInfo(zone)).date() if sent else None) if day]
    return max(days, default=None)
