"""A figure, and how figures are shown and kept."""

import json
import platform
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from benchmarks.extent import Extent

RESULTS = Path(__file__).parent / "results"
VERSIONS = ("sqlalchemy", "psycopg", "sendgrid", "twilio")
HEADS = ("work", "goal", "ours", "beside", "ratio", "met")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, the goal it is held to, and what stands beside it in the same run."""

    work: str
    value: float
    unit: str
    goal: float | None = None
    most: bool = False  # the goal is a ceiling: memory, latency; otherwise a floor
    beside: str = ""  # what the other figure is of: a peer, or the ceiling of this machine
    other: float | None = None  # in the same unit
    more: dict[str, float] = field(default_factory=dict)  # further facts, for the file alone

    @property
    def ratio(self) -> float | None:
        """Ours over what stands beside it."""
        return self.value / self.other if self.other else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.most else self.value >= self.goal

    def cells(self) -> tuple[str, ...]:
        """Return the figure as a row of `HEADS`."""
        goal = "" if self.goal is None else f"{'≤' if self.most else '≥'} {_number(self.goal)}"
        beside = f"{_number(self.other)} {self.beside}" if self.other is not None else self.beside
        met = {None: "", True: "yes", False: "NO"}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        return self.work, goal, f"{_number(self.value)} {self.unit}", beside, ratio, met


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def show(figures: list[Figure]) -> None:
    """Print the figures as a table."""
    rows = [HEADS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADS))]
    for number, row in enumerate(rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def keep(figures: list[Figure], extent: Extent, at: datetime) -> Path:
    """Write the figures with machine, versions, seed and sizes."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{at:%Y-%m-%dT%H%M%S}.json"
    machine = {"machine": platform.machine(), "cores": cpu_count(), "system": platform.platform()}
    versions = {name: version(name) for name in VERSIONS} | {"python": platform.python_version()}
    rows = [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures]
    content = {"at": at.isoformat(), **asdict(extent), **machine, "versions": versions, "figures": rows}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path
