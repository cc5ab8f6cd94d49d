"""`python -m benchmarks [--people N] [--only NAME,…] [--database sqlite,postgresql]`: measure, print, keep.

Every module of this package with a function `measure(extent) -> list[Figure]` is a measure. Goals met or not, the exit
code is 0 when all of them ran to their end; the table says which are met.
"""

import pkgutil
import sys
import traceback
from argparse import ArgumentParser
from importlib import import_module
from types import ModuleType

import benchmarks
from benchmarks import table
from benchmarks.extent import DATABASES, SEED, Extent
from outreach.clock import SystemClock


def main() -> None:
    """Run the measures asked for, one after the other."""
    known = measures()
    parser = ArgumentParser(prog="python -m benchmarks", description="Measure what is claimed about speed.")
    parser.add_argument("--people", type=int, help="measure at most so many people, messages or events")
    parser.add_argument("--only", default=",".join(known), help=f"of {', '.join(known)}; separated by commas")
    parser.add_argument("--database", default=",".join(DATABASES), help=f"of {', '.join(DATABASES)}")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    names, databases = asked.only.split(","), asked.database.split(",")
    for given, possible in ((names, known), (databases, DATABASES)):
        if strange := set(given) - set(possible):
            parser.error(f"unknown: {', '.join(sorted(strange))}; known: {', '.join(possible)}")
    extent = Extent(asked.people, tuple(databases), asked.seed)
    figures: list[table.Figure] = []
    broken = []
    for name in names:
        print(f"measuring: {name} …", file=sys.stderr, flush=True)
        try:
            figures += known[name].measure(extent)
        except Exception:  # noqa: BLE001 — the others are measured nevertheless, and the exit code tells
            traceback.print_exc()
            broken.append(name)
    table.show(figures)
    print(table.keep(figures, extent, SystemClock().now()))
    sys.exit(f"not measured to the end: {', '.join(broken)}" if broken else 0)


def measures() -> dict[str, ModuleType]:
    """Return every measure by its name."""
    modules = {
        module.name: import_module(f"benchmarks.{module.name}")
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name != "__main__"
    }
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


if __name__ == "__main__":  # a measure's own processes import this file and must not measure again
    main()
