"""Continuous sync: marks, absence, completeness, shared slices, rate budgets, schedules, webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

# In order of creation.
TABLES = (
    "absence",
    "hold",
    "slice_count",
    "slice_claim",
    "rate_budget",
    "schedule",
    "run_request",
    "webhook",
    "delivery",
)


def upgrade() -> None:
    _columns()
    _absence()
    _sharing()
    _webhooks()


def _columns() -> None:
    with op.batch_alter_table("raw_record") as table:
        table.add_column(sa.Column("slice", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("retired_at", INSTANT, nullable=True))
    with op.batch_alter_table("cursor") as table:
        table.drop_column("watermark")
        table.add_column(sa.Column("mark", sa.String(), nullable=True))
        table.add_column(sa.Column("next_mark", sa.String(), nullable=True))
    with op.batch_alter_table("sync_run") as table:
        table.add_column(sa.Column("cause", sa.String(), nullable=False, server_default="hand"))
        table.add_column(sa.Column("cancel_by", sa.String(), nullable=True))
    with op.batch_alter_table("sync_run_stream") as table:
        for name in ("retired", "slices", "slices_done"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("work_item") as table:
        table.add_column(sa.Column("gone", sa.String(), nullable=True))
    # In batches of their own: SQLite copies the rows with the defaults that hold at the end of a batch.
    with op.batch_alter_table("raw_record") as table:
        table.alter_column("slice", server_default=None)
    with op.batch_alter_table("sync_run") as table:
        table.alter_column("cause", server_default=None)
    with op.batch_alter_table("sync_run_stream") as table:
        for name in ("retired", "slices", "slices_done"):
            table.alter_column(name, server_default=None)


def _connection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=f"fk_{table}_connection_id_connection")


def _absence() -> None:
    op.create_table(
        "absence",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("observed_at", INSTANT, nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "stream", "external_id", name="pk_absence"),
        _connection("absence"),
    )
    op.create_table(
        "hold",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", name="pk_hold"),
        _connection("hold"),
    )
    op.create_table(
        "slice_count",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("slice", sa.String(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "slice", name="pk_slice_count"),
        _connection("slice_count"),
    )


def _sharing() -> None:
    op.create_table(
        "slice_claim",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("slice", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "stream", "slice", name="pk_slice_claim"),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name="fk_slice_claim_run_id_sync_run"),
    )
    op.create_table(
        "rate_budget",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("free_at", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("gap_s", sa.Double(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("throttled_at", sa.Double(), nullable=True),
        sa.Column("limit_told", sa.Integer(), nullable=True),
        sa.Column("remaining_told", sa.Integer(), nullable=True),
        sa.Column("reset_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", name="pk_rate_budget"),
        _connection("rate_budget"),
    )
    op.create_table(
        "schedule",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("cron", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("fired_at", INSTANT, nullable=True),
        sa.Column("again_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "mode", name="pk_schedule"),
        _connection("schedule"),
    )
    op.create_table(
        "run_request",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "mode", name="pk_run_request"),
        _connection("run_request"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.Column("last_delivery_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
        _connection("webhook"),
        sa.UniqueConstraint("connection_id", "resource", name="uq_webhook_connection_id_resource"),
        sa.UniqueConstraint("door", name="uq_webhook_door"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("named", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        _connection("delivery"),
        sa.UniqueConstraint("connection_id", "delivery_id", name="uq_delivery_connection_id_delivery_id"),
    )
    op.create_index("ix_delivery_connection_id_state", "delivery", ["connection_id", "state"])


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    with op.batch_alter_table("work_item") as table:
        table.drop_column("gone")
    with op.batch_alter_table("sync_run_stream") as table:
        for name in ("retired", "slices", "slices_done"):
            table.drop_column(name)
    with op.batch_alter_table("sync_run") as table:
        table.drop_column("cause")
        table.drop_column("cancel_by")
    with op.batch_alter_table("cursor") as table:
        table.drop_column("mark")
        table.drop_column("next_mark")
        table.add_column(sa.Column("watermark", INSTANT, nullable=True))
    with op.batch_alter_table("raw_record") as table:
        table.drop_column("slice")
        table.drop_column("retired_at")
