"""A filter as somebody wrote it is read whole, or refused with everything that is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from contacts.errors import Fault, Refused, refuse
from contacts.folding import clean
from contacts.segment_grammar import (
    ALL,
    ANY,
    DEEPEST,
    FIELD,
    FIELDS,
    LONGEST,
    MOST_CONDITIONS,
    MOST_DAYS,
    MOST_VALUES,
    NOT,
    Field,
    Kind,
    Node,
    Part,
    place,
)

Path = tuple[str | int, ...]
Kept = dict[str, Any]

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)  # what every zone and both databases can hold


def read(session: Session, written: object) -> Kept:
    """Return a filter as it is kept, from how it was written. Refuses with every fault at once.

    Codes: `segment_form`, `segment_field`, `segment_part`, `segment_empty`, `segment_value`, `segment_choice`,
    `segment_days`, `segment_day`, `segment_order`, `segment_one`, `segment_some`, `segment_deep`, `segment_many`,
    `segment_long`, `text_control`, and what the fields' own readers refuse (`network_unknown`, `country_unknown` …).
    """
    reader = _Reader(session)
    kept: Kept | None = reader.attempt((), reader.node, written, (), 0)
    if reader.conditions > MOST_CONDITIONS:
        reader.faults.append(_fault("segment_many", (), reader.conditions, most=MOST_CONDITIONS))
    if reader.faults or kept is None:
        raise Refused(reader.faults)
    return kept


def _fault(code: str, path: Path, value: object = "", **details: object) -> Fault:
    return Fault(code, place(path), str(value)[:LONGEST], details=details)


def _unsaid(found: object) -> bool:
    return found is None or found is False or found == ""


class _Reader:
    """Reads a tree; what is wrong is noted with its place, and the reading goes on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.faults: list[Fault] = []
        self.conditions = 0

    def attempt(self, path: Path, act: Callable[..., Any], *values: object) -> Any:
        """Return what an act gives; nothing where it refuses. A fault that names no place stands at `path`."""
        try:
            return act(*values)
        except Refused as refused:
            self.faults += [fault if fault.where else replace(fault, where=place(path)) for fault in refused.faults]
            return None

    def node(self, found: object, path: Path, depth: int) -> Kept | None:
        if not isinstance(found, Mapping):
            raise refuse("segment_form", place(path), str(found)[:LONGEST])
        kinds = [key for key in (ALL, ANY, NOT, FIELD) if key in found]
        if len(kinds) != 1 or (kinds[0] != FIELD and len(found) > 1):
            raise refuse("segment_form", place(path), ", ".join(map(str, found))[:LONGEST])
        if kinds[0] == FIELD:
            return self.condition(found, path)
        if kinds[0] == NOT:
            return self.opposite(found[NOT], (*path, NOT), depth)
        if depth >= DEEPEST:
            raise refuse("segment_deep", place(path), "", most=DEEPEST)
        return self.group(kinds[0], found[kinds[0]], (*path, kinds[0]), depth)

    def opposite(self, found: object, path: Path, depth: int) -> Kept | None:
        turned = True
        while isinstance(found, Mapping) and set(found) == {NOT}:  # «not not» is nothing
            found, turned = found[NOT], not turned
        kept = self.attempt(path, self.node, found, path, depth)
        return {NOT: kept} if kept is not None and turned else kept

    def group(self, kind: str, found: object, path: Path, depth: int) -> Kept:
        if not isinstance(found, Sequence) or isinstance(found, str):
            raise refuse("segment_form", place(path), str(found)[:LONGEST])
        if not found:
            raise refuse("segment_empty", place(path), kind)
        if len(found) > MOST_CONDITIONS:
            raise refuse("segment_many", place(path), len(found), most=MOST_CONDITIONS)
        places = [(*path, number) for number in range(len(found))]
        kept = [self.attempt(at, self.node, child, at, depth + 1) for at, child in zip(places, found, strict=True)]
        return {kind: [child for child in kept if child is not None]}

    def condition(self, found: Node, path: Path) -> Kept:
        self.conditions += 1
        field = FIELDS.get(str(found[FIELD]))
        if field is None:
            allowed = ", ".join(FIELDS)
            raise refuse("segment_field", place((*path, FIELD)), str(found[FIELD])[:LONGEST], allowed=allowed)
        known = [part.key for part in field.parts]
        self.faults += [
            _fault("segment_part", (*path, str(key)), key, allowed=", ".join(known))
            for key in found
            if key not in {FIELD, *known}
        ]
        kept: Kept = {FIELD: field.key}
        for part in field.parts:
            at = (*path, part.key)
            value = self.attempt(at, self.part, part, found.get(part.key), at)
            if value is not None:
                kept[part.key] = value
        self.faults += _together(field, found, kept, path)
        return kept

    def part(self, part: Part, found: object, path: Path) -> object:
        if _unsaid(found) or found in ([], ()):
            if part.needed:
                raise refuse("segment_empty", place(path), part.key)
            return None
        if part.kind is Kind.FLAG:
            return _flag(found)
        if part.kind is Kind.DAYS:
            return _days(found)
        return _day(found) if part.kind is Kind.DAY else self.several(part, found, path)

    def several(self, part: Part, found: object, path: Path) -> list[str | int]:
        texts = [found] if isinstance(found, str | int) else found
        if not isinstance(texts, Sequence) or not all(
            isinstance(text, str | int) and not isinstance(text, bool) for text in texts
        ):
            raise refuse("segment_value", "", str(found)[:LONGEST])
        if len(texts) > MOST_VALUES:
            raise refuse("segment_long", "", len(texts), most=MOST_VALUES)
        read = [self.attempt(path, self.value, part, clean(str(text)), path) for text in texts]
        return list(dict.fromkeys(each for each in read if each is not None))

    def value(self, part: Part, text: str, path: Path) -> str | int:
        if not text:
            raise refuse("segment_empty", "", part.key)
        if not text.isprintable():
            raise refuse("text_control", "", "".join(char if char.isprintable() else "�" for char in text)[:LONGEST])
        if len(text) > LONGEST:
            raise refuse("segment_long", "", len(text), most=LONGEST)
        if part.kind is Kind.CHOICES and text not in part.choices:
            raise refuse("segment_choice", "", text, allowed=", ".join(part.choices))
        if part.read is None:
            return text
        try:
            return part.read(self.session, text)
        except Refused as refused:  # a reader knows nothing of places in a filter
            raise Refused(replace(fault, where=place(path)) for fault in refused.faults) from None


def _together(field: Field, found: Node, kept: Node, path: Path) -> list[Fault]:
    """Find what is wrong with the parts of a condition beside each other."""
    faults = []
    said = [key for key in field.one if not _unsaid(found.get(key))]
    if field.one and len(said) != 1:
        at = (*path, said[1] if said else field.one[0])
        faults.append(_fault("segment_one", at, allowed=", ".join(field.one)))
    if field.some and not any(found.get(key) and not _unsaid(found[key]) for key in field.some):
        faults.append(_fault("segment_some", (*path, field.some[0]), allowed=", ".join(field.some)))
    first, last = kept.get("desde"), kept.get("hasta")
    if first and last and first > last:
        faults.append(_fault("segment_order", (*path, "hasta"), last, first=first))
    return faults


def _flag(found: object) -> bool:
    if found is not True:
        raise refuse("segment_value", "", str(found)[:LONGEST])
    return True


def _days(found: object) -> int:
    text = str(found).strip()
    whole = isinstance(found, int | str) and text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_DAYS))
    if not whole or not 1 <= int(text) <= MOST_DAYS:
        raise refuse("segment_days", "", text[:LONGEST], most=MOST_DAYS)
    return int(text)


def _day(found: object) -> str:
    try:
        day = found if type(found) is date else date.fromisoformat(str(found).strip())
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise refuse("segment_day", "", str(found)[:LONGEST])
    return day.isoformat()
