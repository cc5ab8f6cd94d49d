"""The scheduler as a process of its own: asks what is due and sends it, without serving pages.

Run it as `python scheduler.py`, or let `outreach serve` do the same inside the web process. One of them at a time asks
what is due, and a second one waits; on SQLite the one that asks also sends, on PostgreSQL all of them send.
"""

import gc
import signal
import sys
from threading import Event
from time import monotonic
from types import FrameType

from outreach import notebook, troubles
from outreach.i18n import gettext
from outreach.platform import opened
from outreach.providers import connected
from outreach.workers import DRAIN_SECONDS


def main() -> int:
    """Run until SIGTERM or Ctrl-C; return the exit code."""
    return troubles.guarded(_run if len(sys.argv) == 1 else _helped)


def _helped() -> int:
    """Say what this program does: it takes no arguments, and must not begin to send because of one."""
    asked = sys.argv[1] in {"-h", "--help"}
    words = gettext(
        "Uso: python scheduler.py\n\n"
        "Dice qué toca y lo envía, sin servir páginas, hasta Ctrl-C. No lleva argumentos: lo demás se dice en los\n"
        "ajustes. Uno a la vez lleva la hora de una instalación; otro espera su turno."
    )
    print(words, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def _run() -> int:
    ended, asked = Event(), []

    def end(_number: int, _frame: FrameType | None) -> None:
        asked.append(monotonic())
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with opened() as platform, connected(platform) as providers:
        notebook.keep_in(platform.settings.data)
        timer = providers.timer(platform)
        gc.freeze()  # what is loaded stays: looking for rubbish in it is a seventh of what a letter costs
        timer.start()
        print(gettext("El programador está en marcha. Ctrl-C lo termina."), flush=True)  # noqa: T201
        while not ended.wait(0.5):  # a signal that the system hands to another thread does not end a wait of ours
            pass
        left = timer.stop(asked[0] + DRAIN_SECONDS)
    for sentence in left.words():
        print(sentence, file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
