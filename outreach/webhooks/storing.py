"""Bodies that come at the same time are stored in one transaction.

A commit waits for the disk, SQLite has one writer at a time, and Twilio posts one event at a time.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import insert

from campaigns.models import WebhookBatch
from contacts.base import table_of
from outreach.webhooks.home import Home


@dataclass(slots=True, eq=False)
class _Ticket:
    """One body on its way, and what became of it."""

    row: dict[str, object]
    kept: bool = False
    error: Exception | None = None


class Storage:
    """Where request threads leave what they received. Each returns once its own body is committed."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._writing = Lock()
        self._noting = Lock()
        self._waiting: list[_Ticket] = []

    def keep(self, kind: str, body: bytes, query: str, received_at: datetime) -> None:
        """Store a body. Whoever comes first writes for all who wait by then, the others find their work done.

        Raises what the transaction raised, for everybody who was in it: nothing of theirs is stored.
        """
        ticket = _Ticket({"kind": kind, "body": body, "query": query, "received_at": received_at})
        with self._noting:
            self._waiting.append(ticket)
        with self._writing:
            if not ticket.kept and ticket.error is None:
                self._write()
        if ticket.error is not None:
            raise ticket.error

    def _write(self) -> None:
        with self._noting:
            together, self._waiting = self._waiting, []
        try:
            with self._home.transaction("receive") as session:
                session.execute(insert(table_of(WebhookBatch)), [ticket.row for ticket in together])
        except Exception as error:  # noqa: BLE001 — raised where each of them waits
            for ticket in together:
                ticket.error = error
        for ticket in together:
            ticket.kept = ticket.error is None
