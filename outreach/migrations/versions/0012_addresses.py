"""Addresses with a history, business-scoped ids, proposals, tags."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("correo", "telefono", "whatsapp")
STATES = ("new", "verified", "bounced", "unreachable", "complained")


def upgrade() -> None:
    _vocabularies((*KINDS, "whatsapp-id"), (*STATES, "opted_out", "closed"), adding=True)
    # What was kept as a WhatsApp address and is no number is an id.
    op.execute("UPDATE address SET kind = 'whatsapp-id' WHERE kind = 'whatsapp' AND value LIKE '__.%'")
    for name in ("zone_set", "language_set"):
        # Added where it stands: to write the table anew would drop the old one, and all that hangs on it.
        op.add_column("contact", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "address_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("address_id", BIG, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_address_change_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_change")),
    )
    op.create_index("ix_address_change_contact_id", "address_change", ["contact_id", "id"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("key", name=op.f("uq_tag_key")),
    )
    op.create_table(
        "contact_tag",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("tag_id", BIG, nullable=False),
        sa.Column("at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_tag_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_contact_tag_tag_id_tag"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_tag")),
        sa.UniqueConstraint("contact_id", "tag_id", name=op.f("uq_contact_tag_contact_id_tag_id")),
    )
    op.create_index("ix_contact_tag_tag_id", "contact_tag", ["tag_id", "contact_id"], unique=False)


def downgrade() -> None:
    op.drop_table("contact_tag")
    op.drop_table("tag")
    op.drop_table("address_change")
    for name in ("language_set", "zone_set"):
        op.drop_column("contact", name)
    op.execute("UPDATE address SET kind = 'whatsapp' WHERE kind = 'whatsapp-id'")
    op.execute("UPDATE address SET state = 'unreachable' WHERE state IN ('opted_out', 'closed')")
    _vocabularies(KINDS, STATES, adding=False)


def _vocabularies(kinds: tuple[str, ...], states: tuple[str, ...], *, adding: bool) -> None:
    """Let the two closed vocabularies of an address be these. Nothing refers to addresses, so SQLite may rewrite them."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("address", recreate="always" if sqlite else "auto") as batch_op:
        for column, name, words in (("kind", "addresskind", kinds), ("state", "addressstate", states)):
            said = ", ".join(f"'{word}'" for word in words)
            if not sqlite:  # which forgets its conditions by itself when it rewrites a table
                batch_op.drop_constraint(op.f(f"ck_address_{name}"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_address_{name}"), sa.text(f"{column} IN ({said})"))
        if adding:
            batch_op.add_column(sa.Column("spelled", sa.String(), nullable=False, server_default=""))
        else:
            batch_op.drop_column("spelled")
