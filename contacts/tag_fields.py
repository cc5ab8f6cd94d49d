"""Tags as something that a segment may ask about: kept by number, so that a renamed tag stays the same one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from contacts import tagging
from contacts.folding import fold
from contacts.segment_grammar import ALL, ANY, FIELD, NONE, NOT, Field, Kind, Node, Part, Scene, has_row, register
from contacts.segments import Segment
from contacts.tagging import Renumber, Tag, Tagged

KEY = "etiqueta"


def _read(session: Session, text: str) -> str | int:
    if text == NONE:
        return NONE
    if session.scalar(select(Tag.id).where(Tag.key == fold(text))) is None and text.isascii() and text.isdecimal():
        return tagging.get(session, int(text[:9])).id
    return tagging.named(session, text).id


def _write(session: Session, number: str | int) -> str:
    tag = None if number == NONE else session.get(Tag, number)
    return tag.name if tag else str(number)


def _offered(session: Session) -> list[tuple[str, str]]:
    return [(str(number), name) for number, name in session.execute(select(Tag.id, Tag.name).order_by(Tag.key))]


def _tagged(scene: Scene, node: Node) -> ColumnElement[bool]:
    numbers = [number for number in node["es"] if number != NONE]
    asked = has_row(scene, Tagged.contact_id, Tagged.tag_id.in_(numbers))
    return or_(asked, tagging.has_none()) if NONE in node["es"] else asked


register(Field(KEY, (Part("es", Kind.NAMES, read=_read, write=_write, offered=_offered, needed=True),), _tagged))


def _conditions(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the conditions about tags in a kept filter."""
    if not isinstance(node, dict):
        return
    if node.get(FIELD) == KEY:
        yield node
    for child in [*node.get(ALL, ()), *node.get(ANY, ()), node.get(NOT)]:
        yield from _conditions(child)


class _Segments(Renumber):
    def becomes(self, session: Session, tag_id: int, other_id: int, at: datetime, by: str) -> None:
        for segment in session.scalars(select(Segment).order_by(Segment.id).with_for_update()):
            kept = _copy(segment.filter)
            asking = [each for each in _conditions(kept["filtro"]) if tag_id in each["es"]]
            for each in asking:
                each["es"] = list(dict.fromkeys(other_id if number == tag_id else number for number in each["es"]))
            if asking:
                segment.filter, segment.changed_at, segment.changed_by = kept, at, by

    def holders(self, session: Session, tag_id: int) -> list[str]:
        return [
            segment.name
            for segment in session.scalars(select(Segment).order_by(Segment.key))
            if any(tag_id in each["es"] for each in _conditions(_copy(segment.filter)["filtro"]))
        ]


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


tagging.RENUMBER.append(_Segments())
