"""Webhook bodies that were stored and answered are read here, one short transaction each."""

import logging

from sqlalchemy import select

from campaigns import inbox, receipts
from campaigns.channels import DeliveryEvent, Inbound
from campaigns.models import WebhookBatch
from outreach import keep
from outreach.platform import Platform
from outreach.webhooks import read_batch

log = logging.getLogger(__name__)
AT_ONCE = 200  # batches a tick, so that a flood does not starve the rest of it


def process_batches(platform: Platform) -> int:
    """Apply what waits, oldest first; return how many batches were read.

    A body that cannot be read is kept with its fault and never tried again: it would stop all that came after it.
    """
    with platform.reading() as session:
        waiting = session.scalars(
            select(WebhookBatch.id).where(WebhookBatch.processed_at.is_(None)).order_by(WebhookBatch.id).limit(AT_ONCE)
        ).all()
    for batch_id in waiting:
        try:
            _apply(platform, batch_id)
        except Exception as error:  # one strange body must not stop the others
            log.exception("webhook batch %s could not be read", batch_id)
            with platform.transaction() as session:
                batch = session.get_one(WebhookBatch, batch_id)
                batch.processed_at = platform.clock.now()
                batch.fault = f"{type(error).__name__}: {error}"[:500]
    return len(waiting)


def _apply(platform: Platform, batch_id: int) -> None:
    now = platform.clock.now()
    with platform.transaction() as session:
        batch = session.get_one(WebhookBatch, batch_id)
        if batch.processed_at is not None:
            return
        read = read_batch(batch, keep.installation_id(session))
        receipts.apply(session, [item for item in read if isinstance(item, DeliveryEvent)], at=now)
        for item in read:
            if isinstance(item, Inbound):
                inbox.receive(session, item)
        batch.processed_at = now
