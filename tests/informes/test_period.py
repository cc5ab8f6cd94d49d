"""The period of an informe in words."""

from datetime import date

import pytest
from babel import Locale

from outreach import i18n
from outreach.informes import period

ES, EN = Locale.parse("es_MX"), Locale.parse("en_US")


def words(start: str, end: str) -> dict[str, str]:
    return dict(period.words(date.fromisoformat(start), date.fromisoformat(end), ES))


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2025-04-01", "2025-06-30", "abril a junio de 2025"),
        ("2025-04-01", "2025-04-30", "abril de 2025"),
        ("2024-02-01", "2024-02-29", "febrero de 2024"),
        ("2025-01-01", "2025-12-31", "enero a diciembre de 2025"),
        ("2025-11-01", "2026-01-31", "noviembre de 2025 a enero de 2026"),
        ("2025-04-09", "2025-04-09", "9 de abril de 2025"),
        ("2025-04-09", "2025-04-30", "9 a 30 de abril de 2025"),
        ("2025-04-09", "2025-06-15", "9 de abril a 15 de junio de 2025"),
        ("2025-12-15", "2026-01-10", "15 de diciembre de 2025 a 10 de enero de 2026"),
    ],
)
def test_a_period_names_whole_months_as_months_and_others_by_their_days(start: str, end: str, said: str) -> None:
    assert words(start, end)["periodo"] == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2025-01-01", "2025-03-31", "primer trimestre de 2025"),
        ("2025-04-01", "2025-06-30", "segundo trimestre de 2025"),
        ("2025-07-01", "2025-09-30", "tercer trimestre de 2025"),
        ("2025-10-01", "2025-12-31", "cuarto trimestre de 2025"),
        ("2025-04-01", "2025-06-29", "1 de abril a 29 de junio de 2025"),
        ("2025-02-01", "2025-04-30", "febrero a abril de 2025"),
        ("2024-04-01", "2025-06-30", "abril de 2024 a junio de 2025"),
    ],
)
def test_only_a_quarter_of_the_calendar_is_called_one(start: str, end: str, said: str) -> None:
    assert words(start, end)["trimestre"] == said


def test_the_ends_of_a_period_are_long_dates() -> None:
    said = words("2025-04-01", "2025-06-30")
    assert (said["desde"], said["hasta"]) == ("1 de abril de 2025", "30 de junio de 2025")


def test_an_english_informe_speaks_english() -> None:
    with i18n.speaking("en"):
        said = period.words(date(2025, 4, 1), date(2025, 6, 30), EN)
    assert said["periodo"] == "April to June 2025"
    assert said["trimestre"] == "second quarter of 2025"
