"""Texts with placeholders, as titles, intros and columns of a definition hold them, and the marks of bold in them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter

#: `**bold**`; the marks never stand beside a space inside, so that `2 ** 3 ** 4` stays as it is.
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL)
# What XML 1.0 cannot hold: such letters come out of old mail programs, and would make a Word file that does not open.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class TemplateError(ValueError):
    """The text has a brace without its pair, an empty placeholder, or one with a format (`{rows:5}`)."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text cut at its placeholders: pairs of a literal and the name that follows it ("" at the end)."""

    source: str
    parts: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, source: str) -> "Template":
        """Cut a text. `{name}` is a placeholder; `{{` and `}}` are braces. Raises `TemplateError`."""
        parts: list[tuple[str, str]] = []
        try:
            for literal, name, form, conversion in Formatter().parse(source):
                if form or conversion or (name is not None and not name.strip()):
                    raise TemplateError(name)
                parts.append((literal, (name or "").strip()))
        except ValueError as error:
            raise TemplateError(source) from error
        return cls(source, tuple(parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders, in order, as often as they stand there."""
        return tuple(name for _, name in self.parts if name)

    @property
    def literal(self) -> str:
        """The text that the author typed, with a line break where each placeholder stands."""
        return "\n".join(literal for literal, _ in self.parts)

    def fill(self, value: Callable[[str], str]) -> str:
        """Return the text with each placeholder replaced."""
        return "".join(literal + (value(name) if name else "") for literal, name in self.parts)


def clean(text: str) -> str:
    """Return a text that every format can hold: one kind of line ends, control characters dropped."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def pieces(text: str) -> list[tuple[str, bool]]:
    """Cut a text at its `**bold**` marks: pairs of a text without marks and whether it is bold."""
    found: list[tuple[str, bool]] = []
    for index, piece in enumerate(_BOLD.split(text)):
        if piece:
            found.append((piece, index % 2 == 1))
    return found


def plain(text: str) -> str:
    """Return the text without its `**bold**` marks."""
    return "".join(piece for piece, _ in pieces(text))


def paragraphs(text: str) -> list[str]:
    """Cut a text at its blank lines; within a paragraph the author's line ends are spaces."""
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]
