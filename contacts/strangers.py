"""What somebody nobody knows says of themself by a form that is open to anybody: made plain, or refused with a code.

What they say is repeated in a mail to an address that may be somebody else's, so it must not be a message of its own:
no link, no address, no mark-up, no letters that turn a line around.
"""

import re
import unicodedata

from contacts import addresses
from contacts.errors import refuse
from contacts.folding import clean, fold_words

LONGEST_NAME = 100
LONGEST_PLACE = 100
LONGEST_EMAIL = 254
LONGEST_NUMBER = 40
_UNSAID = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})  # controls, marks of direction, what nobody assigned
_STRANGE = re.compile(r"[<>@\\{}\[\]|:/=]|www\.", re.IGNORECASE)
_TIED = re.compile(r"\.(?=\w)")  # «ejemplo.org» becomes a link in the reader's mail program; «Ma. Elena» does not


def plain(text: str, most: int, where: str) -> str:
    """Return a text on one line without what nobody sees. Refuses `field_long`."""
    shown = "".join(" " if unicodedata.category(each) in _UNSAID else each for each in text)
    found = clean(shown)
    if len(found) > most:
        raise refuse("field_long", where, found[:60], most=most)
    return found


def name(text: str) -> str:
    """Return a person's name. Refuses `name_missing`, `name_strange`, `field_long`."""
    found = plain(text, LONGEST_NAME, "nombre")
    if not fold_words(found):
        raise refuse("name_missing", "nombre", found)
    return _harmless(found, "nombre")


def place(text: str) -> str:
    """Return the name of a city; "" for "". Refuses `name_strange`, `field_long`."""
    return _harmless(plain(text, LONGEST_PLACE, "ciudad"), "ciudad")


def _harmless(text: str, where: str) -> str:
    if _STRANGE.search(text):
        raise refuse("name_strange", where, text[:60])
    return _TIED.sub(". ", text)


def email(text: str) -> str:
    """Return the one e-mail address that a text is.

    Refuses as `contacts.addresses.email`, and `email_missing`, `field_long`.
    """
    if not text.strip():
        raise refuse("email_missing", "correo")
    if len(text) > LONGEST_EMAIL:
        raise refuse("field_long", "correo", text[:60], most=LONGEST_EMAIL)
    return addresses.email(text)


def whatsapp(text: str, country: str) -> str:
    """Return a number for WhatsApp as it is kept. Refuses as `contacts.addresses.phone`, and `field_long`."""
    if len(text) > LONGEST_NUMBER:
        raise refuse("field_long", "whatsapp", text[:60], most=LONGEST_NUMBER)
    return addresses.phone(text, country)[0]
