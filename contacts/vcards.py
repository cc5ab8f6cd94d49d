"""vCards (2.1, 3.0, 4.0: RFC 2426, RFC 6350) → the same sheet that a spreadsheet gives: one row a card.

Read is what a person has with us; photographs, notes,
birthdays and the rest are passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contacts import vcard_lines
from contacts.delimited import LONGEST_CELL
from contacts.errors import Fault, Refused
from contacts.spreadsheets import Cell, Sheet, SheetRow
from contacts.vcard_lines import Property, parts, plain

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
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 with its mark
_MARK = b"\xef\xbb\xbf"
_WHATSAPP = re.compile(r"(?:whatsapp:|https?://(?:wa\.me|api\.whatsapp\.com)/)", re.IGNORECASE)
_TAIL = re.compile(r"(?:;[a-z-]+=[^;]*|@s\.whatsapp\.net)+$", re.IGNORECASE)  # tel:+1-312-555-0142;ext=5
_NO_PHONE = frozenset({"FAX", "PAGER", "MODEM", "BBS"})


@dataclass(slots=True)
class _Card:
    line: int
    of: dict[str, list[str]] = field(default_factory=dict)
    name: str = ""  # made of N, where there is no FN

    def add(self, column: str, value: str) -> None:
        value = value.strip()
        if value and value not in self.of.setdefault(column, []):
            self.of[column].append(value)

    def once(self, column: str, value: str) -> None:
        if column not in self.of:
            self.add(column, value)


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
    for line, text in vcard_lines.unfold(content):
        found = vcard_lines.read(text)
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


def _take(card: _Card, found: Property) -> None:
    text = plain(found.value)
    match found.name:
        case "FN":
            card.once("nombre", text)
        case "N":
            card.name = _full_name(found.value) or card.name
        case "NICKNAME":
            card.name = card.name or text
        case "EMAIL":
            card.add("correo", text)
        case "TEL" | "IMPP" | "X-WHATSAPP" | "X-SOCIALPROFILE":
            _take_number(card, found)
        case "ADR":
            _take_place(card, found.value)
        case "CATEGORIES":
            for each in parts(found.value, ","):
                card.add("categorias", each)
        case _:
            _take_fact(card, found.name, text, found.value)


def _take_fact(card: _Card, name: str, text: str, value: str) -> None:
    if name == "ORG":
        card.once("organizacion", parts(value, ";")[0])
    elif name == "LANG":
        card.once("idioma", text.partition("-")[0])
    elif name == "TZ" and "/" in text:  # an IANA name; an offset alone says no zone
        card.once("zona", text)


def _take_number(card: _Card, found: Property) -> None:
    text = plain(found.value)
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
    whole = parts(value, ";")
    places = {"ciudad": whole[3:4], "estado": whole[4:5], "pais": whole[6:7]}
    place = {column: part[0] for column, part in places.items() if part}
    if not card.of.keys() & places.keys():
        for column, text in place.items():
            card.add(column, text)


def _full_name(value: str) -> str:
    family, given, more, *_rest = [*parts(value, ";"), "", "", ""]
    return " ".join(part for part in (given, more, family) if part)


def _name(card: _Card) -> None:
    if "nombre" not in card.of:
        card.add("nombre", card.name)
