"""Tags: free labels on people. A tag is made by whoever first uses it; accents and capitals do not make another one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, UniqueConstraint, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts import pointers
from contacts.base import Base, BigId, table_of
from contacts.errors import refuse
from contacts.folding import bare, fold
from contacts.idsets import among
from contacts.models import Contact

LONGEST = 60  # letters of a tag
MOST = 30  # tags of one person
_SOME = 5_000  # rows a statement

#: Who keeps tags by their number (`contacts.segments`): told when one becomes another, and asked what holds on to one.
RENUMBER: list["Renumber"] = []


class Renumber(Protocol):
    """What somebody who keeps numbers of tags does for them."""

    def becomes(self, session: Session, tag_id: int, other_id: int, at: datetime, by: str) -> None:
        """Put another tag in the place of one."""

    def holders(self, session: Session, tag_id: int) -> list[str]:
        """Return the names of what needs a tag."""
        ...


class Tag(Base):
    """A label."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)  # the name folded: «Observadoras» and «observadoras» are one
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(default="")


class Tagged(Base):
    """A label on a person."""

    __tablename__ = "contact_tag"
    __table_args__ = (UniqueConstraint("contact_id", "tag_id"), Index("ix_contact_tag_tag_id", "tag_id", "contact_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(default="")


_TAGGED = table_of(Tagged)


def find(session: Session, name: str) -> Tag | None:
    """Return the tag of that name, accents and capitals aside; None when there is none."""
    return session.scalar(select(Tag).where(Tag.key == fold(bare(name))))


def named(session: Session, name: str) -> Tag:
    """Return the tag of that name, as `find` does. Refuses `tag_unknown`."""
    tag = find(session, name)
    if tag is None:
        raise refuse("tag_unknown", "etiqueta", name[:LONGEST])
    return tag


def get(session: Session, tag_id: int) -> Tag:
    """Return a tag by its number. Refuses `tag_unknown`."""
    tag = session.get(Tag, tag_id)
    if tag is None:
        raise refuse("tag_unknown", "etiqueta", tag_id)
    return tag


def ensure(session: Session, names: Iterable[str], *, at: datetime, by: str) -> list[Tag]:
    """Return the tags of these names, each once, making those that are new. Refuses `tag_name`."""
    wanted = {fold(plain): plain for name in names for plain in [checked(name)]}
    known = {tag.key: tag for tag in session.scalars(select(Tag).where(Tag.key.in_(list(wanted))))} if wanted else {}
    for key, plain in wanted.items():
        if key not in known:
            known[key] = Tag(name=plain, key=key, created_at=at, created_by=by)
            session.add(known[key])
    session.flush()
    return [known[key] for key in wanted]


def checked(name: str) -> str:
    """Return the name of a tag as it is kept. Refuses `tag_name`."""
    plain = bare(name)
    if not fold(plain) or len(plain) > LONGEST or ";" in plain:  # the sign between two in a file
        raise refuse("tag_name", "etiquetas", plain[:LONGEST], most=LONGEST)
    return plain


def split(text: str) -> list[str]:
    """Return the names in a text: one a line, or between semicolons or commas."""
    return [name for part in text.replace(",", ";").replace("\n", ";").split(";") if (name := bare(part))]


def every(session: Session) -> list[tuple[Tag, int]]:
    """Return every tag with how many people have it, by name."""
    counts = (
        select(_TAGGED.c.tag_id, func.count().label("people"))
        .join(Contact, Contact.id == _TAGGED.c.contact_id)
        .where(pointers.present())
        .group_by(_TAGGED.c.tag_id)
        .subquery()
    )
    rows = session.execute(
        select(Tag, func.coalesce(counts.c.people, 0)).outerjoin(counts, counts.c.tag_id == Tag.id).order_by(Tag.key)
    )
    return [(tag, count) for tag, count in rows]


def of_people(session: Session, contact_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the names of people's tags, by person; who has none is not there."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(contact_ids), _SOME):
        rows = session.execute(
            select(_TAGGED.c.contact_id, Tag.name)
            .join(Tag, Tag.id == _TAGGED.c.tag_id)
            .where(among(_TAGGED.c.contact_id, contact_ids[start : start + _SOME]))
            .order_by(Tag.key)
        )
        for contact_id, name in rows:
            found.setdefault(contact_id, []).append(name)
    return found


def put(session: Session, contact_id: int, names: Iterable[str], *, at: datetime, by: str) -> tuple[int, int]:
    """Let a person have these tags and no others; return how many came and went. Refuses `tag_name`, `tags_many`."""
    several = list({fold(checked(name)): name for name in names}.values())
    if len(several) > MOST:
        raise refuse("tags_many", "etiquetas", len(several), most=MOST)
    wanted = {tag.id for tag in ensure(session, several, at=at, by=by)}
    have = set(session.scalars(select(_TAGGED.c.tag_id).where(_TAGGED.c.contact_id == contact_id)))
    for tag_id in sorted(wanted - have):
        session.add(Tagged(contact_id=contact_id, tag_id=tag_id, at=at, by=by))
    if gone := have - wanted:
        session.execute(delete(_TAGGED).where(_TAGGED.c.contact_id == contact_id, _TAGGED.c.tag_id.in_(sorted(gone))))
    session.flush()
    return len(wanted - have), len(gone)


def lacking(tag_id: int, people: Select[int]) -> Select[int]:
    """Return the select of those of some people who do not have a tag."""
    have = select(_TAGGED.c.contact_id).where(_TAGGED.c.tag_id == tag_id)
    return select(Contact.id).where(Contact.id.in_(people), Contact.id.not_in(have))


def having(tag_id: int, people: Select[int]) -> Select[int]:
    """Return the select of those of some people who have a tag."""
    have = select(_TAGGED.c.contact_id).where(_TAGGED.c.tag_id == tag_id)
    return select(Contact.id).where(Contact.id.in_(people), Contact.id.in_(have))


def put_on(session: Session, tag_id: int, people: Select[int], *, at: datetime, by: str) -> int:
    """Give a tag to all these people who lack it; return how many."""
    ids = session.scalars(lacking(tag_id, people)).all()
    for start in range(0, len(ids), _SOME):
        some = ids[start : start + _SOME]
        session.execute(insert(_TAGGED), [{"contact_id": one, "tag_id": tag_id, "at": at, "by": by} for one in some])
    return len(ids)


def take_off(session: Session, tag_id: int, people: Select[int]) -> int:
    """Take a tag from all these people; return how many had it."""
    ids = session.scalars(having(tag_id, people)).all()
    for start in range(0, len(ids), _SOME):
        gone = among(_TAGGED.c.contact_id, ids[start : start + _SOME])
        session.execute(delete(_TAGGED).where(_TAGGED.c.tag_id == tag_id, gone))
    return len(ids)


def rename(session: Session, tag: Tag, name: str) -> None:
    """Call a tag something else. Refuses `tag_name`, and `tag_taken`: two of them are merged."""
    plain = checked(name)
    other = session.scalar(select(Tag).where(Tag.key == fold(plain), Tag.id != tag.id))
    if other is not None:
        raise refuse("tag_taken", "nombre", other.name, id=other.id)
    tag.name, tag.key = plain, fold(plain)
    session.flush()


def merge(session: Session, tag: Tag, into: Tag, *, at: datetime, by: str) -> int:
    """Make two tags one: whoever has `tag` has `into`; return how many did not have it yet. Refuses `tag_same`."""
    if tag.id == into.id:
        raise refuse("tag_same", "etiqueta", tag.name)
    have = select(_TAGGED.c.contact_id).where(_TAGGED.c.tag_id == into.id)
    moving = session.scalars(
        select(_TAGGED.c.id).where(_TAGGED.c.tag_id == tag.id, _TAGGED.c.contact_id.not_in(have))
    ).all()
    for start in range(0, len(moving), _SOME):
        session.execute(
            update(_TAGGED).where(among(_TAGGED.c.id, moving[start : start + _SOME])).values(tag_id=into.id)
        )
    for keeper in RENUMBER:
        keeper.becomes(session, tag.id, into.id, at, by)
    session.execute(delete(_TAGGED).where(_TAGGED.c.tag_id == tag.id))
    session.delete(tag)
    session.flush()
    return len(moving)


def remove(session: Session, tag: Tag) -> int:
    """Take a tag from everybody and out of the world; return how many had it. Refuses `tag_used` by a segment."""
    if holders := [name for keeper in RENUMBER for name in keeper.holders(session, tag.id)]:
        raise refuse("tag_used", "etiqueta", tag.name, holders=", ".join(holders))
    had = session.execute(delete(_TAGGED).where(_TAGGED.c.tag_id == tag.id))
    session.delete(tag)
    session.flush()
    return had.rowcount  # type: ignore[attr-defined, no-any-return]


def has_any(tag_ids: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition on `Contact` that a person has one of these tags."""
    return Contact.id.in_(select(_TAGGED.c.contact_id).where(_TAGGED.c.tag_id.in_(list(tag_ids))))


def has_none() -> ColumnElement[bool]:
    """Return the condition on `Contact` that a person has no tag at all."""
    return Contact.id.not_in(select(_TAGGED.c.contact_id))


def bring(session: Session, wanted: Mapping[int, Iterable[str]], *, at: datetime, by: str) -> set[int]:
    """Give tags to people of a file: person → names. What they have stays. Return to whom one was added."""
    names: dict[str, str] = {}
    for theirs in wanted.values():
        for name in theirs:
            names.setdefault(fold(name), name)
    numbers = {tag.key: tag.id for tag in ensure(session, names.values(), at=at, by=by)}
    ids = sorted(wanted)
    have: set[tuple[int, int]] = set()
    for start in range(0, len(ids), _SOME):
        some = among(_TAGGED.c.contact_id, ids[start : start + _SOME])
        rows = session.execute(select(_TAGGED.c.contact_id, _TAGGED.c.tag_id).where(some))
        have.update((contact_id, tag_id) for contact_id, tag_id in rows)
    news = sorted({(one, numbers[fold(name)]) for one in ids for name in wanted[one]} - have)
    for start in range(0, len(news), _SOME):
        lines = [{"contact_id": one, "tag_id": tag, "at": at, "by": by} for one, tag in news[start : start + _SOME]]
        session.connection().execute(insert(_TAGGED), lines)
    return {one for one, _tag in news}
