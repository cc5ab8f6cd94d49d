"""What a person is known by, found in any text: their name, addresses and numbers, however they are written."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import phonenumbers

from contacts.folding import fold

GONE = "[suprimido]"
ESCAPE = "!"  # of the patterns for LIKE
_BETWEEN = r"[\s().\-–/]*"
_LEAST_DIGITS = 7  # a shorter number would be found in everything
_BENDING = re.compile(r"[^a-z0-9]|[aceinouy]")  # what may be written with an accent, or as an escape of JSON


class Traces:
    """Names, e-mail addresses and numbers to look for: as patterns for a database, and exactly in a text.

    A name of one word alone is not looked for: it would be found in everything.
    """

    def __init__(self, names: Iterable[str] = (), addresses: Iterable[str] = ()) -> None:
        self.likes: list[str] = []  # for LIKE, with ESCAPE; capitals aside
        exact: list[str] = []
        for words in sorted({tuple(fold(name).split()) for name in names}):
            if len(words) > 1:
                exact.append(r"(?<!\w)" + r"[\W_]+".join(map(re.escape, words)) + r"(?!\w)")
                self.likes.append(_like_name(words))
        for address in sorted(set(addresses)):
            if "@" in address:
                forms = {address, quote(address, safe="")}
                exact += [rf"(?<![\w.+%-]){re.escape(fold(form))}(?![\w-]|\.\w)" for form in sorted(forms)]
                self.likes.append(f"%{re.sub('[^a-z0-9.-]+', '%', address.lower())}%")
            elif address.startswith("+"):
                pattern, likes = _number(address)
                exact.append(pattern)
                self.likes += likes
            elif address:
                exact.append(rf"(?<!\w){re.escape(fold(address))}(?!\w)")
                self.likes.append(f"%{_escaped(address)}%")
        self._exact = re.compile("|".join(exact)) if exact else None

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return self._exact is not None

    def clean(self, text: str) -> str:
        """Return a text with `GONE` in the place of each trace; the text itself when there is none."""
        if self._exact is None or not text:
            return text
        folded, places = _spread(text)
        parts, end = [], 0
        for found in self._exact.finditer(folded):
            if found.start() == found.end():
                continue
            parts += [text[end : places[found.start()]], GONE]
            end = places[found.end() - 1] + 1
        return "".join([*parts, text[end:]]) if parts else text

    def clean_value(self, value: Any) -> Any:
        """Return a value of JSON with its texts cleaned."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list):
            return [self.clean_value(each) for each in value]
        if isinstance(value, dict):
            return {key: self.clean_value(each) for key, each in value.items()}
        if isinstance(value, int) and not isinstance(value, bool):
            return value if self.clean(str(value)) == str(value) else GONE
        return value

    def clean_body(self, body: bytes) -> bytes:
        """Return what was posted to us, cleaned: JSON, the fields of a form, or any other text, as it came."""
        text = body.decode("utf-8", "surrogateescape")
        try:
            value = json.loads(text)
        except ValueError:
            pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
            cleaned = [(key, self.clean(said)) for key, said in pairs]
            if pairs and cleaned != pairs:
                return urlencode(cleaned, errors="surrogateescape").encode()
            return self.clean(text).encode("utf-8", "surrogateescape")
        cleaned_value = self.clean_value(value)
        return body if cleaned_value == value else json.dumps(cleaned_value).encode()


def _spread(text: str) -> tuple[str, list[int]]:
    """Return a text folded letter by letter, and for each letter its place in the text."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = character.casefold()
        for letter in plain if plain.isascii() else unicodedata.normalize("NFKD", plain):
            if not unicodedata.combining(letter):
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def _escaped(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)


def _like_name(words: Sequence[str]) -> str:
    """Return a pattern that holds every writing of a name: what may have an accent is left open."""
    return re.sub("%+", "%", f"%{_BENDING.sub('%', '%'.join(words))}%")


def _number(number: str) -> tuple[str, list[str]]:
    """Return the exact pattern of a number in +E.164, and patterns for a database."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return rf"(?<!\d){re.escape(number)}(?!\d)", [f"%{_escaped(number)}%"]
    code, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    apart = _BETWEEN.join(national)
    abroad = rf"(?:(?:\+|%2b|00)?{code}{_BETWEEN}1?{_BETWEEN})"
    loose = "?" if len(national) >= _LEAST_DIGITS else ""
    # However it is grouped, its last four stand together, or two and two; what else has them is told apart afterwards.
    likes = [f"%{national[-4:]}%", f"%{national[-4:-2]}_{national[-2:]}%"]
    return rf"(?<!\d){abroad}{loose}\(?{apart}(?!\d)", likes
