"""Quoted-printable (RFC 2045 §6.7) in pieces: the constant parts of a mail are encoded once, the values for each one.

Two pieces are joined with a soft line break (`=` at the end of a line), which a reader takes away again. So every piece
begins at the margin, and its lines never depend on what stands before it. No line begins with a full stop, so SMTP
has none to double (RFC 5321 §4.5.2); none begins with `From `, which some mailboxes would change; none is longer than
76 characters; and `=_` never occurs, which a boundary may therefore rely on.
"""

import re
from functools import lru_cache

SOFT = "=\r\n"

_MOST = 72  # of 76: two for a first letter and two for a last space that must be written as =XX
#: What is written as =XX, by octet. A space or tab at the end of a line is looked at apart.
_WRITTEN = {octet: f"={octet:02X}" for octet in (*range(0x20), ord("="), *range(0x7F, 0x100))}
_PLAIN = re.compile(rf"(?!\.|From )[ -<>-~]{{1,{_MOST}}}")  # needs nothing done to it: nearly every value
_CUT = re.compile(rf".{{1,{_MOST}}}(?<!=)(?<!=.)")  # never through an =XX
_BREAK = re.compile(r"\r\n|\r|\n")


def encode(text: str) -> str:
    """Return a text as one piece; "" for an empty one. Every kind of line break in it becomes one of a mail.

    The piece must be followed by `SOFT` or by the end of its line: the last space of its last line stands as it is.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _encode(text)


@lru_cache(maxsize=1024)
def _encode(text: str) -> str:
    """Do the work; one mail has its link twice, and many people one city."""
    *lines, last = _BREAK.split(text)
    return "\r\n".join([*(_closed(_line(line)) for line in lines), _line(last)])


def encode_last(text: str) -> str:
    """Return a text as the piece that ends a part: also the last line keeps its last space."""
    return _closed(encode(text))


def _line(text: str) -> str:
    octets = text.encode("utf-8", "replace").decode("latin-1")
    return SOFT.join([_begun(piece) for piece in _CUT.findall(octets.translate(_WRITTEN))])


def _begun(piece: str) -> str:
    if piece[0] == ".":
        return f"=2E{piece[1:]}"
    return f"=46{piece[1:]}" if piece.startswith("From ") else piece


def _closed(line: str) -> str:
    """Write the space at the end of a line, which servers on the way may take off, so that it stays."""
    return f"{line[:-1]}=20" if line.endswith(" ") else line
