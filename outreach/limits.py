"""How often somebody may do something in a time: counted in the database, so that all processes count as one.

What is counted (an address, a network) is kept as HMAC-SHA256 under the secret of the installation and falls soon
after its time: from the table nobody learns who asked.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base

PREFIX_4, PREFIX_6 = 24, 56  # bits of the network that one household, office or provider is taken for


class Attempt(Base):
    """How often something was done in the time that ends at `until`."""

    __tablename__ = "attempt"

    digest: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Limit:
    """So often in so long. `name` keeps apart what is counted apart."""

    name: str
    most: int
    within: timedelta


def count(session: Session, secret: str, limit: Limit, value: str, *, at: datetime) -> timedelta | None:
    """Count one more; return None while it may be done, else how long it may not.

    The time begins with the first, and ends whatever is tried meanwhile.
    """
    said = f"{limit.name}\0{value}"
    key = hmac.digest(f"intentos:{secret}".encode(), said.encode(), "sha256").hex()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    wanted = insert(Attempt).values(digest=key, times=1, until=at + limit.within)
    # A time that ends later than any could was begun before a clock was set back: it counts no more.
    over = (Attempt.until <= at) | (Attempt.until > at + 2 * limit.within)
    counted = wanted.on_conflict_do_update(
        index_elements=[Attempt.digest],
        set_={
            "times": case((over, 1), else_=Attempt.times + 1),
            "until": case((over, wanted.excluded.until), else_=Attempt.until),
        },
    ).returning(Attempt.times, Attempt.until)
    found = session.execute(counted).one()
    return None if found.times <= limit.most else found.until - at


def forget_old(session: Session, *, at: datetime) -> None:
    """Drop what was counted in times that are over."""
    session.execute(delete(Attempt).where(Attempt.until <= at))


def network(address: str) -> str:
    """Return the network of an address by which its neighbours are counted as one; the text itself when it is none."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = PREFIX_4 if isinstance(found, IPv4Address) else PREFIX_6
    size = found.max_prefixlen
    return f"{int(found) >> (size - bits):x}/{bits}"
