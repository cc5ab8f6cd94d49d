"""The index that a search looks through is brought up to date beside everything else, a little at a time."""

from contacts import search_index
from outreach.platform import Platform

SEARCH_SECONDS = 1.0  # between two chores
ROUNDS = 8  # of one chore: it ends now and then, because whoever stops the process waits for it


def settle_search(platform: Platform, rounds: int | None = ROUNDS) -> int:
    """Work off who changed, in short transactions; return how many notes were worked off. None: until nothing waits."""
    done = 0
    while rounds is None or rounds > 0:
        with platform.reading() as session:
            if not search_index.waiting(session):
                break
        with platform.transaction() as session:
            worked = search_index.settle(session, search_index.AT_ONCE)
        if not worked:
            break
        done += worked
        rounds = None if rounds is None else rounds - 1
    return done
