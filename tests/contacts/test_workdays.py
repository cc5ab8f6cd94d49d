"""Working days: what a term of the law is counted in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import workdays

DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))
TERMS = st.integers(0, 60)
CLOSED = st.frozensets(st.dates(date(2024, 12, 1), date(2025, 12, 31)), max_size=40)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2025, ["01-01", "02-03", "03-17", "05-01", "09-16", "11-17", "12-25"]),
        (2024, ["01-01", "02-05", "03-18", "05-01", "09-16", "10-01", "11-18", "12-25"]),  # the executive changed
        (2018, ["01-01", "02-05", "03-19", "05-01", "09-16", "11-19", "12-01", "12-25"]),
        (2030, ["01-01", "02-04", "03-18", "05-01", "09-16", "10-01", "11-18", "12-25"]),
    ],
)
def test_the_official_days_of_rest_are_those_of_the_law(year, days):
    assert workdays.official(year) == {date.fromisoformat(f"{year}-{day}") for day in days}


def test_twenty_working_days_skip_weekends_and_official_days():
    # Received on a Friday; Monday the 17th of March is a day of rest.
    assert workdays.after(date(2025, 3, 14), 1) == date(2025, 3, 18)
    assert workdays.after(date(2025, 6, 20), 20) == date(2025, 7, 18)


def test_days_on_which_the_institution_is_closed_do_not_count():
    closed = {date(2025, 6, 23), date(2025, 6, 24)}
    assert workdays.after(date(2025, 6, 20), 1, closed) == date(2025, 6, 25)
    assert not workdays.is_working(date(2025, 6, 23), closed)


@given(DAYS, TERMS, CLOSED)
def test_a_term_ends_on_a_working_day_and_holds_exactly_its_working_days(start, term, closed):
    end = workdays.after(start, term, closed)
    assert workdays.between(start, end, closed) == term
    assert end == start if not term else workdays.is_working(end, closed)


@given(DAYS, TERMS, TERMS, CLOSED)
def test_a_longer_term_never_ends_earlier(start, term, more, closed):
    assert workdays.after(start, term + more, closed) >= workdays.after(start, term, closed)
    assert workdays.after(start, term + more, closed) == workdays.after(
        workdays.after(start, term, closed), more, closed
    )


@given(DAYS, TERMS, CLOSED, CLOSED)
def test_more_closed_days_never_end_a_term_earlier(start, term, closed, besides):
    assert workdays.after(start, term, closed | besides) >= workdays.after(start, term, closed)


@given(DAYS, st.integers(0, 90))
def test_working_days_between_two_days_count_backwards_alike(start, span):
    end = start + timedelta(days=span)
    assert workdays.between(end, start) == -workdays.between(start, end)


def test_a_term_below_nothing_is_refused():
    with pytest.raises(ValueError, match="no fewer than 0"):
        workdays.after(date(2025, 6, 20), -1)
