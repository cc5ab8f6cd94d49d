"""An index to search people by, and what lists and counts of a million need."""

import sqlalchemy as sa
from alembic import op

from contacts import search_index

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PRESENT = sa.text("erased_at IS NULL AND merged_into_id IS NULL")
LIVING = sa.text("erased_at IS NULL")
CARD = ["country", "city", "language", "organization_id", "created_at"]


def upgrade() -> None:
    for name in ("country", "city"):
        op.drop_index(f"ix_contact_{name}", "contact")
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("contact", "search_text", type_=sa.String(collation="C"))
    for name, columns in (("listed", ["search_text", "id", "country"]), ("card", CARD), ("city", ["city"])):
        keys = [*columns, "erased_at", "merged_into_id"]
        op.create_index(f"ix_contact_{name}", "contact", keys, sqlite_where=PRESENT, postgresql_where=PRESENT)
    op.create_index("ix_membership_contact_id", "membership", ["contact_id"])
    search_index.install(op.get_bind())
    search_index.renew(op.get_bind())


def downgrade() -> None:
    search_index.remove(op.get_bind())
    op.drop_index("ix_membership_contact_id", "membership")
    for name in ("city", "card", "listed"):
        op.drop_index(f"ix_contact_{name}", "contact")
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("contact", "search_text", type_=sa.String(collation="default"))
    for name in ("country", "city"):
        op.create_index(f"ix_contact_{name}", "contact", [name], sqlite_where=LIVING, postgresql_where=LIVING)
