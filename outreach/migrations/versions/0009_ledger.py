"""The ledger of consent: what was asked, until when, what shows it; notices by language; held by the database."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import contacts.base
from contacts import guarding

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = contacts.base.UtcDateTime()
DECISIONS = "decision IN ('granted', 'withdrawn', 'asked')"
KINDS = "evidence_kind IN ('formulario', 'respuesta', 'archivo', 'papel', 'enlace', 'nota')"
UNTIL = "until IS NULL OR decision <> 'withdrawn'"
ENDS = sa.text("until IS NOT NULL")
KEPT = "id, contact_id, channel, purpose, decision, source, notice_version, evidence, imported, at, recorded_by"
NEWEST = ["contact_id", "imported", "at", "id", "channel", "purpose", "decision"]


def upgrade() -> None:
    op.drop_index("ix_consent_entry_newest", "consent_entry")
    if op.get_bind().dialect.name == "sqlite":
        # What a decision may be is part of the table's text. No table refers to this one: it is written anew.
        _ledger("consent_entry_new", DECISIONS, later=True)
        op.execute(f"INSERT INTO consent_entry_new ({KEPT}) SELECT {KEPT} FROM consent_entry")  # noqa: S608
        _take_place("consent_entry")
    else:
        op.drop_constraint(op.f("ck_consent_entry_decision"), "consent_entry", type_="check")
        op.create_check_constraint(op.f("ck_consent_entry_decision"), "consent_entry", DECISIONS)
        for column in _later():
            op.add_column("consent_entry", column)
        op.create_check_constraint(op.f("ck_consent_entry_evidencekind"), "consent_entry", KINDS)
        op.create_check_constraint(op.f("ck_consent_entry_until"), "consent_entry", UNTIL)
    op.execute("UPDATE consent_entry SET evidence_kind = 'archivo' WHERE imported")
    op.execute("UPDATE consent_entry SET evidence_kind = 'enlace' WHERE source = 'enlace de baja'")
    op.execute("UPDATE consent_entry SET evidence_kind = 'respuesta' WHERE source LIKE '% por WhatsApp'")
    op.create_index("ix_consent_entry_newest", "consent_entry", [*NEWEST, "until"], unique=False)
    op.create_index(
        "ix_consent_entry_until", "consent_entry", ["until"], unique=False, sqlite_where=ENDS, postgresql_where=ENDS
    )
    op.create_index("ix_consent_entry_notice_version", "consent_entry", ["notice_version"], unique=False)
    _notices("notice_new", sa.Column("language", sa.String(), nullable=False))
    op.execute(
        "INSERT INTO notice_new (version, language, text, sha256, published_at)"
        " SELECT version, 'es', text, sha256, published_at FROM notice"
    )
    _take_place("notice")
    op.add_column("campaign", sa.Column("confirms", sa.Boolean(), nullable=False, server_default=sa.false()))
    guarding.guard(op.get_bind())


def downgrade() -> None:
    guarding.unguard(op.get_bind())
    op.drop_column("campaign", "confirms")
    _notices("notice_new")
    op.execute(
        "INSERT INTO notice_new (version, text, sha256, published_at)"
        " SELECT version, text, sha256, published_at FROM notice WHERE language = 'es'"
    )
    _take_place("notice")
    op.execute("DELETE FROM consent_entry WHERE decision = 'asked'")
    for index in ("notice_version", "until", "newest"):
        op.drop_index(f"ix_consent_entry_{index}", "consent_entry")
    before = "decision IN ('granted', 'withdrawn')"
    if op.get_bind().dialect.name == "sqlite":
        _ledger("consent_entry_new", before, later=False)
        op.execute(f"INSERT INTO consent_entry_new ({KEPT}) SELECT {KEPT} FROM consent_entry")  # noqa: S608
        _take_place("consent_entry")
    else:
        for of in ("until", "evidencekind", "decision"):
            op.drop_constraint(op.f(f"ck_consent_entry_{of}"), "consent_entry", type_="check")
        for column in _later():
            op.drop_column("consent_entry", column.name)
        op.create_check_constraint(op.f("ck_consent_entry_decision"), "consent_entry", before)
    op.create_index("ix_consent_entry_newest", "consent_entry", NEWEST, unique=False)


def _later() -> list[sa.Column[Any]]:
    return [
        sa.Column("evidence_kind", sa.String(length=24), nullable=False, server_default="nota"),
        sa.Column("evidence_file", sa.String(), nullable=False, server_default=""),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("asked_id", BIG, nullable=True),
    ]


def _ledger(name: str, decisions: str, *, later: bool) -> None:
    checks = {"channel": "channel IN ('correo', 'whatsapp', '*')", "decision": decisions}
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        *(_later() if later else []),
        *[
            sa.CheckConstraint(rule, name=op.f(f"ck_consent_entry_{of}"))
            for of, rule in (checks | ({"evidencekind": KINDS, "until": UNTIL} if later else {})).items()
        ],
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_consent_entry_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_entry")),
    )


def _notices(name: str, *language: sa.Column[Any]) -> None:
    if op.get_bind().dialect.name != "sqlite":  # a server knows the names of keys in the whole schema
        op.drop_constraint(op.f("pk_notice"), "notice", type_="primary")
    op.create_table(
        name,
        sa.Column("version", sa.String(), nullable=False),
        *language,
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version", *[each.name for each in language], name=op.f("pk_notice")),
    )


def _take_place(table: str) -> None:
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)
