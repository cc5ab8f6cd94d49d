"""What the webhooks need of the platform."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy.orm import Session

from outreach.clock import Clock


class Home(Protocol):
    """The part of `outreach.platform.Platform` that is used here."""

    clock: Clock

    def transaction(self, step: str = "") -> AbstractContextManager[Session]:
        """One unit of work that may write."""
        ...
