"""What every message that leaves is marked with, so that what a provider tells of it finds its own row and no other.

The mark is the installation's id. But a restored backup knows nothing of the rows made after it, and gives their
numbers out again: so each restoration begins a new mark, and under an older one only what the backup had is ours.
"""

import json
import secrets

from sqlalchemy.orm import Session

from outreach.keep import Kept, installation_id

RESTORATIONS = "restorations"  # the fact in `kept`: of each one its letters and the highest delivery of its backup


def mark(session: Session) -> str:
    """Return the mark of what leaves now."""
    past = _restorations(session)
    return _mark(installation_id(session), past[-1][0] if past else "")


def older(session: Session) -> list[tuple[str, int]]:
    """Return the marks of before, each with the highest delivery that is still the one it was then."""
    past = _restorations(session)
    letters = ["", *(own for own, _highest in past)]
    own = installation_id(session)
    return [(_mark(own, letters[n]), min(highest for _own, highest in past[n:])) for n in range(len(past))]


def begin_anew(session: Session, highest: int) -> None:
    """Begin a new mark: the installation was restored from a backup whose highest delivery is `highest`.

    The letters are drawn: two restorations of one backup must not have one mark.
    """
    past = [*_restorations(session), (secrets.token_hex(2), highest)]
    session.merge(Kept(name=RESTORATIONS, value=json.dumps(past)))


def _mark(installation: str, letters: str) -> str:
    return f"{installation}-{letters}" if letters else installation


def _restorations(session: Session) -> list[tuple[str, int]]:
    kept = session.get(Kept, RESTORATIONS)
    return [(letters, highest) for letters, highest in json.loads(kept.value)] if kept else []
