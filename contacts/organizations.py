"""Organizations: consulates, associations, universities, electoral bodies, allies; and who speaks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Date, Select, String, func, literal, null, or_, select, union_all, update
from sqlalchemy.orm import Session

from contacts import places, pointers
from contacts.cards import LONGEST
from contacts.errors import Fault, Refused, refuse
from contacts.folding import clean, fold
from contacts.models import Affiliation, Contact, Organization, OrganizationKind

LONGEST_NOTES = 5_000  # letters
LONGEST_WEB = 500
FIELDS = ("nombre", "tipo", "pais", "ciudad", "web", "notas")


def add(session: Session, fields: Mapping[str, str]) -> Organization:
    """Add an organization from what a form says of `FIELDS`.

    Refuses `organization_name`, `organization_taken`, `organization_kind`, `country_unknown`, `field_long`, `web_form`.
    """
    organization = Organization(name="")
    _write(session, organization, fields)
    session.add(organization)
    session.flush()
    return organization


def edit(session: Session, organization: Organization, fields: Mapping[str, str]) -> list[str]:
    """Change what is known of an organization; a field that is not named stays. Return the columns that changed.

    Refuses as `add` does.
    """
    kept = _kept(organization)
    _write(session, organization, {**kept, **fields})
    session.flush()
    now = _kept(organization)
    return [name for name in FIELDS if kept[name] != now[name]]


def _kept(organization: Organization) -> dict[str, str]:
    return {
        "nombre": organization.name,
        "tipo": organization.kind,
        "pais": organization.country,
        "ciudad": organization.city,
        "web": organization.web,
        "notas": organization.notes,
    }


def _write(session: Session, organization: Organization, fields: Mapping[str, str]) -> None:
    faults: list[Fault] = []
    texts = {name: clean(fields.get(name, "")) for name in FIELDS}
    texts["notas"] = "\n".join(clean(line) for line in fields.get("notas", "").splitlines()).strip()
    for name, most in (("ciudad", LONGEST), ("notas", LONGEST_NOTES), ("web", LONGEST_WEB)):
        if len(texts[name]) > most:
            faults.append(Fault("field_long", name, texts[name][:60], details={"most": most}))
    name = texts["nombre"]
    if not fold(name) or len(name) > LONGEST:
        faults.append(Fault("organization_name", "nombre", name[:60], details={"most": LONGEST}))
    else:
        rows = session.execute(select(Organization.id, Organization.name)).all()
        taken = [known for number, known in rows if number != organization.id and fold(known) == fold(name)]
        faults += [Fault("organization_taken", "nombre", known) for known in taken]
    if texts["tipo"] not in set(OrganizationKind):
        allowed = ", ".join(OrganizationKind)
        faults.append(Fault("organization_kind", "tipo", texts["tipo"][:40], details={"allowed": allowed}))
    country = ""
    try:
        country = places.country(texts["pais"][:LONGEST])
    except Refused as refused:
        faults += refused.faults
    if texts["web"] and not _address(texts["web"]):
        faults.append(Fault("web_form", "web", texts["web"][:60]))
    if faults:
        raise Refused(faults)
    organization.name, organization.kind, organization.country = name, texts["tipo"], country
    organization.city, organization.web, organization.notes = texts["ciudad"], texts["web"], texts["notas"]


def _address(text: str) -> bool:
    """Tell an address of a page from anything else: a link made of it must not run a script."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(map(str.isspace, text))


def find(session: Session, text: str) -> Organization:
    """Return the organization of that name, accents and capitals aside, or of that number.

    Refuses `organization_unknown`.
    """
    for number, name in session.execute(select(Organization.id, Organization.name).order_by(Organization.id)):
        if fold(name) == fold(text) or str(number) == text.strip():
            return session.get_one(Organization, number)
    raise refuse("organization_unknown", "organizacion", text[:60])


@dataclass(frozen=True, slots=True)
class Counted:
    """An organization and how many people are in it today."""

    organization: Organization
    people: int


def listed(
    session: Session,
    *,
    text: str = "",
    kind: str = "",
    country: str = "",
    today: date,
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, list[Counted]]:
    """Return how many organizations there are with this text, kind and country, and some of them, by name.

    A text is looked for in name, city and notes, accents and capitals aside.
    """
    rows = session.execute(
        select(Organization.id, Organization.name, Organization.city, Organization.notes, Organization.kind)
        .where(*([Organization.country == country] if country else []))
        .where(*([Organization.kind == kind] if kind else []))
    ).all()
    words = fold(text).split()
    found = [row for row in rows if all(word in fold(f"{row.name} {row.city} {row.notes}") for word in words)]
    numbers = [row.id for row in sorted(found, key=lambda row: (fold(row.name), row.id))]
    shown = numbers[offset : offset + limit]
    here = {one.id: one for one in session.scalars(select(Organization).where(Organization.id.in_(shown)))}
    people = _people(Organization.id.in_(shown), today).subquery()
    counts: dict[int, int] = dict(
        session.execute(
            select(people.c.organization_id, func.count(func.distinct(people.c.contact_id))).group_by(
                people.c.organization_id
            )
        ).all()
    )
    return len(numbers), [Counted(here[number], counts.get(number, 0)) for number in shown]


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an organization. `id` is 0 where only their card names it: nobody said since when, or as what."""

    id: int
    organization_id: int
    contact_id: int
    position: str
    since: date | None
    until: date | None
    main: bool


def _people(which: ColumnElement[bool], today: date | None) -> Select[int, int, int, str, date, date, bool]:
    """Return the select of the people of some organizations, those who left included unless a day is said."""
    said = (
        select(
            Affiliation.id.label("id"),
            Affiliation.organization_id.label("organization_id"),
            Affiliation.contact_id.label("contact_id"),
            Affiliation.position.label("position"),
            Affiliation.since.label("since"),
            Affiliation.until.label("until"),
            Affiliation.main.label("main"),
        )
        .join(Organization, Organization.id == Affiliation.organization_id)
        .join(Contact, Contact.id == Affiliation.contact_id)
        .where(which, pointers.present())
    )
    if today is not None:
        said = said.where(or_(Affiliation.until.is_(None), Affiliation.until >= today))
    open_ = select(Affiliation.id).where(
        Affiliation.organization_id == Organization.id,
        Affiliation.contact_id == Contact.id,
        Affiliation.until.is_(None),
    )
    named = (
        select(
            literal(0).label("id"),
            Organization.id.label("organization_id"),
            Contact.id.label("contact_id"),
            literal("", String()).label("position"),
            null().cast(Date()).label("since"),
            null().cast(Date()).label("until"),
            literal(False).label("main"),
        )
        .join(Contact, Contact.organization_id == Organization.id)
        .where(which, pointers.present(), ~open_.exists())
    )
    both = union_all(said, named).subquery()
    return select(*both.c)


def members(session: Session, organization_id: int, offset: int = 0, limit: int = 50) -> tuple[int, list[Member]]:
    """Return how many people an organization has or had, and some: the main contact, who is there, then who left."""
    people = _people(Organization.id == organization_id, None).subquery()
    total = session.scalar(select(func.count()).select_from(people)) or 0
    rows = session.execute(
        select(*people.c)
        .join(Contact, Contact.id == people.c.contact_id)
        .order_by(people.c.until.is_not(None), people.c.main.desc(), people.c.until.desc(), Contact.name, people.c.id)
        .offset(offset)
        .limit(limit)
    )
    return total, [Member(*row) for row in rows]


def of_person(session: Session, contact_id: int) -> list[Member]:
    """Return the organizations of a person, those that they left last."""
    people = _people(Contact.id == contact_id, None).subquery()
    rows = session.execute(
        select(*people.c).order_by(
            people.c.until.is_not(None), people.c.until.desc(), people.c.since.desc(), people.c.organization_id
        )
    )
    return [Member(*row) for row in rows]


def join(
    session: Session,
    organization: Organization,
    contact_id: int,
    *,
    position: str = "",
    since: date | None = None,
    until: date | None = None,
    main: bool = False,
    today: date,
) -> Affiliation:
    """Say that a person is, or was, in an organization: in what position, and between which days (None: not known).

    Whose card names no organization gets this one. Refuses `person_unknown`, `person_erased`, `field_long`,
    `affiliated_already`, `day_future`, `days_order`, and `main_left`.
    """
    contact = session.get(Contact, pointers.follow(session, contact_id))
    if contact is None:
        raise refuse("person_unknown", "persona", contact_id)
    if contact.erased_at is not None:
        raise refuse("person_erased", "persona", contact_id)
    _hold(session, organization)
    if until is None and _open(session, organization.id, contact.id) is not None:
        raise refuse("affiliated_already", "persona", contact.name, organization=organization.name)
    one = Affiliation(organization_id=organization.id, contact_id=contact.id)
    _say(session, one, position, since, until, main=main, today=today)
    session.add(one)
    if until is None and contact.organization_id is None:
        contact.organization_id = organization.id
    session.flush()
    return one


def change(
    session: Session,
    one: Affiliation,
    *,
    position: str,
    since: date | None,
    until: date | None,
    main: bool,
    today: date,
) -> None:
    """Change what is known of a person in an organization. Who left is no longer said to belong to it on their card.

    Refuses as `join` does.
    """
    _hold(session, one.organization)
    if until is None and one.until is not None and _open(session, one.organization_id, one.contact_id) is not None:
        raise refuse("affiliated_already", "persona", one.contact.name, organization=one.organization.name)
    _say(session, one, position, since, until, main=main, today=today)
    session.flush()
    if until is not None:
        session.execute(
            update(Contact)
            .where(
                Contact.id == one.contact_id,
                Contact.organization_id == one.organization_id,
                ~select(Affiliation.id)
                .where(
                    Affiliation.contact_id == one.contact_id,
                    Affiliation.organization_id == one.organization_id,
                    Affiliation.until.is_(None),
                )
                .exists(),
            )
            .values(organization_id=None)
        )


def _hold(session: Session, organization: Organization) -> None:
    """Let one at a time write who is in an organization."""
    session.execute(select(Organization.id).where(Organization.id == organization.id).with_for_update())


def _open(session: Session, organization_id: int, contact_id: int) -> Affiliation | None:
    return session.scalar(
        select(Affiliation).where(
            Affiliation.organization_id == organization_id,
            Affiliation.contact_id == contact_id,
            Affiliation.until.is_(None),
        )
    )


def _say(
    session: Session,
    one: Affiliation,
    position: str,
    since: date | None,
    until: date | None,
    *,
    main: bool,
    today: date,
) -> None:
    plain = clean(position)
    faults = []
    if len(plain) > LONGEST:
        faults.append(Fault("field_long", "cargo", plain[:60], details={"most": LONGEST}))
    faults += [
        Fault("day_future", where, day.isoformat(), details={"today": today.isoformat()})
        for where, day in (("desde", since), ("hasta", until))
        if day is not None and day > today
    ]
    if since is not None and until is not None and until < since:
        faults.append(Fault("days_order", "hasta", until.isoformat(), details={"since": since.isoformat()}))
    if main and until is not None:
        faults.append(Fault("main_left", "principal", until.isoformat()))
    if faults:
        raise Refused(faults)
    if main:
        session.execute(
            update(Affiliation)
            .where(
                Affiliation.organization_id == one.organization_id, Affiliation.main, Affiliation.id != (one.id or 0)
            )
            .values(main=False)
        )
    one.position, one.since, one.until, one.main = plain, since, until, main


def by_id(session: Session, numbers: Sequence[int]) -> dict[int, Organization]:
    """Return organizations by their number."""
    return {one.id: one for one in session.scalars(select(Organization).where(Organization.id.in_(numbers)))}
