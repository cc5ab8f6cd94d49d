"""E-mail addresses and numbers, as people type them."""

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import assume, given
from hypothesis import strategies as st

from contacts import addresses
from contacts.errors import Refused
from outreach import words


def code_of(call, *arguments: str) -> str:
    with pytest.raises(Refused) as refused:
        call(*arguments)
    (fault,) = refused.value.faults
    sentence = words.explain(fault)
    assert fault.value in sentence or fault.value == ""
    assert "%(" not in sentence
    return fault.code


@pytest.mark.parametrize(
    "written",
    [
        "+5215555550100",
        "+52 1 55 5555 0100",
        "+52 55 5555 0100",
        "52 55 5555 0100",
        "5215555550100",
        "044 55 5555 0100",
        "045-55-5555-0100",
        "01 (55) 5555 0100",
        "1 55 5555 0100",
        "+52 044 55 5555 0100",
        "+52 (01) 55 5555 0100",
        "55.5555.0100",
        "0052 55 5555 0100",
        "(+52) 55 5555 0100",
        "whatsapp:+5215555550100",
        "https://wa.me/5215555550100",
        "tel:+525555550100",
        "'5555550100",
        "\u202a+52\u00a055\u20115555\u20110100\u202c".replace("\u2011", "-"),
        "５５ ５５５５ ０１００",
        "+52 55 5555 0100 ext. 12",
    ],
)
@pytest.mark.parametrize("country", ["", "MX", "US", "ES"])
def test_a_number_written_the_old_way_becomes_52_and_ten_digits(written, country):
    assert addresses.phone(written, country) == ("+525555550100", "MX")


def test_a_number_without_plus_is_read_as_one_of_the_rows_country_first_and_then_as_mexican():
    assert addresses.phone("212 555 0142", "US") == ("+12125550142", "US")
    assert addresses.phone("1 (212) 555-0142", "us") == ("+12125550142", "US")
    assert addresses.phone("011 52 55 5555 0100", "US") == ("+525555550100", "MX")
    assert addresses.phone("55 5555 0100", "US") == ("+525555550100", "MX")
    assert addresses.phone("600 000 000", "ES") == ("+34600000000", "ES")
    assert addresses.phone("55 5555 0100", "DE") == (
        "+495555550100",
        "DE",
    )  # it is a German number too, and the country comes first
    assert code_of(addresses.phone, "212 555 0142") == "phone_unassigned"
    assert code_of(addresses.phone, "600 000 000", "MX") == "phone_short"


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("+1 212 555 0142", "US"),
        ("+1 416 555 0142", "CA"),
        ("+1 787 555 0142", "PR"),
        ("+1 876 555 0142", "JM"),
        ("+1 809 555 0142", "DO"),
        ("+7 701 000 0000", "KZ"),
        ("+800 1234 5678", ""),
    ],
)
def test_the_region_is_the_numbers_own_not_the_prefixs(written, region):
    assert addresses.phone(written)[1] == region


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "phone_form"),
        ("sin teléfono", "phone_form"),
        ("+", "phone_form"),
        ("00", "phone_form"),
        ("55 5555 0100 casa", "phone_form"),
        ("1-800-FLORES", "phone_form"),
        ("++52 55 5555 0100", "phone_form"),
        ("55 5555 010", "phone_short"),
        ("+52 55 555 501", "phone_short"),
        ("12345", "phone_short"),
        ("55 5555 01000", "phone_long"),
        ("5555550100 5555550101", "phone_long"),
        ("+1 55 5555 0100", "phone_unassigned"),
        ("+99 123 456 789", "phone_form"),
        ("5.55555E+09", "phone_rounded"),
        ("5,5556E9", "phone_rounded"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(written, code):
    assert code_of(addresses.phone, written) == code


def test_a_business_scoped_id_stays_as_it_is():
    assert addresses.whatsapp("US.ABC123") == ("US.ABC123", "US")
    assert addresses.whatsapp("whatsapp:MX.1349120865530274") == ("MX.1349120865530274", "MX")
    assert addresses.whatsapp("whatsapp:+5215555550100") == ("+525555550100", "MX")
    assert code_of(addresses.phone, "US.ABC123") == "phone_form"


def national(region: str) -> st.SearchStrategy[str]:
    """Numbers near a region's own example: many exist, some do not."""
    example = str(phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE).national_number)
    return st.text("0123456789", min_size=4, max_size=4).map(lambda tail: example[:-4] + tail)


@given(national("MX"), st.sampled_from(["+521", "+52", "52", "521", "044", "045", "01", "1", "", "0052", "00521"]))
def test_every_dress_of_a_mexican_number_is_the_same_number(digits, dress):
    try:
        plain = addresses.phone(f"+52{digits}")
    except Refused:
        assume(False)
    assert addresses.phone(dress + digits) == plain
    assert addresses.phone(dress + digits, "MX") == plain


@given(st.sampled_from(["MX", "US", "CA", "ES", "DE", "GB", "FR", "AR", "BR", "JP"]).flatmap(national))
def test_a_kept_number_reads_as_itself_whatever_the_country(digits):
    for country in ("MX", "US", "CA", "ES", "DE", "GB", "FR", "AR", "BR", "JP"):
        try:
            number, region = addresses.phone(digits, country)
        except Refused:
            continue
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))
        for other in ("", "MX", "US", "DE"):
            assert addresses.phone(number, other) == (number, region)


@given(st.text(max_size=30), st.sampled_from(["", "MX", "US", "ES", "XX"]))
def test_no_text_makes_a_number_raise_anything_but_a_refusal(text, country):
    try:
        number, _ = addresses.whatsapp(text, country)
    except Refused as refused:
        assert words.explain_all(refused)  # noqa: PT017 — most texts are no number
    else:
        assert number.startswith("+") or "." in number


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ana.Lopez@Example.ORG", "ana.lopez@example.org"),
        ("  ana@example.org\u200b", "ana@example.org"),
        ("mailto:ana@example.org", "ana@example.org"),
        ("<ana@example.org>", "ana@example.org"),
        ("ana+red@example.org", "ana+red@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("ana@ñandú.mx", "ana@xn--and-6ma2c.mx"),
    ],
)
def test_an_address_is_kept_in_lower_case(written, kept):
    assert addresses.email(written) == kept


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "email_form"),
        ("ana", "email_form"),
        ("@example.org", "email_form"),
        ("ana@", "email_form"),
        ("ana@uno@example.org", "email_form"),
        ("ana lopez@example.org", "email_form"),
        ("ana..lopez@example.org", "email_form"),
        (".ana@example.org", "email_form"),
        (f"{'a' * 65}@example.org", "email_form"),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.org", "email_form"),
        ("núñez@example.org", "email_accent"),
        ("ana@localhost", "email_domain"),
        ("ana@example", "email_domain"),
        ("ana@example..org", "email_domain"),
        ("ana@-example.org", "email_domain"),
        ("ana@example.test", "email_domain"),
        ("ana@[127.0.0.1]", "email_domain"),
        ("ana@example.org, beto@example.org", "email_form"),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(written, code):
    assert code_of(addresses.email, written) == code


LIKE_AN_ADDRESS = st.from_regex(r"[a-zA-Z0-9._%+'-]{1,12}@[a-zA-Z0-9.-]{1,14}\.(org|COM|mx|test|x)", fullmatch=True)


@given(LIKE_AN_ADDRESS | st.emails() | st.text(max_size=20))
def test_the_quick_way_agrees_with_the_library_on_every_address(text):
    try:
        kept = addresses.email(text)
    except Refused:
        if text.isascii() and text.strip() == text and text[:1] not in '"<' and not text.lower().startswith("mailto:"):
            with pytest.raises(EmailNotValidError):
                validate_email(text, check_deliverability=False, allow_smtputf8=False)
    else:
        assert validate_email(kept, check_deliverability=False, allow_smtputf8=False).ascii_email == kept
        assert addresses.email(kept) == kept


def test_looking_up_any_kind_of_address():
    assert addresses.normalise("Ana@EXAMPLE.org") == "ana@example.org"
    assert addresses.normalise("044 55 5555 0100") == "+525555550100"
    assert addresses.normalise("whatsapp:US.ABC123") == "US.ABC123"
    assert addresses.normalise(" nada  de esto ") == "nada de esto"
