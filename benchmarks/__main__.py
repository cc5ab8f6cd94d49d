"""`python -m benchmarks [PEOPLE]`: measure, print the table, keep it in benchmarks/results."""

import sys

from benchmarks import sending, table
from outreach.clock import SystemClock

PEOPLE = 200_000


def main() -> None:
    """Run every measure once."""
    people = int(sys.argv[1]) if sys.argv[1:] else PEOPLE
    figures = sending.measure(people)
    table.show(figures)
    print(table.keep(figures, people, SystemClock().now()))


main()
