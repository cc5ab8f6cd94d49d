"""Accounts that only look: the role «reader»."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "ck_account_accountrole"


def upgrade() -> None:
    _allow("staff", "admin", "reader")


def downgrade() -> None:
    op.execute(
        "UPDATE account SET role = 'staff', active = false WHERE role = 'reader'"
    )  # nobody may do more than before
    _allow("staff", "admin")


def _allow(*roles: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        # What a role may be is part of the table's text. No table refers to this one: it is written anew.
        with op.batch_alter_table("account", copy_from=_account(*roles), recreate="always"):
            pass
        return
    op.drop_constraint(op.f(NAME), "account", type_="check")
    op.create_check_constraint(op.f(NAME), "account", f"role IN ({', '.join(map(repr, roles))})")


def _account(*roles: str) -> sa.Table:
    return sa.Table(
        "account",
        sa.MetaData(),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "role", sa.Enum(*roles, name=NAME, native_enum=False, create_constraint=True, length=24), nullable=False
        ),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", contacts.base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("username", name="uq_account_username"),
    )
