"""Access: grants with scopes, second factors, tokens, the settings of the organisation, the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

# In order of creation.
TABLES = ("role_grant", "group_grant", "api_token", "setting", "audit_entry", "audit_anchor", "erasure")

APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER audit_entry_is_never_removed BEFORE DELETE ON audit_entry
WHEN OLD.id > (SELECT coalesce(max(entry_id), 0) FROM audit_anchor)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.id <= (SELECT coalesce(max(entry_id), 0) FROM audit_anchor) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'the audit log is append-only';
END $$""",
        """CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_is_append_only()""",
    ),
}


def upgrade() -> None:
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("origin", sa.String(), nullable=False, server_default="local"))
        table.add_column(sa.Column("subject", sa.String(), nullable=True))
        table.add_column(sa.Column("person_id", BIG, nullable=True))
        table.add_column(sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("totp_since", INSTANT, nullable=True))
        table.add_column(sa.Column("totp_step", BIG, nullable=False, server_default="0"))
        table.alter_column("password_hash", nullable=True)
        table.create_unique_constraint("uq_user_subject", ["subject"])
        table.create_foreign_key("fk_user_person_id_person", "person", ["person_id"], ["id"])
    # In a batch of its own: SQLite copies the rows with the defaults that hold at the end of a batch.
    with op.batch_alter_table("user") as table:
        table.alter_column("origin", server_default=None)
        table.alter_column("totp_step", server_default=None)
    op.create_index("ix_user_person_id", "user", ["person_id"])
    _grants()
    _records()
    # Everybody keeps the role they had; a manager's projects are those the trackers name them for.
    op.execute(
        """INSERT INTO role_grant (user_id, role, scope_type, scope_id, segment, origin)
SELECT id, role, CASE WHEN role IN ('project_manager', 'program_manager') THEN 'own' ELSE 'all' END, 0, '', 'hand'
FROM "user" """
    )
    with op.batch_alter_table("user") as table:
        table.drop_column("role")
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def _grants() -> None:
    op.create_table(
        "role_grant",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope_type", sa.String(), nullable=False),
        sa.Column("scope_id", BIG, nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role_grant"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_role_grant_user_id_user"),
        sa.UniqueConstraint(
            "user_id",
            "role",
            "scope_type",
            "scope_id",
            "segment",
            "origin",
            name="uq_role_grant_user_id_role_scope_type_scope_id_segment_origin",
        ),
    )
    op.create_index("ix_role_grant_user_id", "role_grant", ["user_id"])
    op.create_table(
        "group_grant",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope_type", sa.String(), nullable=False),
        sa.Column("scope_id", BIG, nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_group_grant"),
        sa.UniqueConstraint(
            "group",
            "role",
            "scope_type",
            "scope_id",
            "segment",
            name="uq_group_grant_group_role_scope_type_scope_id_segment",
        ),
    )


def _records() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("permits", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_api_token_user_id_user"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("token_id", BIG, nullable=True),
        sa.Column("network", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=True),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_user_id_at", "audit_entry", ["user_id", "at"])
    op.create_index("ix_audit_entry_subject_type_subject_id_at", "audit_entry", ["subject_type", "subject_id", "at"])
    op.create_table(
        "erasure",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.Column("cleaned_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "external_id", name="pk_erasure"),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_erasure_connection_id_connection"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_erasure_person_id_person"),
    )
    op.create_index("ix_erasure_person_id", "erasure", ["person_id"])
    op.create_table(
        "audit_anchor",
        sa.Column("entry_id", BIG, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("removed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_audit_anchor"),
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        if name == "role_grant":
            continue
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_is_append_only()")
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("role", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("user") as table:
        table.alter_column("role", server_default=None)
    # One role a user: the first they were given.
    op.execute(
        """UPDATE "user" SET role = coalesce((SELECT g.role FROM role_grant g WHERE g.user_id = "user".id
ORDER BY g.id LIMIT 1), '')"""
    )
    op.execute("""UPDATE "user" SET password_hash = '' WHERE password_hash IS NULL""")
    op.drop_table("role_grant")
    op.drop_index("ix_user_person_id", table_name="user")
    with op.batch_alter_table("user") as table:
        table.drop_constraint("fk_user_person_id_person", type_="foreignkey")
        table.drop_constraint("uq_user_subject", type_="unique")
        for name in ("origin", "subject", "person_id", "totp_secret", "totp_since", "totp_step"):
            table.drop_column(name)
        table.alter_column("password_hash", nullable=False)
