"""The pictures in docs/architecture.md are held to the code."""

import ast
import re
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest

from campaigns.states import MOVES, CampaignState, DeliveryState

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = ("scheduler", "outreach", "campaigns", "contacts")


def picture(heading: str) -> str:
    """The Mermaid text below a heading."""
    return PAGE.split(f"{heading}\n", 1)[1].split("```mermaid", 1)[1].split("```", 1)[0]


def imported(package: str) -> set[str]:
    """The packages of the house that a package's files import."""
    files = [ROOT / f"{package}.py"] if package == "scheduler" else sorted((ROOT / package).rglob("*.py"))
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            found |= {name.split(".")[0] for name in names}
    return (found & set(PACKAGES)) - {package}


def test_the_arrows_between_packages_are_those_of_the_imports() -> None:
    drawn = set(re.findall(r"^\s*(\w+)(?:\[.*?\])?\s*-->\s*(\w+)", picture("## Packages and arrows"), re.MULTILINE))
    assert drawn == {(package, target) for package in PACKAGES for target in imported(package)}


@pytest.mark.parametrize(("heading", "life"), [("### A delivery", DeliveryState), ("### A campaign", CampaignState)])
def test_a_drawn_life_cycle_is_the_table_of_arrows(heading: str, life: type[StrEnum]) -> None:
    drawn = set(re.findall(r"(\w+) --> (\w+)", picture(heading)))
    assert drawn == {(origin.value, target.value) for origin, targets in MOVES[life].items() for target in targets}


def test_every_room_of_the_table_exists_and_every_folder_of_code_is_a_room() -> None:
    rooms = set(re.findall(r"^\| `([\w/]+)/` \|", PAGE, re.MULTILINE))
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "outreach").rglob("*.py")}
    assert {folder for folder in folders if folder.count("/") == 1} <= rooms


def test_every_file_named_in_the_page_exists() -> None:
    named = re.findall(r"`((?:outreach|campaigns|contacts|tests|docs|templates)/[\w/.]+\.(?:py|md|po|toml))`", PAGE)
    gone = {"campaigns/sending.py"}  # told of as a room of the first plan
    assert [name for name in named if name not in gone and not (ROOT / name).exists()] == []


def test_the_contracts_are_in_force() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract for contract in contracts["contracts"] if contract["type"] == "layers")
    assert ("scheduler", *layers["layers"]) == PACKAGES
