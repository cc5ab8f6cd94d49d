"""The headers of a mail: no value can break out of its line, and each says in any program what it says here."""

import re
from base64 import b64encode
from urllib.parse import quote, urlsplit, urlunsplit

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SHORT = 60  # characters; what is longer is folded
_BARE = re.compile(r"(?!.*=\?)[!-~](?:[ -~]{0,58}[!-~])?")  # one short line of ASCII that nobody would decode
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]+")
_LINK = re.compile(r"https?://[A-Za-z0-9:/?#@!$&'()*+,;=%~._-]+")
_OCTETS = 45  # an encoded word has 75 letters at most: 12 around four for every three octets


def words(text: str) -> str:
    """Return the text of a header such as Subject: as it is, or as encoded words (RFC 2047) folded into lines."""
    text = " ".join(_CONTROLS.sub(" ", text).split())
    return text if not text or _BARE.fullmatch(text) else _encoded(text)


def mailbox(address: str, name: str) -> str:
    """Return the value of From or To. The address must be one already (`addressable`)."""
    name = " ".join(_CONTROLS.sub(" ", name).split())
    if not name:
        return f"<{address}>"
    if not _BARE.fullmatch(name):
        return f"{_encoded(name)}\r\n <{address}>"
    if not _ATOMS.fullmatch(name):
        name = '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
    return f"{name}\r\n <{address}>" if len(name) > _SHORT - 20 else f"{name} <{address}>"


def link(url: str) -> str:
    """Return a URL as a header may hold it: ASCII, without spaces, line breaks or angle brackets."""
    if _LINK.fullmatch(url):
        return url
    parts = urlsplit(_CONTROLS.sub("", url))
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    kept = "/:?#[]@!$&'()*+,;=%~-._"
    return urlunsplit((parts.scheme, host, *(quote(part, safe=kept) for part in parts[2:])))


def addressable(address: str) -> bool:
    """Whether an address can stand between angle brackets, in a command and in a header, and mean itself.

    ASCII only: neither we nor every server on the way speak SMTPUTF8, and `contacts.addresses` keeps no other.
    """
    return _ADDRESS.fullmatch(address) is not None and len(address) <= 254  # noqa: PLR2004 — RFC 5321 §4.5.3.1.3


def _encoded(text: str) -> str:
    octets = text.encode("utf-8", "replace")
    if len(octets) <= _OCTETS:
        return f"=?utf-8?b?{b64encode(octets).decode()}?="
    parts, octets = [], b""
    for letter in text:
        more = letter.encode("utf-8", "replace")
        if len(octets) + len(more) > _OCTETS:  # a letter is never cut in two
            parts.append(octets)
            octets = b""
        octets += more
    return "\r\n ".join(f"=?utf-8?b?{b64encode(part).decode()}?=" for part in (*parts, octets))
