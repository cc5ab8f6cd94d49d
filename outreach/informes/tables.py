"""From the log to the cells of each table: one row per communication, month, topic, or a cross-table of counts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from outreach.i18n import gettext as _
from outreach.informes.log import Log, topic_key
from outreach.informes.model import Column, Rows, TableDefinition
from outreach.informes.text import clean
from outreach.words import N_

JOIN = ", "  # between the values of a split by several fields
Parts = tuple[str, ...]

#: The headers of a cross-table's first column; other fields are their own, with a capital.
HEADERS: Mapping[str, str] = {
    "fecha": N_("Fecha"),
    "hora": N_("Hora"),
    "canal": N_("Canal"),
    "cuenta": N_("Cuenta"),
    "red": N_("Red"),
    "clase": N_("Clase"),
    "tema": N_("Tema"),
    "informacion": N_("Información"),
    "destinatarios": N_("Destinatarios"),
    "folio": N_("Folio"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """The cells of a table before merging, and the communications behind them.

    `picked` are all that the table selects; `groups` those of each row, in the order of the rows (the total row of a
    cross-table has none); `parts` what each group was made by, where it was made by values.
    """

    definition: TableDefinition
    picked: list[int]
    columns: tuple[str, ...]
    cells: list[tuple[str, ...]]
    groups: list[list[int]]
    parts: list[Parts]


def make(table: TableDefinition, log: Log) -> Made:
    """Make the cells of one table, in the language in force."""
    picked = log.select(table.where, table.excluded)
    if table.rows is Rows.CROSS:
        return _cross(table, log, picked)
    groups: list[tuple[Parts, list[int]]]
    if table.rows is Rows.MONTH:
        groups = _by_month(table, log, picked)
    elif table.rows is Rows.TOPIC:
        groups = _by_topic(table, log, picked)
    else:
        groups = [((), [index]) for index in picked]
    cells = [
        tuple(clean(_cell(column, table, log, number, parts, group)) for column in table.columns)
        for number, (parts, group) in enumerate(groups, start=1)
    ]
    headers = tuple(clean(column.header) for column in table.columns)
    return Made(table, picked, headers, cells, [group for _parts, group in groups], [parts for parts, _group in groups])


def _by_month(table: TableDefinition, log: Log, picked: list[int]) -> list[tuple[Parts, list[int]]]:
    groups: dict[tuple[date, Parts], list[int]] = {}
    for index in picked:
        month = log.items[index].day.replace(day=1)
        for parts in _values(log, table.split, index):
            groups.setdefault((month, parts), []).append(index)
    ranked = sorted(groups, key=lambda key: (key[0], _rank(key[1], table.order)))  # stable: the others by first date
    return [(parts, groups[month, parts]) for month, parts in ranked]


def _by_topic(table: TableDefinition, log: Log, picked: list[int]) -> list[tuple[Parts, list[int]]]:
    groups: dict[str, list[int]] = {}
    for index in picked:
        groups.setdefault(topic_key(log.topics[index]), []).append(index)
    ranked = sorted(groups, key=lambda topic: _rank((topic,), table.order))
    return [((topic,), groups[topic]) for topic in ranked]


def _values(log: Log, fields: Sequence[str], index: int) -> Iterator[Parts]:
    """Yield each combination of a communication's values: with several networks it stands in the row of each."""
    return product(*(dict.fromkeys(log.column(field)[index]) for field in fields))


def _rank(parts: Parts, order: Sequence[str]) -> tuple[int, ...]:
    """Return where values stand in a wished order; those not in it come after, all alike."""
    whole = JOIN.join(parts)
    if whole in order:
        return (order.index(whole),)
    return tuple(order.index(part) if part in order else len(order) for part in parts)


def label(parts: Parts, labels: Mapping[str, str]) -> str:
    """Return the text for values: the label of them together, else of each; "(sin dato)" for an empty one."""
    whole = JOIN.join(parts)
    if whole in labels:
        return labels[whole]
    return JOIN.join(labels.get(part, part) or _("(sin dato)") for part in parts)


def _cell(column: Column, table: TableDefinition, log: Log, number: int, parts: Parts, group: list[int]) -> str:
    special: Mapping[str, Callable[[], str]] = {
        "number": lambda: f"{number}.",
        "date": lambda: table.dates.cell(log.days(group), log.months(group)),
        "label": lambda: label(parts, table.labels) if parts else _month_label(table, log, group),
        "count": lambda: str(len(group)),
    }

    def value(name: str) -> str:
        return special[name]() if name in special else log.field(group, name)

    return column.text.fill(value) if column.text else value(column.value)


def _month_label(table: TableDefinition, log: Log, group: list[int]) -> str:
    return replace(table.dates, end="").cell([], [log.items[group[0]].day])


def _cross(table: TableDefinition, log: Log, picked: list[int]) -> Made:
    downs, acrosses = log.column(table.down), log.column(table.across)
    cells: dict[tuple[str, str], int] = {}
    groups: dict[str, list[int]] = {}
    across: dict[str, None] = {}
    for index in picked:
        across.update(dict.fromkeys(acrosses[index]))
        for down in dict.fromkeys(downs[index]):
            groups.setdefault(down, []).append(index)
            for value in dict.fromkeys(acrosses[index]):
                cells[down, value] = cells.get((down, value), 0) + 1
    lines = sorted(groups, key=lambda value: _rank((value,), table.down_order))
    columns = sorted(across, key=lambda value: _rank((value,), table.across_order))

    def row(name: str, counts: Iterable[int]) -> tuple[str, ...]:
        numbers = list(counts)
        return (clean(name), *map(str, numbers), str(sum(numbers)))

    rows = [row(label((down,), table.labels), (cells.get((down, value), 0) for value in columns)) for down in lines]
    if rows:
        rows.append(row(_("Total"), (sum(cells.get((down, value), 0) for down in lines) for value in columns)))
    first = HEADERS.get(table.down)
    corner = table.labels.get(table.down) or (_(first) if first else table.down[:1].upper() + table.down[1:])
    headers = (corner, *(clean(label((value,), table.labels)) for value in columns), _("Total"))
    return Made(table, picked, headers, rows, [groups[down] for down in lines], [(down,) for down in lines])
