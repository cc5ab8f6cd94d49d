"""How numbers, dates and hours are written on a page."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach import i18n
from outreach.web import formats, periods
from outreach.web.queries.home import quarter


@pytest.fixture(autouse=True)
def _request(app):
    with app.test_request_context("/"):
        i18n.set_language("es")
        yield


def test_numbers_have_a_comma_for_thousands():
    assert formats.number(1846) == "1,846"
    assert formats.number(0) == "0"


@pytest.mark.parametrize(
    ("part", "whole", "decimals", "said"),
    [
        (1298, 1640, 0, "79\N{NO-BREAK SPACE}%"),
        (971, 1000, 1, "97.1\N{NO-BREAK SPACE}%"),
        (1999, 2000, 0, "99\N{NO-BREAK SPACE}%"),  # not yet all of them
        (2000, 2000, 0, "100\N{NO-BREAK SPACE}%"),
        (0, 7, 0, "0\N{NO-BREAK SPACE}%"),
        (0, 0, 0, "–"),
    ],
)
def test_a_percentage_never_says_all_before_it_is_all(part, whole, decimals, said):
    assert formats.percent(part, whole, decimals) == said


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 2))
def test_only_everything_is_a_hundred_per_cent(whole, missing, decimals):
    part = max(0, whole - missing)
    assert formats.percent(part, whole, decimals).startswith("100") == (part == whole)


def test_days_are_written_out_in_mexican_spanish():
    day = date(2025, 6, 20)
    assert formats.day(day) == "viernes 20 de junio de 2025"
    assert formats.long_date(day) == "20 de junio de 2025"
    assert formats.weekday(day) == "vie 20 jun"
    assert formats.month(day) == "junio de 2025"


def test_a_moment_is_told_in_the_institutions_zone_and_in_the_readers_own():
    moment = datetime(2025, 6, 21, 1, 30, tzinfo=UTC)  # the evening of the 20th in Mexico City
    assert formats.hour(moment) == "19:30"
    assert formats.hour(moment, "Europe/Madrid") == "03:30"
    assert formats.day(moment) == "viernes 20 de junio de 2025"
    assert formats.day(moment, "Europe/Madrid") == "sábado 21 de junio de 2025"


def test_what_is_near_is_called_by_its_name():
    assert formats.moment(datetime(2025, 6, 20, 17, 42, tzinfo=UTC)) == "Hoy, 11:42"
    assert formats.moment(datetime(2025, 6, 19, 17, 0, tzinfo=UTC)) == "Ayer, 11:00"
    assert formats.moment(datetime(2025, 6, 21, 16, 0, tzinfo=UTC)) == "Mañana, 10:00"
    assert formats.moment(datetime(2025, 6, 9, 16, 0, tzinfo=UTC)) == "9 jun, 10:00"
    assert formats.moment(datetime(2024, 6, 9, 16, 0, tzinfo=UTC)) == "9 jun 2024, 10:00"
    assert formats.within(datetime(2025, 6, 20, 17, 42, tzinfo=UTC)) == "hoy, 11:42"


def test_today_is_the_readers_own_today():
    morning = datetime(2025, 6, 20, 23, 30, tzinfo=UTC)  # 17:30 today in Mexico City, 08:30 of the 21st in Tokyo
    assert formats.moment(morning) == "Hoy, 17:30"
    assert formats.moment(morning, "Asia/Tokyo") == "Hoy, 08:30"  # there, now is 02:42 of the 21st


def test_places_and_zones_have_names():
    assert formats.place("Chicago", "US") == "Chicago, Estados Unidos"
    assert formats.place("", "") == "–"
    assert formats.country("XX") == "XX"
    assert formats.city_of_zone("Europe/Berlin") == "Berlín"
    assert formats.hour_of("America/Mexico_City") == "hora de la Ciudad de México"
    assert formats.offset("America/Chicago") == "UTC\N{MINUS SIGN}5"
    assert formats.offset("Asia/Kolkata") == "UTC+5:30"


def test_initials_are_the_first_two():
    assert formats.initials("Citlali Jacaranda Luna") == "CJ"
    assert formats.initials("inés") == "I"
    assert formats.initials("") == ""


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)))
def test_every_day_lies_in_its_quarter_and_quarters_follow_one_another(day):
    first, last = quarter(day)
    assert first <= day <= last
    assert first.day == 1
    assert first.month in {1, 4, 7, 10}
    assert quarter(date.fromordinal(last.toordinal() + 1))[0] == date.fromordinal(last.toordinal() + 1)


def test_a_period_defaults_to_the_present_quarter():
    period, wrong = periods.asked("", "")
    assert (period.start, period.end, wrong) == (date(2025, 4, 1), date(2025, 6, 30), {})


def test_a_day_that_does_not_exist_is_said_with_an_example():
    period, wrong = periods.asked("2025-04-01", "2025-06-31")
    assert wrong == {"hasta": "«2025-06-31» no es una fecha. Escriba una como 2025-06-30."}
    assert period.end == date(2025, 6, 30)


def test_a_period_that_ends_before_it_begins_is_said():
    _period, wrong = periods.asked("2025-06-01", "2025-04-01")
    assert wrong == {"hasta": "El periodo termina antes de empezar. Escriba una fecha posterior a la primera."}


def test_one_end_alone_brings_its_quarter():
    assert periods.asked("2024-11-05", "")[0].end == date(2025, 6, 30)
    assert periods.asked("", "2024-11-05")[0].start == date(2024, 10, 1)


def test_the_quarters_offered_are_the_present_one_and_those_before():
    assert [shortcut.name for shortcut in periods.shortcuts()] == [
        "abril a junio de 2025",
        "enero a marzo de 2025",
        "octubre a diciembre de 2024",
        "julio a septiembre de 2024",
    ]
