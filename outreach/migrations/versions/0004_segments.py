"""Segments."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LIVING = sa.text("erased_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "segment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("created_at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("changed_at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("key", name=op.f("uq_segment_key")),
    )
    with op.batch_alter_table("audience_rule", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("segment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(op.f("fk_audience_rule_segment_id_segment"), "segment", ["segment_id"], ["id"])
    op.drop_index("ix_membership_network_contact", "membership")
    op.create_index(
        "ix_membership_network_contact", "membership", ["network_id", "contact_id", "until", "since", "role"]
    )
    for column in ("country", "city"):
        op.create_index(f"ix_contact_{column}", "contact", [column], sqlite_where=LIVING, postgresql_where=LIVING)


def downgrade() -> None:
    op.drop_index("ix_membership_network_contact", "membership")
    op.create_index("ix_membership_network_contact", "membership", ["network_id", "contact_id"])
    for column in ("city", "country"):
        op.drop_index(f"ix_contact_{column}", "contact", sqlite_where=LIVING, postgresql_where=LIVING)
    with op.batch_alter_table("audience_rule", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_audience_rule_segment_id_segment"), type_="foreignkey")
        batch_op.drop_column("segment_id")
    op.drop_table("segment")
