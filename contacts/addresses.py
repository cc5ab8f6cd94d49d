"""What a person typed as an e-mail address or a number → the one form that we keep, or a refusal with its code."""

import re
import unicodedata
from functools import cache, lru_cache

import phonenumbers
from email_validator import EmailNotValidError, EmailSyntaxError, validate_email
from phonenumbers import ValidationResult

from contacts.errors import Refused, refuse
from contacts.folding import clean
from contacts.models import AddressKind

MEXICO = "MX"
_LONGEST_EMAIL = 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_LOCAL = 64
# Meta's business-scoped user id: the country, a point, up to 128 letters and digits; that of a business with several
# portfolios says «ENT» between. Not a number, kept as it is.
_SCOPED = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_DRESS = re.compile(r"^(?:tel:|whatsapp:|')\s*", re.IGNORECASE)
_LINK = re.compile(r"^(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?(?=\d)", re.IGNORECASE)
_BARE = re.compile(r"\+?[0-9][0-9 ().-]*")  # how nearly all of them are written
_NO_DIGIT = re.compile(r"\D")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_EXTENSION = re.compile(r"[\s,;]*(?:extensi[oó]n|ext|x)\.?\s*\d{1,6}$", re.IGNORECASE)
_MEXICAN = re.compile(r"(?:52)?(?:1|044|045|01)?([1-9]\d{9})")
_MEXICAN_ABROAD = re.compile(r"52(?:1|044|045|01)?([1-9]\d{9})")
_LENGTHS = {
    ValidationResult.TOO_SHORT: "phone_short",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone_short",
    ValidationResult.TOO_LONG: "phone_long",
}


def email(text: str) -> str:
    """Return an e-mail address in lower case, its domain in ASCII; nobody is asked whether it exists.

    The part before the @ is lowered too: no mail service tells Ana from ana, and one person must not be two for us.
    «mailto:» and angle brackets around it are taken off. Refuses `email_form`, `email_accent`, `email_domain`.
    """
    plain = clean(text)
    if plain[:7].lower() == "mailto:":
        plain = plain[7:]
    if plain.startswith("<") and plain.endswith(">"):
        plain = plain[1:-1]
    local, at, domain = plain.rpartition("@")
    if not at or not local or not domain or "@" in local:
        raise refuse("email_form", "correo", text)
    if not local.isascii():
        raise refuse("email_accent", "correo", text)  # needs SMTPUTF8, which our provider does not offer
    if not _LOCAL.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        raise refuse("email_form", "correo", text)
    kept = _domain(domain)
    if not kept:
        raise refuse("email_domain", "correo", text, domain=domain)
    if len(local) + 1 + len(kept) > _LONGEST_EMAIL:
        raise refuse("email_form", "correo", text)
    return f"{local.lower()}@{kept}"


@lru_cache(maxsize=16_384)
def _domain(text: str) -> str:
    """Return a domain as it is kept, "" when it cannot be one. A list has few domains: each is looked at once."""
    try:
        return validate_email(f"a@{text}", check_deliverability=False, allow_smtputf8=False).ascii_domain.lower()
    except (EmailNotValidError, EmailSyntaxError, UnicodeError):
        return ""


def phone(text: str, country: str = "") -> tuple[str, str]:
    """Return a number as +E.164 and its region (ISO 3166-1; "" where a number belongs to no country).

    With + (or 00) the number says its own country. Without, it is read as one of `country` (ISO code), then as Mexican.
    Old Mexican forms (+52 1, 044, 045, 01, 52 without +) become +52 and ten digits before anything else, because
    the numbering plan of today has no place for them. The region is the number's own: +1 alone does not tell.
    Refuses `phone_form`, `phone_rounded`, `phone_short`, `phone_long`, `phone_unassigned`.
    """
    plain = text.strip()
    if not _BARE.fullmatch(plain):
        plain = _undressed(text)
    digits = _NO_DIGIT.sub("", plain)
    abroad = plain.lstrip("(").startswith("+")
    if not abroad and digits.startswith("00"):
        digits, abroad = digits[2:], True
    number, region, code = _read(digits, abroad, country.upper())
    if code:
        raise refuse(code, "telefono", text, country=country)
    return number, region


def _undressed(text: str) -> str:
    """Return a number without what is written around it. Refuses `phone_rounded`, `phone_form`."""
    plain = _LINK.sub("+", _DRESS.sub("", unicodedata.normalize("NFKC", clean(text))))
    if _ROUNDED.fullmatch(plain):
        raise refuse("phone_rounded", "telefono", text)
    plain = _EXTENSION.sub("", plain)
    if not re.fullmatch(r"[+\d(][\d\s().\-–/+]*", plain) or "+" in plain.lstrip("(")[1:]:
        raise refuse("phone_form", "telefono", text)
    return plain


def whatsapp(text: str, country: str = "") -> tuple[str, str]:
    """Return a WhatsApp address and its region: a number as `phone` gives it, or a business-scoped id as it is.

    Since 2026 a person may be known to a business by an id such as `US.ABC123` and hide the number.
    """
    plain = clean(text)
    plain = plain[9:] if plain[:9].lower() == "whatsapp:" else plain
    return (plain, plain[:2]) if _SCOPED.fullmatch(plain) else phone(plain, country)


def scoped(text: str) -> bool:
    """Tell whether a text, as it is kept, is a business-scoped id and no number."""
    return _SCOPED.fullmatch(text) is not None


def kind_of_way(value: str) -> AddressKind:
    """Return the kind of an address that was written to: it says by itself what it is."""
    if "@" in value:
        return AddressKind.EMAIL
    return AddressKind.SCOPED if scoped(value) else AddressKind.WHATSAPP


def normalise(text: str) -> str:
    """Return whatever address a text may be, for looking a person up; the text itself when it is none."""
    try:
        return email(text) if "@" in text else whatsapp(text)[0]
    except Refused:
        return clean(text)


@lru_cache(maxsize=65_536)
def _read(digits: str, abroad: bool, country: str) -> tuple[str, str, str]:  # noqa: FBT001 — a cache key
    """Return number, region and "", or "", "" and the code of the refusal."""
    if abroad:
        repaired = _MEXICAN_ABROAD.fullmatch(digits)
        return _mexican(repaired[1]) if repaired else _valid(f"+{digits}", "ZZ")
    answer = ("", "", "phone_unassigned")
    if country and country != MEXICO:
        answer = _valid(digits, country)
    if answer[2]:
        repaired = _MEXICAN.fullmatch(digits)
        mexican = _mexican(repaired[1]) if repaired else _valid(digits, MEXICO)
        if not mexican[2] or not country or country == MEXICO:
            return mexican
    return answer


@cache
def _mexican_ranges() -> re.Pattern[str]:
    """Return the fixed and mobile ranges of Mexico as one pattern, from the library's own numbering plan."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(MEXICO)
    kinds = (plan.fixed_line, plan.mobile) if plan else ()
    return re.compile("|".join(f"(?:{kind.national_number_pattern})" for kind in kinds if kind))


def _mexican(national: str) -> tuple[str, str, str]:
    """Answer for ten digits read as Mexican: most of our numbers, so they skip most of the library's work."""
    if _mexican_ranges().fullmatch(national):
        return f"+52{national}", MEXICO, ""
    return _valid(f"+52{national}", MEXICO)


def _valid(number: str, region: str) -> tuple[str, str, str]:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        known = {
            phonenumbers.NumberParseException.TOO_LONG: "phone_long",
            phonenumbers.NumberParseException.TOO_SHORT_NSN: "phone_short",
            phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "phone_short",
        }
        return "", "", known.get(error.error_type, "phone_form")
    home = phonenumbers.region_code_for_number(parsed)  # None: no such number anywhere
    if home is None or not phonenumbers.is_valid_number_for_region(parsed, home):
        return "", "", _LENGTHS.get(phonenumbers.is_possible_number_with_reason(parsed), "phone_unassigned")
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164, "" if home == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else home, ""
