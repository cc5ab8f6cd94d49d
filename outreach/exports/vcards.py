"""People as vCards, 4.0 (RFC 6350) or 3.0 (RFC 2426, which older telephones want)."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from uuid import UUID, uuid5

from contacts.models import AddressKind
from outreach.exports.about import About
from outreach.exports.rows import Person

PRODUCT = "-//IECM//Voto Chilango//ES"
_LINE = 75  # octets, the end of line aside
_OURS = UUID("5f6d2f0e-2a4b-4a4e-9d0a-1f0c6f1b7a10")
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\r": None})
_AT_ONCE = 200  # cards handed on together


def write(people: Iterable[Person], about: About, *, version: str) -> Iterator[bytes]:
    """Yield the cards. Each says by REV when it was taken; who took it, and why, has no place in a card."""
    some: list[bytes] = []
    for one in people:
        some.append(card(one, about, version))
        if len(some) == _AT_ONCE:
            yield b"".join(some)
            some.clear()
    yield b"".join(some)


def card(one: Person, about: About, version: str) -> bytes:
    """Return one card."""
    four = version == "4.0"
    lines = [
        "BEGIN:VCARD",
        f"VERSION:{version}",
        f"PRODID:{PRODUCT}",
        f"UID:urn:uuid:{uuid5(_OURS, f'contact:{one.id}')}",
        f"REV:{about.at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"FN:{_text(one.name)}",
        f"N:;{_text(one.name)};;;",  # we do not know which of the words are surnames
    ]
    for kind, value in one.addresses:
        if kind is AddressKind.EMAIL:
            lines.append(f"EMAIL{'' if four else ';TYPE=INTERNET'}:{_text(value)}")
        elif kind is AddressKind.PHONE:
            lines.append(f"TEL;TYPE=voice:{_text(value)}")
        elif value.startswith("+"):
            lines.append(f"TEL;TYPE=cell,whatsapp:{_text(value)}")
        else:
            lines.append(f"IMPP:whatsapp:{_text(value)}")
    if one.organization:
        lines.append(f"ORG:{_text(one.organization)}")
    if one.city or one.country:
        lines.append(f"ADR;TYPE=home:;;;{_text(one.city)};;;{_text(one.country)}")
    if four:
        lines.append(f"LANG:{_text(one.language)}")
    lines.append(f"TZ{'' if four else ';VALUE=text'}:{_text(one.timezone)}")
    if one.networks:
        lines.append(f"CATEGORIES:{','.join(map(_text, one.networks))}")
    lines.append("END:VCARD")
    return b"".join(map(_folded, lines))


def _text(value: str) -> str:
    return value.translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """Return a line in pieces of 75 octets, none cut within a letter (RFC 6350, 3.2)."""
    octets = line.encode()
    pieces = []
    while len(octets) > _LINE:
        end = _LINE
        while octets[end] & 0xC0 == 0x80:  # noqa: PLR2004 — an octet that goes on with a letter
            end -= 1
        pieces.append(octets[:end])
        octets = b" " + octets[end:]
    return b"\r\n".join([*pieces, octets]) + b"\r\n"
