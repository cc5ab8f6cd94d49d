"""A register and a definition in a few lines each, and the informe of them."""

import csv
import io
import textwrap
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from outreach.informes import Report, build, definition
from outreach.informes.model import Definition
from outreach.register.communication import COLUMNS, Communication

CUT = datetime(2025, 7, 3, 16, tzinfo=UTC)  # 10:00 in Mexico City
GOLDEN = Path(__file__).parents[1] / "golden" / "informes"


def communications(text: str) -> list[Communication]:
    """Read a register file as the register would: its columns, and others under their headers."""
    found = []
    for number, row in enumerate(csv.DictReader(io.StringIO(textwrap.dedent(text).strip() + "\n"))):
        day = row["fecha"]
        networks = (row.get("red") or "").split(";")
        found.append(
            Communication(
                folio=f"E-{number + 1}",
                day=date.fromisoformat(day if len(day) > 7 else f"{day}-01"),
                month_only=len(day) == 7,
                hour=time.fromisoformat(row["hora"]) if row.get("hora") else None,
                channel=row["canal"],
                account=row.get("cuenta") or "",
                networks=tuple(name.strip() for name in networks if name.strip()),
                kind=row["clase"],
                topic=row.get("tema") or "",
                information=row["informacion"],
                recipients=int(row["destinatarios"]) if row.get("destinatarios") else None,
                extra={name: value or "" for name, value in row.items() if name not in COLUMNS},
                order=number,
            )
        )
    return found


@pytest.fixture
def register() -> Callable[[str], list[Communication]]:
    return communications


@pytest.fixture
def define(tmp_path: Path) -> Callable[[str], Definition]:
    """Write a definition to a file and read it back."""

    def write(text: str) -> Definition:
        path = tmp_path / "prueba.toml"
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return definition.read(path)

    return write


@pytest.fixture
def informe(define: Callable[[str], Definition]) -> Callable[..., Report]:
    """Build the second quarter of 2025 from a definition and a register, both as text."""

    def make(
        definition_text: str,
        register_text: str | list[Communication],
        start: date = date(2025, 4, 1),
        end: date = date(2025, 6, 30),
        as_of: datetime = CUT,
    ) -> Report:
        log = communications(register_text) if isinstance(register_text, str) else register_text
        return build(define(definition_text), log, start, end, as_of)

    return make
