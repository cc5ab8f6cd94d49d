"""Text made equal for comparing: «Correo Electrónico», «correo  electronico» and «CORREO ELECTRÓNICO» are one."""

import re
import unicodedata
from functools import lru_cache

#: Marks that ride along when people copy from chats and web pages, and that nobody sees; those that turn the
#: direction of the text around them.
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
_CONTROLS = dict.fromkeys(code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace())
_ACCENT = re.compile("[\u0300-\u036f]")


def clean(text: str) -> str:
    """Return a text on one line, without invisible marks or blanks at its ends, composed (NFC)."""
    if text.isprintable() and "  " not in text and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text.strip()
    return unicodedata.normalize("NFC", " ".join(text.translate(_UNSEEN).split()))


def bare(text: str) -> str:
    """Return the same without control characters: what programs leave in the cells of a file."""
    return clean(text if text.isprintable() else text.translate(_CONTROLS))


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return a text for comparing: no accents, no capitals, single blanks."""
    if text.isascii():
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text.translate(_UNSEEN).casefold())
    return " ".join(_ACCENT.sub("", parts).split())


def fold_words(text: str) -> str:
    """Return a text for comparing words alone: folded, and without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))
