"""The first schema: landing, structure, work, people, oversight.

Every constraint is named by the convention of `portfolio.model.base`. Types are written out here, not imported from the
model: this step must stay what it was when the model moves on.
"""

# ruff: noqa: PLR0915 - one statement per table

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

# In order of creation: each table stands after those it refers to.
TABLES = (
    "calendar",
    "connection",
    "kpi_value",
    "user",
    "cursor",
    "holiday",
    "awaited_name",
    "lease",
    "mapping_profile",
    "person",
    "quarantine",
    "raw_record",
    "sprint",
    "stored_secret",
    "sync_run",
    "team",
    "unmapped_value",
    "objective",
    "person_identity",
    "portfolio",
    "sync_run_stream",
    "team_member",
    "time_off",
    "program",
    "project",
    "allocation",
    "baseline",
    "objective_project",
    "project_ref",
    "status_update",
    "work_item",
    "baseline_item",
    "dependency",
    "field_change",
    "item_assignee",
    "item_project",
    "item_sprint",
    "item_version",
    "milestone",
    "transition",
    "worklog",
)


def upgrade() -> None:
    op.create_table(
        "calendar",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("workdays", sa.String(), nullable=False),
        sa.Column("hours_per_day", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendar"),
        sa.UniqueConstraint("name", name="uq_calendar_name"),
    )
    op.create_table(
        "connection",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tracker", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("settings", sa.String(), nullable=False),
        sa.Column("secret_ref", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_connection"),
        sa.UniqueConstraint("name", name="uq_connection_name"),
    )
    op.create_table(
        "kpi_value",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("scope_type", sa.String(), nullable=False),
        sa.Column("scope_id", BIG, nullable=False),
        sa.Column("kpi", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("numerator", sa.Double(), nullable=True),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("rag", sa.String(), nullable=False),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kpi_value"),
        sa.UniqueConstraint(
            "scope_type", "scope_id", "kpi", "as_of", name="uq_kpi_value_scope_type_scope_id_kpi_as_of"
        ),
    )
    op.create_index("ix_kpi_value_kpi_as_of", "kpi_value", ["kpi", "as_of"], unique=False)
    op.create_table(
        "user",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_sign_in_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("name", name="uq_user_name"),
    )
    op.create_table(
        "cursor",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("slice", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=True),
        sa.Column("watermark", INSTANT, nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("run_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_cursor_connection_id_connection"),
        sa.PrimaryKeyConstraint("connection_id", "stream", "slice", name="pk_cursor"),
    )
    op.create_table(
        "holiday",
        sa.Column("calendar_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fraction", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name="fk_holiday_calendar_id_calendar"),
        sa.PrimaryKeyConstraint("calendar_id", "day", name="pk_holiday"),
    )
    op.create_table(
        "awaited_name",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_awaited_name_connection_id_connection"),
        sa.PrimaryKeyConstraint("connection_id", "external_id", "subject", "name", name="pk_awaited_name"),
    )
    op.create_table(
        "lease",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_lease_connection_id_connection"),
        sa.PrimaryKeyConstraint("connection_id", name="pk_lease"),
    )
    op.create_table(
        "mapping_profile",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name="fk_mapping_profile_connection_id_connection"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mapping_profile"),
        sa.UniqueConstraint("connection_id", "version", name="uq_mapping_profile_connection_id_version"),
    )
    op.create_table(
        "person",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email_hash", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("fte", sa.Numeric(precision=5, scale=3), nullable=False),
        sa.Column("calendar_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name="fk_person_calendar_id_calendar"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_email_hash", "person", ["email_hash"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_quarantine_connection_id_connection"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint(
            "connection_id", "stream", "external_id", name="uq_quarantine_connection_id_stream_external_id"
        ),
    )
    op.create_table(
        "raw_record",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("landed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_raw_record_connection_id_connection"),
        sa.PrimaryKeyConstraint("id", name="pk_raw_record"),
        sa.UniqueConstraint(
            "connection_id", "stream", "external_id", name="uq_raw_record_connection_id_stream_external_id"
        ),
    )
    op.create_table(
        "sprint",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("start_at", INSTANT, nullable=True),
        sa.Column("end_at", INSTANT, nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_sprint_connection_id_connection"),
        sa.PrimaryKeyConstraint("id", name="pk_sprint"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_sprint_connection_id_external_id"),
    )
    op.create_table(
        "stored_secret",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_stored_secret_connection_id_connection"),
        sa.PrimaryKeyConstraint("connection_id", name="pk_stored_secret"),
    )
    op.create_table(
        "sync_run",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_sync_run_connection_id_connection"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_run"),
    )
    op.create_index("ix_sync_run_connection_id_started_at", "sync_run", ["connection_id", "started_at"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_team_connection_id_connection"),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_team_connection_id_external_id"),
    )
    op.create_table(
        "unmapped_value",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name="fk_unmapped_value_connection_id_connection"
        ),
        sa.PrimaryKeyConstraint("connection_id", "subject", "value", name="pk_unmapped_value"),
    )
    op.create_index(
        "ix_unmapped_value_connection_id_subject", "unmapped_value", ["connection_id", "subject"], unique=False
    )
    op.create_table(
        "objective",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_objective_connection_id_connection"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_objective_owner_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_objective"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_objective_connection_id_external_id"),
    )
    op.create_table(
        "person_identity",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email_hash", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("human", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name="fk_person_identity_connection_id_connection"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_identity_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_person_identity"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_person_identity_connection_id_external_id"),
    )
    op.create_index("ix_person_identity_person_id", "person_identity", ["person_id"], unique=False)
    op.create_table(
        "portfolio",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("fiscal_year_start_month", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_portfolio_owner_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_portfolio"),
        sa.UniqueConstraint("code", name="uq_portfolio_code"),
    )
    op.create_table(
        "sync_run_stream",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name="fk_sync_run_stream_run_id_sync_run"),
        sa.PrimaryKeyConstraint("run_id", "stream", name="pk_sync_run_stream"),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("share", sa.Numeric(precision=5, scale=3), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_team_member_person_id_person"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_team_member_team_id_team"),
        sa.PrimaryKeyConstraint("team_id", "person_id", name="pk_team_member"),
    )
    op.create_table(
        "time_off",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("fraction", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_time_off_connection_id_connection"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_time_off_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_time_off"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_time_off_connection_id_external_id"),
    )
    op.create_index("ix_time_off_person_id_start", "time_off", ["person_id", "start"], unique=False)
    op.create_table(
        "program",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("portfolio_id", BIG, nullable=True),
        sa.Column("manager_id", BIG, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name="fk_program_manager_id_person"),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name="fk_program_portfolio_id_portfolio"),
        sa.PrimaryKeyConstraint("id", name="pk_program"),
        sa.UniqueConstraint("code", name="uq_program_code"),
    )
    op.create_index("ix_program_portfolio_id", "program", ["portfolio_id"], unique=False)
    op.create_table(
        "project",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("portfolio_id", BIG, nullable=True),
        sa.Column("program_id", BIG, nullable=True),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("methodology", sa.String(), nullable=True),
        sa.Column("size", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("client", sa.String(), nullable=True),
        sa.Column("manager_id", BIG, nullable=True),
        sa.Column("sponsor_id", BIG, nullable=True),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("actual_start", sa.Date(), nullable=True),
        sa.Column("actual_finish", sa.Date(), nullable=True),
        sa.Column("reported_rag", sa.String(), nullable=True),
        sa.Column("reported_status", sa.String(), nullable=True),
        sa.Column("reported_at", INSTANT, nullable=True),
        sa.Column("budget", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("budget_currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name="fk_project_manager_id_person"),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name="fk_project_portfolio_id_portfolio"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_project_program_id_program"),
        sa.ForeignKeyConstraint(["sponsor_id"], ["person.id"], name="fk_project_sponsor_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_project"),
        sa.UniqueConstraint("code", name="uq_project_code"),
    )
    op.create_index("ix_project_manager_id", "project", ["manager_id"], unique=False)
    op.create_index("ix_project_portfolio_id", "project", ["portfolio_id"], unique=False)
    op.create_index("ix_project_program_id", "project", ["program_id"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("placeholder", sa.String(), nullable=True),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("hours_per_day", sa.Numeric(precision=8, scale=3), nullable=True),
        sa.Column("percent", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("total_hours", sa.Numeric(precision=10, scale=3), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_allocation_connection_id_connection"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_allocation_person_id_person"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_allocation_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_allocation"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_allocation_connection_id_external_id"),
    )
    op.create_index("ix_allocation_person_id", "allocation", ["person_id"], unique=False)
    op.create_index("ix_allocation_project_id", "allocation", ["project_id"], unique=False)
    op.create_table(
        "baseline",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_baseline_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_baseline"),
        sa.UniqueConstraint("project_id", "version", name="uq_baseline_project_id_version"),
    )
    op.create_table(
        "objective_project",
        sa.Column("objective_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["objective_id"], ["objective.id"], name="fk_objective_project_objective_id_objective"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_objective_project_project_id_project"),
        sa.PrimaryKeyConstraint("objective_id", "project_id", name="pk_objective_project"),
    )
    op.create_table(
        "project_ref",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("placed_portfolio_id", BIG, nullable=True),
        sa.Column("placed_program_id", BIG, nullable=True),
        sa.Column("deleted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_project_ref_connection_id_connection"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_project_ref_project_id_project"),
        sa.ForeignKeyConstraint(
            ["placed_portfolio_id"], ["portfolio.id"], name="fk_project_ref_placed_portfolio_id_portfolio"
        ),
        sa.ForeignKeyConstraint(["placed_program_id"], ["program.id"], name="fk_project_ref_placed_program_id_program"),
        sa.PrimaryKeyConstraint("id", name="pk_project_ref"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_project_ref_connection_id_external_id"),
    )
    op.create_index("ix_project_ref_project_id", "project_ref", ["project_id"], unique=False)
    op.create_table(
        "status_update",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("rag", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_status_update_author_id_person"),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_status_update_connection_id_connection"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_status_update_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_status_update"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_status_update_connection_id_external_id"),
    )
    op.create_index(
        "ix_status_update_project_id_created_at", "status_update", ["project_id", "created_at"], unique=False
    )
    op.create_table(
        "work_item",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("inherits_project", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mapped_kind", sa.String(), nullable=False),
        sa.Column("tracker_kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("approval", sa.String(), nullable=True),
        sa.Column("assignee_id", BIG, nullable=True),
        sa.Column("reporter_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("estimate_s", BIG, nullable=True),
        sa.Column("remaining_s", BIG, nullable=True),
        sa.Column("spent_s", BIG, nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("is_leaf", sa.Boolean(), nullable=False),
        sa.Column("parent_external_id", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("milestone_external_id", sa.String(), nullable=True),
        sa.Column("labels", sa.String(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", INSTANT, nullable=True),
        sa.Column("profile_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"], name="fk_work_item_assignee_id_person"),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_work_item_connection_id_connection"),
        sa.ForeignKeyConstraint(["parent_id"], ["work_item.id"], name="fk_work_item_parent_id_work_item"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_work_item_project_id_project"),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name="fk_work_item_reporter_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_work_item"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_work_item_connection_id_external_id"),
    )
    op.create_index("ix_work_item_assignee_id", "work_item", ["assignee_id"], unique=False)
    op.create_index("ix_work_item_connection_id_key", "work_item", ["connection_id", "key"], unique=False)
    op.create_index("ix_work_item_parent_id", "work_item", ["parent_id"], unique=False)
    op.create_index("ix_work_item_project_id_category", "work_item", ["project_id", "category"], unique=False)
    op.create_table(
        "baseline_item",
        sa.Column("baseline_id", BIG, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("finish", sa.Date(), nullable=True),
        sa.Column("estimate_s", BIG, nullable=True),
        sa.ForeignKeyConstraint(["baseline_id"], ["baseline.id"], name="fk_baseline_item_baseline_id_baseline"),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_baseline_item_item_id_work_item"),
        sa.PrimaryKeyConstraint("baseline_id", "item_id", name="pk_baseline_item"),
    )
    op.create_table(
        "dependency",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("tracker_type", sa.String(), nullable=False),
        sa.Column("from_external_id", sa.String(), nullable=False),
        sa.Column("to_external_id", sa.String(), nullable=False),
        sa.Column("from_item_id", BIG, nullable=True),
        sa.Column("to_item_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_dependency_connection_id_connection"),
        sa.ForeignKeyConstraint(["from_item_id"], ["work_item.id"], name="fk_dependency_from_item_id_work_item"),
        sa.ForeignKeyConstraint(["to_item_id"], ["work_item.id"], name="fk_dependency_to_item_id_work_item"),
        sa.PrimaryKeyConstraint("id", name="pk_dependency"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_dependency_connection_id_external_id"),
    )
    op.create_index("ix_dependency_from_item_id", "dependency", ["from_item_id"], unique=False)
    op.create_index("ix_dependency_to_item_id", "dependency", ["to_item_id"], unique=False)
    op.create_table(
        "field_change",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.Column("by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_field_change_item_id_work_item"),
        sa.PrimaryKeyConstraint("item_id", "seq", name="pk_field_change"),
    )
    op.create_table(
        "item_assignee",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_item_assignee_item_id_work_item"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_item_assignee_person_id_person"),
        sa.PrimaryKeyConstraint("item_id", "person_id", name="pk_item_assignee"),
    )
    op.create_table(
        "item_project",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("section", sa.String(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_item_project_item_id_work_item"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_item_project_project_id_project"),
        sa.PrimaryKeyConstraint("item_id", "project_id", name="pk_item_project"),
    )
    op.create_index("ix_item_project_project_id", "item_project", ["project_id"], unique=False)
    op.create_table(
        "item_sprint",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("sprint_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_item_sprint_item_id_work_item"),
        sa.ForeignKeyConstraint(["sprint_id"], ["sprint.id"], name="fk_item_sprint_sprint_id_sprint"),
        sa.PrimaryKeyConstraint("item_id", "sprint_id", name="pk_item_sprint"),
    )
    op.create_index("ix_item_sprint_sprint_id", "item_sprint", ["sprint_id"], unique=False)
    op.create_table(
        "item_version",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("estimate_s", BIG, nullable=True),
        sa.Column("remaining_s", BIG, nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("assignee_id", BIG, nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_item_version_item_id_work_item"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_item_version_project_id_project"),
        sa.PrimaryKeyConstraint("item_id", "valid_from", name="pk_item_version"),
    )
    op.create_index(
        "ix_item_version_project_span", "item_version", ["project_id", "valid_from", "valid_to"], unique=False
    )
    op.create_index("ix_item_version_valid_to", "item_version", ["valid_to"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("baseline", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_milestone_connection_id_connection"),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_milestone_item_id_work_item"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_milestone_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_milestone"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_milestone_connection_id_external_id"),
    )
    op.create_index("ix_milestone_item_id", "milestone", ["item_id"], unique=False)
    op.create_index("ix_milestone_project_id_due", "milestone", ["project_id", "due"], unique=False)
    op.create_table(
        "transition",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("from_status", sa.String(), nullable=False),
        sa.Column("to_status", sa.String(), nullable=False),
        sa.Column("from_category", sa.String(), nullable=False),
        sa.Column("to_category", sa.String(), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_transition_item_id_work_item"),
        sa.PrimaryKeyConstraint("item_id", "seq", name="pk_transition"),
    )
    op.create_table(
        "worklog",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("item_external_id", sa.String(), nullable=True),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("project_external_id", sa.String(), nullable=True),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=True),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_worklog_connection_id_connection"),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_worklog_item_id_work_item"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_worklog_person_id_person"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_worklog_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_worklog"),
        sa.UniqueConstraint("connection_id", "external_id", name="uq_worklog_connection_id_external_id"),
    )
    op.create_index("ix_worklog_item_id", "worklog", ["item_id"], unique=False)
    op.create_index("ix_worklog_person_id_work_date", "worklog", ["person_id", "work_date"], unique=False)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
