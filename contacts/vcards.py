"""vCards (2.1, 3.0, 4.0: RFC 2426, RFC 6350) → the same sheet that a spreadsheet gives: one row a card.

Lines are bytes until their property says how they are written: a folded line may be cut within a letter, and of two
properties of one card each may have a CHARSET of its own. Read is what a person has with us; photographs, notes,
birthdays and the rest are passed over.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contacts.errors import Fault, Refused
from contacts.spreadsheets import LONGEST_CELL, Cell, Sheet, SheetRow

#: The columns of the sheet, in their order; those that no card fills are left out.
HEADERS = (
    "nombre",
    "correo",
    "telefono",
    "whatsapp",
    "organizacion",
    "ciudad",
    "estado",
    "pais",
    "idioma",
    "zona",
    "categorias",
)
_ALWAYS = ("nombre", "correo")
_READ = frozenset(
    "BEGIN END VERSION FN N NICKNAME EMAIL TEL IMPP X-WHATSAPP X-SOCIALPROFILE ADR ORG LANG TZ CATEGORIES".split()
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 with its mark
_MARK = b"\xef\xbb\xbf"
_PROPERTY = re.compile(rb"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;(?:[^:;\"]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(rb';((?:[^;"]|"[^"]*")*)')
_SOFT = re.compile(rb"ENCODING=QUOTED-PRINTABLE|;QUOTED-PRINTABLE", re.IGNORECASE)
_WHATSAPP = re.compile(r"(?:whatsapp:|https?://(?:wa\.me|api\.whatsapp\.com)/)", re.IGNORECASE)
_TAIL = re.compile(r"(?:;[a-z-]+=[^;]*|@s\.whatsapp\.net)+$", re.IGNORECASE)  # tel:+1-312-555-0142;ext=5
_NO_PHONE = frozenset({"FAX", "PAGER", "MODEM", "BBS"})
_ESCAPES = {"n": "\n", "N": "\n"}


@dataclass(slots=True)
class _Property:
    """One line of a card, whole: its name, its parameters in capitals, its value as text."""

    name: str
    types: frozenset[str]
    value: str


@dataclass(slots=True)
class _Card:
    line: int
    of: dict[str, list[str]] = field(default_factory=dict)
    name: str = ""  # made of N, where there is no FN

    def add(self, column: str, value: str) -> None:
        value = value.strip()
        if value and value not in self.of.setdefault(column, []):
            self.of[column].append(value)


def looks_like(content: bytes) -> bool:
    """Tell whether a file begins as vCards do, whatever its name and its encoding."""
    head = content[:64]
    if head.startswith(_WIDE):
        head = head[: len(head) & ~1].decode("utf-16", errors="ignore").encode()
    return head.replace(_MARK, b"").lstrip()[:11].upper() == b"BEGIN:VCARD"


def read(content: bytes, file: str = "") -> Sheet:
    """Read the cards of a file; the number of a row is the line on which its card begins.

    Several addresses stand in one cell, a line each. A number with the type «whatsapp», or a link to WhatsApp, is in
    the column `whatsapp`. Refuses `vcard_open` (a card without its END, so the file is cut off), `cell_long`,
    `cell_nul`, `file_kind` (UTF-16 that is none).
    """
    cards = list(_cards(_plain(content, file), file))
    used = [name for name in HEADERS if name in _ALWAYS or any(name in card.of for card in cards)]
    rows = []
    faults = []
    for card in cards:
        cells: dict[str, Cell] = {name: "\n".join(card.of.get(name, ())) for name in used}
        for name, text in cells.items():
            if "\0" in str(text):
                shown = str(text).replace("\0", "␀")[:60]
                faults.append(Fault("cell_nul", name, shown, row=card.line, file=file))
            elif len(str(text)) > LONGEST_CELL:
                details = {"most": LONGEST_CELL}
                faults.append(Fault("cell_long", name, str(text)[:60], row=card.line, file=file, details=details))
        rows.append(SheetRow(card.line, cells))
    if faults:
        raise Refused(faults)
    return Sheet(used, rows)


def _plain(content: bytes, file: str) -> bytes:
    if content.startswith(_WIDE):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise Refused([Fault("file_kind", value=file)]) from None
    while content.startswith(_MARK):
        content = content[len(_MARK) :]
    return content


def _cards(content: bytes, file: str) -> Iterator[_Card]:
    card: _Card | None = None
    within = 0  # cards within a card: the AGENT of 2.1
    agent = False
    for line, text in _lines(content):
        found = _read(text)
        if found is None:
            continue
        is_card = found.value.strip().upper() == "VCARD"
        if found.name == "BEGIN" and is_card:
            if card is not None and not agent:
                raise Refused([Fault("vcard_open", row=card.line, file=file)])
            within += card is not None
            card = card or _Card(line)
        elif found.name == "END" and is_card and card is not None:
            if within:
                within -= 1
            else:
                _name(card)
                yield card
                card = None
        elif card is not None and not within:
            _take(card, found)
        agent = found.name == "AGENT"
    if card is not None:
        raise Refused([Fault("vcard_open", row=card.line, file=file)])


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Unfold: number of the first line, and a whole property. Soft breaks of quoted-printable are joined too."""
    start, kept, soft = 0, b"", False
    for number, raw in enumerate(re.split(rb"\r\n|\n|\r", content), 1):
        if soft:
            kept = kept[:-1] + raw
        elif raw[:1] in {b" ", b"\t"} and kept:
            kept += raw[1:]
        else:
            if kept:
                yield start, kept
            kept, start = raw, number
        soft = kept.endswith(b"=") and bool(_SOFT.search(kept.partition(b":")[0]))
    if kept:
        yield start, kept


def _read(line: bytes) -> _Property | None:
    found = _PROPERTY.fullmatch(line.strip())
    if found is None:
        return None
    name = found[1].decode("ascii").upper()
    if name not in _READ:
        return _Property(name, frozenset(), "")
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
    return _Property(name, frozenset(types), _decode(value, charset))


def _decode(value: bytes, charset: str) -> str:
    """Bytes → text: as the property says, else as UTF-8, else as windows-1252, in which every letter of old is."""
    for name in (charset, "utf-8", "cp1252", "latin-1"):
        try:
            if name:
                return value.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise AssertionError("every byte is a letter of Latin-1")


def _parts(value: str, between: str) -> list[str]:
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


def _text(value: str) -> str:
    return _parts(value, "\0")[0] if "\\" in value else " ".join(value.split(" "))


def _take(card: _Card, found: _Property) -> None:
    name, value = found.name, found.value
    if name == "FN":
        if "nombre" not in card.of:
            card.add("nombre", _text(value))
    elif name in {"N", "NICKNAME"}:
        card.name = (_full_name(value) if name == "N" else card.name or _text(value)) or card.name
    elif name == "EMAIL":
        card.add("correo", _text(value))
    elif name in {"TEL", "IMPP", "X-WHATSAPP", "X-SOCIALPROFILE"}:
        _take_number(card, found)
    elif name == "ADR":
        _take_place(card, value)
    elif name == "ORG":
        if "organizacion" not in card.of:
            card.add("organizacion", _parts(value, ";")[0])
    elif name == "LANG":
        if "idioma" not in card.of:
            card.add("idioma", _text(value).partition("-")[0])
    elif name == "TZ":
        if "/" in value and "zona" not in card.of:  # an IANA name; an offset alone says no zone
            card.add("zona", _text(value))
    elif name == "CATEGORIES":
        for each in _parts(value, ","):
            card.add("categorias", each)


def _take_number(card: _Card, found: _Property) -> None:
    text = _text(found.value)
    ours = found.name == "X-WHATSAPP" or "WHATSAPP" in found.types or _WHATSAPP.match(text)
    if found.name != "TEL" and not ours:
        return  # another service
    text = _TAIL.sub("", text)
    if ours:
        card.add("whatsapp", text.removeprefix("x-apple:"))
    elif not found.types & _NO_PHONE:
        card.add("telefono", text)


def _take_place(card: _Card, value: str) -> None:
    """Take city, state and country of the first address that says any of them."""
    parts = _parts(value, ";")
    places = {"ciudad": parts[3:4], "estado": parts[4:5], "pais": parts[6:7]}
    place = {column: part[0] for column, part in places.items() if part}
    if not card.of.keys() & places.keys():
        for column, text in place.items():
            card.add(column, text)


def _full_name(value: str) -> str:
    family, given, more, *_rest = [*_parts(value, ";"), "", "", ""]
    return " ".join(part for part in (given, more, family) if part)


def _name(card: _Card) -> None:
    if "nombre" not in card.of:
        card.add("nombre", card.name)
