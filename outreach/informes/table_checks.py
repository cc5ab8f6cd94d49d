"""What to look at in one table before it is signed. The codes are told in outreach/words/informes.py."""

from collections.abc import Iterator
from difflib import get_close_matches

from outreach.informes.contradictions import folded
from outreach.informes.log import topic_key
from outreach.informes.looking import Look
from outreach.informes.model import Rows
from outreach.informes.remarks import Remark
from outreach.informes.tables import JOIN, Made

EXCEL_CELL = 32_767  # letters that a cell of a spreadsheet can hold
_KEY = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def of_table(look: Look, made: Made) -> Iterator[Remark]:
    """Yield the warnings of one table that its own rows give."""
    for check in (_where, _twice, _months, _labels, _topics, _recipients, _networks, _long_cells):
        yield from check(look, made)


def _where(look: Look, made: Made) -> Iterator[Remark]:
    """Find values that nobody in the period has, and that look like one somebody has: a slip cuts the table."""
    table = made.definition
    for selection in (table.where, *table.excluded):
        for name, wanted in selection.conditions:
            seen = {value for values in look.log.column(name) for value in values if value}
            plain = {folded(value): value for value in sorted(seen)}
            for value in sorted(wanted - seen):
                near = get_close_matches(folded(value), plain, n=1, cutoff=0.8)
                if near and plain[near[0]] not in wanted:
                    details = {"field": name, "value": value, "near": plain[near[0]]}
                    yield Remark("remark_where_value", table.id, None, details)
    if not made.groups:
        yield Remark("remark_empty", table.id)


def _twice(look: Look, made: Made) -> Iterator[Remark]:
    """Find two rows of one day, way and text."""
    if made.definition.rows is not Rows.EACH:
        return
    seen: dict[tuple[object, ...], int] = {}
    for number, (index,) in enumerate(made.groups, start=1):
        item = look.log.items[index]
        key = (
            *(item.day, item.month_only, item.hour, item.channel, item.account, item.networks),
            topic_key(item.information),
            tuple(sorted(item.extra.items())),
        )
        first = seen.setdefault(key, number)
        if first != number:
            yield Remark("remark_twice", made.definition.id, number, {"first": first, "text": look.short(index)})


def _months(look: Look, made: Made) -> Iterator[Remark]:
    """Find rows known only to the month; and those that a list of days leaves out because their day is not known."""
    if made.definition.rows is Rows.CROSS or not look.prints(made.definition, "date"):
        return
    alone = []
    for number, group in enumerate(made.groups, start=1):
        months = look.log.months(group)
        known = {(day.year, day.month) for day in look.log.days(group)}
        hidden = sum((month.year, month.month) in known for month in months)
        if hidden:
            yield Remark("remark_day_unknown", made.definition.id, number, {"n": hidden})
        if len(months) > hidden:
            alone.append(number)
    if alone:
        yield Remark("remark_month_only", made.definition.id, alone[0], {"n": len(alone)})


def _labels(look: Look, made: Made) -> Iterator[Remark]:
    """Find values printed as the register's keys, and values that are missing."""
    table = made.definition
    if table.rows is Rows.EACH:
        return
    lacking = [number for number, parts in enumerate(made.parts, start=1) if "" in parts]
    if lacking or (table.across and any("" in look.log.column(table.across)[index] for index in made.picked)):
        yield Remark("remark_value_missing", table.id, lacking[0] if lacking else None)
    if table.rows is Rows.CROSS or not look.prints(table, "label"):
        return
    told: set[str] = set()
    for number, parts in enumerate(made.parts, start=1):
        for part in () if JOIN.join(parts) in table.labels else parts:
            if part and part not in table.labels and part not in told and _KEY.issuperset(part):
                told.add(part)
                yield Remark("remark_label", table.id, number, {"value": part})


def _topics(look: Look, made: Made) -> Iterator[Remark]:
    """Find, where topics are counted, communications without one, and topics that differ by a letter's dress."""
    table = made.definition
    if not look.asks(table, "topics") and table.rows is not Rows.TOPIC:
        return
    missing = sum(not look.log.column("tema")[index][0] for index in made.picked)
    if missing:
        yield Remark("remark_topic_missing", table.id, None, {"n": missing})
    alike: dict[str, str] = {}
    for topic in dict.fromkeys(topic_key(look.log.topics[index]) for index in made.picked):
        first = alike.setdefault(folded(topic), topic)
        if first != topic:
            yield Remark("remark_topics_alike", table.id, None, {"one": first, "other": topic})


def _networks(look: Look, made: Made) -> Iterator[Remark]:
    """Find communications of several networks: each stands in several rows, and totals count it in each."""
    table = made.definition
    if table.rows is Rows.CROSS and "red" in {table.down, table.across}:
        several = sum(len(look.log.column("red")[index]) > 1 for index in made.picked)
        if several:
            yield Remark("remark_cross_several", table.id, None, {"n": several})


def _recipients(look: Look, made: Made) -> Iterator[Remark]:
    """Find, where people are added up, communications of which the number, or the persons, are not known."""
    unknown = sum(look.log.items[index].recipients is None for index in made.picked)
    if unknown and look.asks(made.definition, "recipients"):
        yield Remark("remark_recipients", made.definition.id, None, {"n": unknown, "all": len(made.picked)})
    nobody = sum(not look.log.items[index].people for index in made.picked)
    if nobody and look.asks(made.definition, "people"):
        yield Remark("remark_people", made.definition.id, None, {"n": nobody, "all": len(made.picked)})


def _long_cells(_look: Look, made: Made) -> Iterator[Remark]:
    for number, row in enumerate(made.cells, start=1):
        if max(map(len, row), default=0) > EXCEL_CELL:
            yield Remark("remark_cell_long", made.definition.id, number, {"most": EXCEL_CELL})
