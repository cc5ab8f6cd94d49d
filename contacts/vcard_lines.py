"""The lines of vCards: unfolded, and each property with its value as text.

Lines are bytes until their property says how they are written: a folded line may be cut within a letter, and of two
properties of one card each may have a CHARSET of its own.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

READ = frozenset(
    {
        "BEGIN",
        "END",
        "VERSION",
        "FN",
        "N",
        "NICKNAME",
        "EMAIL",
        "TEL",
        "IMPP",
        "X-WHATSAPP",
        "X-SOCIALPROFILE",
        "ADR",
        "ORG",
        "LANG",
        "TZ",
        "CATEGORIES",
    }
)
_PROPERTY = re.compile(rb"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;(?:[^:;\"]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(rb';((?:[^;"]|"[^"]*")*)')
_SOFT = re.compile(rb"ENCODING=QUOTED-PRINTABLE|;QUOTED-PRINTABLE", re.IGNORECASE)
_ESCAPES = {"n": "\n", "N": "\n"}


@dataclass(slots=True)
class Property:
    """One line of a card, whole: its name, its parameters in capitals, its value as text."""

    name: str
    types: frozenset[str]
    value: str


def unfold(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Unfold: number of the first line, and a whole property. Soft breaks of quoted-printable are joined too."""
    start, kept, soft = 0, list[bytes](), False  # pieces: a photograph has a hundred thousand
    for number, raw in enumerate(re.split(rb"\r\n|\n|\r", content), 1):
        if soft:
            kept[-1] = kept[-1][:-1]
            kept.append(raw)
        elif raw[:1] in {b" ", b"\t"} and kept:
            kept.append(raw[1:])
        else:
            if kept:
                yield start, b"".join(kept)
            kept, start = [raw], number
        soft = raw.endswith(b"=") and bool(_SOFT.search(kept[0].partition(b":")[0]))
    yield start, b"".join(kept)


def read(line: bytes) -> Property | None:
    """Return the property of a line, None for a line that is none; the value only of those of `READ`."""
    found = _PROPERTY.fullmatch(line.strip())
    if found is None:
        return None
    name = found[1].decode("ascii").upper()
    if name not in READ:
        return Property(name, frozenset(), "")
    charset, encoding = "", ""
    types: set[str] = set()
    for parameter in _PARAMETER.findall(found[2]):
        key, equals, value = parameter.decode("latin-1").partition("=")
        words = {word.strip().upper() for word in (value if equals else key).replace('"', "").split(",")}
        key = key.strip().upper()
        if equals and key == "CHARSET":
            charset = value.strip('" ')
        elif (equals and key == "ENCODING") or words & {"QUOTED-PRINTABLE", "BASE64", "B"}:
            encoding = next(iter(words), "")
        else:
            types |= words
    value = quopri.decodestring(found[3]) if encoding == "QUOTED-PRINTABLE" else found[3]
    return Property(name, frozenset(types), _decode(value, charset))


def _decode(value: bytes, charset: str) -> str:
    """Bytes → text: as the property says, else as UTF-8, else as windows-1252, in which every letter of old is."""
    for name in (charset, "utf-8", "cp1252", "latin-1"):
        try:
            if name:
                return value.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise AssertionError("every byte is a letter of Latin-1")


def parts(value: str, between: str) -> list[str]:
    """Cut a value at its separators and take the escapes off."""
    parts, part, letters = [], "", iter(value)
    for letter in letters:
        if letter == "\\":
            following = next(letters, "\\")
            part += _ESCAPES.get(following, following)
        elif letter == between:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [" ".join(each.split()) for each in (*parts, part)]


def plain(value: str) -> str:
    """Return a value as one text, without its escapes."""
    return parts(value, "\0")[0] if "\\" in value else " ".join(value.split(" "))
