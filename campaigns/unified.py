"""What it means for campaigns that two people became one, or two again (`contacts.unifying`).

Deliveries stay with the row they were written for: they are the log of what was sent to whom, both people may stand in
one run, and so a merge is undone without touching what was sent. Whoever claims one follows the row to the person it
points to; of several rows that one person has in a run one is sent.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import recovery
from campaigns.models import Delivery, InboundMessage
from campaigns.states import REACHED, DeliveryState
from contacts import pointers, unifying
from contacts.base import table_of
from contacts.idsets import among
from contacts.models import Contact

_WAITS = frozenset({DeliveryState.PLANNED, DeliveryState.CLAIMED})
#: What may have reached the person. What bounced or was refused did not: the other row is another way to them.
_BEGUN = REACHED | {DeliveryState.CALLING, DeliveryState.IN_DOUBT}


def written_to(session: Session, ids: Sequence[int]) -> set[int]:
    """Return which of these claimed rows must not be sent, as another row of the run writes to the same person.

    One that may have reached them already goes before all others, then the one that was written first: whoever asks
    comes to the same answer, also two workers at once.
    """
    if not ids:
        return set()
    person = pointers.person()
    asked = select(Delivery.run_id, person).join(Contact, Contact.id == Delivery.contact_id)
    people: dict[int, set[int]] = defaultdict(set)
    for run_id, whose in session.execute(asked.where(among(Delivery.id, ids))):
        people[run_id].add(whose)
    rows: dict[tuple[int, int], list[tuple[int, DeliveryState]]] = defaultdict(list)
    for run_id, theirs in people.items():
        everything = (
            select(Delivery.id, person, Delivery.state)
            .join(Contact, Contact.id == Delivery.contact_id)
            .where(
                Delivery.run_id == run_id,
                Delivery.contact_id.in_(pointers.numbers_of(select(Contact.id).where(among(Contact.id, theirs)))),
            )
        )
        for number, whose, state in session.execute(everything):
            rows[run_id, whose].append((number, state))
    sent: set[int] = set()
    for found in rows.values():
        waiting = sorted(number for number, state in found if state in _WAITS)
        begun = any(state in _BEGUN for _number, state in found)
        sent.update(waiting if begun else waiting[1:])
    return sent & set(ids)


@unifying.whenever
def put_back(session: Session, contact_ids: Sequence[int] | None, at: datetime) -> None:
    """Give back what was claimed for these people (None: for anybody) and not yet called, so that it is asked again.

    Who was asked about before is somebody else by now. The rows stay locked until the caller's transaction ends:
    whoever is about to claim them passes on.
    """
    delivery = table_of(Delivery)
    theirs = [] if contact_ids is None else [among(delivery.c.contact_id, sorted(contact_ids))]
    locked = select(delivery.c.id).where(*theirs, delivery.c.state.in_(sorted(_WAITS))).order_by(delivery.c.id)
    if contact_ids is None:
        locked = locked.where(delivery.c.state == DeliveryState.CLAIMED)
    ids = session.scalars(locked.with_for_update()).all()
    recovery.give_back(session, ids, at=at)


unifying.goes_along(InboundMessage.contact_id)
