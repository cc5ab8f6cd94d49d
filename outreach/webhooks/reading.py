"""A stored webhook body, read into our words. Whoever applies them owns the transaction."""

from datetime import datetime
from typing import Protocol

from campaigns.channels import DeliveryEvent, Inbound
from outreach.channels import sendgrid_events, twilio_events
from outreach.channels.sendgrid_events import UnreadableError

__all__ = ["SENDGRID", "TWILIO_INBOUND", "TWILIO_STATUS", "UnreadableError", "read_batch"]

SENDGRID, TWILIO_STATUS, TWILIO_INBOUND = "sendgrid", "twilio-status", "twilio-inbound"


class Stored(Protocol):
    """What is read of a `campaigns.models.WebhookBatch`: the row itself, or these columns of it."""

    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def query(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...


def read_batch(batch: Stored, installation: str) -> list[DeliveryEvent] | list[Inbound]:
    """Return what a batch says. Events of another installation on the same account carry no delivery id.

    Raises `UnreadableError` (its `code` is for the batch's `fault`) when the body is nothing that we know.
    """
    if batch.kind == SENDGRID:
        return sendgrid_events.read(batch.body, installation, batch.received_at)
    if batch.kind == TWILIO_STATUS:
        return [twilio_events.from_callback(batch.body, batch.query, installation, batch.received_at)]
    if batch.kind == TWILIO_INBOUND:
        return [twilio_events.inbound(batch.body, batch.received_at)]
    raise UnreadableError("batch_kind")
