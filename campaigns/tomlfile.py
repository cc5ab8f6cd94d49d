"""A TOML file that people wrote: its values, and the line on which each key stands, so that a fault can point there."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from contacts.errors import Fault, Refused
from contacts.filereading import content_of

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_BARE = re.compile(r"""\"(?:\\.|[^"\\])*"|'[^']*'|#.*""")  # what brackets do not count in
_PLACE = re.compile(r"line (\d+)")

KeyPath = tuple[str | int, ...]

LARGEST = 8 * 1024 * 1024  # bytes of a file that a person writes


@dataclass(frozen=True, slots=True)
class TomlFile:
    """What a file says and where. A path is `("campana", 3, "correo", "asunto")`: lists of tables count from 0."""

    path: Path
    values: dict[str, object]
    lines: dict[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """Return the line of a key, else of the nearest table around it; None in a file without either."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


def read_toml(path: Path) -> TomlFile:
    """Read a file. Refuses `toml_missing`, `toml_encoding` and `toml_form` (with the line)."""
    name = str(path)
    try:
        text = content_of(path, LARGEST).decode("utf-8-sig")
    except OSError:
        raise Refused([Fault("toml_missing", "", name)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused([Fault("toml_encoding", "", name, row=line, file=path.name)]) from None
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        found = text.splitlines()[line - 1].strip()[:80] if text.strip() else ""
        raise Refused([Fault("toml_form", "", found, row=line, file=path.name)]) from None
    return TomlFile(path, values, key_lines(text))


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line of every table header and key that begins a line, counted from 1.

    The text must be valid TOML. Keys inside inline tables belong to the line of the key that holds them.
    """
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    closing = ""  # the mark that ends a text of several lines
    depth = 0  # of brackets: inside a list over several lines nothing is a key or a header
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if depth == 0 and (header := _HEADER.match(line)):
            table = _table(_names(header[2]), header[1] == "[[", counts)
            lines.setdefault(table, number)
            continue
        if depth == 0 and (key := _KEY.match(line)):
            lines.setdefault((*table, *_names(key[1])), number)
        closing = _left_open(line)
        bare = _BARE.sub("", line)
        depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
    return lines


def _table(names: KeyPath, listed: bool, counts: dict[KeyPath, int]) -> KeyPath:  # noqa: FBT001 — the header's own mark
    """Return the path of a header: `[a.b]` below the latest `[[a]]` is `("a", n, "b")`."""
    path: KeyPath = ()
    for depth, name in enumerate(names, 1):
        path = (*path, name)
        if listed and depth == len(names):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _names(dotted: str) -> KeyPath:
    return tuple(
        part[0] or part[1] or part[2] for part in re.findall(r""""([^"]*)"|'([^']*)'|([\w-]+)""", dotted.strip())
    )


def _left_open(line: str) -> str:
    """Return the mark of a text that begins on this line and does not end on it."""
    for mark in ('"""', "'''"):
        begin = line.find(mark)
        if begin >= 0 and "#" not in line[:begin]:
            return "" if line.count(mark) % 2 == 0 else mark
    return ""
