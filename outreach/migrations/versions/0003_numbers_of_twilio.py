"""Only Twilio's numbers of messages are looked for: SendGrid's is one for a whole call."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD, NEW = sa.text("provider_id <> ''"), sa.text("channel = 'whatsapp' AND provider_id <> ''")


def upgrade() -> None:
    _replace(NEW)


def downgrade() -> None:
    _replace(OLD)


def _replace(where: sa.TextClause) -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_provider_id")
        batch_op.create_index(
            "ix_delivery_provider_id", ["provider_id"], unique=False, sqlite_where=where, postgresql_where=where
        )
