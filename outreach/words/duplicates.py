"""The words of people who may be there twice: why, and what is chosen field by field."""

from outreach.i18n import gettext
from outreach.words import N_

REASON_WORDS: dict[str, str] = {
    "same_email": N_("mismo correo"),
    "same_phone": N_("mismo número"),
    "like_name": N_("nombre parecido y misma ciudad"),
}

FIELD_WORDS: dict[str, str] = {
    "nombre": N_("Nombre"),
    "pais": N_("País"),
    "ciudad": N_("Ciudad"),
    "zona": N_("Zona horaria"),
    "idioma": N_("Idioma"),
    "organizacion": N_("Organización"),
}


def sameness_word(code: str) -> str:
    """Return one reason in words."""
    return gettext(REASON_WORDS[code])


def reason_list(pair: object) -> list[str]:
    """Return why two are proposed, in words: a pair as it is kept, or as it was found."""
    return [gettext(word) for code, word in REASON_WORDS.items() if getattr(pair, code)]
