"""Segments: a saved filter in words. Who is in it is asked anew each time: a list, a count, an audience at its hour."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import JSON, ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts import counting, pointers, segment_fields, segment_grammar, segment_reading
from contacts.base import Base, BigId
from contacts.errors import Fault, Refused, refuse
from contacts.folding import clean, fold
from contacts.models import Contact
from contacts.places import MEXICO_CITY
from contacts.segment_grammar import ALL, ANY, FIELDS, LONGEST, NOT, VERSION, Node, Scene, field_of

__all__ = ["FIELDS", "SAMPLE", "Filter", "Segment", "condition", "segment_fields"]

SAMPLE = 10  # people shown while somebody writes a filter

#: Who holds on to segments: each names what needs the segment of that number. `campaigns` adds its own.
HOLDERS: list[Callable[[Session, int], list[str]]] = []


class Segment(Base):
    """A filter with a name."""

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)  # the name folded: «Líderes» and «lideres» are one
    description: Mapped[str] = mapped_column(default="")
    filter: Mapped[dict[str, object]] = mapped_column(JSON)  # see Filter.to_json
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(default="")


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was read: its tree, and the zone in which its days are meant."""

    tree: Node
    zone: str = MEXICO_CITY

    def to_json(self) -> dict[str, object]:
        """Return what is stored."""
        return {"version": VERSION, "zona": self.zone, "filtro": dict(self.tree)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Filter":
        """Return the filter that was stored. Refuses `segment_version`: a newer platform wrote it."""
        if stored.get("version") != VERSION:
            raise refuse("segment_version", "version", stored.get("version", ""), known=VERSION)
        return cls(stored["filtro"], stored["zona"])


def read(session: Session, written: object, zone: str = MEXICO_CITY) -> Filter:
    """Return the filter that somebody wrote. Refuses all that `segment_reading.read` does, and `zone_unknown`."""
    if zone not in available_timezones():
        raise refuse("zone_unknown", "zona", zone)
    return Filter(segment_reading.read(session, written), zone)


def parse(session: Session, text: str, zone: str = MEXICO_CITY) -> Filter:
    """Return the filter in a JSON text. Refuses as `read` does, and `segment_json`."""
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        raise refuse("segment_json", "filtro", text[:LONGEST]) from None
    return read(session, written, zone)


def as_written(session: Session, wanted: Filter) -> dict[str, Any]:
    """Return a filter as a person would write it in a file: `read` takes it back."""
    return segment_grammar.written(session, wanted.tree)


def condition(session: Session, wanted: Filter, at: datetime) -> ColumnElement[bool]:
    """Return the condition on `Contact` that a filter is at a moment. It is never NULL, so that «not» is its opposite.

    People who were forgotten are not left out by it: whoever asks for people does that.
    """
    return _condition(Scene(session, at, wanted.zone), wanted.tree)


def of(session: Session, segment: Segment, at: datetime) -> ColumnElement[bool]:
    """Return the condition on `Contact` that a saved segment is at a moment."""
    return condition(session, Filter.from_json(segment.filter), at)


def _condition(scene: Scene, node: Node) -> ColumnElement[bool]:
    if ALL in node:
        return and_(*[_condition(scene, child) for child in node[ALL]])
    if ANY in node:
        return or_(*[_condition(scene, child) for child in node[ANY]])
    if NOT in node:
        return not_(_condition(scene, node[NOT]))
    return field_of(node).condition(scene, node)


def chosen(session: Session, wanted: Filter, at: datetime) -> Select[int]:
    """Return the select of the numbers of the people that a filter finds at a moment, in no order."""
    return select(Contact.id).where(pointers.present(), condition(session, wanted, at))


def count(session: Session, wanted: Filter, at: datetime) -> int:
    """Return how many people a filter finds."""
    return counting.people(session, condition(session, wanted, at), seconds=None).number


def counted(
    session: Session, wanted: Filter, at: datetime, seconds: float | None = counting.PATIENCE
) -> counting.Count:
    """Return how many people a filter finds: exactly within so many seconds, else about (`contacts.counting`)."""
    return counting.people(session, condition(session, wanted, at), seconds=seconds)


def sample(session: Session, wanted: Filter, at: datetime, most: int = SAMPLE) -> list[Contact]:
    """Return some of the people that a filter finds, by name: those that are at hand, since sorting all takes long."""
    some = chosen(session, wanted, at).limit(most).subquery()
    return list(session.scalars(select(Contact).where(Contact.id.in_(select(some.c.id))).order_by(Contact.name)))


def create(session: Session, name: str, wanted: Filter, *, at: datetime, by: str, description: str = "") -> Segment:
    """Save a filter under a name. Refuses `segment_name` and `segment_taken`."""
    plain, about = _name(session, name, None), _description(description)
    segment = Segment(
        name=plain,
        key=fold(plain),
        description=about,
        filter=wanted.to_json(),
        created_at=at,
        created_by=by,
        changed_at=at,
        changed_by=by,
    )
    session.add(segment)
    session.flush()
    return segment


def edit(
    session: Session, segment: Segment, name: str, wanted: Filter, *, at: datetime, by: str, description: str = ""
) -> Segment:
    """Write a segment anew: audiences that name it and have not left yet follow. Refuses as `create` does."""
    plain, about = _name(session, name, segment), _description(description)
    segment.name, segment.key, segment.description = plain, fold(plain), about
    segment.filter = wanted.to_json()
    segment.changed_at, segment.changed_by = at, by
    session.flush()
    return segment


def delete(session: Session, segment: Segment) -> None:
    """Forget a segment. Refuses `segment_used` with the names of what needs it (`holders`)."""
    if held := holders(session, segment.id):
        raise refuse("segment_used", "segmento", segment.name, holders=", ".join(held))
    session.delete(segment)
    session.flush()


def holders(session: Session, segment_id: int) -> list[str]:
    """Return the names of what needs a segment: the campaigns whose audience it is in."""
    return [name for holder in HOLDERS for name in holder(session, segment_id)]


def every(session: Session) -> list[Segment]:
    """Return the segments, by name."""
    return list(session.scalars(select(Segment).order_by(Segment.key)))


def get(session: Session, segment_id: int) -> Segment:
    """Return a segment by its number. Refuses `segment_unknown`."""
    segment = session.get(Segment, segment_id)
    if segment is None:
        raise refuse("segment_unknown", "segmento", segment_id, allowed=_names(session))
    return segment


def find(session: Session, name: str) -> Segment:
    """Return a segment by its name, accents and capitals aside, or by its number. Refuses `segment_unknown`."""
    found = by_name(session, [name]).get(name)
    if found is None and name.isascii() and name.isdecimal() and len(name) <= segment_fields.LONGEST_ID:
        found = session.get(Segment, int(name))
    if found is None:
        raise refuse("segment_unknown", "segmento", name, allowed=_names(session))
    return found


def by_name(session: Session, names: Iterable[str]) -> dict[str, Segment]:
    """Return the segments of these names, accents and capitals aside; a name that is nobody's is not in the answer."""
    known = {segment.key: segment for segment in every(session)}
    return {name: known[fold(name)] for name in names if fold(name) in known}


def _names(session: Session) -> str:
    return ", ".join(segment.name for segment in every(session)) or "–"


def _name(session: Session, name: str, own: Segment | None) -> str:
    plain = clean(name)
    if not fold(plain) or len(plain) > LONGEST or not plain.isprintable():
        raise Refused([Fault("segment_name", "nombre", plain[:LONGEST], details={"most": LONGEST})])
    taken = session.scalar(select(Segment).where(Segment.key == fold(plain)))
    if taken is not None and taken is not own:
        raise refuse("segment_taken", "nombre", taken.name)
    return plain


def _description(text: str) -> str:
    plain = clean(text)
    if not plain.isprintable():
        raise refuse("text_control", "descripcion", "".join(c if c.isprintable() else "�" for c in plain))
    return plain[:LONGEST]
