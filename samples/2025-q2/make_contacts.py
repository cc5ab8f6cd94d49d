"""Write the fictional people of this sample: `python samples/2025-q2/make_contacts.py` gives the same files each time.

Nobody here exists. Surnames are plants and stones of Mexico, addresses end in example.org, .com or .net, and numbers
come from ranges kept for fiction (+1 NPA 555 01xx, +44 20 7946 0xxx, +49 171 39200xx, +61 2 5550 xxxx,
+46 70 174 06xx, +33 1 99 00 xx xx) or, where a country keeps none, from plainly invented ones (+52 55 5555 01xx).
How an address behaves in the simulator is said by its beginning (docs/simulator.md).
"""

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

HERE = Path(__file__).parent
HEADERS = ("nombre", "correo", "telefono", "whatsapp", "pais", "ciudad", "idioma", "zona", "red", "rol", "trajo")


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


GIVEN = words(
    "Citlali Nahúm Amaranta Eloy Xóchitl Donají Yolotl Inés Teo Maura Ariel Nicté Ulises Itzel Bruno Quetzalli Rubí "
    "Leandro Tonantzin Abril Cuauhtli Perla Gael Malinalli Ciro Ixchel Damián Yaretzi Elías Nayeli Fermín Zyanya Óscar "
    "Metztli Julián Erandi Tadeo Sihuca Renata Ollin Aurelia Mixtli Silvano Tlalli Vera Necahual Octavio Papalotl "
    "Lía Huitzilin Rocío Cipactli"
)
FIRST = words(
    "Jacaranda Tezontle Nopal Ahuehuete Colorín Mezquite Tejocote Capulín Huizache Zapote Guayabo Cazahuate Ocote "
    "Maguey Biznaga Pirul Oyamel Sabino Amate Copal Pitaya Quelite Epazote Vainilla Tule Otate Dalia Cacao Achiote "
    "Ceiba Guaje Tepozán Sotol Garambullo Candelilla Piñón Ayacahuite Tabachín Bugambilia Chayote Xoconostle"
)
SECOND = words(
    "Luna Rivas Sol Paz Obsidiana Cantera Barro Jade Ámbar Arcilla Basalto Chinampa Milpa Acahual Brasa Rocío"
)


@dataclass(frozen=True, slots=True)
class City:
    """A city: ISO country, IANA zone, how its numbers are made (`{}` is a running figure), and how many live there."""

    name: str
    country: str
    zone: str
    number: str
    people: int
    languages: str = "es"  # taken in turn


ABROAD = (
    City("Los Ángeles", "US", "America/Los_Angeles", "+1213555{:04d}", 38, "es es es en"),
    City("Chicago", "US", "America/Chicago", "+1312555{:04d}", 30, "es es es en"),
    City("Nueva York", "US", "America/New_York", "+1212555{:04d}", 20, "es es en"),
    City("Houston", "US", "America/Chicago", "+1713555{:04d}", 18, "es es es en"),
    City("San Diego", "US", "America/Los_Angeles", "+1619555{:04d}", 10),
    City("Dallas", "US", "America/Chicago", "+1214555{:04d}", 10),
    City("Atlanta", "US", "America/New_York", "+1404555{:04d}", 8),
    City("Denver", "US", "America/Denver", "+1720555{:04d}", 7, "es en"),
    City("Phoenix", "US", "America/Phoenix", "+1602555{:04d}", 7),
    City("San Antonio", "US", "America/Chicago", "+1210555{:04d}", 6),
    City("Vancouver", "CA", "America/Vancouver", "+1604555{:04d}", 8, "es en"),
    City("Toronto", "CA", "America/Toronto", "+1416555{:04d}", 9, "es en"),
    City("Montreal", "CA", "America/Toronto", "+1514555{:04d}", 6),
    City("Madrid", "ES", "Europe/Madrid", "+34600000{:03d}", 18),
    City("Barcelona", "ES", "Europe/Madrid", "+34600000{:03d}", 9),
    City("Londres", "GB", "Europe/London", "+4420794601{:02d}", 12, "es en"),
    City("Berlín", "DE", "Europe/Berlin", "+4917139200{:02d}", 11),
    City("París", "FR", "Europe/Paris", "+33199000{:03d}", 9),
    City("Estocolmo", "SE", "Europe/Stockholm", "+467017406{:02d}", 4),
    City("Tokio", "JP", "Asia/Tokyo", "+818000000{:03d}", 7),
    City("Sídney", "AU", "Australia/Sydney", "+61255500{:03d}", 8, "es en"),
    City("Buenos Aires", "AR", "America/Argentina/Buenos_Aires", "+541155550{:03d}", 7),
)
AT_HOME = City("Ciudad de México", "MX", "America/Mexico_City", "+525555550{:03d}", 74)

FIRST_NUMBER = {
    "Chicago": 155,
    "Houston": 140,
    "Ciudad de México": 101,
    "Londres": 12,
    "Berlín": 0,
    "Estocolmo": 5,
}  # 0100 elsewhere
LED = {"Los Ángeles", "Chicago", "Nueva York", "Houston", "Dallas", "Toronto", "Madrid", "Londres", "Berlín", "Tokio"}
REFUSED = {"10", "11"}  # the simulator takes no message for numbers that end so: nobody has one
# Endings that mean something to the simulator: each once, or nearly nobody would be reached.
TELLING = {"03", "14", "18", "24", "32", "44", "49", "66", "77", "88", "99"}

_running: dict[str, int] = {}
_told: set[str] = set()


def names() -> Iterator[str]:
    """Every person's name, each once: steps that share no factor with the lists reach all combinations."""
    for turn in range(len(GIVEN) * len(FIRST)):
        given = GIVEN[turn % len(GIVEN)]
        first = FIRST[(turn * 7 + turn // len(GIVEN)) % len(FIRST)]
        yield f"{given} {first} {SECOND[(turn * 5 + turn // 7) % len(SECOND)]}"


def number(city: City) -> str:
    """Return the next number of a city; cities that share a pattern share the count."""
    while True:
        running = _running.get(city.number, FIRST_NUMBER.get(city.name, 100))
        _running[city.number] = running + 1
        full = city.number.format(running)
        if full[-2:] not in _told and full[-2:] not in REFUSED:
            _told.update({full[-2:]} & TELLING)
            return full


def mail(name: str, turn: int, behaviour: str = "") -> str:
    """`citlali.jacaranda@example.org`; a behaviour of the simulator stands in front."""
    plain = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    given, first, second = plain.split()
    domain = ("example.org", "example.com", "example.net")[turn % 3]
    return f"{behaviour}{given}.{first}.{second[0]}@{domain}"


def behaviour_of(turn: int) -> str:
    """How the mailbox behaves: few bounce, fewer complain or leave, most do nothing special."""
    return {25: "rebota.", 47: "rebota.", 83: "rebota.", 131: "rebota.", 163: "rebota.", 97: "queja."}.get(turn, "")


def old_form(full: str, turn: int) -> str:
    """Mexican numbers as people still write them: 044, +52 1, spaces. The import repairs them."""
    if not full:
        return ""
    ten = full.removeprefix("+52")
    spaced = f"{ten[:2]} {ten[2:6]} {ten[6:]}"
    return (full, f"044 {spaced}", f"+52 1 {spaced}", spaced, f"01 {spaced}")[turn % 5]


def person(name: str, city: City, turn: int, networks: str, *, behaviour: str = "") -> dict[str, str]:
    """One row. Most have a mailbox and WhatsApp; every ninth no WhatsApp, every thirteenth no mailbox."""
    phone = number(city) if turn % 9 else ""
    return {
        "nombre": name,
        "correo": mail(name, turn, behaviour) if turn % 13 or not phone else "",
        "telefono": (old_form(phone, turn) if city.country == "MX" else phone) if turn % 4 == 0 else "",
        "whatsapp": old_form(phone, turn) if city.country == "MX" else phone,
        "pais": city.country,
        "ciudad": city.name,
        "idioma": next(islice(cycle(city.languages.split()), turn % len(city.languages.split()), None)),
        "zona": city.zone,
        "red": networks,
        "rol": "",
        "trajo": "",
    }


def write(filename: str, rows: list[dict[str, str]]) -> None:
    """One CSV, UTF-8, comma."""
    with (HERE / filename).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADERS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def abroad_in_turn() -> list[City]:
    """Return the cities abroad, mixed, so that any part of a file is spread over the world."""
    left = {city.name: city.people for city in ABROAD}
    mixed: list[City] = []
    while any(left.values()):
        for city in ABROAD:
            if left[city.name]:
                left[city.name] -= 1
                mixed.append(city)
    return mixed


def main() -> None:
    """Write the four files."""
    people = names()
    cities = abroad_in_turn()
    network, groups = cities[:214], cities[214:]
    red = [
        person(
            next(people),
            city,
            turn,
            "Red Voto Chilango" + (";Comunidad migrante" if turn % 3 == 0 else ""),
            behaviour=behaviour_of(turn),
        )
        for turn, city in enumerate(network)
    ]
    lead(red)
    write("contactos-red.csv", red)
    # People of the WhatsApp groups who never said yes to being written to: being in a group is not consent.
    write(
        "contactos-grupos.csv",
        [
            person(next(people), city, turn, "Ruta Chilanga" if turn % 2 else "Ruta Chilanga;Comunidad migrante")
            for turn, city in enumerate(groups)
        ],
    )
    write(
        "contactos-observacion.csv",
        [
            person(next(people), AT_HOME, turn, "Red de Observación", behaviour="rebota." if turn in {13, 38} else "")
            for turn in range(60)
        ],
    )
    write("contactos-iecm.csv", [internal(next(people), turn) for turn in range(14)])


def lead(rows: list[dict[str, str]]) -> None:
    """Make the first person of each large community its leader, who brought every third of the others."""
    leaders: dict[str, str] = {}
    for turn, row in enumerate(rows):
        city = row["ciudad"]
        if city in LED and city not in leaders and row["correo"] and row["whatsapp"]:
            leaders[city] = row["correo"]
            row["rol"] = "liderazgo"
        elif city in leaders and turn % 3 == 0:
            row["trajo"] = leaders[city]


def internal(name: str, turn: int) -> dict[str, str]:
    """Return a person of the institute: a mailbox and nothing else."""
    row = person(name, AT_HOME, 9, "IECM")
    return row | {"correo": mail(name, turn * 3), "telefono": "", "whatsapp": ""}


if __name__ == "__main__":
    main()
