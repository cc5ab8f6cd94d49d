"""What an informe made by hand gets wrong, looked for in one made from the log: each rule yields warnings.

The rules come from two published informes in which 8 of 118 weekdays, one count and one list of dates were wrong.
Nothing here changes a cell.
"""

from collections.abc import Iterator, Mapping, Sequence

from outreach.informes.contradictions import counts_differ, dates_in_text
from outreach.informes.informe_checks import of_informe
from outreach.informes.log import Log
from outreach.informes.looking import Look, Period
from outreach.informes.model import Definition
from outreach.informes.remarks import Remark
from outreach.informes.table_checks import of_table
from outreach.informes.tables import Made

__all__ = ["Period", "remarks"]


def remarks(
    definition: Definition,
    made: Sequence[Made],
    log: Log,
    counts: Mapping[str, Mapping[str, int]],
    days: Period,
) -> Iterator[Remark]:
    """Yield every warning, table by table, then those of the whole informe. `counts` are those of each table's id."""
    look = Look(definition, made, log, days)
    for item in made:
        yield from of_table(look, item)
        yield from counts_differ(item, counts[item.definition.id], definition.locale)
        yield from dates_in_text(item, log, definition.locale, days.start)
    yield from of_informe(look)
