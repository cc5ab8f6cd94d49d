"""Networks that close, leaders from when to when, people of organizations, and figures of large networks."""

import sqlalchemy as sa
from alembic import op

import contacts.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("list", "whatsapp-group")
INDEXES = (
    ("ix_membership_present", "membership", ["network_id", "role", "since", "id", "contact_id"], "until IS NULL"),
    ("ix_membership_since", "membership", ["network_id", "since", "until", "contact_id"], ""),
    ("ix_membership_until", "membership", ["network_id", "until", "contact_id"], "until IS NOT NULL"),
    (
        "ix_membership_brought",
        "membership",
        ["brought_by_id", "network_id", "contact_id"],
        "brought_by_id IS NOT NULL",
    ),
    ("ix_contact_organization_id", "contact", ["organization_id"], "organization_id IS NOT NULL"),
    ("ix_contact_erased", "contact", ["id"], "erased_at IS NOT NULL"),
)


def upgrade() -> None:
    op.add_column("network", sa.Column("closed_at", contacts.base.UtcDateTime(), nullable=True))
    op.add_column("membership", sa.Column("led_since", contacts.base.UtcDateTime(), nullable=True))
    for column in ("web", "notes"):
        op.add_column("organization", sa.Column(column, sa.String(), nullable=False, server_default=""))
    _kinds((*KINDS, "observers"), KINDS)
    op.execute("UPDATE organization SET kind = 'otro' WHERE kind = ''")
    op.create_table(
        "leadership",
        sa.Column("id", BIG, nullable=False),
        sa.Column("membership_id", BIG, nullable=False),
        sa.Column("since", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("until", contacts.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_leadership_membership_id_membership"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leadership")),
    )
    op.create_index(op.f("ix_leadership_membership_id"), "leadership", ["membership_id"])
    op.create_table(
        "affiliation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organization_id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_affiliation_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_affiliation_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
    )
    op.create_index("ix_affiliation_organization_id", "affiliation", ["organization_id", "until"])
    op.create_index("ix_affiliation_contact_id", "affiliation", ["contact_id"])
    op.create_index(
        "uq_affiliation_main",
        "affiliation",
        ["organization_id"],
        unique=True,
        sqlite_where=sa.text("main"),
        postgresql_where=sa.text("main"),
    )
    op.create_table(
        "network_figures",
        sa.Column("network_id", BIG, nullable=False, autoincrement=False),
        sa.Column("counted_at", contacts.base.UtcDateTime(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("leaders", sa.Integer(), nullable=False),
        sa.Column("countries", sa.Integer(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name=op.f("fk_network_figures_network_id_network"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("network_id", name=op.f("pk_network_figures")),
    )
    for name, table, columns, where in INDEXES:
        only = sa.text(where) if where else None
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name, table, _columns, _where in INDEXES:
        op.drop_index(name, table_name=table)
    for table in ("network_figures", "affiliation", "leadership"):
        op.drop_table(table)
    op.execute("UPDATE network SET kind = 'list' WHERE kind = 'observers'")
    _kinds(KINDS, (*KINDS, "observers"))
    for table, column in (
        ("organization", "notes"),
        ("organization", "web"),
        ("membership", "led_since"),
        ("network", "closed_at"),
    ):
        op.drop_column(table, column)


def _kinds(new: tuple[str, ...], old: tuple[str, ...]) -> None:
    """Let a network be of these kinds. SQLite's table is changed where it stands: written anew, it would be dropped
    first, and every membership with it."""
    said, says = (f"kind IN ({', '.join(repr(each) for each in kinds)})" for kinds in (old, new))
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_network_networkkind"), "network", type_="check")
        op.create_check_constraint(op.f("ck_network_networkkind"), "network", says)
        return
    version = op.get_bind().execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    changed = op.get_bind().execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :said, :says) WHERE type = 'table' AND name = 'network'"),
        {"said": said, "says": says},
    )
    assert changed.rowcount == 1
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
