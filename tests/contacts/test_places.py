"""Countries by their many names, and the hour where somebody lives."""

from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import places, zones
from contacts.errors import Refused
from outreach import words


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("México", "MX"),
        ("MEXICO", "MX"),
        (" méjico ", "MX"),
        ("MX", "MX"),
        ("mex", "MX"),
        ("Estados Unidos", "US"),
        ("EE. UU.", "US"),
        ("E.U.A.", "US"),
        ("EUA", "US"),
        ("USA", "US"),
        ("United States", "US"),
        ("Estados Unidos de América", "US"),
        ("Canadá", "CA"),
        ("Reino Unido", "GB"),
        ("Inglaterra", "GB"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("España", "ES"),
        ("Países Bajos", "NL"),
        ("Holanda", "NL"),
        ("Corea del Sur", "KR"),
        ("Côte d’Ivoire", "CI"),
        ("Puerto Rico", "PR"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_country_is_known_by_the_names_people_give_it(written, code):
    assert places.country(written) == code


def test_an_unknown_country_zone_or_language_is_refused_with_an_example():
    for read, written, example in (
        (places.country, "Aztlán", "US"),
        (places.timezone, "UTC-5", "America/Chicago"),
        (places.language, "náhuatl", "español"),
    ):
        with pytest.raises(Refused) as refused:
            read(written)
        (sentence,) = words.explain_all(refused.value)
        assert written in sentence
        assert example in sentence


def test_every_country_is_known_by_its_own_name_in_both_languages():
    for language in ("es", "en"):
        offered = places.countries(language)
        assert len(offered) > 240
        for code, name in offered:
            assert places.country(name) == code
            assert places.country_name(code, language) == name
    assert places.country_name("US") == "Estados Unidos"
    assert places.country_name("US", "en") == "United States"
    assert places.country_name("") == ""


def test_no_nickname_takes_the_name_of_another_country():
    real = {}
    for language in ("es", "en"):
        real |= {places.fold_words(name): code for code, name in places.countries(language)}
    names = [name for text in zones.CALLED.values() for name in text.split(", ")]
    assert len(names) == len(set(names))
    assert {name for name in names if name in real} == set()


@pytest.mark.parametrize(
    ("country", "city", "zone"),
    [
        ("MX", "", "America/Mexico_City"),
        ("MX", "Ciudad de México", "America/Mexico_City"),
        ("MX", "Tijuana, B.C.", "America/Tijuana"),
        ("MX", "Cancún", "America/Cancun"),
        ("MX", "Cd. Juárez, Chihuahua", "America/Ciudad_Juarez"),
        ("MX", "Hermosillo, Sonora", "America/Hermosillo"),
        ("US", "", "America/New_York"),
        ("US", "Chicago", "America/Chicago"),
        ("US", "Houston, Texas", "America/Chicago"),
        ("US", "Los Ángeles", "America/Los_Angeles"),
        ("US", "LA", "America/Los_Angeles"),
        ("US", "New Orleans, LA", "America/Chicago"),
        ("US", "Portland", "America/Los_Angeles"),
        ("US", "Portland, Maine", "America/New_York"),
        ("US", "El Paso, TX", "America/Denver"),
        ("US", "Austin (Texas)", "America/Chicago"),
        ("US", "Nueva York", "America/New_York"),
        ("US", "Phoenix", "America/Phoenix"),
        ("US", "Un pueblo, Idaho", "America/Boise"),
        ("US", "California", "America/Los_Angeles"),
        ("CA", "", "America/Toronto"),
        ("CA", "Montréal", "America/Toronto"),
        ("CA", "Vancouver, BC", "America/Vancouver"),
        ("CA", "Calgary", "America/Edmonton"),
        ("ES", "Madrid", "Europe/Madrid"),
        ("ES", "Las Palmas", "Atlantic/Canary"),
        ("PT", "Funchal", "Atlantic/Madeira"),
        ("DE", "Berlín", "Europe/Berlin"),
        ("GB", "Londres", "Europe/London"),
        ("BR", "Manaos", "America/Sao_Paulo"),
        ("BR", "Manaus", "America/Manaus"),
        ("AU", "", "Australia/Sydney"),
        ("AU", "Perth", "Australia/Perth"),
        ("RU", "", "Europe/Moscow"),
        ("JP", "Osaka", "Asia/Tokyo"),
        ("", "Chicago", "America/Mexico_City"),
        ("XX", "", "America/Mexico_City"),
    ],
)
def test_a_zone_is_proposed_from_the_country_and_the_city(country, city, zone):
    assert places.propose_timezone(country, city) == zone


def test_every_zone_that_may_be_proposed_exists_and_belongs_to_its_country():
    for table in (zones.STATES, zones.AGAINST_THEIR_STATE, zones.CITIES):
        for country, named in table.items():
            assert set(named) <= set(places._zones()[country])
    for country, zone in zones.MAIN.items():
        assert zone in places._zones()[country]
    for code, _ in places.countries():
        assert ZoneInfo(places.propose_timezone(code))


@given(st.sampled_from(sorted(places._zones())), st.text(max_size=30))
def test_whatever_the_city_the_zone_is_one_of_the_countrys(country, city):
    assert places.propose_timezone(country, city) in places._zones()[country]


def test_a_zone_is_known_by_its_name_in_any_capitals_or_by_its_city():
    assert places.timezone("america/chicago") == "America/Chicago"
    assert places.timezone("America/New York") == "America/New_York"
    assert places.timezone("Chicago") == "America/Chicago"
    assert places.timezone("Ciudad de México") == "America/Mexico_City"
    assert places.timezone("Nueva York") == "America/New_York"
    assert places.timezone("") == ""
    for name in available_timezones():
        if "/" in name and not name.startswith("Etc/"):
            assert places.timezone(name) == name


def test_a_language_is_known_by_its_names():
    for written in ("es", "Español", "ESPANOL", "spanish", "castellano", "es-MX"):
        assert places.language(written) == "es"
    for written in ("en", "Inglés", "english", "en_US"):
        assert places.language(written) == "en"
    assert places.language(" ") == ""
