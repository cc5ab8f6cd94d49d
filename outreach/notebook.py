"""What a programmer needs to know of a failure, in `errores.log` of the data folder; a person gets a folio for it.

Everything that the program and its libraries log goes there, tracebacks and all, and nothing of it to the screen.
"""

import logging
import os
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from types import TracebackType

from contacts.errors import Refused
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.i18n import gettext as _
from outreach.i18n import language, speaking

FILE = "errores.log"
FULL = 5_000_000  # bytes, after which the file makes room and keeps one predecessor
log = logging.getLogger(__name__)


def folio() -> str:
    """Return a short number that a person can read over the telephone."""
    drawn = secrets.token_hex(3).upper()
    return f"{drawn[:4]}-{drawn[4:]}"


class Notebook(logging.Handler):
    """Writes down every warning and failure; of each kind of failure it tells the person at the terminal once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.folder: Path | None = None  # None: that of the settings, whenever something happens
        self._language = language()  # other threads do not know who reads
        self._told: set[tuple[str, str, object]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record down, and tell of a failure."""
        number = getattr(record, "folio", "") or folio()
        where = self._write(number, record)
        kind = (record.name, str(record.msg), record.exc_info and record.exc_info[0])
        if record.exc_info and kind not in self._told:
            self._told.add(kind)
            self._tell(number, where)

    def _write(self, number: str, record: logging.LogRecord) -> Path | None:
        moment = SystemClock().now().isoformat(timespec="seconds")
        entry = f"{moment} {number} {record.levelname} {record.name}: {self.format(record)}\n"
        raw = entry.encode("utf-8", "backslashreplace")
        folder = self.folder or _folder()
        with suppress(OSError):
            return _append(folder, raw)
        with suppress(OSError):  # the folder may be what has failed
            handle, name = mkstemp(prefix="outreach-", suffix=f"-{FILE}")
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
            return Path(name)
        return None

    def _tell(self, number: str, where: Path | None) -> None:
        with speaking(self._language):
            sentence = _(
                "Algo falló de nuestro lado. Lo que ya estaba guardado sigue guardado. Folio %(folio)s.", folio=number
            )
            if where:
                sentence += " " + _("El detalle está en %(file)s; envíelo a quien mantiene la plataforma.", file=where)
        with suppress(OSError, ValueError):  # nobody may be listening
            print(sentence, file=sys.stderr, flush=True)  # noqa: T201 — click may be what has failed


def _folder() -> Path:
    with suppress(Refused, OSError):
        return Settings.read().data
    return Path(os.environ.get("OUTREACH_DATA") or "var")


def _append(folder: Path, raw: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    with suppress(FileNotFoundError):
        if path.stat().st_size > FULL:
            path.replace(path.with_suffix(".1.log"))
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # a traceback may name a person
    with os.fdopen(handle, "ab") as file:
        file.write(raw)
    return path


_open: list[Notebook] = []


def keep_in(folder: Path) -> None:
    """Write down in this folder what happens from now on: that of an installation which the settings do not name."""
    for notebook in _open:
        notebook.folder = folder


@contextmanager
def opened() -> Iterator[None]:
    """Write down whatever goes wrong in a block, in any thread."""
    notebook = Notebook()
    root, threads, lost = logging.getLogger(), threading.excepthook, sys.unraisablehook
    root.addHandler(notebook)
    logging.captureWarnings(capture=True)
    _open.append(notebook)
    threading.excepthook = _in_a_thread
    sys.unraisablehook = _unraised
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = threads, lost
        _open.remove(notebook)
        logging.captureWarnings(capture=False)
        root.removeHandler(notebook)


def broke(what: str, error: BaseException) -> None:
    """Note a failure."""
    log.error(what, exc_info=(type(error), error, error.__traceback__))


def _in_a_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
        broke("a thread ended", failure.exc_value)


def _unraised(failure: "sys.UnraisableHookArgs") -> None:
    error: BaseException | None = failure.exc_value
    where: TracebackType | None = failure.exc_traceback
    log.warning("left over: %s", failure.err_msg or failure.object, exc_info=error and (type(error), error, where))
