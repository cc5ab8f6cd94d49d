"""The tables of people: contacts, their addresses, networks, organizations, and the consent ledger."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from contacts.base import Base, BigId, vocabulary
from contacts.folding import fold

#: Marks a column of text that holds a code of ours, never words of a person (`contacts.scrubbing`).
CODE = {"code": True}


class Channel(StrEnum):
    """Ways a communication goes; the values are those of the register's `canal` column."""

    EMAIL = "correo"
    WHATSAPP = "whatsapp"
    GROUP = "whatsapp-grupo"
    MICROSITE = "micrositio"
    PHONE = "telefono"
    MEETING = "reunion"
    SYSTEM = "sistema"
    OTHER = "otro"


class AddressKind(StrEnum):
    """What an address is. A phone without WhatsApp is never written to, it is called by a person."""

    EMAIL = "correo"
    PHONE = "telefono"
    WHATSAPP = "whatsapp"  # a number
    SCOPED = "whatsapp-id"  # Meta's business-scoped user id: who has a user name need not show a number


class AddressState(StrEnum):
    """What we know of an address. Which leads to which: `contacts.address_states`."""

    NEW = "new"
    VERIFIED = "verified"
    BOUNCED = "bounced"
    UNREACHABLE = "unreachable"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"  # by this address no more was wanted
    CLOSED = "closed"  # somebody of the staff closed it: it is not used


class NetworkKind(StrEnum):
    """A list of ours, a WhatsApp group that people run by hand, or the network of those who observe."""

    LIST = "list"
    WHATSAPP_GROUP = "whatsapp-group"
    OBSERVERS = "observers"


class OrganizationKind(StrEnum):
    """What an organization is. Kept as text: a kind may be added without writing the table anew."""

    CONSULATE = "consulado"
    OSC = "osc"
    UNIVERSITY = "universidad"
    ELECTORAL = "organismo-electoral"
    ALLY = "aliado"
    OTHER = "otro"


class Role(StrEnum):
    """What a person is in a network."""

    MEMBER = "member"
    LEADER = "leader"


class Purpose(StrEnum):
    """What a person may consent to be written about. The texts of the notices name them."""

    NOTICES = "avisos"
    SIMULACROS = "simulacros"
    EVENTS = "eventos"
    BULLETINS = "boletines"
    OBSERVATION = "observacion"


class Decision(StrEnum):
    """An entry of the consent ledger says one of these."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    ASKED = "asked"  # a mail asked them to confirm: no consent, until they do


class EvidenceKind(StrEnum):
    """What shows that a line of the ledger is true."""

    FORM = "formulario"  # an entry of a form: its number, its row
    REPLY = "respuesta"  # what the person wrote, in their words
    FILE = "archivo"  # an imported file and its row
    PAPER = "papel"  # a signed paper: a picture or a PDF of it is kept
    LINK = "enlace"  # a signed link that they opened
    NOTE = "nota"  # what whoever wrote it down says


class Organization(Base):
    """A consulate, an association, a university, an electoral body."""

    __tablename__ = "organization"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default=OrganizationKind.OTHER)
    country: Mapped[str] = mapped_column(default="")  # ISO 3166-1 alpha-2, upper case; "" when unknown
    city: Mapped[str] = mapped_column(default="")
    web: Mapped[str] = mapped_column(default="")  # http:// or https://, or ""
    notes: Mapped[str] = mapped_column(default="")


class Affiliation(Base):
    """A person in an organization: in what position, and from which day to which. A day nobody knows is None.

    Whose card names an organization without more (`Contact.organization_id`, as files do) belongs to it as well.
    """

    __tablename__ = "affiliation"
    __table_args__ = (
        Index("ix_affiliation_organization_id", "organization_id", "until"),
        Index("ix_affiliation_contact_id", "contact_id"),
        # Whom one writes to first: one an organization.
        Index(
            "uq_affiliation_main",
            "organization_id",
            unique=True,
            sqlite_where=text("main"),
            postgresql_where=text("main"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    position: Mapped[str] = mapped_column(default="")
    since: Mapped[date | None]
    until: Mapped[date | None]  # the last day
    main: Mapped[bool] = mapped_column(default=False)

    organization: Mapped[Organization] = relationship()
    contact: Mapped["Contact"] = relationship()


def _searched(context: DefaultExecutionContext) -> str:
    values: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return fold(f"{values['name']} {values.get('city') or ''}")


#: Somebody: neither forgotten nor a row that points to another (`contacts.pointers`).
_PRESENT = text("erased_at IS NULL AND merged_into_id IS NULL")
PRESENT: dict[str, Any] = {"sqlite_where": _PRESENT, "postgresql_where": _PRESENT}
ABSENT = ("erased_at", "merged_into_id")


class Contact(Base):
    """A person. Not an address: one person has several."""

    __tablename__ = "contact"
    __table_args__ = (
        # The list by name, its accents aside, a page at a time; and those of one country in the same order. The last
        # two are never anything there: SQLite looks at the row for a column that a condition names and an index lacks.
        Index("ix_contact_listed", "search_text", "id", "country", *ABSENT, **PRESENT),
        # All that a segment asks of a card, in one place to count by; countries first, which the list counts.
        Index("ix_contact_card", "country", "city", "language", "organization_id", "created_at", *ABSENT, **PRESENT),
        # Which cities there are, each once.
        Index("ix_contact_city", "city", *ABSENT, **PRESENT),
        Index(
            "ix_contact_organization_id",
            "organization_id",
            sqlite_where=text("organization_id IS NOT NULL"),
            postgresql_where=text("organization_id IS NOT NULL"),
        ),
        Index(
            "ix_contact_erased",
            "id",
            sqlite_where=text("erased_at IS NOT NULL"),
            postgresql_where=text("erased_at IS NOT NULL"),
        ),
        Index(
            "ix_contact_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    country: Mapped[str] = mapped_column(default="")  # ISO 3166-1 alpha-2, upper case; "" when unknown
    city: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="America/Mexico_City")  # IANA name
    zone_set: Mapped[bool] = mapped_column(default=False)  # somebody said it; else it is a proposal
    language: Mapped[str] = mapped_column(default="es")  # "es" or "en"
    language_set: Mapped[bool] = mapped_column(default=False)  # somebody said it; else it is a proposal
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    # Name and city folded: what a search looks through, and the order of lists, by its letters in both databases.
    search_text: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"), default=_searched
    )
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # a person who asked to be forgotten keeps a row without data
    # Somebody who was there twice: this row only says who they are (`contacts.pointers`). Always the last of a chain.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    merged_at: Mapped[datetime | None]

    addresses: Mapped[list["Address"]] = relationship(
        back_populates="contact", cascade="all, delete-orphan", order_by="Address.id"
    )
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="contact", cascade="all, delete-orphan", foreign_keys="Membership.contact_id"
    )
    organization: Mapped[Organization | None] = relationship()

    @validates("name", "city")
    def _keep_searchable(self, key: str, value: str) -> str:
        parts = {"name": self.name or "", "city": self.city or ""} | {key: value}
        self.search_text = fold(f"{parts['name']} {parts['city']}")
        return value


class Address(Base):
    """One way to reach a person. Two people may share one, so the value alone is not unique."""

    __tablename__ = "address"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind", "value"),
        Index("ix_address_kind_value", "kind", "value"),
        # All that the gate reads of an address, in its own order.
        Index("ix_address_usable", "contact_id", "kind", "state", "id", "value"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[AddressKind] = mapped_column(vocabulary(AddressKind))
    value: Mapped[str]  # normalised: lower case; E.164; or a WhatsApp business-scoped id
    raw: Mapped[str] = mapped_column(default="")  # as it was written
    spelled: Mapped[str] = mapped_column(default="")  # as the provider spells it when they write: replies go there
    region: Mapped[str] = mapped_column(default="")  # ISO country of a number: +1 alone does not tell
    state: Mapped[AddressState] = mapped_column(vocabulary(AddressState), default=AddressState.NEW)
    state_reason: Mapped[str] = mapped_column(default="")  # a code of ours or of the provider
    state_at: Mapped[datetime | None]

    contact: Mapped[Contact] = relationship(back_populates="addresses")


class Network(Base):
    """A list of people, or a WhatsApp group in which a person posts by hand."""

    __tablename__ = "network"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[NetworkKind] = mapped_column(vocabulary(NetworkKind), default=NetworkKind.LIST)
    description: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]  # its memberships ended with it, at this very moment

    memberships: Mapped[list["Membership"]] = relationship(back_populates="network", cascade="all, delete-orphan")


class Membership(Base):
    """A person in a network: role, since when, until when, and who brought them."""

    __tablename__ = "membership"
    __table_args__ = (
        # All that is asked of who is in a network at a moment, in its own order.
        Index("ix_membership_network_contact", "network_id", "contact_id", "until", "since", "role"),
        # Who is in a network: leaders first, then the newest; and who joined and who left, by month.
        Index(
            "ix_membership_present",
            "network_id",
            "role",
            "since",
            "id",
            "contact_id",
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        Index("ix_membership_since", "network_id", "since", "until", "contact_id"),
        Index(
            "ix_membership_until",
            "network_id",
            "until",
            "contact_id",
            sqlite_where=text("until IS NOT NULL"),
            postgresql_where=text("until IS NOT NULL"),
        ),
        Index(
            "ix_membership_brought",
            "brought_by_id",
            "network_id",
            "contact_id",
            sqlite_where=text("brought_by_id IS NOT NULL"),
            postgresql_where=text("brought_by_id IS NOT NULL"),
        ),
        Index("ix_membership_contact_id", "contact_id"),
        # One open membership a person and network; a closed one is history and stays.
        Index(
            "uq_membership_open",
            "contact_id",
            "network_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(vocabulary(Role), default=Role.MEMBER)
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    led_since: Mapped[datetime | None]  # of a leader; None: as long as they are in it
    brought_by_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))

    network: Mapped[Network] = relationship(back_populates="memberships")
    contact: Mapped[Contact] = relationship(back_populates="memberships", foreign_keys=[contact_id])


class Leadership(Base):
    """A span in which a member led, and that is over. Who leads now has the role, and `led_since`."""

    __tablename__ = "leadership"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]


class Notice(Base):
    """A version of the privacy notice (aviso de privacidad) that people consented under, in one language.

    A published text is never edited: the database refuses it (`contacts.guarding`).
    """

    __tablename__ = "notice"

    version: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True, default="es")
    text: Mapped[str]
    sha256: Mapped[str]
    published_at: Mapped[datetime]


class ConsentEntry(Base):
    """One line of the consent ledger. Appended, never changed: the newest line in force decides.

    The database itself refuses to change one or to take one out (`contacts.guarding`).
    """

    __tablename__ = "consent_entry"
    __table_args__ = (
        CheckConstraint("channel IN ('correo', 'whatsapp', '*')", name="channel"),
        CheckConstraint("until IS NULL OR decision <> 'withdrawn'", name="until"),
        # All that the gate reads of an entry, in its own order: from the end, the first that fits is the newest.
        Index(
            "ix_consent_entry_newest", "contact_id", "imported", "at", "id", "channel", "purpose", "decision", "until"
        ),
        # What ends, and what was asked: both few.
        Index(
            "ix_consent_entry_until",
            "until",
            sqlite_where=text("until IS NOT NULL"),
            postgresql_where=text("until IS NOT NULL"),
        ),
        Index("ix_consent_entry_notice_version", "notice_version"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(info=CODE)  # a Channel that writes to one person, or "*"
    purpose: Mapped[str] = mapped_column(info=CODE)  # a Purpose, or "*"
    decision: Mapped[Decision] = mapped_column(vocabulary(Decision))
    source: Mapped[str]  # where it was said: "importación …", "BAJA por WhatsApp", "enlace de baja"
    notice_version: Mapped[str] = mapped_column(default="", info=CODE)
    evidence: Mapped[str] = mapped_column(default="")  # file and row, message id, form entry, the person's words
    evidence_kind: Mapped[EvidenceKind] = mapped_column(vocabulary(EvidenceKind), default=EvidenceKind.NOTE)
    evidence_file: Mapped[str] = mapped_column(default="")  # name of the picture or PDF kept in the data folder
    imported: Mapped[bool] = mapped_column(default=False)  # said of the person by a file: weaker than what they say
    at: Mapped[datetime]
    until: Mapped[datetime | None]  # a grant counts before this moment; what was asked can be confirmed before it
    asked_id: Mapped[int | None] = mapped_column(BigId)  # the line that asked: of its further purposes, of the answer
    recorded_by: Mapped[str] = mapped_column(default="")
