"""The links in a letter to what its reader may do: signed, without a log-in, good for a time.

A token names the delivery that brought it and is signed over the address that the delivery went to, with a key of its
own for each use. So it is good only for who reads that address, as long as it is the person's: a correction of the
address, an erasure, or another row under the same number after a restored backup end it by themselves.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.claiming import Claimed
from campaigns.models import Delivery
from campaigns.personal import Links
from contacts import pointers
from contacts.errors import refuse
from contacts.linkrequests import LinkUse
from contacts.models import Address, Channel, Contact
from outreach import unsubscribe

DATA_LASTS = timedelta(hours=6)
PATHS = {LinkUse.PREFERENCES: "preferencias", LinkUse.DATA: "mis-datos"}
_SIGNATURE_BYTES = 15  # 120 bits, 20 letters
_LONGEST = 64
_MOST = 2**63


@dataclass(frozen=True, slots=True)
class Opened:
    """Whose link was opened, by which delivery and address it came, and whether its time is over."""

    contact_id: int
    delivery_id: int
    address: str
    channel: Channel
    expired: bool
    fingerprint: str  # what may be kept of the token: it opens nothing

    @property
    def evidence(self) -> str:
        """Return what the ledger keeps: which letter brought the link that was used."""
        return f"envío {self.delivery_id}, {self.fingerprint}"


def token(secret: str, use: LinkUse, delivery_id: int, address: str) -> str:
    """Return the signed token of a delivery to an address."""
    body = f"{delivery_id:x}"
    return f"{body}.{_sign(secret, use, body, address)}"


def url(public_url: str, secret: str, use: LinkUse, delivery_id: int, address: str) -> str:
    """Return the whole link."""
    return f"{public_url}/{PATHS[use]}/{token(secret, use, delivery_id, address)}"


def of_letters(public_url: str, secret: str, channel: Channel) -> Links:
    """Return what makes the links in the letters of a channel."""

    def leave(contact_id: int) -> str:
        return unsubscribe.url(public_url, secret, contact_id, channel)

    def own(use: LinkUse, row: Claimed) -> str:
        return url(public_url, secret, use, row.delivery_id, row.address)

    return Links(leave, own)


def to_preferences(session: Session, public_url: str, secret: str, contact_id: int) -> str:
    """Return the link to a person's preferences that the newest mail to them carries; "" before any."""
    wanted = select(Delivery.id, Delivery.address).where(
        Delivery.contact_id == contact_id, Delivery.channel == Channel.EMAIL, Delivery.address != ""
    )
    found = session.execute(wanted.order_by(Delivery.id.desc()).limit(1)).one_or_none()
    return url(public_url, secret, LinkUse.PREFERENCES, found.id, found.address) if found else ""


def opened(session: Session, secret: str, use: LinkUse, text: str, *, at: datetime, lasts: timedelta) -> Opened:
    """Return whose link a token is. `lasts` is how long one is good after its letter was due.

    Refuses `link_unknown`: forged, of another use, or of an address that is no longer the person's.
    """
    unknown = refuse("link_unknown", "enlace")  # never its text: it may be somebody's
    body, _dot, signature = text[: _LONGEST + 1].partition(".")
    if len(text) > _LONGEST or not body.isascii() or not signature.isascii():
        raise unknown
    try:
        number = int(body, 16)
    except ValueError:
        raise unknown from None
    if not 0 < number < _MOST or f"{number:x}" != body:
        raise unknown
    found = session.execute(
        select(Delivery.contact_id, Delivery.address, Delivery.channel, Delivery.due_at).where(Delivery.id == number)
    ).one_or_none()
    wanted = _sign(secret, use, body, found.address if found else "")
    if not hmac.compare_digest(signature.encode(), wanted.encode()) or found is None or not found.address:
        raise unknown
    person = pointers.followed(session, [found.contact_id]).get(found.contact_id, found.contact_id)
    theirs = exists().where(Address.contact_id == Contact.id, Address.value == found.address)
    here = select(Contact.id).where(Contact.id == person, Contact.erased_at.is_(None), theirs)
    if session.scalar(here) is None:
        raise unknown
    due = found.due_at
    mark = f"sha256:{sha256(text.encode()).hexdigest()[:32]}"
    return Opened(person, number, found.address, Channel(found.channel), due is not None and at >= due + lasts, mark)


def _sign(secret: str, use: LinkUse, body: str, address: str) -> str:
    said = f"{body}\0{address}"
    signed = hmac.digest(f"enlace-{use}:{secret}".encode(), said.encode(), "sha256")
    return urlsafe_b64encode(signed[:_SIGNATURE_BYTES]).decode()
