"""Who may come in: staff accounts with a password (argon2id) and a role."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base, BigId, vocabulary
from contacts.errors import refuse
from outreach.roles import AccountRole

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1024  # hashing is dear on purpose; nobody types more
_hasher = PasswordHasher()


@lru_cache
def _decoy() -> str:
    """Return a hash to check against when the name is unknown, so that this takes as long as a wrong password."""
    return _hasher.hash("nobody's password")


class Account(Base):
    """A member of the staff."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[AccountRole] = mapped_column(vocabulary(AccountRole), default=AccountRole.STAFF)
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="es")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


def add(
    session: Session,
    username: str,
    name: str,
    password: str,
    at: datetime,
    role: AccountRole = AccountRole.STAFF,
) -> Account:
    """Add an account. Refuses `account_taken`, `account_name` (empty or with blanks), and passwords as `set_password`.

    Names are kept in lower case.
    """
    username = username.strip().lower()
    if not re.fullmatch(r"[\w.@+-]+", username):
        raise refuse("account_name", "usuario", username)
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise refuse("account_taken", "usuario", username)
    account = Account(username=username, name=name.strip() or username, role=role, password_hash="", created_at=at)
    set_password(account, password)
    session.add(account)
    session.flush()
    return account


def set_password(account: Account, password: str) -> None:
    """Change the password. Refuses `password_short` and `password_long`; a refusal never holds the password."""
    if len(password) < SHORTEST_PASSWORD:
        raise refuse("password_short", "contraseña", "", least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise refuse("password_long", "contraseña", "", most=LONGEST_PASSWORD)
    account.password_hash = _hasher.hash(password)


def set_role(session: Session, account: Account, role: AccountRole) -> None:
    """Give an account another role. Refuses `account_last`: somebody must be left who may change things."""
    others = select(Account.id).where(
        Account.id != account.id, Account.active.is_(True), Account.role != AccountRole.READER
    )
    if role is AccountRole.READER and session.scalar(others.limit(1)) is None:
        raise refuse("account_last", "usuario", account.username)
    account.role = role
    session.flush()


def find(session: Session, username: str) -> Account:
    """Return the account of that name. Refuses `account_unknown`."""
    account = session.scalar(select(Account).where(Account.username == username.strip().lower()))
    if account is None:
        raise refuse("account_unknown", "usuario", username)
    return account


def everybody(session: Session) -> Sequence[Account]:
    """Return every account by name, closed ones too."""
    return session.scalars(select(Account).order_by(Account.username)).all()


def check(session: Session, username: str, password: str) -> Account | None:
    """Return the account when name and password are right and it is active; takes equally long when not."""
    account = session.scalar(select(Account).where(Account.username == username.strip().lower()))
    decoy = _decoy()
    try:
        _hasher.verify(account.password_hash if account else decoy, password)
    except (VerificationError, InvalidHashError):
        return None
    return account if account and account.active else None
