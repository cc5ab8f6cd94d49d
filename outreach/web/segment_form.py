"""A segment's form ⇄ its filter: boxes inside boxes, each with names of its own, so that it needs no script.

A box is a group or a condition. `r` is the outermost group, `r-0` the first box in it, `r-0-2` the third one in that.
Its fields are `r-0.tipo`, `r-0.no`, and a field for each part of the condition: `r-0.es`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from contacts import segments
from contacts.segment_grammar import (
    ALL,
    ANY,
    DEEPEST,
    FIELD,
    FIELDS,
    MOST_CONDITIONS,
    NOT,
    Field,
    Kind,
    Node,
    Part,
    place,
)
from outreach.web.forms import Form
from outreach.words.segments import value_word

GROUP = "grupo"
ROOT = "r"
Path = tuple[str | int, ...]


@dataclass
class Box:
    """A group with its boxes, or a condition with what was typed into each part of it."""

    kind: str = GROUP  # GROUP, or the key of a field
    opposite: bool = False
    joint: str = ALL
    boxes: list["Box"] = field(default_factory=list)
    typed: dict[str, list[str]] = field(default_factory=dict)
    name: str = ROOT
    depth: int = 0

    @property
    def field(self) -> Field:
        """Return the field of a condition."""
        return FIELDS[self.kind]

    @property
    def roomy(self) -> bool:
        """Tell whether a group may be put into this one."""
        return self.depth + 1 < DEEPEST

    def every(self) -> Iterator["Box"]:
        """Return this box and all inside it."""
        yield self
        for box in self.boxes:
            yield from box.every()

    def number(self, name: str = ROOT, depth: int = 0) -> None:
        """Give every box its name anew."""
        self.name, self.depth = name, depth
        for place_, box in enumerate(self.boxes):
            box.number(f"{name}-{place_}", depth + 1)


def typed(values: MultiDict[str, str], name: str = ROOT, depth: int = 0) -> Box:
    """Return the boxes of a form as it was sent."""
    box = Box(values.get(f"{name}.tipo", GROUP), f"{name}.no" in values, name=name, depth=depth)
    if box.kind in FIELDS:
        box.typed = {part.key: values.getlist(f"{name}.{part.key}") for part in box.field.parts}
        return box
    box.kind = GROUP
    box.joint = ANY if values.get(f"{name}.junta") == ANY else ALL
    inside = range(MOST_CONDITIONS + 1) if depth < DEEPEST else ()
    box.boxes = [typed(values, f"{name}-{place_}", depth + 1) for place_ in inside if f"{name}-{place_}.tipo" in values]
    box.number(name, depth)
    return box


def boxes_of(session: Session, wanted: segments.Filter | None) -> Box:
    """Return the boxes that say a filter; an empty group for none."""
    if wanted is None:
        return Box()
    box = _box(session, wanted.tree)
    root = box if box.kind == GROUP and not box.opposite else Box(boxes=[box])
    root.number()
    return root


def _box(session: Session, node: Node) -> Box:
    if NOT in node:
        box = _box(session, node[NOT])
        box.opposite = not box.opposite
        return box
    for joint in (ALL, ANY):
        if joint in node:
            return Box(joint=joint, boxes=[_box(session, child) for child in node[joint]])
    box = Box(node[FIELD])
    for part in box.field.parts:
        if part.key in node:
            box.typed[part.key] = _shown(session, box.kind, part, node[part.key])
    return box


def _shown(session: Session, key: str, part: Part, value: Any) -> list[str]:
    if part.kind is Kind.NAMES and not part.offered:
        return ["\n".join(_line(session, key, part, each) for each in value)]
    if part.kind in {Kind.NAMES, Kind.CHOICES}:
        return [str(each) for each in value]
    return ["1" if value is True else str(value)]


def _line(session: Session, key: str, part: Part, value: str | int) -> str:
    if key == "pais" and value != "–":
        return value_word(session, key, part, value)
    return part.write(session, value) if part.write else str(value)


def act(box: Box, asked: str, values: MultiDict[str, str]) -> str:
    """Do what a button of the form asks: `agregar r-0`, `quitar r-0-1`. Return the name of the box to look at next."""
    verb, _blank, name = asked.partition(" ")
    look = ""
    if verb == "agregar":
        kind = values.get(f"{name}.nueva", "")
        group = next((each for each in box.every() if each.name == name and each.kind == GROUP), None)
        if group and (kind in FIELDS or (kind == GROUP and group.roomy)) and len(group.boxes) < MOST_CONDITIONS:
            group.boxes.append(Box(kind, joint=ANY if group.joint == ALL else ALL))
            look = f"{name}-{len(group.boxes) - 1}"
    if verb == "quitar":
        for group in box.every():
            if any(each.name == name for each in group.boxes):
                group.boxes = [each for each in group.boxes if each.name != name]
                look = group.name
                break
    box.number()
    return look


def form_of(box: Box, **values: str) -> Form:
    """Return the form that shows these boxes, and other fields."""
    form = Form(MultiDict(values))
    for each in box.every():
        form.values[f"{each.name}.tipo"] = each.kind
        if each.kind == GROUP:
            form.values[f"{each.name}.junta"] = each.joint
            form.values[f"{each.name}.nueva"] = ""
        if each.opposite:
            form.values[f"{each.name}.no"] = "1"
        for key, texts in each.typed.items():
            form.values.setlist(f"{each.name}.{key}", texts)
    return form


def tree_of(box: Box) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the filter that the boxes write, and which field of the form each place of it is."""
    places: dict[str, str] = {}
    return _node(box, (), places), places


def _node(box: Box, path: Path, places: dict[str, str]) -> dict[str, Any]:
    if box.opposite:
        path = (*path, NOT)
    if box.kind == GROUP:
        places[place((*path, box.joint))] = f"{box.name}.nueva"
        places[place(path)] = f"{box.name}.nueva"
        inside = [_node(each, (*path, box.joint, number), places) for number, each in enumerate(box.boxes)]
        node: dict[str, Any] = {box.joint: inside}
    else:
        node = {FIELD: box.kind}
        for part in box.field.parts:
            places[place((*path, part.key))] = f"{box.name}.{part.key}"
            value = _value(part, box.typed.get(part.key, []))
            if value:
                node[part.key] = value
    return {NOT: node} if box.opposite else node


def _value(part: Part, texts: list[str]) -> object:
    if part.kind is Kind.NAMES and not part.offered:
        return [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    if part.kind in {Kind.NAMES, Kind.CHOICES}:
        return [text for text in texts if text]
    if part.kind is Kind.FLAG:
        return bool(texts and texts[0])
    return texts[0].strip() if texts else ""
