"""What campaigns know of a person and a segment may ask: when there was last contact. And who needs a segment.

The composition root registers it with `contacts` (`install`): the arrow stays. A stage of a simulacro comes in the
same way: a `Field` whose condition looks at the table of stages.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from campaigns.models import AudienceRule, Campaign, Delivery, InboundMessage
from contacts import segments
from contacts.models import Contact
from contacts.segment_grammar import Field, Kind, Node, Part, Scene, register

SENT, WRITTEN = "enviado", "recibido"
Ever = Callable[[datetime | None], ColumnElement[bool]]  # was there one after this moment, or ever?


def _has(whose: InstrumentedAttribute[Any], *asked: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tell whether there is a row of this person: theirs, or one of a row that was merged into them.

    Asked apart, since PostgreSQL looks through a whole table for an «or» between two numbers.
    """
    merged = aliased(Contact)
    return or_(
        exists().where(whose == Contact.id, *asked),
        exists().where(merged.merged_into_id == Contact.id, whose == merged.id, *asked),
    )


def _sent(after: datetime | None) -> ColumnElement[bool]:
    """Tell whether a message of ours was taken by a provider; what was planned, skipped or refused is no contact."""
    when = Delivery.accepted_at.is_not(None) if after is None else Delivery.accepted_at > after
    return _has(Delivery.contact_id, when)


def _wrote(after: datetime | None) -> ColumnElement[bool]:
    return _has(InboundMessage.contact_id, *([] if after is None else [InboundMessage.at > after]))


LOOKS: dict[str, Ever] = {SENT: _sent, WRITTEN: _wrote}


def _last_contact(scene: Scene, node: Node) -> ColumnElement[bool]:
    """«More than n days ago» is said of who was in contact at all: the others are `nunca`."""
    looks = [LOOKS[way] for way in node.get("clase", LOOKS)]

    def any_(after: datetime | None) -> ColumnElement[bool]:
        return or_(*[look(after) for look in looks])

    if node.get("nunca"):
        return not_(any_(None))
    if "hace_menos_de" in node:
        return any_(scene.at - timedelta(days=node["hace_menos_de"]))
    return and_(any_(None), not_(any_(scene.at - timedelta(days=node["hace_mas_de"]))))


def _campaigns(session: Session, segment_id: int) -> list[str]:
    """Return the titles of the campaigns whose audience names a segment, in or out."""
    return list(
        session.scalars(
            select(Campaign.title)
            .where(Campaign.id.in_(select(AudienceRule.campaign_id).where(AudienceRule.segment_id == segment_id)))
            .order_by(Campaign.id)
        )
    )


LAST_CONTACT = Field(
    "ultimo_contacto",
    (
        Part("hace_menos_de", Kind.DAYS),
        Part("hace_mas_de", Kind.DAYS),
        Part("nunca", Kind.FLAG),
        Part("clase", Kind.CHOICES, tuple(LOOKS)),
    ),
    _last_contact,
    one=("hace_menos_de", "hace_mas_de", "nunca"),
)


def install() -> None:
    """Register all this with `contacts`; a second time changes nothing."""
    register(LAST_CONTACT)
    if _campaigns not in segments.HOLDERS:
        segments.HOLDERS.append(_campaigns)
