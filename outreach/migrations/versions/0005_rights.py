"""Rights: the register of requests about one's own data, and the addresses that must not come back."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suppression",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_suppression")),
    )
    op.create_table(
        "rights_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("folio", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "acceso",
                "rectificacion",
                "cancelacion",
                "oposicion",
                name="right",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "abierta",
                "prorrogada",
                "contestada",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("extended_at", contacts.base.UtcDateTime(), nullable=True),
        sa.Column("extended_days", sa.Integer(), nullable=False),
        sa.Column("extended_why", sa.String(), nullable=False),
        sa.Column("extended_by", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", contacts.base.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("executed_at", contacts.base.UtcDateTime(), nullable=True),
        sa.Column("executed_by", sa.String(), nullable=False),
        sa.Column("created_at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_rights_request_contact_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_request")),
        sa.UniqueConstraint("folio", name=op.f("uq_rights_request_folio")),
    )
    with op.batch_alter_table("rights_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rights_request_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rights_request_due_on"), ["due_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rights_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rights_request_due_on"))
        batch_op.drop_index(batch_op.f("ix_rights_request_contact_id"))

    op.drop_table("rights_request")
    op.drop_table("suppression")
