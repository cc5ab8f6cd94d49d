"""Kills, lost, twice, in doubt: counted by every test that kills, summed up in one line at the end of the run."""

from collections import Counter
from typing import Any

import pytest

COUNTED = ("kills", "lost", "twice", "in doubt")


class Tally:
    """What one test counts. It travels with the test's report, so also from another process."""

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        self._properties = properties

    def add(self, **counts: int) -> None:
        """Note counts by name; `in_doubt` for «in doubt»."""
        self._properties += [(f"faults:{name.replace('_', ' ')}", number) for name, number in counts.items()]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the sum over all tests, whether they passed or failed."""
    sums: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, number in getattr(report, "user_properties", ()):
                if report.when == "call" and str(name).startswith("faults:"):
                    sums[str(name).removeprefix("faults:")] += number
    if sums:
        terminalreporter.write_line(", ".join(f"{sums[name]} {name}" for name in COUNTED), bold=True)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Counts for the line at the end of the run."""
    return Tally(request.node.user_properties)
