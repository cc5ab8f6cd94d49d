"""Addresses that asked to be forgotten: not kept, only recognised, so that they do not come back by a file or a form.

What is kept of an address is HMAC-SHA256 under the secret of the installation, which is no part of the database: who
has the table alone cannot try all telephone numbers on it. With another secret nothing is recognised any more.
"""

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base
from contacts.errors import Fault, Refused
from contacts.folding import fold
from contacts.models import AddressKind

SECRET = "suppression_secret"  # noqa: S105 — where a session carries it (`Session.info`); the composition root puts it
_SOME = 5_000  # values in one question: SQLite takes 32,766


class Suppression(Base):
    """One address that must not come back. Nothing leads from it to a person."""

    __tablename__ = "suppression"

    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # correo or numero
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(default="")  # the folio of the request, or a code


def digest(session: Session, kind: AddressKind, value: str, name: str = "") -> str:
    """Return what is kept of an address, with `name` of that person's alone: an address may be shared by two.

    A number is the same whether it is called telephone or WhatsApp. Needs the secret: a session that was not made by
    the platform has none.
    """
    secret = session.info.get(SECRET, "")
    if not secret:
        raise LookupError("this session does not know the secret of the installation")
    said = "\0".join(("suppression", _family(kind), value, fold(name)))
    return hmac.digest(secret.encode(), said.encode(), "sha256").hex()


def _family(kind: AddressKind) -> str:
    return "correo" if kind is AddressKind.EMAIL else "numero"


def suppress(
    session: Session, kind: AddressKind, value: str, *, at: datetime, why: str, name: str = "", by_name: bool = False
) -> None:
    """Remember that an address must not come back: for nobody, or `by_name` for the person of that name alone."""
    found = digest(session, kind, value, name if by_name else "")
    session.merge(Suppression(digest=found, kind=_family(kind), at=at, why=why))


def suppressed(session: Session, written: Sequence[tuple[AddressKind, str, str]]) -> set[tuple[AddressKind, str, str]]:
    """Return which of these (kind, address, name) asked to be forgotten."""
    if not written or session.scalar(select(Suppression.digest).limit(1)) is None:
        return set()
    digests: dict[str, set[tuple[AddressKind, str, str]]] = {}
    for one in written:
        kind, value, name = one
        for found in (digest(session, kind, value), digest(session, kind, value, name)):
            digests.setdefault(found, set()).add(one)
    if len(digests) > _SOME:  # a whole file of people: who asked to be forgotten are fewer
        kept = set(session.scalars(select(Suppression.digest)))
    else:
        kept = set(session.scalars(select(Suppression.digest).where(Suppression.digest.in_(digests))))
    return {one for found in kept & digests.keys() for one in digests[found]}


def faults(session: Session, name: str, addresses: Iterable[tuple[AddressKind, str]]) -> list[Fault]:
    """Return a fault `address_suppressed` for each address of a person that asked to be forgotten."""
    found = suppressed(session, [(kind, value, name) for kind, value in addresses])
    return [Fault("address_suppressed", str(kind), value) for kind, value, _name in sorted(found)]


def check(session: Session, name: str, addresses: Iterable[tuple[AddressKind, str]]) -> None:
    """Refuse `address_suppressed` where one of a person's addresses asked to be forgotten."""
    if found := faults(session, name, addresses):
        raise Refused(found)


def lift(session: Session, kind: AddressKind, value: str, name: str = "") -> bool:
    """Let an address come in again, because the person themself asks for it; False when it was not suppressed."""
    rows = [
        row
        for found in {digest(session, kind, value), digest(session, kind, value, name)}
        if (row := session.get(Suppression, found))
    ]
    for row in rows:
        session.delete(row)
    session.flush()
    return bool(rows)
