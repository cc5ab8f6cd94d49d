"""How the domain says no: codes and values, never words. The edge (web, API, CLI) gives them words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a code, where it stands, the value found, and what the words need besides.

    `where` is a place that a reader can find: a column, a key of a TOML file, a field of a form. `row` is the row of
    a spreadsheet or the line of a file, counted as the reader's program counts it (the header is row 1).
    """

    code: str
    where: str = ""
    value: str = ""
    row: int | None = None
    file: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 — a refusal is an answer, not a malfunction
    """Nothing was done, and these are all the reasons."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(f"{fault.code}({fault.where}={fault.value!r})" for fault in self.faults))


def refuse(code: str, where: str = "", value: object = "", **details: object) -> Refused:
    """Return a refusal for one fault, to be raised."""
    return Refused([Fault(code, where, str(value), details=details)])
