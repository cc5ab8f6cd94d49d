"""The language of whoever reads: the texts in the code are Spanish (es_MX), catalogues hold the others.

One mechanism for pages, messages, the CLI and informes. The language in force is a context variable: a web request,
a command and a rendered message each set their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LANGUAGES = ("es", "en")
LOCALES = {"es": Locale.parse("es_MX"), "en": Locale.parse("en_US")}
CATALOGUES = Path(__file__).parent / "translations"

_language: ContextVar[str] = ContextVar("language", default="es")


@lru_cache
def _catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=str(LOCALES[language]))


def language() -> str:
    """Return the language in force, a key of `LANGUAGES`."""
    return _language.get()


def locale() -> Locale:
    """Return the Babel locale in force."""
    return LOCALES[_language.get()]


def choose(wanted: str) -> str:
    """Return the supported language for a wish such as `en-GB` or `es_MX.UTF-8`; Spanish when it is none of ours."""
    short = wanted.replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else "es"


def set_language(wanted: str) -> None:
    """Set the language for the rest of this context (a request, a command)."""
    _language.set(choose(wanted))


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Set the language for a block."""
    token = _language.set(choose(wanted))
    try:
        yield
    finally:
        _language.reset(token)


def _translated(text: str, form: int = 0) -> str | None:
    """Return the text's translation into the language in force, in its form for one (0) or for several (1)."""
    message = _catalogue(_language.get()).get(text)
    if message is None or message.fuzzy or not message.string:
        return None
    forms = (message.string,) if isinstance(message.string, str) else message.string
    return str(forms[min(form, len(forms) - 1)]) or None  # a text may stand alone and also begin a pair


def gettext(text: str, /, **values: object) -> str:
    """Return the text in the language in force, with `%(name)s` filled in."""
    if _language.get() != "es":
        text = _translated(text) or text
    return text % values if values else text.replace("%%", "%")


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Return the text for a count, in the language in force; `%(n)s` is the count."""
    text = one if n == 1 else many
    if _language.get() != "es":
        text = _translated(one, int(n != 1)) or text
    return text % ({"n": n} | values)
