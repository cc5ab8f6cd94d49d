"""Which people an export is of: everybody, or what a list of the pages shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from contacts import networks, pointers, segments
from contacts.errors import refuse
from contacts.folding import fold
from contacts.matching import matching
from contacts.models import Affiliation, Contact, Membership, Network, Organization
from contacts.sameness import LikePair
from outreach.i18n import gettext as _
from outreach.words.segments import in_one_line

NOWHERE = "–"  # the country of people whose country nobody knows


@dataclass(frozen=True, slots=True)
class Chosen:
    """A list of people, as the pages and the terminal name it. All that is said holds at once; nothing: everybody.

    `on` is a day in the institution's zone and goes with `network_id`: who was in the network at its end, or now when
    it is today.
    """

    text: str = ""
    network_id: int | None = None
    on: date | None = None
    country: str = ""  # ISO 3166-1 alpha-2, or `NOWHERE`
    organization_id: int | None = None
    segment_id: int | None = None
    filter: str = ""  # JSON, as the segment's form writes it
    duplicates: bool = False


def conditions(session: Session, chosen: Chosen, now: datetime, zone: str) -> list[ColumnElement[bool]]:
    """Return the conditions on `Contact` that a list is at a moment.

    Refuses `export_network`, `export_organization`, `export_day` (a day to come, or one without a network), and what
    `segments` refuses.
    """
    found: list[ColumnElement[bool]] = [pointers.present(), *_belonging(session, chosen, now, zone)]
    if chosen.text.strip():
        found.append(matching(chosen.text))
    if chosen.country:
        found.append(Contact.country == ("" if chosen.country == NOWHERE else chosen.country))
    if chosen.segment_id is not None:
        found.append(segments.of(session, segments.get(session, chosen.segment_id), now))
    if chosen.filter:
        found.append(segments.condition(session, segments.parse(session, chosen.filter, zone), now))
    if chosen.duplicates:
        found.append(
            exists().where(
                or_(LikePair.first_id == Contact.id, LikePair.second_id == Contact.id), LikePair.dismissed_at.is_(None)
            )
        )
    return found


def _belonging(session: Session, chosen: Chosen, now: datetime, zone: str) -> Iterator[ColumnElement[bool]]:
    if chosen.network_id is not None:
        if session.get(Network, chosen.network_id) is None:
            raise refuse("export_network", "red", chosen.network_id)
        moment = moment_of(chosen, now, zone)
        yield exists().where(
            Membership.contact_id == Contact.id,
            Membership.network_id == chosen.network_id,
            Membership.since <= moment,
            or_(Membership.until.is_(None), Membership.until > moment),
        )
    elif chosen.on is not None:
        raise refuse("export_day", "fecha", chosen.on, today=now.astimezone(ZoneInfo(zone)).date())
    if chosen.organization_id is not None:
        if session.get(Organization, chosen.organization_id) is None:
            raise refuse("export_organization", "organizacion", chosen.organization_id)
        speaks = exists().where(
            Affiliation.contact_id == Contact.id,
            Affiliation.organization_id == chosen.organization_id,
            Affiliation.until.is_(None),
        )
        yield or_(Contact.organization_id == chosen.organization_id, speaks)


def moment_of(chosen: Chosen, now: datetime, zone: str) -> datetime:
    """Return the moment of which memberships are meant: now, or the end of a day that is over. Refuses `export_day`."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if chosen.on is None or chosen.on == today:
        return now
    if chosen.on > today:
        raise refuse("export_day", "fecha", chosen.on, today=today)
    return datetime.combine(chosen.on + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(microseconds=1)


def words(session: Session, chosen: Chosen, zone: str) -> str:
    """Return what a list is called in words: `Red «Ruta Chilanga» el 2025-06-20; País: US`."""
    said = []
    if chosen.network_id is not None and (network := session.get(Network, chosen.network_id)):
        name = _("Red «%(name)s»", name=network.name)
        said.append(_("%(list)s el %(day)s", list=name, day=chosen.on) if chosen.on else name)
    if chosen.segment_id is not None:
        said.append(_("Segmento «%(name)s»", name=segments.get(session, chosen.segment_id).name))
    if chosen.organization_id is not None and (organization := session.get(Organization, chosen.organization_id)):
        said.append(_("Organización «%(name)s»", name=organization.name))
    if chosen.country:
        said.append(_("País: %(code)s", code=_("ninguno") if chosen.country == NOWHERE else chosen.country))
    if chosen.text.strip():
        said.append(_("Búsqueda «%(text)s»", text=chosen.text.strip()))
    if chosen.filter:
        said.append(in_one_line(session, segments.parse(session, chosen.filter, zone).tree))
    if chosen.duplicates:
        said.append(_("Posibles duplicados"))
    return "; ".join(said) or _("Todas las personas")


def names(session: Session, chosen: Chosen) -> Mapping[str, object]:
    """Return what a list is, for the audit log: names and not numbers, without what was not said."""
    network = session.get(Network, chosen.network_id) if chosen.network_id is not None else None
    organization = session.get(Organization, chosen.organization_id) if chosen.organization_id is not None else None
    told = {
        "network": network.name if network else "",
        "on": chosen.on.isoformat() if chosen.on else "",
        "segment": segments.get(session, chosen.segment_id).name if chosen.segment_id is not None else "",
        "organization": organization.name if organization else "",
        "country": chosen.country,
        "search": chosen.text.strip(),
        "filter": chosen.filter,
        "duplicates": chosen.duplicates,
    }
    return {name: value for name, value in told.items() if value}


def network_of(session: Session, name: str) -> int:
    """Return the number of a network by its name. Refuses `network_unknown`."""
    return networks.find(session, name).id


def organization_of(session: Session, name: str) -> int:
    """Return the number of an organization by its name, accents and capitals aside. Refuses `export_organization`."""
    for found in session.scalars(select(Organization)):
        if fold(found.name) == fold(name):
            return found.id
    raise refuse("export_organization", "organizacion", name)
