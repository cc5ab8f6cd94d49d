"""The chore that counts the networks of a large house anew: it reads first and writes after, so that nobody waits."""

from contacts import figures
from outreach.platform import Platform

COUNTING_SECONDS = 15  # between two looks at what is due


def count_networks(platform: Platform) -> int:
    """Count the networks that are due and keep what was found; return how many."""
    with platform.reading() as session:
        due = figures.due(session, at=platform.clock.now())
    for number in due:
        at = platform.clock.now()
        with platform.reading() as session:
            found = figures.places(session, number)
        with platform.transaction() as session:
            figures.keep(session, number, found, at=at)
    return len(due)
