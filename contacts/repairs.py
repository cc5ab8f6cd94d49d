"""What a refused value was probably meant to be: proposed to whoever mends the file, never put in by itself."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from contacts import addresses, cards, places
from contacts.errors import Fault, Refused
from contacts.folding import clean, fold_words

_ENDINGS = {"con": "com", "cmo": "com", "ocm": "com", "comm": "com", "og": "org", "orgg": "org", "nte": "net"}
_PROVIDERS = frozenset({"gmail", "hotmail", "outlook", "yahoo", "icloud", "live"})
_LETTERS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
_AT = re.compile(r"\s*(?:\(at\)|\[at\]|\(arroba\)|\barroba\b|\s+at\s+|@+)\s*", re.IGNORECASE)
_LONGEST = 254  # letters of a value that anything is proposed for


def propose(fault: Fault) -> str:
    """Return the value that was probably meant, "" where none is near. What is returned would be taken."""
    text = clean(fault.value)
    if not text or len(text) > _LONGEST:
        return ""
    if fault.code.startswith("email_"):
        return _first(_emails(text), addresses.email, text)
    if fault.code.startswith("phone_"):
        country = str(fault.details.get("country", ""))
        return _first(_numbers(text), lambda each: addresses.phone(each, country)[0], text)
    nearest = _NEAREST.get(fault.code)
    return nearest(text) if nearest else ""


def _near(text: str, names: Iterable[str]) -> str:
    near = get_close_matches(fold_words(text), list(names), n=1, cutoff=0.75)
    return near[0] if near else ""


def _country(text: str) -> str:
    near = _near(text, places.country_words())
    return places.country_name(places.country(near)) if near else ""


def _zone(text: str) -> str:
    near = _near(text, places.timezone_words())
    return places.timezone(near) if near else ""


_NEAREST: dict[str, Callable[[str], str]] = {
    "country_unknown": _country,
    "timezone_unknown": _zone,
    "role_unknown": lambda text: _near(text, cards.ROLE_WORDS),
}


def _first(candidates: Iterator[str], read: Callable[[str], str], was: str) -> str:
    for each in candidates:
        if each != was:
            try:
                return read(each)
            except Refused:
                continue
    return ""


def _emails(text: str) -> Iterator[str]:
    whole = re.sub(r"\s+", "", _AT.sub("@", text)).strip(".,;:<>()[]\"'")
    yield whole
    plain = "".join(mark for mark in unicodedata.normalize("NFD", whole) if not unicodedata.combining(mark))
    yield plain
    local, _at, domain = plain.rpartition("@")
    domain = re.sub(r"\.{2,}", ".", domain.replace(",", ".")).strip(".")
    local = re.sub(r"\.{2,}", ".", local).strip(".")
    yield f"{local}@{domain}"
    name, _dot, ending = domain.rpartition(".")
    if ending in _ENDINGS:
        yield f"{local}@{name}.{_ENDINGS[ending]}"
    if domain.lower() in _PROVIDERS:
        yield f"{local}@{domain}.com"
    yield re.sub(r"[^A-Za-z0-9@.!#$%&'*+/=?^_`{|}~-]", "", f"{local}@{domain}")


def _numbers(text: str) -> Iterator[str]:
    yield text.translate(_LETTERS)
    digits = re.sub(r"\D", "", text.translate(_LETTERS))
    yield digits
    yield f"+{digits}"
    if len(digits) == 10:  # noqa: PLR2004 — a number of the United States without its key
        yield f"+1{digits}"
