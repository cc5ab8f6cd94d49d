"""A form between two requests: what was typed, and what is wrong with it, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from contacts.errors import Fault, Refused
from outreach import words


@dataclass
class Form:
    """What a person typed. It is given back as it was: nothing typed is ever lost."""

    values: MultiDict[str, str] = field(default_factory=MultiDict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the value of a field without spaces around it."""
        return self.values.get(name, "").strip()

    def several(self, name: str) -> list[str]:
        """Return every value of a field that may have several."""
        return [value.strip() for value in self.values.getlist(name) if value.strip()]

    def mark(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field; "" is the form as a whole."""
        self.errors.setdefault(name, []).append(sentence)

    def refuse(
        self, refused: Refused, fields: Mapping[str, str] | None = None, labels: Mapping[str, str] | None = None
    ) -> None:
        """Put each fault of a refusal beside its field.

        `fields` maps the domain's places to names of fields, `labels` to what the reader sees above them.
        """
        for fault in refused.faults:
            told = replace(fault, where=(labels or {}).get(fault.where, fault.where))
            self.mark(self._field(fault, fields or {}), words.explain(told))

    def _field(self, fault: Fault, fields: Mapping[str, str]) -> str:
        """Return the field of a fault: its place, or the longest beginning of it that is mapped."""
        place = fault.where
        while place:
            if place in fields:
                return fields[place]
            if place in self.values:
                return place
            place = place.rpartition(".")[0]
        return ""

    @property
    def wrong(self) -> bool:
        """Tell whether anything is."""
        return bool(self.errors)


def filled(names: Iterable[str], values: Mapping[str, str]) -> Form:
    """Return a form that begins with these values; every name is there, so that its errors find it."""
    form = Form(MultiDict({name: values.get(name, "") for name in names}))
    for name, value in values.items():
        form.values.setdefault(name, value)
    return form
