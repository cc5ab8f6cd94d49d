"""Public pages: what came by their forms, links that were asked for, and how often somebody tried."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = contacts.base.UtcDateTime()
WAITING = sa.text("handled_at IS NULL")


def _vocabulary(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    op.create_table(
        "form_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", _vocabulary("entrykind", "alta", "preferencias", "datos"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("contact_id", BIG, nullable=True),
        sa.Column("asked_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_form_entry_contact_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_entry")),
    )
    op.create_index(
        "ix_form_entry_waiting", "form_entry", ["id"], unique=False, sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index(op.f("ix_form_entry_contact_id"), "form_entry", ["contact_id"], unique=False)
    op.create_index(op.f("ix_form_entry_asked_id"), "form_entry", ["asked_id"], unique=False)
    op.create_table(
        "link_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("kind", _vocabulary("linkuse", "preferencias", "datos"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_link_request_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_request")),
    )
    op.create_index("ix_link_request_contact", "link_request", ["contact_id", "kind", "until"], unique=False)
    op.create_index(op.f("ix_link_request_until"), "link_request", ["until"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_until"), "attempt", ["until"], unique=False)
    op.add_column("campaign", sa.Column("links", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("campaign", "links")
    op.drop_table("attempt")
    op.drop_table("link_request")
    op.drop_table("form_entry")
