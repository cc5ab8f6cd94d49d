"""What keeps a traceback from ever reaching a person: whatever goes wrong becomes plain words and an exit code.

What surrounds the program (settings, files, the disk, the database) is told in words that say what to do; for anything
else there is a folio, and beside it in the notebook what a programmer needs.
"""

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from contacts.errors import Fault, Refused, refuse
from outreach import notebook, oserrors, words
from outreach.config import Settings, terminal_language
from outreach.i18n import set_language

MENDABLE, OTHERWISE, INTERRUPTED = 2, 1, 130
#: What nobody can mend in the command or the settings: the same command may work in a while.
CIRCUMSTANCES = {"database_busy", "disk_full", "disk_fault", "files_many"}


def guarded(run: Callable[[], int]) -> int:
    """Run something in the terminal's language and return its exit code; tell every failure in words.

    2 for what the reader can mend, 1 for what not, 130 for Ctrl-C. A closed pipe (`| head`) is 1 and nothing to tell.
    """
    set_language(terminal_language())
    with notebook.opened():
        try:
            _speak_utf8(sys.stdout)
            _legible(sys.argv)
            code = run()
        except KeyboardInterrupt:
            code = INTERRUPTED
        except BrokenPipeError:
            code = OTHERWISE
        except Exception as error:  # noqa: BLE001 — whatever it was, a person reads the answer
            code = _told(error)
        return _flushed(code)


def say(sentence: str) -> None:
    """Say something on stderr, as far as anybody listens."""
    with suppress(OSError, ValueError):
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 — click may be what has failed


def tell(refused: Refused) -> int:
    """Say why something was refused, every reason; return the exit code."""
    for sentence in words.explain_all(refused):
        say(sentence)
    return OTHERWISE if all(fault.code in CIRCUMSTANCES for fault in refused.faults) else MENDABLE


def _told(error: Exception) -> int:
    if isinstance(error, Refused):
        return tell(error)
    if found := _surroundings(error):
        return tell(Refused([found]))
    notebook.broke("a command broke", error)
    return OTHERWISE


def _surroundings(error: Exception) -> Fault | None:
    if isinstance(error, OSError):
        return oserrors.fault(error)
    if "sqlalchemy" not in sys.modules:  # nothing has touched a database, and nothing shall wait for it to be read
        return None
    from sqlalchemy.exc import DBAPIError

    from outreach import database

    if not isinstance(error, DBAPIError):
        return None
    with suppress(Refused):
        return database.fault(error, Settings.read().database)
    return database.fault(error)


def _legible(arguments: list[str]) -> None:
    """Refuse `argument_encoding`: no text of ours and no database takes bytes that are no letters."""
    unread = [text for text in arguments if any("\ud800" <= letter <= "\udfff" for letter in text)]
    if unread:
        raise refuse("argument_encoding", "", unread[0].encode("utf-8", "backslashreplace").decode())


def _speak_utf8(stream: TextIO | None) -> None:
    """Write UTF-8 for whoever reads our files, to a terminal the letters that it has; names of files as they are."""
    reconfigure = getattr(stream, "reconfigure", None)
    if stream is None or reconfigure is None:
        return
    if stream.isatty() and stream.encoding.lower() != "utf-8":
        reconfigure(errors="replace")
    else:
        reconfigure(encoding="utf-8", errors="surrogateescape")


def _flushed(code: int) -> int:
    """Hand over what is still held back, so that nothing can fail when the interpreter ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
            if not code and error.errno != errno.EPIPE:
                code = _told(error)
            code = code or OTHERWISE
    return code
