"""A reader of English who knows Spanish when seeing it."""

import importlib.util
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from outreach import i18n

ROOT = Path(__file__).resolve().parents[2]
NEVER = re.compile(r"(?!)")
CODE = re.compile("“[a-z0-9-]+”")  # the id of a table, in quotation marks
UNREAD = frozenset({"style", "script", "code", "textarea", "pre"})


class Said(HTMLParser):
    """Gathers what a page says: text, and attributes that are shown or read aloud; what it marks as Spanish apart."""

    ALOUD = frozenset({"aria-label", "title", "placeholder", "alt", "data-said", "data-copied", "data-label"})
    VOID = frozenset({"input", "meta", "link", "br", "img", "use", "path", "rect", "circle", "line"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.quoted: list[str] = []  # what is marked as Spanish, such as an informe
        self._spanish: list[str] = []  # the elements in which we are, from the one so marked on
        self._unread = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marked = str(dict(attrs).get("lang")).startswith("es")
        if (self._spanish or marked) and tag not in self.VOID:
            self._spanish.append(tag)
        if not self._spanish:
            self.found += [value for name, value in attrs if name in self.ALOUD and value]
        self._unread += tag in UNREAD

    def handle_endtag(self, tag: str) -> None:
        if self._spanish and self._spanish[-1] == tag:
            self._spanish.pop()
        self._unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not self._unread:
            (self.quoted if self._spanish else self.found).append(text)


class Reader:
    """Knows Spanish by its letters, by its small words, and by the texts of the code that English says otherwise."""

    #: English has none of them.
    SPANISH = re.compile(
        r"[áéíóúñü¿¡«»]|\b(?:el|la|los|las|de|del|al|un|una|que|para|por|con|sin|su|sus|se|lo|en|y|quien|cada|nada|todos?"
        r"|persona|personas|correo|correos|campaña|aviso|fecha|hora|hoy|ayer)\b",
        re.IGNORECASE,
    )
    #: What English writes like this, too.
    NAMES = frozenset({"EN", "Los Angeles"})

    def __init__(self) -> None:
        with (i18n.CATALOGUES / "en.po").open("rb") as file:
            texts = [one for one in read_po(file, locale="en") if isinstance(one.id, str)]
        self.only_spanish = frozenset(str(one.id) for one in texts if one.id not in {"", one.string})

    def spanish_in(self, page: str, own: re.Pattern[str] = NEVER) -> list[str]:
        """Return what of a page is Spanish, where what the institution wrote itself (`own`) does not count."""
        said = Said(page)
        quoted = self.any_of(text for text in said.quoted if " " in text)
        return [text for text in said.found if self._is_spanish(text, quoted, own) or text in self.only_spanish]

    def _is_spanish(self, text: str, *own: re.Pattern[str]) -> bool:
        if text in self.NAMES or not self.SPANISH.search(text):
            return False
        for words in (CODE, *own):
            text = words.sub("", text)
        return bool(self.SPANISH.search(text))

    @staticmethod
    def any_of(texts: Iterable[str]) -> re.Pattern[str]:
        """Return what finds any of these texts, the longest first."""
        listed = sorted(set(texts), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, listed)) or NEVER.pattern, re.IGNORECASE)


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="session")
def tool() -> ModuleType:
    """tools/translations.py."""
    spec = importlib.util.spec_from_file_location("translations_tool", ROOT / "tools" / "translations.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
