"""On which line of a TOML file each key stands: what the standard reader does not tell.

The text has been read by `tomllib` already, so it is known to be good TOML: this only walks it again and counts lines.
"""

import re
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_INLINE = re.compile(r"[ \t]*")
_STRINGS = (
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}',
    r"'''(?:[^']|'(?!''))*'{3,5}",
    r'"(?:[^"\\\n]|\\.)*"',
    r"'[^'\n]*'",
)
_STRING = re.compile("|".join(_STRINGS), re.DOTALL)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\[\]{}#\n]+")


def places(text: str) -> Mapping[KeyPath, int]:
    """Return the line, counted from 1, of every table and key: `("table", 0, "columns", 2, "header")` → 14.

    Items of a list are numbers from 0. `text` must be good TOML.
    """
    return _Walk(text).lines


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.line_number = 1
        self.counted = 0
        self.lines: dict[KeyPath, int] = {}
        self.lists: dict[KeyPath, int] = {}  # the newest item of each [[list]]
        table: KeyPath = ()
        self._skip(_SPACE)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)

    def _skip(self, what: re.Pattern[str]) -> None:
        match = what.match(self.text, self.at)
        if match:
            self.at = match.end()

    def _line(self) -> int:
        self.line_number += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line_number

    def _take(self, what: re.Pattern[str]) -> str:
        match = what.match(self.text, self.at)
        assert match is not None, "the text must be good TOML"
        self.at = match.end()
        return match[0]

    def _name(self) -> list[str]:
        """Take a key, dotted or not, as its parts."""
        parts = []
        while True:
            self._skip(_INLINE)
            quoted = self.text[self.at] in "\"'"
            part = self._take(_STRING if quoted else _BARE)
            parts.append(part[1:-1] if quoted else part)
            self._skip(_INLINE)
            if self.text[self.at : self.at + 1] != ".":
                return parts
            self.at += 1

    def _header(self) -> KeyPath:
        line = self._line()
        listed = self.text.startswith("[[", self.at)
        self.at += 2 if listed else 1
        names = self._name()
        self.at += 2 if listed else 1
        path: KeyPath = ()
        for depth, name in enumerate(names, start=1):
            path = (*path, name)
            self.lines.setdefault(path, line)
            if listed and depth == len(names):
                self.lists[path] = self.lists.get(path, -1) + 1
            if path in self.lists:
                path = (*path, self.lists[path])
        self.lines.setdefault(path, line)
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for name in self._name():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self.at += 1  # the =
        self._skip(_INLINE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self.lines.setdefault(path, self._line())
        opening = self.text[self.at]
        if opening in "\"'":
            self._take(_STRING)
        elif opening in "[{":
            self.at += 1
            number = 0
            self._skip(_SPACE)
            while self.text[self.at] not in "]}":
                if opening == "[":
                    self._value((*path, number))
                else:
                    self._pair(path)
                number += 1
                self._skip(_SPACE)
                if self.text[self.at] == ",":
                    self.at += 1
                    self._skip(_SPACE)
            self.at += 1
        else:
            self._take(_SCALAR)
