"""Patterns of dates: what CLDR knows passes, what would misprint does not."""

from datetime import date

import pytest
from babel import Locale
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from outreach.informes import patterns

DAY = date(2025, 4, 9)


@pytest.mark.parametrize(
    "pattern",
    [
        "dd 'de' MMMM 'de' y",
        "EEEE d 'de' MMMM 'de' y",
        "d/M/yy",
        "yyyyMMdd",
        "d 'o''clock' MMM",
        "w 'de' YYYY",
        "QQQQ y",
        "EEE, d MMM",
    ],
)
def test_good_patterns_pass(pattern: str) -> None:
    assert patterns.fault(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "pattern_empty"),
        ("dd 'de MMMM", "pattern_quotes"),
        ("bananas", "pattern_letters"),
        ("HH:mm", "pattern_letters"),
        ("--/--", "pattern_letters"),
        ("'sin fecha'", "pattern_letters"),
        ("dd de MMMM de y", "pattern_words"),
        ("dd/MM/YYYY", "pattern_year"),
        ("DD/MM/yyyy", "pattern_year"),
        ("ddd 'de' MMMM", "pattern_length"),
        ("d MMMMMM", "pattern_length"),
    ],
)
def test_patterns_that_would_misprint_say_why(pattern: str, code: str) -> None:
    assert patterns.fault(pattern) == code


def test_a_month_alone_has_no_day_to_print() -> None:
    assert patterns.fault("MMMM y", patterns.MONTH_FIELDS) == ""
    assert patterns.fault("d 'de' MMMM", patterns.MONTH_FIELDS) == "pattern_letters"


@given(st.text(alphabet="dMyELcwQ '/,.xh-", max_size=12))
def test_a_pattern_that_passes_prints_every_day_without_fail(pattern: str) -> None:
    if not patterns.fault(pattern):
        assert format_date(DAY, pattern, locale=Locale.parse("en_US"))
