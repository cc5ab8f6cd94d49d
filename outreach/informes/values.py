"""Taking values out of a TOML document that people wrote: the right kind, or a fault with its line; never an end.

Codes: `definition_key` (unknown), `definition_key_rows` (known, but not for these rows), `definition_lacks`,
`definition_text`, `definition_texts`, `definition_flag`, `definition_group`, `definition_braces`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, time

from contacts.errors import Fault
from outreach.informes.places import KeyPath
from outreach.informes.text import Template, TemplateError

Group = Mapping[str, object]


class Values:
    """The faults found so far in one document, and the verbs that find them. A path leads to the key looked at."""

    def __init__(self, lines: Mapping[KeyPath, int], file: str) -> None:
        self.lines = lines
        self.file = file
        self.faults: list[Fault] = []
        self.names: dict[KeyPath, str] = {}  # what the author calls an item of a list

    def refuse(self, code: str, path: KeyPath, value: object, **details: str) -> None:
        """Note a fault at a place."""
        self.faults.append(self.fault(code, path, value, **details))

    def fault(self, code: str, path: KeyPath, value: object, **details: str) -> Fault:
        """Return a fault with its place in words and its line: the key's own, else that of what holds it."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Fault(code, self.place(path), str(value), row=self.lines.get(known, 1), file=self.file, details=details)

    def place(self, path: KeyPath) -> str:
        """Return a path as its author would say it: `table 2 (correos), columns 3, value`."""
        words: list[str] = []
        for depth, part in enumerate(path, start=1):
            if isinstance(part, str):
                words.append(part)
                continue
            name = self.names.get(path[:depth], "")
            words[-1] += f" {part + 1}" + (f" ({name})" if name else "")
        return ", ".join(words)

    def keys(self, values: Group, path: KeyPath, allowed: Iterable[str]) -> None:
        """Refuse every key that is not allowed."""
        for key in values:
            if key not in allowed:
                self.refuse("definition_key", (*path, key), key, allowed=", ".join(allowed))

    def text(self, values: Group, path: KeyPath, key: str, *, required: bool = False) -> str:
        """Return a text, "" where there is none. A required one holds more than spaces."""
        value = values.get(key)
        if value is None:
            if required:
                self.refuse("definition_lacks", path, key)
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self.refuse("definition_text", (*path, key), value)
            return ""
        return value

    def texts(self, values: Group, path: KeyPath, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one, and a number counts as its digits."""
        value = values.get(key, [])
        items = [as_text(item) for item in (value if isinstance(value, list) else [value])]
        if None in items:
            self.refuse("definition_texts", (*path, key), value)
        return tuple(item for item in items if item is not None)

    def flag(self, values: Group, path: KeyPath, key: str) -> bool:
        """Return a flag, False where there is none."""
        value = values.get(key, False)
        if not isinstance(value, bool):
            self.refuse("definition_flag", (*path, key), value)
        return value is True

    def group(self, values: Group, path: KeyPath, key: str) -> Group:
        """Return a table of keys, an empty one where there is none."""
        value = values.get(key, {})
        if not isinstance(value, dict):
            self.refuse("definition_group", (*path, key), value)
            return {}
        return value

    def groups(self, values: Group, path: KeyPath, key: str) -> list[Group]:
        """Return a list of tables, which must hold at least one."""
        value = values.get(key)
        if value is None or value == []:
            self.refuse("definition_lacks", path, key)
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse("definition_groups", (*path, key), value)
            return []
        return value

    def template(self, values: Group, path: KeyPath, key: str, *, required: bool = False) -> Template:
        """Return a text with its placeholders found."""
        text = self.text(values, path, key, required=required)
        try:
            return Template.parse(text)
        except TemplateError:
            self.refuse("definition_braces", (*path, key), text)
            return Template(text, ())


def as_text(value: object) -> str | None:
    """Return a value as the register writes it (days ISO, hours `20:00`), or None for what is no single value."""
    writers: Mapping[type, Callable[..., str]] = {
        str: str.strip,
        int: str,
        float: lambda number: f"{number:g}",
        date: date.isoformat,
        time: lambda moment: f"{moment:%H:%M}",
    }
    writer = writers.get(type(value))  # exactly these: neither a flag, which is an int, nor a datetime, which is a date
    return writer(value) if writer else None
