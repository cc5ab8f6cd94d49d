"""Fetch the front-end files that we ship, as tools/vendor.toml says, and hold each to its hash (needs npm).

Nothing is built: files come out of the registry's packages unchanged, except the icon sprite, which is put together
from single icons, and the outline of the land, which is drawn from its coordinates. Without npm, `--check` recomputes
the hashes of what is in the tree.

    python3 tools/vendor.py            fetch everything anew
    python3 tools/vendor.py --check    only hold what is here to its hashes
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for the layout of maps
MANIFEST = ROOT / "tools" / "vendor.toml"
SVG = re.compile(r"<svg[^>]*viewBox=\"([^\"]+)\"[^>]*>\s*(.*?)\s*</svg>", re.DOTALL)


def packages(manifest: Path = MANIFEST) -> list[dict[str, Any]]:
    """Return the packages of the manifest."""
    listed: list[dict[str, Any]] = tomllib.loads(manifest.read_text(encoding="utf-8"))["package"]
    return listed


def sprite(icons: dict[str, str]) -> bytes:
    """Return one SVG of symbols; `icons` holds each icon's own SVG text by our name for it."""
    symbols = []
    for name, text in sorted(icons.items()):
        found = SVG.search(text)
        if not found:
            raise SystemExit(f"{name}: not an SVG of the form that we know")
        inside = re.sub(r">\s+<", "><", found[2])
        symbols.append(f'<symbol id="{name}" viewBox="{found[1]}">{inside}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def outline(text: str) -> bytes:
    """Return the land of a TopoJSON file as one SVG path, as `outreach.web.maps` lays out degrees: 2 units each.

    Left out are the far south, where nobody lives, and points closer together than a tenth of a unit.
    """
    from outreach.web.graticule import HEIGHT, SOUTH, WIDTH, at

    topology = json.loads(text)
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((y * scale_y + shift_y, x * scale_x + shift_x))
        arcs.append(points)
    drawn = []
    for shape in topology["objects"]["land"]["geometries"]:
        for polygon in shape["arcs"]:
            for ring in polygon:
                points = [point for number in ring for point in (arcs[number] if number >= 0 else arcs[~number][::-1])]
                if max(latitude for latitude, _longitude in points) < SOUTH:
                    continue
                for turned in _around(points):
                    spots = [at(latitude, longitude) for latitude, longitude in turned]
                    kept = [spot for spot, before in zip(spots, [None, *spots], strict=False) if spot != before]
                    if len(kept) > 2:  # noqa: PLR2004 — two points are a line
                        drawn.append("M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z")
    path = f'<symbol id="tierra" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"><path d="{"".join(drawn)}"/></symbol>'
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{path}\n</svg>\n'.encode()


def _around(points: list[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Give a ring without leaps over the meridian of 180 degrees: once for each edge of the map that it crosses."""
    turns, before, unwound = 0.0, points[0][1], []
    for latitude, longitude in points:
        turns += 360 if longitude - before < -180 else -360 if longitude - before > 180 else 0  # noqa: PLR2004
        before = longitude
        unwound.append((latitude, longitude + turns))
    west, east = min(x for _y, x in unwound), max(x for _y, x in unwound)
    for shift in (0, 360, -360):
        if west + shift < 180 and east + shift > -180:  # noqa: PLR2004 — degrees
            yield [(latitude, longitude + shift) for latitude, longitude in unwound]


def fetch(package: dict[str, Any], folder: Path) -> Path:
    """Download one package with npm and return its archive, once its integrity is the manifest's."""
    spec = f"{package['name']}@{package['version']}"
    subprocess.run(
        ["npm", "pack", spec, "--silent", "--pack-destination", str(folder)], check=True, capture_output=True
    )
    archive = folder / f"{package['name']}-{package['version']}.tgz"
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package["integrity"]:
        raise SystemExit(f"{spec}: integrity is {found}, the manifest says {package['integrity']}")
    return archive


def contents(package: dict[str, Any], archive: Path) -> Iterator[tuple[dict[str, str], bytes]]:
    """Give each file that we keep of a package: its entry in the manifest, and its bytes."""
    with tarfile.open(archive) as tar:

        def read(name: str) -> bytes:
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise SystemExit(f"{package['name']} has no {name}")
            return member.read()

        for file in package["file"]:
            if "icons" in file:
                yield (
                    file,
                    sprite({ours: read(f"icons/{theirs}.svg").decode() for ours, theirs in file["icons"].items()}),
                )
            elif "outline" in file:
                yield file, outline(read(file["outline"]).decode())
            else:
                yield file, read(file["from"])


def faults(manifest: Path = MANIFEST, root: Path = ROOT) -> list[str]:
    """Return what is missing in the tree or differs from its hash."""
    found = []
    for package in packages(manifest):
        for file in package["file"]:
            path = root / file["to"]
            if not path.is_file():
                found.append(f"{file['to']} is missing")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
                found.append(f"{file['to']} is not what the manifest says")
    return found


def main() -> None:
    """Fetch, or check; exit 1 on the first difference."""
    if "--check" not in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            for package in packages():
                for file, data in contents(package, fetch(package, Path(folder))):
                    if (digest := hashlib.sha256(data).hexdigest()) != file["sha256"]:
                        raise SystemExit(f"{file['to']}: sha256 is {digest}, the manifest says {file['sha256']}")
                    path = ROOT / file["to"]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
                    print(file["to"])
    if found := faults():
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
