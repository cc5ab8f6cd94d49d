"""What we keep of others is what the manifest says, with its licence, and named in THIRD_PARTY.md."""

import hashlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from outreach.web import badges
from outreach.web.navigation import MENU

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "outreach" / "static"


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor", ROOT / "tools" / "vendor.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_vendored_file_has_the_hash_of_the_manifest(vendor):
    assert vendor.faults() == []


def test_a_vendored_file_that_was_touched_is_found_out(vendor, tmp_path):
    for package in vendor.packages():
        for file in package["file"]:
            copy = tmp_path / file["to"]
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / file["to"]).read_bytes())
    touched = tmp_path / "outreach/static/vendor/htmx.min.js"
    touched.write_bytes(touched.read_bytes() + b" ")
    (tmp_path / "outreach/static/vendor/htmx-LICENSE.txt").unlink()
    assert vendor.faults(root=tmp_path) == [
        "outreach/static/vendor/htmx.min.js is not what the manifest says",
        "outreach/static/vendor/htmx-LICENSE.txt is missing",
    ]


def test_no_file_lies_in_a_vendor_folder_that_the_manifest_does_not_name(vendor):
    named = {file["to"] for package in vendor.packages() for file in package["file"]}
    for folder in (STATIC / "vendor", ROOT / "tests/journeys/vendor"):
        there = {str(path.relative_to(ROOT)) for path in folder.iterdir()}
        assert there <= named


def test_the_places_of_cities_are_what_their_tool_made():
    tool = (ROOT / "tools" / "cities.py").read_text(encoding="utf-8")
    made = hashlib.sha256((ROOT / "contacts" / "cities.tsv").read_bytes()).hexdigest()
    assert f'MADE = "{made}"' in tool
    version = re.search('VERSION = "(.+)"', tool)
    assert version
    lines = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert f"| {version[1]}, `cities15000` | [CC BY 4.0]" in lines


def test_every_package_has_its_licence_beside_it_and_a_line_in_third_party(vendor):
    lines = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    for package in vendor.packages():
        assert f"[{package['name']}]({package['home']}) | {package['version']} | {package['license']}" in lines
        licences = [file["to"] for file in package["file"] if "LICENSE" in file["to"]]
        assert licences
        assert all(Path(licence).name in lines for licence in licences)


def source() -> str:
    """Everything that makes pages, as one text."""
    pages = [*(ROOT / "templates" / "web").rglob("*"), *(ROOT / "outreach" / "web").rglob("*.py"), STATIC / "app.js"]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages if page.is_file())


def test_every_icon_that_a_page_names_is_in_the_sprite_and_no_other():
    there = set(re.findall(r'id="i-([a-z0-9]+)"', (STATIC / "icons.svg").read_text()))
    text = source()
    named = set(re.findall(r"""icon\(["']([a-z0-9]+)["']""", text)) | {look.icon for look in badges.BADGES.values()}
    named |= {icon for _word, icon in badges.CHANNELS.values()} | {entry.icon for group in MENU for entry in group}
    assert named <= there
    assert {icon for icon in there if f'"{icon}"' not in text and f"'{icon}'" not in text} == set()


def test_the_style_sheet_has_what_the_pages_name_and_nothing_else():
    css = (STATIC / "app.css").read_text(encoding="utf-8")
    assert css.count("{") == css.count("}")
    known = set(re.findall(r"\.(vc-[a-z0-9-]+|f-[a-z]+|is-[a-z_]+)", css))
    text = source()
    assert {name for name in known if name not in text} == set()
    assert set(re.findall(r"(?<![\w-])(vc-[a-z0-9-]*[a-z0-9])(?![\w-])", text)) <= known


def test_the_two_dark_blocks_of_the_tokens_are_equal():
    css = (STATIC / "tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(r'(?:\[data-bs-theme="dark"\]|\[data-bs-theme="dark"\]\)) \{(.*?)\}', css, re.DOTALL)
    said, asked = (re.findall(r"(--[\w-]+|color-scheme): ([^;]+);", block) for block in blocks)
    assert len(said) > 40
    assert said == asked


def test_the_style_sheets_ask_for_nothing_outside():
    for sheet in STATIC.rglob("*.css"):
        for address in re.findall(r"url\(\s*[\"']?([^)\"']+)", sheet.read_text(encoding="utf-8")):
            assert address.startswith("data:image/svg+xml") or address == "select.svg", (sheet, address)
