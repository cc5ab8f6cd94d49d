"""Posts what providers tell, over real HTTP and really signed: by hand, at any moment, as often and in any order."""

from http.client import HTTPConnection
from json import dumps
from typing import Any
from urllib.parse import urlencode, urlsplit

from house import House
from sqlalchemy import func, select

from campaigns.models import Delivery, Receipt, WebhookBatch
from outreach import keep
from outreach.simulator.signing import SENDGRID_SIGNATURE, SENDGRID_TIMESTAMP, TWILIO_SIGNATURE, EventKey, sign_form

MAIL, STATUS = "/webhooks/sendgrid", "/webhooks/twilio/status"


class Provider:
    """Both providers of a house, whose simulator keeps quiet from now on: only what a test tells is told."""

    def __init__(self, house: House) -> None:
        self.house = house
        house.simulator.core.faults.clear()
        house.simulator.fault("lose")
        with house.platform.transaction() as session:
            self.installation = keep.installation_id(session)

    def event(self, row: Delivery | int, event: str, **more: Any) -> dict[str, Any]:
        """Return one event of SendGrid's; a value of None leaves its field out."""
        number = row if isinstance(row, int) else row.id
        told = {
            "email": "p@example.org",
            "timestamp": int(self.house.clock.now().timestamp()),
            "event": event,
            "sg_event_id": f"e-{number}-{event}",
            "sg_message_id": "llamada.recvd-5f54b5d5d6-x2k9p-1-0-0.0",
            "vc_delivery": str(number),
            "vc_installation": self.installation,
        } | more
        return {name: value for name, value in told.items() if value is not None}

    def mail(self, *events: dict[str, Any], **how: Any) -> int:
        """Post a batch of SendGrid's; return the status of the answer."""
        return self.post(dumps(list(events)).encode() + b"\r\n", **how)

    def post(self, body: bytes, *, key: EventKey | None = None, hours_ago: float = 0, sent: bytes | None = None) -> int:
        """Post a body that SendGrid signed so long ago; `sent` is what arrives in its place."""
        signed = str(int(self.house.clock.now().timestamp() - hours_ago * 3600))
        signature = (key or self.house.simulator.postman.key).sign(signed, body)
        headers = {SENDGRID_SIGNATURE: signature, SENDGRID_TIMESTAMP: signed, "Content-Type": "application/json"}
        return self._post(MAIL, sent if sent is not None else body, headers)

    def text(self, row: Delivery | int, sid: str, status: str, *, ours: bool = True, **fields: str) -> int:
        """Post a status of Twilio's; with our id in the address unless `ours` is false."""
        number = row if isinstance(row, int) else row.id
        path = STATUS + (f"?d={number}&i={self.installation}" if ours else "")
        form = {"MessageSid": sid, "MessageStatus": status, "To": "whatsapp:+525555550121"} | fields
        url = self.house.platform.settings.public_url + path
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            TWILIO_SIGNATURE: sign_form(self.house.simulator.twilio_token, url, form.items()),
        }
        return self._post(path, urlencode(form).encode(), headers)

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        connection = HTTPConnection(urlsplit(self.house.platform.settings.public_url).netloc, timeout=60)
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    # ------------------------------------------------------------------ what is on record

    def receipts(self) -> int:
        """How many events are kept."""
        return self._count(Receipt)

    def bodies(self) -> int:
        """How many bodies were stored."""
        return self._count(WebhookBatch)

    def faults(self) -> list[str]:
        """Why bodies could not be read, in their order; "" for those that could."""
        with self.house.platform.reading() as session:
            return list(session.scalars(select(WebhookBatch.fault).order_by(WebhookBatch.id)))

    def _count(self, model: type) -> int:
        with self.house.platform.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0
