"""A table of a campaign file or plan, read key by key: a fault is noted with its place, and the reading goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from campaigns.tomlfile import KeyPath, TomlFile
from contacts.errors import Fault
from contacts.filereading import content_of

LARGEST = 8 * 1024 * 1024  # bytes of a text beside the file
LARGEST_NUMBER = 1_000_000
LONGEST_NAME = 120  # of a file, as it is shown


@dataclass
class Reading:
    """A table being read: what it holds, where it stands, and what was found wrong so far.

    `folder` is where the files stand that it names. All tables of a file note their faults in one list.
    """

    table: Mapping[str, object]
    folder: Path
    file: TomlFile | None = None
    path: KeyPath = ()
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, file: TomlFile) -> "Reading":
        """Return the reading of a whole file."""
        return cls(file.values, file.path.parent, file)

    def inside(self, key: str) -> "Reading":
        """Return the table below a key; an empty one when it is missing or no table (`value_table`)."""
        found = self.table.get(key, {})
        if not isinstance(found, Mapping):
            self.fault("value_table", key, found)
            found = {}
        return Reading(found, self.folder, self.file, (*self.path, key), self.faults)

    def each(self, key: str) -> list["Reading"]:
        """Return the tables of a list of tables, `[[key]]` (`value_tables` when it is something else)."""
        found = self.table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
            self.fault("value_tables", key, found)
            return []
        return [
            Reading(item, self.folder, self.file, (*self.path, key, number), self.faults)
            for number, item in enumerate(found)
        ]

    def fault(self, code: str, key: str = "", value: object = "", **details: object) -> None:
        """Note a fault at a key of this table."""
        path = (*self.path, key) if key else self.path
        line = self.file.line(path) if self.file else None
        name = self.file.path.name if self.file else ""
        self.faults.append(Fault(code, place(path), str(value)[:120], row=line, file=name, details=details))

    def known(self, *keys: str) -> None:
        """Note every key that is not one of these (`key_unknown`, with `allowed`)."""
        for key in self.table:
            if key not in keys:
                self.fault("key_unknown", key, key, allowed=", ".join(keys))

    def required(self, *keys: str) -> None:
        """Note every key that is missing or empty (`key_missing`)."""
        for key in keys:
            if self.table.get(key) in (None, "", [], {}):
                self.fault("key_missing", key, key)

    def text(self, key: str, default: str = "") -> str:
        """Return a text (`value_text`)."""
        value = self.table.get(key, default)
        if isinstance(value, str):
            return value.strip()
        self.fault("value_text", key, value)
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one (`value_texts`)."""
        value = self.table.get(key, [])
        if isinstance(value, str):
            return (value.strip(),)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(item.strip() for item in value)
        self.fault("value_texts", key, value)
        return ()

    def whole(self, key: str, default: int = 0) -> int:
        """Return a whole number (`value_whole`)."""
        value = self.table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER:
            return value
        self.fault("value_whole", key, value)
        return default

    def flag(self, key: str) -> bool:
        """Return true or false; false when it is not said (`value_flag`)."""
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            self.fault("value_flag", key, value)
        return value is True

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of a few words (`choice_unknown`, with `allowed`)."""
        value = self.text(key, default)
        if value in allowed:
            return value
        self.fault("choice_unknown", key, value, allowed=", ".join(allowed))
        return default

    def beside(self, key: str) -> str:
        """Return the text of the file that a key names (`beside_outside`, `beside_missing`, `beside_encoding`)."""
        name = self.text(key)
        path = self.file_beside(key, name) if name else None
        if path is None:
            return ""
        try:
            return content_of(path, LARGEST).decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self.fault("beside_encoding", key, name)
            return ""

    def file_beside(self, key: str, name: str) -> Path | None:
        """Return the file of this name in the folder or below it; None, and a fault, when it is not there."""
        try:
            path = (self.folder / name).resolve()
            there = path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            self.fault("beside_missing", key, name[:LONGEST_NAME], folder=str(self.folder))
            return None
        if not path.is_relative_to(self.folder.resolve()):
            self.fault("beside_outside", key, name, folder=str(self.folder))
        elif not there:
            self.fault("beside_missing", key, name, folder=str(self.folder))
        else:
            return path
        return None


def place(path: KeyPath) -> str:
    """Return a key's path as a reader writes it: `correo.asunto`, `campana[3].correo.asunto` (the third one)."""
    written = ""
    for part in path:
        written += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if written else part
    return written
