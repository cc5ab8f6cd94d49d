"""Dates as the institute writes them, held by examples from its informes and by what must hold for any days."""

import re
from datetime import date, timedelta

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from outreach.informes.dates import DateStyle

ES, EN = Locale.parse("es_MX"), Locale.parse("en_US")
MONTHS = [ES.months["format"]["wide"][number] for number in range(1, 13)]


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("given_days", "printed"),
    [
        (["2025-04-09"], "9 de abril de 2025"),
        (["2025-05-30", "2025-05-31"], "30 y 31 de mayo de 2025"),
        (["2025-04-09", "2025-04-16", "2025-04-30"], "9, 16 y 30 de abril de 2025"),
        (["2025-05-30", "2025-06-02"], "30 de mayo y 2 de junio de 2025"),
        (["2025-04-09", "2025-04-16", "2025-05-02"], "9 y 16 de abril y 2 de mayo de 2025"),
        (["2025-04-09", "2025-05-02", "2025-06-05"], "9 de abril, 2 de mayo y 5 de junio de 2025"),
        (["2024-12-30", "2025-01-02"], "30 de diciembre de 2024 y 2 de enero de 2025"),
        (["2024-11-08", "2024-12-30", "2025-01-02"], "8 de noviembre y 30 de diciembre de 2024 y 2 de enero de 2025"),
    ],
)
def test_days_are_joined_as_the_institute_joins_them(given_days: list[str], printed: str) -> None:
    assert DateStyle(ES).cell(days(*given_days)) == printed


def test_a_day_counts_once_and_days_stand_in_order() -> None:
    assert DateStyle(ES).cell(days("2025-04-30", "2025-04-09", "2025-04-30", "2025-04-16")) == (
        "9, 16 y 30 de abril de 2025"
    )


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        (DateStyle(ES, pattern="dd 'de' MMMM 'de' y"), "09 de abril de 2025"),
        (DateStyle(ES, pattern="EEEE d 'de' MMMM 'de' y", capitalize=True), "Miércoles 9 de abril de 2025"),
        (DateStyle(ES, pattern="EEEE d 'de' MMMM 'de' y"), "miércoles 9 de abril de 2025"),
        (DateStyle(ES, end="."), "9 de abril de 2025."),
        (DateStyle(ES, pattern="d/M/yy"), "9/4/25"),
    ],
)
def test_a_cell_of_one_day_follows_the_pattern(style: DateStyle, printed: str) -> None:
    assert style.cell(days("2025-04-09")) == printed


def test_an_end_stands_after_joined_days_and_months_too() -> None:
    style = DateStyle(ES, pattern="dd 'de' MMMM 'de' y", end=".")
    assert style.cell(days("2025-04-09", "2025-04-16")) == "9 y 16 de abril de 2025."
    assert style.cell([], days("2025-04-01")) == "Abril 2025."


def test_a_month_alone_has_its_own_pattern_with_a_capital_by_default() -> None:
    assert DateStyle(ES).cell([], days("2025-04-01")) == "Abril 2025"
    assert DateStyle(ES, month="MMMM 'de' y").cell([], days("2025-04-01")) == "abril de 2025"
    assert DateStyle(ES, month="MMMM 'de' y", capitalize=True).cell([], days("2025-04-01")) == "Abril de 2025"


def test_months_alone_join_each_other_and_days_of_other_months() -> None:
    style = DateStyle(ES)
    assert style.cell([], days("2025-04-01", "2025-05-01", "2025-06-01")) == "Abril, mayo y junio de 2025"
    assert style.cell(days("2025-04-09"), days("2025-05-01")) == "9 de abril y mayo de 2025"
    assert style.cell(days("2025-06-03"), days("2025-04-01")) == "Abril y 3 de junio de 2025"


def test_a_month_of_which_a_day_is_known_is_not_named_a_second_time() -> None:
    assert DateStyle(ES).cell(days("2025-04-09", "2025-04-16"), days("2025-04-01")) == "9 y 16 de abril de 2025"
    style = DateStyle(ES, pattern="dd/MM/y")
    assert style.cell(days("2025-04-09"), days("2025-04-01")) == "09/04/2025", "one day, printed as one day"


def test_english_reads_as_english() -> None:
    style = DateStyle(EN)
    assert style.cell(days("2025-04-09", "2025-04-16", "2025-04-30")) == "April 9, 16, and 30, 2025"
    assert style.cell(days("2025-05-30", "2025-06-02")) == "May 30 and June 2, 2025"
    assert style.cell(days("2024-12-30", "2025-01-02")) == "December 30, 2024 and January 2, 2025"
    assert style.cell([], days("2025-04-01", "2025-05-01")) == "April and May 2025"


some_days = st.sets(
    st.integers(0, 900).map(lambda offset: date(2024, 7, 1) + timedelta(days=offset)), min_size=1, max_size=40
)


def parsed(text: str) -> list[date]:
    """Read joined days back: the year stands after its months, the month after its days."""
    found = []
    for year_part, year in re.findall(r"(.+?) de (\d{4})(?: y |, |$)", text):
        for month_part, month in re.findall(rf"([\d, y]+?) de ({'|'.join(MONTHS)})", year_part):
            found += [date(int(year), MONTHS.index(month) + 1, int(day)) for day in re.findall(r"\d+", month_part)]
    return found


@given(some_days)
def test_any_days_can_be_read_back_each_once_and_in_order(chosen: set[date]) -> None:
    assert parsed(DateStyle(ES).cell(chosen)) == sorted(chosen)


@given(some_days)
def test_each_month_of_a_year_and_each_year_is_named_once(chosen: set[date]) -> None:
    text = DateStyle(ES).cell(chosen)
    assert [int(year) for year in re.findall(r"\d{4}", text)] == sorted({day.year for day in chosen})
    named = re.findall("|".join(MONTHS), text)
    assert len(named) == len({(day.year, day.month) for day in chosen})
