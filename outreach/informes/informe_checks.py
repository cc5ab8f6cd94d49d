"""What to look at across tables, and in what no table shows. The codes are told in outreach/words/informes.py."""

import calendar
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import permutations

from outreach.informes import period
from outreach.informes.log import topic_key
from outreach.informes.looking import Look
from outreach.informes.model import Rows
from outreach.informes.remarks import Named, Remark

UNSETTLED = ("planned", "claimed", "calling", "in_doubt")
_SERIES = 5  # days from which a weekday is a habit
_HABIT = 0.75


def of_informe(look: Look) -> Iterator[Remark]:
    """Yield the warnings of the whole informe, each at the first row that it is about."""
    for check in (_tables_differ, _weekday_habits, _accounts, _after_cut, _unsettled, _months_cut, _left_out, _quarter):
        yield from check(look)


def _tables_differ(look: Look) -> Iterator[Remark]:
    """Two tables that tell of the same communications must agree: the rows of one are the dates of the other."""
    for one, other in permutations(look.made, 2):
        if one.definition.rows is not Rows.EACH or other.definition.rows is not Rows.MONTH or not one.picked:
            continue
        lacking = sorted({*one.picked} - {*other.picked})
        if lacking and 2 * len(lacking) <= len(one.picked):
            row = one.picked.index(lacking[0]) + 1
            details = {"n": len(lacking), "all": len(one.picked), "other": other.definition.id}
            yield Remark("remark_tables_differ", one.definition.id, row, details | look.day(lacking[0]))


def _weekday_habits(look: Look) -> Iterator[Remark]:
    """In a series that goes out on one weekday, the days that fall on another."""
    series: dict[tuple[str, str, str], dict[date, int]] = {}
    for index in look.shown:
        item = look.log.items[index]
        if not item.month_only:
            key = (item.channel, item.kind, topic_key(look.log.topics[index]))
            series.setdefault(key, {}).setdefault(item.day, index)
    for days in series.values():
        usual, times = Counter(day.weekday() for day in days).most_common(1)[0]
        if len(days) < _SERIES or not _HABIT * len(days) <= times < len(days):
            continue
        name = Named(next(day for day in days if day.weekday() == usual), "weekday")
        for day, index in days.items():
            if day.weekday() != usual:
                table, row = look.shown[index]
                details = {"weekday": Named(day, "weekday"), "usual": name, "times": times, "all": len(days)}
                yield Remark("remark_weekday_habit", table, row, details | look.day(index))


def _accounts(look: Look) -> Iterator[Remark]:
    lacking = [i for i in look.shown if look.log.items[i].channel == "correo" and not look.log.items[i].account]
    if lacking:
        table, row = look.shown[lacking[0]]
        yield Remark("remark_account", table, row, {"n": len(lacking)} | look.day(lacking[0]))


def _after_cut(look: Look) -> Iterator[Remark]:
    late = [i for i, item in enumerate(look.log.items) if item.day > look.days.cut]
    if late:
        table, row = look.where(late[0])
        yield Remark("remark_after_cut", table, row, {"n": len(late)} | look.day(late[0]))


def _unsettled(look: Look) -> Iterator[Remark]:
    waiting = [sum(item.counts.get(state, 0) for state in UNSETTLED) for item in look.log.items]
    if any(waiting):
        first = next(index for index, number in enumerate(waiting) if number)
        table, row = look.where(first)
        yield Remark("remark_unsettled", table, row, {"n": sum(waiting)} | look.day(first))


def _months_cut(look: Look) -> Iterator[Remark]:
    """Communications of a month alone, of which the period holds only a part."""
    cut = []
    for index, item in enumerate(look.log.items):
        last = item.day.replace(day=calendar.monthrange(item.day.year, item.day.month)[1])
        if item.month_only and (item.day < look.days.start or last > look.days.end):
            cut.append(index)
    if cut:
        table, row = look.where(cut[0])
        yield Remark("remark_month_cut", table, row, {"n": len(cut)})


def _left_out(look: Look) -> Iterator[Remark]:
    """Communications of the period that no table shows, by kind."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for index, item in enumerate(look.log.items):
        if index not in look.shown:
            kinds.setdefault((item.kind, item.channel), []).append(index)
    for (kind, channel), indices in kinds.items():
        details = {"n": len(indices), "kind": kind, "channel": channel, "text": look.short(indices[0])}
        yield Remark("remark_left_out", "", None, details | look.day(indices[0]))


def _quarter(look: Look) -> Iterator[Remark]:
    if "trimestre" in look.named and not period.quarter(look.days.start, look.days.end):
        yield Remark("remark_quarter")
