"""The scheduler as a process of its own: asks what is due and sends it, without serving pages.

Run it as `python scheduler.py`, or let `outreach serve` do the same inside the web process. One of the two at a time
moves an installation; a second one waits.
"""

import signal
import sys
from threading import Event

from outreach import notebook, troubles
from outreach.i18n import gettext
from outreach.platform import opened
from outreach.providers import connected


def main() -> int:
    """Run until SIGTERM or Ctrl-C; return the exit code."""
    return troubles.guarded(_run)


def _run() -> int:
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with opened() as platform, connected(platform) as providers:
        notebook.keep_in(platform.settings.data)
        timer = providers.timer(platform)
        timer.start()
        print(gettext("El programador está en marcha. Ctrl-C lo termina."), flush=True)  # noqa: T201
        ended.wait()
        timer.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
