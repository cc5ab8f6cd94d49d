"""Looking for a text that a person typed, literally: % and _ are letters."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

LONGEST = 100


def holds(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a column holds a text, capitals or not."""
    plain = text.strip()[:LONGEST].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{plain}%", escape="\\")
