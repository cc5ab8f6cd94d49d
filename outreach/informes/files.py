"""Writing an informe's files: every format that was asked for, or none."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path

from contacts.errors import Fault, Refused
from outreach.informes.report import Report

#: Formats and the module that writes each: `write(report, path) -> list of the files written`.
WRITERS: Mapping[str, str] = {"docx": "word", "xlsx": "excel", "csv": "csv_", "html": "html", "json": "json_"}
FORMATS = tuple(WRITERS)


def formats(wanted: Iterable[str]) -> list[str]:
    """Return the formats asked for, each once, in their order. Codes: `format_unknown`, `format_pdf`, `format_none`."""
    names = [name for name in dict.fromkeys(name.strip().lower() for name in wanted) if name]
    allowed = ", ".join(FORMATS)
    faults = [
        Fault("format_pdf" if name == "pdf" else "format_unknown", "--format", name, details={"allowed": allowed})
        for name in names
        if name not in WRITERS
    ]
    if not names:
        faults.append(Fault("format_none", "--format", details={"allowed": allowed}))
    if faults:
        raise Refused(faults)
    return names


def build_files(report: Report, wanted: Iterable[str], out: Path, name: str) -> list[Path]:
    """Write the report in each format into `out`, made when missing, as `<name>.<format>`; returns the files.

    CSV is one file for each table. All are written aside and put in place together at the end, so that a full disk or
    a stop in between leaves the old files whole. Codes: those of `formats`, and `out_folder`.
    """
    chosen = formats(wanted)
    aside: Path | None = None
    try:
        out.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".informe-", dir=out))
        made = [path for form in chosen for path in _writer(form)(report, aside / f"{name}.{form}")]
        for path in made:
            path.replace(out / path.name)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        if aside:
            shutil.rmtree(aside, ignore_errors=True)
    return [out / path.name for path in made]


def ready(out: Path) -> None:
    """Make the folder and try it, before long work is done for nothing. Code: `out_folder`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".informe-", dir=out):
            pass
    except OSError as error:
        raise _unwritable(out, error) from error


def _unwritable(out: Path, error: OSError) -> Refused:
    return Refused([Fault("out_folder", "--out", str(out), details={"reason": error.strerror or str(error)})])


def _writer(form: str) -> Callable[[Report, Path], list[Path]]:
    """Return what writes a format; its library is read only now."""
    write: Callable[[Report, Path], list[Path]] = import_module(f"outreach.informes.{WRITERS[form]}").write
    return write
