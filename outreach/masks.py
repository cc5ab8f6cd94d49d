"""Addresses as somebody sees them who needs none: enough to tell two apart, not enough to write to anybody.

`c•••@example.org`, `+52 •• •• 01 23`. A mask has no mask: what was masked once stays as it is.
"""

import re

import phonenumbers

DOT = "\N{BULLET}"
_SHOWN = 4  # digits of a number
_LEAST = 7  # digits: a shorter number is none
_EMAIL = re.compile(r"([\w.+%'-])([\w.+%'-]*)(@|%40)([\w-]+(?:\.[\w-]+)+)")
_NUMBER = re.compile(r"(?<![\w+])(?:\+|%2B)\d{7,15}(?!\d)")
_SPELLED = re.compile(r"(?<![\w+-])(?:\+|\(|00)?\d[\d\s().\-–/]{5,}\d(?![\w-])")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4}")


def address(value: str) -> str:
    """Return an address as it is kept (`contacts.addresses`) under its mask."""
    if "@" in value:
        return _EMAIL.sub(_email, value) if _EMAIL.search(value) else DOT * 3
    digits = "".join(filter(str.isdigit, value))
    return _number(value) if value.startswith("+") and len(digits) >= _LEAST else DOT * 3


def page(text: str) -> str:
    """Return a text, also a whole page, with every e-mail address and every number in +E.164 under its mask."""
    return _NUMBER.sub(lambda found: _number(found[0].replace("%2B", "+")), _EMAIL.sub(_email, text))


def prose(text: str) -> str:
    """Return what somebody wrote with addresses under their masks, numbers too however they are spaced. Dates stay."""
    return _SPELLED.sub(_spelled, page(text))


def _email(found: re.Match[str]) -> str:
    return f"{found[1]}{DOT * 3}{found[3]}{found[4]}"


def _number(text: str) -> str:
    digits = "".join(filter(str.isdigit, text))
    try:
        code = f"+{phonenumbers.parse(text, None).country_code} "
    except phonenumbers.NumberParseException:
        code = ""
    last = digits[-_SHOWN:]
    return f"{code}{DOT * 2} {DOT * 2} {last[:2]} {last[2:]}"


def _spelled(found: re.Match[str]) -> str:
    text = found[0]
    digits = "".join(filter(str.isdigit, text))
    if len(digits) < _LEAST or _MOMENT.match(text):
        return text
    return f"{DOT * 2} {DOT * 2} {digits[-4:-2]} {digits[-2:]}"
