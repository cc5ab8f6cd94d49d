"""Webhook bodies that were stored and answered are read here, some in one short transaction."""

import logging
from collections.abc import Sequence

from sqlalchemy import select

from campaigns import inbox, receipts
from campaigns.channels import DeliveryEvent, Inbound
from campaigns.models import WebhookBatch
from outreach import keep
from outreach.platform import Platform
from outreach.webhooks import read_batch

log = logging.getLogger(__name__)
AT_ONCE = 200  # batches a tick, so that a flood does not starve the rest of it
TOGETHER = 40  # in one transaction: Twilio posts one event at a time, and each commit costs


def process_batches(platform: Platform) -> int:
    """Apply what waits, oldest first; return how many batches were read.

    A body that cannot be read is kept with its fault and never tried again: it would stop all that came after it.
    """
    with platform.reading() as session:
        waiting = session.scalars(
            select(WebhookBatch.id).where(WebhookBatch.processed_at.is_(None)).order_by(WebhookBatch.id).limit(AT_ONCE)
        ).all()
    for start in range(0, len(waiting), TOGETHER):
        some = waiting[start : start + TOGETHER]
        try:
            _apply(platform, some)
        except Exception:  # one strange body must not stop the others: look for it one by one
            log.exception("webhook batches %s to %s could not be read together", some[0], some[-1])
            for batch_id in some:
                _apply_or_note(platform, batch_id)
    return len(waiting)


def _apply_or_note(platform: Platform, batch_id: int) -> None:
    try:
        _apply(platform, [batch_id])
    except Exception as error:
        log.exception("webhook batch %s could not be read", batch_id)
        with platform.transaction() as session:
            batch = session.get_one(WebhookBatch, batch_id)
            batch.processed_at = platform.clock.now()
            batch.fault = f"{type(error).__name__}: {error}"[:500]


def _apply(platform: Platform, batch_ids: Sequence[int]) -> None:
    now = platform.clock.now()
    with platform.transaction("process") as session:
        installation = keep.installation_id(session)
        batches = session.scalars(
            select(WebhookBatch)
            .where(WebhookBatch.id.in_(batch_ids), WebhookBatch.processed_at.is_(None))
            .order_by(WebhookBatch.id)
            .with_for_update(skip_locked=True)  # one that somebody else is reading is theirs
        ).all()
        read = [item for batch in batches for item in read_batch(batch, installation)]
        receipts.apply(session, [item for item in read if isinstance(item, DeliveryEvent)], at=now)
        for item in read:
            if isinstance(item, Inbound):
                inbox.receive(session, item)
        for batch in batches:
            batch.processed_at = now
