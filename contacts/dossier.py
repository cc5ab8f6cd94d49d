"""Everything held about one person, as plain values: what an access request is answered with.

Each package adds what it holds (`section`); a page shows it and JSON carries it, from the same values.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts import address_history, consent, formentries, people, rights, tagging
from contacts.models import Affiliation, Leadership, Membership, Network

Section = Callable[[Session, int], dict[str, Any]]
_sections: list[Section] = []


def section(tells: Section) -> Section:
    """Register what a package holds about a person: names of sections and their values."""
    if tells not in _sections:
        _sections.append(tells)
    return tells


def about(session: Session, contact_id: int) -> dict[str, Any]:
    """Return all that is held about a person; moments in ISO 8601, UTC. Refuses `person_unknown`."""
    contact = people.get(session, contact_id)
    told: dict[str, Any] = {
        "person": {
            "id": contact.id,
            "name": contact.name,
            "country": contact.country,
            "city": contact.city,
            "timezone": contact.timezone,
            "language": contact.language,
            "organization": contact.organization.name if contact.organization else "",
            "created_at": contact.created_at.isoformat(),
        },
        "addresses": [
            {
                "kind": one.kind.value,
                "value": one.value,
                "written": one.raw,
                "spelled_by_provider": one.spelled,
                "region": one.region,
                "state": one.state.value,
                "reason": one.state_reason,
                "since": one.state_at.isoformat() if one.state_at else None,
            }
            for one in contact.addresses
        ],
        "address_history": [
            {
                "address": value,
                "from": change.origin,
                "to": change.target,
                "reason": change.reason,
                "evidence": change.evidence,
                "at": change.at.isoformat(),
            }
            for change, value in address_history.of_contact(session, contact_id)
        ],
        "tags": tagging.of_people(session, [contact_id]).get(contact_id, []),
        "networks": [
            {
                "name": one.network.name,
                "role": one.role.value,
                "since": one.since.isoformat(),
                "until": one.until.isoformat() if one.until else None,
                "brought_by_somebody": one.brought_by_id is not None,  # who, is that person's own
            }
            for one in contact.memberships
        ],
        "organizations": [
            {
                "name": one.organization.name,
                "position": one.position,
                "since": one.since.isoformat() if one.since else None,
                "until": one.until.isoformat() if one.until else None,
                "main_contact": one.main,
            }
            for one in session.scalars(
                select(Affiliation).where(Affiliation.contact_id == contact_id).order_by(Affiliation.id)
            )
        ],
        "led": [
            {"network": name, "since": since.isoformat(), "until": until.isoformat()}
            for name, since, until in session.execute(
                select(Network.name, Leadership.since, Leadership.until)
                .join(Membership, Membership.id == Leadership.membership_id)
                .join(Network, Network.id == Membership.network_id)
                .where(Membership.contact_id == contact_id)
                .order_by(Leadership.since)
            )
        ],
        "brought": session.scalar(
            select(func.count(func.distinct(Membership.contact_id))).where(Membership.brought_by_id == contact_id)
        ),
        "consent": [
            {
                "at": one.at.isoformat(),
                "decision": one.decision.value,
                "channel": one.channel,
                "purpose": one.purpose,
                "source": one.source,
                "notice": one.notice_version,
                "until": one.until.isoformat() if one.until else None,
                "evidence": one.evidence,
                "evidence_kind": one.evidence_kind.value,
                "paper_kept": bool(one.evidence_file),
                "said_by_a_file": one.imported,
            }
            for one in consent.ledger(session, contact_id)
        ],
        "forms": [
            {"at": one.at.isoformat(), "kind": one.kind.value, "outcome": one.outcome, "said": one.said}
            for one in formentries.of_contact(session, contact_id)
        ],
        "requests": [
            {
                "folio": one.folio,
                "kind": one.kind.value,
                "received_on": one.received_on.isoformat(),
                "due_on": one.due_on.isoformat(),
                "state": one.state.value,
                "detail": one.detail,
                "reply_to": one.reply_to,
                "identity": one.identity,
                "extended": one.extended_why,
                "answer": one.answer,
                "answered_at": one.answered_at.isoformat() if one.answered_at else None,
            }
            for one in rights.of_contact(session, contact_id)
        ],
    }
    for tells in _sections:
        told |= tells(session, contact_id)
    return told
