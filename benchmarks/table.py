"""A figure, and how figures are shown and kept."""

import json
import platform
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, and what stands beside it in the same run."""

    work: str
    value: float
    unit: str
    beside: str
    ceiling: float | None

    @property
    def ratio(self) -> float | None:
        """Ours over what stands beside it."""
        return self.value / self.ceiling if self.ceiling else None


def show(figures: list[Figure]) -> None:
    """Print the figures as a table."""
    for figure in figures:
        beside = f"{figure.ceiling:>12,.0f}  {figure.beside}  ({figure.ratio:.2f})" if figure.ceiling else ""
        print(f"{figure.work:<52} {figure.value:>12,.0f} {figure.unit:<10} {beside}")


def keep(figures: list[Figure], people: int, at: datetime) -> Path:
    """Write the figures with machine, versions and size."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{at:%Y-%m-%dT%H%M}.json"
    machine = {"machine": platform.machine(), "cores": cpu_count(), "system": platform.platform()}
    versions = {name: version(name) for name in ("sqlalchemy", "sendgrid", "twilio")} | {
        "python": platform.python_version()
    }
    rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    path.write_text(
        json.dumps({"at": at.isoformat(), "people": people, **machine, "versions": versions, "figures": rows}, indent=1)
        + "\n"
    )
    return path
