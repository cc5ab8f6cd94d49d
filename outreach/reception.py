"""Webhook bodies that were stored and answered are read here, some in one short transaction."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from campaigns import erasing, inbox, receipts
from campaigns.channels import DeliveryEvent, Inbound
from campaigns.models import WebhookBatch
from contacts.models import Contact
from outreach import database, marks
from outreach.channels.wire import clean
from outreach.erasing import checkpoint
from outreach.platform import Platform
from outreach.webhooks import UnreadableError, read_batch
from outreach.webhooks.reading import Stored

log = logging.getLogger(__name__)
#: What one transaction holds. SendGrid posts up to a thousand events at a time, Twilio one, and each commit costs. On
#: SQLite senders wait for a writer's turn, so it is some tens of milliseconds; on a server nobody waits.
TOGETHER = 500
TOGETHER_BYTES = {"sqlite": 512 * 1024, "postgresql": 1024 * 1024}
#: What one round takes, so that a flood does not starve the rest of a tick.
AT_ONCE, AT_ONCE_BYTES = 2000, 4 * 1024 * 1024
RECEPTION_SECONDS = 0.25  # between two chores
ROUNDS = 8  # of one chore: it ends now and then, because whoever stops the process waits for it
#: How long a body stays after it was read: long enough to look into what a provider said. Each event, and each message
#: of a person, is kept with its own words for good, so nothing is lost with the post that it came in.
BODIES_STAY = timedelta(days=30)
FORGET_AT_ONCE = 500  # bodies: a short turn of a writer

#: What bodies say by batch, and why some say nothing.
Said = tuple[dict[int, list[DeliveryEvent] | list[Inbound]], dict[int, str]]

_turn = Lock()  # the tick and the chore of one process take turns, or both would read the same


def process_batches(platform: Platform) -> int:
    """Apply what waits, oldest first, up to one round; return how many batches were read.

    A body that cannot be read is kept with its fault and never tried again: it would stop all that came after it.
    Where it is the database that does not work, nothing is noted and everything is read later.
    """
    with _turn:
        read = 0
        for some, said in _read_ahead(platform, list(_waiting(platform))):
            try:
                _apply(platform, some, said())
            except Exception as error:  # one strange body must not stop the others: look for it one by one
                if _passes(error):
                    raise
                log.exception("webhook batches %s to %s could not be read together", some[0], some[-1])
                for batch_id in some:
                    _apply_or_note(platform, batch_id)
            read += len(some)
        return read


def process_waiting(platform: Platform) -> None:
    """Apply what waits, round after round: the chore that keeps up with a flood while others send."""
    for _ in range(ROUNDS):
        if not process_batches(platform):
            return


def forget_bodies(platform: Platform) -> int:
    """Drop the bodies that were read long ago, but not those that could not be read; return how many."""
    before, last, dropped = platform.clock.now() - BODIES_STAY, 0, 0
    while True:
        with platform.reading() as session:  # by number, which is the order in which they came
            some = session.execute(
                select(WebhookBatch.id, WebhookBatch.received_at, WebhookBatch.processed_at, WebhookBatch.fault)
                .where(WebhookBatch.id > last)
                .order_by(WebhookBatch.id)
                .limit(FORGET_AT_ONCE)
            ).all()
        old = [row for row in some if row.received_at < before]
        read = [row.id for row in old if row.processed_at and not row.fault]
        if read:
            with platform.transaction() as session:
                session.execute(delete(WebhookBatch).where(WebhookBatch.id.in_(read)))
            dropped += len(read)
        if len(old) < FORGET_AT_ONCE:
            return dropped
        last = old[-1].id


def forget_late(platform: Platform) -> int:
    """Take out what providers told of people after they were erased; return how many rows were changed.

    On SQLite the journal goes too: somebody may have been reading when a person was erased.
    """
    with platform.reading() as session:
        if session.scalar(select(Contact.id).where(Contact.erased_at.is_not(None)).limit(1)) is None:
            return 0
    with platform.transaction() as session:
        done = erasing.forget_late(session)
    checkpoint(platform.engine)
    return done


def _waiting(platform: Platform) -> Iterator[Sequence[int]]:
    """Yield the numbers of what waits, those together that one transaction takes."""
    with platform.reading() as session:
        found = session.execute(
            select(WebhookBatch.id, func.length(WebhookBatch.body))
            .where(WebhookBatch.processed_at.is_(None))
            .order_by(WebhookBatch.id)
            .limit(AT_ONCE)
        ).all()
    some: list[int] = []
    size = total = 0
    most = TOGETHER_BYTES[platform.engine.dialect.name]
    for batch_id, length in found:
        if some and (size + length > most or len(some) == TOGETHER):
            yield some
            some, size = [], 0
            if total > AT_ONCE_BYTES:
                return
        some.append(batch_id)
        size += length
        total += length
    if some:
        yield some


def _read_ahead(
    platform: Platform, chunks: Sequence[Sequence[int]]
) -> Iterator[tuple[Sequence[int], Callable[[], Said]]]:
    """Yield each chunk with what tells what its bodies say: the next is read while the caller writes one down."""
    if len(chunks) < 2:  # noqa: PLR2004 — nothing comes after one
        for some in chunks:
            yield some, partial(_read, platform, some)
        return
    with ThreadPoolExecutor(1, "avisos") as reader:
        coming = reader.submit(_read, platform, chunks[0])
        for number, some in enumerate(chunks, 1):
            said = coming
            if number < len(chunks):
                coming = reader.submit(_read, platform, chunks[number])
            yield some, said.result


def _apply_or_note(platform: Platform, batch_id: int) -> None:
    try:
        _apply(platform, [batch_id], _read(platform, [batch_id]))
    except Exception as error:
        if _passes(error):
            raise
        log.exception("webhook batch %s could not be read", batch_id)
        with platform.transaction() as session:
            _note(session, {batch_id: f"{type(error).__name__}: {error}"}, platform.clock.now())


def _passes(error: Exception) -> bool:
    """Whether an error says nothing of the body: the file, the disk, the server, or a lock that another one had."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return database.fault(error) is not None or state.startswith("40")  # PostgreSQL: transaction rollback


def _apply(platform: Platform, batch_ids: Sequence[int], told: Said) -> None:
    """Write down what bodies say, which was read before: meanwhile nobody has to wait for us."""
    read, faults = told
    now = platform.clock.now()
    with platform.transaction("process") as session:
        mine = session.scalars(
            select(WebhookBatch.id)
            .where(WebhookBatch.id.in_(batch_ids), WebhookBatch.processed_at.is_(None))
            .order_by(WebhookBatch.id)
            .with_for_update(skip_locked=True)  # one that somebody else is reading is theirs
        ).all()
        said = [item for batch_id in mine for item in read.get(batch_id, ())]
        receipts.apply(session, [item for item in said if isinstance(item, DeliveryEvent)], at=now)
        for item in said:
            if isinstance(item, Inbound):
                inbox.receive(session, item)
        session.execute(update(WebhookBatch).where(WebhookBatch.id.in_(mine)).values(processed_at=now))
        _note(session, {batch_id: why for batch_id, why in faults.items() if batch_id in set(mine)}, now)


def _read(platform: Platform, batch_ids: Sequence[int]) -> Said:
    read, faults = {}, {}
    with platform.reading() as session:
        mark, older = marks.mark(session), marks.older(session)
        stored = session.execute(
            select(
                WebhookBatch.id, WebhookBatch.kind, WebhookBatch.body, WebhookBatch.query, WebhookBatch.received_at
            ).where(WebhookBatch.id.in_(batch_ids))
        ).all()
    for batch in stored:
        try:
            read[batch.id] = _believed(batch, mark, older)
        except UnreadableError as error:
            log.warning("webhook batch %s cannot be read: %s", batch.id, error.code)
            faults[batch.id] = error.code
    return read, faults


def _believed(batch: Stored, mark: str, older: Sequence[tuple[str, int]]) -> list[DeliveryEvent] | list[Inbound]:
    """Read a body. What it tells under a mark of before a restoration is ours where the backup had that delivery."""
    read = read_batch(batch, mark)
    for earlier, highest in older:
        for place, told in enumerate(read_batch(batch, earlier)):
            if isinstance(told, DeliveryEvent) and told.delivery_id is not None and told.delivery_id <= highest:
                read[place] = told  # type: ignore[call-overload]
    return read


def _note(session: Session, faults: dict[int, str], now: datetime) -> None:
    for batch_id, why in faults.items():
        session.execute(
            update(WebhookBatch).where(WebhookBatch.id == batch_id).values(processed_at=now, fault=clean(why))
        )
