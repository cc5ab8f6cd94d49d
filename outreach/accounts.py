"""Who may come in: staff accounts with a password (argon2id) and a role."""

from datetime import datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base, BigId, vocabulary
from contacts.errors import refuse

SHORTEST_PASSWORD = 10
_hasher = PasswordHasher()
_decoy = _hasher.hash("nobody's password")  # so that an unknown name takes as long as a wrong password


class AccountRole(StrEnum):
    """What an account may do."""

    STAFF = "staff"
    ADMIN = "admin"


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
    """Add an account. Refuses `account_taken`, `account_name` (empty or with spaces) and `password_short`."""
    username = username.strip().lower()
    if not username or " " in username:
        raise refuse("account_name", "usuario", username)
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise refuse("account_taken", "usuario", username)
    account = Account(username=username, name=name.strip() or username, role=role, password_hash="", created_at=at)
    set_password(account, password)
    session.add(account)
    session.flush()
    return account


def set_password(account: Account, password: str) -> None:
    """Change the password. Refuses `password_short`."""
    if len(password) < SHORTEST_PASSWORD:
        raise refuse("password_short", "contraseña", "", least=SHORTEST_PASSWORD)
    account.password_hash = _hasher.hash(password)


def find(session: Session, username: str) -> Account:
    """Return the account of that name. Refuses `account_unknown`."""
    account = session.scalar(select(Account).where(Account.username == username.strip().lower()))
    if account is None:
        raise refuse("account_unknown", "usuario", username)
    return account


def check(session: Session, username: str, password: str) -> Account | None:
    """Return the account when name and password are right and it is active; takes equally long when not."""
    account = session.scalar(select(Account).where(Account.username == username.strip().lower()))
    try:
        _hasher.verify(account.password_hash if account else _decoy, password)
    except (VerificationError, InvalidHashError):
        return None
    return account if account and account.active else None
