"""Imports of people: how far each is, and how columns were read the last time."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = ("received", "mapping", "checking", "checked", "bringing", "done", "failed", "discarded")


def upgrade() -> None:
    op.create_table(
        "people_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.String(), nullable=False),
        sa.Column("by_page", sa.Boolean(), nullable=False),
        sa.Column("at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="intakestate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done_rows", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("brought_by", sa.String(), nullable=False),
        sa.Column("brought_at", contacts.base.UtcDateTime(), nullable=True),
        sa.Column("ended_at", contacts.base.UtcDateTime(), nullable=True),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("lease_until", contacts.base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
        sa.UniqueConstraint("key", name=op.f("uq_people_import_key")),
    )
    op.create_index("ix_people_import_state", "people_import", ["state"])
    op.create_table(
        "import_headings",
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("used_at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("used_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_import_headings")),
    )


def downgrade() -> None:
    op.drop_table("import_headings")
    op.drop_index("ix_people_import_state", "people_import")
    op.drop_table("people_import")
