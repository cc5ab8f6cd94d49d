"""Building an informe: a definition and the communications of a period in, a report out. Pure: nothing is read."""

import calendar
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contacts.errors import Refused, refuse
from outreach import i18n
from outreach.i18n import gettext as _
from outreach.informes import checks, period
from outreach.informes.log import Log
from outreach.informes.model import SUMMED, Definition, Rows
from outreach.informes.report import Report, Table
from outreach.informes.tables import Made, make
from outreach.informes.text import Template, clean
from outreach.register.communication import Communication

DIGEST_FORM = "informe 1"  # changes when what the digest covers changes


def build(
    definition: Definition,
    communications: Iterable[Communication],
    start: date,
    end: date,
    as_of: datetime,
    known_fields: Collection[str] = (),
) -> Report:
    """Build the report of the days from `start` to `end`, both included, as the log stood at `as_of` (aware).

    Communications outside the period and annulled ones are left out; those of a month alone belong to every period
    that touches their month. Codes: `period_order`; `definition_field` and `definition_value` for a field that neither
    `known_fields`, nor any of the communications, nor the definition itself knows.
    """
    if start > end:
        raise refuse("period_order", value=start.isoformat(), end=end.isoformat())
    given = list(communications)
    unknown = definition.unknown_fields({*known_fields, *(name for item in given for name in item.extra)})
    if unknown:
        raise Refused(unknown)
    with i18n.speaking(definition.language):
        return _built(definition, Log(_of_period(given, start, end)), start, end, as_of)


def _of_period(communications: Iterable[Communication], start: date, end: date) -> list[Communication]:
    return [
        item
        for item in communications
        if not item.annulled and item.day <= end and (_month_end(item.day) if item.month_only else item.day) >= start
    ]


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _built(definition: Definition, log: Log, start: date, end: date, as_of: datetime) -> Report:
    spoken = period.words(start, end, definition.locale)
    made = [make(table, log) for table in definition.tables]
    counts: dict[str, Mapping[str, int]] = {
        item.definition.id: log.counts(item.picked, len(item.groups)) for item in made
    }
    counts[""] = log.counts(range(len(log.items)), sum(len(item.groups) for item in made))
    as_of = as_of.astimezone(ZoneInfo(definition.timezone))

    def filled(template: Template, table: str) -> str:
        return clean(template.fill(_values(spoken, counts, table)))

    tables = tuple(_table(item, log, filled) for item in made)
    title = filled(definition.title, "")
    return Report(
        title=title,
        period=spoken["periodo"],
        start=start,
        end=end,
        timezone=definition.timezone,
        as_of=as_of,
        locale=definition.locale,
        tables=tables,
        remarks=tuple(checks.remarks(definition, made, log, counts, checks.Period(start, end, as_of.date()))),
        communications=len(log.items),
        digest=_digest(definition, start, end, title, tables),
    )


def _values(spoken: Mapping[str, str], counts: Mapping[str, Mapping[str, int]], table: str) -> Callable[[str], str]:
    """Return the value of each placeholder: counts are digits alone, as they stand in the cells."""

    def value(name: str) -> str:
        if name in spoken:
            return spoken[name]
        other, _dot, count = name.rpartition(".")
        return str(counts[other or table][count])

    return value


def _table(made: Made, log: Log, filled: Callable[[Template, str], str]) -> Table:
    definition = made.definition
    spans = tuple(_spans(made))
    covered = {(row, column) for column, first, height in spans for row in range(first + 1, first + height)}
    rows = tuple(
        tuple("" if (number, column) in covered else text for column, text in enumerate(row))
        for number, row in enumerate(made.cells)
    )
    cross = definition.rows is Rows.CROSS
    figures = (
        range(1, len(made.columns))
        if cross
        else (index for index, column in enumerate(definition.columns) if column.value in {"count", *SUMMED})
    )
    return Table(
        id=definition.id,
        title=filled(definition.title, definition.id),
        intro=filled(definition.intro, definition.id),
        columns=made.columns,
        rows=rows,
        empty=filled(definition.empty, definition.id) if definition.empty else _default_empty(),
        spans=spans,
        cross=cross,
        figures=frozenset(figures),
        folios=tuple(tuple(log.items[index].folio for index in group) for group in made.groups),
    )


def _default_empty() -> str:
    return _("No se registraron comunicaciones de este tipo en el periodo.")


def _spans(made: Made) -> Iterable[tuple[int, int, int]]:
    """Yield each run of two or more equal texts in a column that merges."""
    for index, column in enumerate(made.definition.columns):
        if not column.merge:
            continue
        first = 0
        texts: Sequence[str] = [row[index] for row in made.cells]
        for number in range(1, len(texts) + 1):
            if number == len(texts) or texts[number] != texts[first]:
                if number - first > 1 and texts[first]:
                    yield index, first, number - first
                first = number


def _digest(definition: Definition, start: date, end: date, title: str, tables: Iterable[Table]) -> str:
    """Return the fingerprint of what a reader signs. The moment of cut and the numbers of a database are not in it."""
    covered = {
        "form": DIGEST_FORM,
        "definition": definition.source,
        "period": [start.isoformat(), end.isoformat(), definition.timezone],
        "title": title,
        "tables": [
            [table.id, table.title, table.intro, table.columns, table.rows, "" if table.rows else table.empty]
            for table in tables
        ],
    }
    text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
