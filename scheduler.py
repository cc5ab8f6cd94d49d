"""The scheduler as a process of its own: asks what is due and sends it, without serving pages.

Run it as `python scheduler.py`, or let `outreach serve` do the same inside the web process. One of the two at a time
moves an installation; a second one waits.
"""

import signal
import sys
from threading import Event

from outreach.i18n import from_environment, gettext, set_language
from outreach.platform import opened
from outreach.providers import connected


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    set_language(from_environment())
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with opened() as platform, connected(platform) as providers:
        timer = providers.timer(platform)
        timer.start()
        print(gettext("El programador está en marcha. Ctrl-C lo termina."), flush=True)  # noqa: T201
        ended.wait()
        timer.stop()


if __name__ == "__main__":
    sys.exit(main())
