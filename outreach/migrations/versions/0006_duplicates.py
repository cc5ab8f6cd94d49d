"""People who are there twice."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POINTING = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Added where it stands: to write the table anew would drop the old one, and all that hangs on it.
        op.execute(
            "ALTER TABLE contact ADD COLUMN merged_into_id INTEGER"
            " CONSTRAINT fk_contact_merged_into_id_contact REFERENCES contact (id)"
        )
    else:
        op.add_column("contact", sa.Column("merged_into_id", BIG, nullable=True))
        op.create_foreign_key(
            op.f("fk_contact_merged_into_id_contact"), "contact", "contact", ["merged_into_id"], ["id"]
        )
    op.add_column("contact", sa.Column("merged_at", contacts.base.UtcDateTime(), nullable=True))
    op.create_index(
        "ix_contact_merged_into_id",
        "contact",
        ["merged_into_id"],
        unique=False,
        sqlite_where=POINTING,
        postgresql_where=POINTING,
    )
    op.create_table(
        "like_pair",
        sa.Column("first_id", BIG, nullable=False),
        sa.Column("second_id", BIG, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("same_email", sa.Boolean(), nullable=False),
        sa.Column("same_phone", sa.Boolean(), nullable=False),
        sa.Column("like_name", sa.Boolean(), nullable=False),
        sa.Column("found_at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("dismissed_at", contacts.base.UtcDateTime(), nullable=True),
        sa.Column("dismissed_by", sa.String(), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_like_pair_order")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["contact.id"], name=op.f("fk_like_pair_first_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["contact.id"], name=op.f("fk_like_pair_second_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_like_pair")),
    )
    op.create_index("ix_like_pair_second_id", "like_pair", ["second_id"], unique=False)
    op.create_index("ix_like_pair_score", "like_pair", ["score"], unique=False)
    op.create_table(
        "person_merge",
        sa.Column("id", BIG, nullable=False),
        sa.Column("survivor_id", BIG, nullable=False),
        sa.Column("at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("undone_at", contacts.base.UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["survivor_id"], ["contact.id"], name=op.f("fk_person_merge_survivor_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index(op.f("ix_person_merge_survivor_id"), "person_merge", ["survivor_id"], unique=False)


def downgrade() -> None:
    op.drop_table("person_merge")
    op.drop_table("like_pair")
    op.drop_index("ix_contact_merged_into_id", table_name="contact")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_contact_merged_into_id_contact"), type_="foreignkey")
        batch_op.drop_column("merged_at")
        batch_op.drop_column("merged_into_id")
