"""Readings that hold until they change, history that facts can be asked of alone, baselines, money, governance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import ColumnElement
from sqlalchemy.types import TypeEngine

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
MONEY = sa.Numeric(18, 2)

# In order of creation.
TABLES = (
    "roll_up",
    "history_due",
    "duty_lease",
    "milestone_version",
    "baseline_milestone",
    "cost_rate",
    "expense",
    "governance_change",
    "governance_setting",
    "rule_result",
    "waiver",
)
Column = tuple[str, TypeEngine[Any]]
ADDED: dict[str, tuple[Column, ...]] = {
    "project": (
        ("contingency", MONEY),
        ("contingency_currency", sa.String()),
        ("plan_rate", MONEY),
        ("plan_rate_currency", sa.String()),
        ("ev_method", sa.String()),
        ("rag_reason", sa.String()),
    ),
    "status_update": (("entered_by", sa.String()),),
    "work_item": (("parent_since", sa.Date()),),
    "item_version": (
        ("parent_from", sa.Date()),
        ("parent_to", sa.Date()),
        ("sprint", sa.String()),
        ("first_due", sa.Date()),
        ("reopened_on", sa.Date()),
        ("active_s", BIG),
        ("flow_s", BIG),
        ("lead_s", BIG),
    ),
    "sprint": (("start_on", sa.Date()), ("end_on", sa.Date())),
    "baseline": (
        ("proposed_at", INSTANT),
        ("decided_by", sa.String()),
        ("decided_at", INSTANT),
        ("change_item_id", BIG),
        ("plan_rate", MONEY),
        ("currency", sa.String()),
    ),
    "kpi_value": (
        ("currency", sa.String()),
        ("confidence", sa.String()),
        ("superseded_at", INSTANT),
        ("settings_number", sa.Integer()),
    ),
}
# With what the rows that are there already get.
FILLED: dict[str, tuple[tuple[str, TypeEngine[Any], str | ColumnElement[bool]], ...]] = {
    "item_version": (("created_on", sa.Date(), "1970-01-01"),),
    "baseline": (
        ("state", sa.String(), "approved"),
        ("proposed_by", sa.String(), ""),
        ("self_approved", sa.Boolean(), sa.false()),
    ),
    "kpi_value": (("until", sa.Date(), "9999-12-31"), ("origin", sa.String(), "observed")),
}
FACTS = (
    "project_id", "valid_to", "valid_from", "kind", "category", "parent_from", "parent_to", "flow", "due",
    "started_on", "finished_on", "created_on", "estimate_s", "remaining_s", "assignee_id", "synthetic",
    "first_due", "reopened_on", "active_s", "flow_s",
)  # fmt: skip
# Name, table, column, and the condition for the rows that are in it.
PARTIAL = (
    ("ix_item_version_sprint", "item_version", "sprint", "sprint IS NOT NULL"),
    ("ix_field_change_due", "field_change", "at", "field = 'due'"),
)
# Of an item that is no leaf today nobody noted since when: since its first child was there.
BROUGHT_UP = (
    "UPDATE work_item SET parent_since = created_on WHERE parent_id IS NOT NULL",
    """UPDATE item_version SET
         created_on = (SELECT work_item.created_on FROM work_item WHERE work_item.id = item_version.item_id),
         parent_from = (
           SELECT min(child.created_on) FROM work_item child
           WHERE child.parent_id = item_version.item_id AND child.deleted_at IS NULL AND child.kind <> 'heading'
         )""",
    "UPDATE item_version SET parent_to = '9999-12-31' WHERE parent_from IS NOT NULL",
    """UPDATE kpi_value SET until = coalesce((
         SELECT min(later.as_of) FROM kpi_value later
         WHERE later.scope_type = kpi_value.scope_type AND later.scope_id = kpi_value.scope_id
           AND later.kpi = kpi_value.kpi AND later.as_of > kpi_value.as_of
       ), until)""",
    "INSERT INTO roll_up (as_of, computed_at, origin)"
    " SELECT as_of, max(computed_at), 'observed' FROM kpi_value GROUP BY as_of",
)
# The instant of a change as a day of UTC: which time zone days are of, a database does not know.
DAY = {"sqlite": "date(substr(at, 1, 10))", "postgresql": "CAST(at AT TIME ZONE 'UTC' AS DATE)"}
# Until items are mapped again: without it, nothing would seem to have been put back.
PUT_BACK = """
    UPDATE item_version SET reopened_on = (
      SELECT min({day}) FROM transition
      WHERE transition.item_id = item_version.item_id AND {day} < item_version.valid_to
        AND from_category = 'done' AND to_category IN ('todo', 'in_progress')
    )"""
# All else that history tells is mapped again from what is landed: by the next run, whatever it is, and because it is
# asked for, without one. No profile has the version 0.
MAPPED_BY_NONE = "UPDATE work_item SET profile_version = 0, mapped_hash = NULL"
ASKED_FOR = """
    INSERT INTO run_request (connection_id, mode, asked_by, asked_at)
    SELECT DISTINCT connection_id, 'remap', 'upgrade', :now FROM work_item
    WHERE NOT EXISTS (SELECT 1 FROM run_request asked
                      WHERE asked.connection_id = work_item.connection_id AND asked.mode = 'remap')"""

# Going back: of each project only the approved baseline of the highest version is the current one.
OUT_OF_FORCE = """UPDATE baseline SET is_current = false
  WHERE state <> 'approved' OR EXISTS (
    SELECT 1 FROM baseline later
    WHERE later.project_id = baseline.project_id AND later.state = 'approved' AND later.version > baseline.version
  )"""


def upgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name, kind in columns:
                batch.add_column(sa.Column(name, kind, nullable=True))
            if table == "baseline":
                batch.create_foreign_key(
                    "fk_baseline_change_item_id_work_item", "work_item", ["change_item_id"], ["id"]
                )
    for table, filled in FILLED.items():
        with op.batch_alter_table(table) as batch:
            for name, kind, value in filled:
                batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:
            for name, _, _ in filled:
                batch.alter_column(name, server_default=None)
    with op.batch_alter_table("baseline") as batch:
        batch.drop_column("is_current")
    with op.batch_alter_table("status_update") as batch:
        batch.alter_column("connection_id", existing_type=BIG, nullable=True)
        batch.alter_column("external_id", existing_type=sa.String(), nullable=True)
    with op.batch_alter_table("kpi_value") as batch:
        batch.drop_constraint("uq_kpi_value_scope_type_scope_id_kpi_as_of", type_="unique")
        batch.drop_index("ix_kpi_value_kpi_as_of")
    counting = sa.text("superseded_at IS NULL")
    op.create_index(
        "uq_kpi_value_counting",
        "kpi_value",
        ["scope_type", "scope_id", "kpi", "as_of"],
        unique=True,
        sqlite_where=counting,
        postgresql_where=counting,
    )
    op.create_index(
        "ix_kpi_value_kpi_until_scope_type_scope_id", "kpi_value", ["kpi", "until", "scope_type", "scope_id"]
    )
    op.create_index("ix_kpi_value_scope_type_scope_id_as_of", "kpi_value", ["scope_type", "scope_id", "as_of"])
    _oversight()
    _work()
    _money()
    _governance()
    op.drop_index("ix_item_version_project_span", "item_version")
    put_back = PUT_BACK.format(day=DAY[op.get_bind().dialect.name])
    for statement in (*BROUGHT_UP, put_back, MAPPED_BY_NONE):
        op.execute(sa.text(statement))
    op.execute(sa.text(ASKED_FOR).bindparams(sa.bindparam("now", datetime.now(UTC), type_=INSTANT)))
    op.create_index("ix_item_version_facts", "item_version", list(FACTS))
    op.create_index("ix_worklog_project_id_work_date", "worklog", ["project_id", "work_date"])
    for index, table, column, condition in PARTIAL:
        rows = sa.text(condition)
        op.create_index(index, table, [column], sqlite_where=rows, postgresql_where=rows)


def _oversight() -> None:
    op.create_table(
        "roll_up",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", name="pk_roll_up"),
    )
    op.create_table(
        "history_due",
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name="pk_history_due"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_history_due_project_id_project"),
    )
    op.create_table(
        "duty_lease",
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("duty", name="pk_duty_lease"),
    )


def _work() -> None:
    op.create_table(
        "milestone_version",
        sa.Column("milestone_id", BIG, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("milestone_id", "valid_from", name="pk_milestone_version"),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name="fk_milestone_version_milestone_id_milestone"),
    )
    op.create_table(
        "baseline_milestone",
        sa.Column("baseline_id", BIG, nullable=False),
        sa.Column("milestone_id", BIG, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("baseline_id", "milestone_id", name="pk_baseline_milestone"),
        sa.ForeignKeyConstraint(["baseline_id"], ["baseline.id"], name="fk_baseline_milestone_baseline_id_baseline"),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name="fk_baseline_milestone_milestone_id_milestone"
        ),
    )


def _money() -> None:
    op.create_table(
        "cost_rate",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cost_rate"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_cost_rate_person_id_person"),
    )
    op.create_index("ix_cost_rate_person_id_valid_from", "cost_rate", ["person_id", "valid_from"])
    op.create_index("ix_cost_rate_role_valid_from", "cost_rate", ["role", "valid_from"])
    op.create_table(
        "expense",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_expense"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_expense_project_id_project"),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_expense_item_id_work_item"),
    )
    op.create_index("ix_expense_project_id_spent_on", "expense", ["project_id", "spent_on"])
    op.create_index("ix_expense_item_id", "expense", ["item_id"])


def _governance() -> None:
    op.create_table(
        "governance_change",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_governance_change"),
    )
    op.create_table(
        "governance_setting",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("scope_type", sa.String(), nullable=False),
        sa.Column("scope_key", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=False),
        sa.Column("until_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_governance_setting"),
        sa.ForeignKeyConstraint(
            ["from_number"], ["governance_change.number"], name="fk_governance_setting_from_number_governance_change"
        ),
        sa.ForeignKeyConstraint(
            ["until_number"], ["governance_change.number"], name="fk_governance_setting_until_number_governance_change"
        ),
    )
    in_force = sa.text("until_number IS NULL")
    op.create_index(
        "uq_governance_setting_in_force",
        "governance_setting",
        ["kind", "key", "scope_type", "scope_key"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_table(
        "rule_result",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("observed", sa.String(), nullable=False),
        sa.Column("first_failed_on", sa.Date(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("in_grace", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.Column("settings_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rule_result"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_rule_result_project_id_project"),
    )
    op.create_index("uq_rule_result_rule_project_id_as_of", "rule_result", ["rule", "project_id", "as_of"], unique=True)
    op.create_index("ix_rule_result_until_project_id", "rule_result", ["until", "project_id"])
    op.create_index("ix_rule_result_project_id", "rule_result", ["project_id"])
    op.create_table(
        "waiver",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("compensating_control", sa.String(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_note", sa.String(), nullable=False),
        sa.Column("self_approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiver"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_waiver_project_id_project"),
    )
    op.create_index("ix_waiver_project_id_rule", "waiver", ["project_id", "rule"])


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    # The former readings stood for one day each: those that were restated have no place there.
    op.execute(sa.text("DELETE FROM kpi_value WHERE superseded_at IS NOT NULL"))
    for name in (
        "uq_kpi_value_counting",
        "ix_kpi_value_kpi_until_scope_type_scope_id",
        "ix_kpi_value_scope_type_scope_id_as_of",
    ):
        op.drop_index(name, "kpi_value")
    op.drop_index("ix_worklog_project_id_work_date", "worklog")
    for index, table, _, _ in PARTIAL:
        op.drop_index(index, table)
    op.drop_index("ix_item_version_facts", "item_version")
    op.create_index("ix_item_version_project_span", "item_version", ["project_id", "valid_from", "valid_to"])
    op.execute(sa.text("DELETE FROM status_update WHERE connection_id IS NULL"))
    with op.batch_alter_table("status_update") as batch:
        batch.alter_column("external_id", existing_type=sa.String(), nullable=False)
        batch.alter_column("connection_id", existing_type=BIG, nullable=False)
    with op.batch_alter_table("baseline") as batch:
        batch.drop_constraint("fk_baseline_change_item_id_work_item", type_="foreignkey")
        batch.add_column(sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("baseline") as batch:
        batch.alter_column("is_current", server_default=None)
    op.execute(sa.text(OUT_OF_FORCE))
    for table in {**ADDED, **FILLED}:
        with op.batch_alter_table(table) as batch:
            for name in (*_names(ADDED.get(table, ())), *_names(FILLED.get(table, ()))):
                batch.drop_column(name)
    with op.batch_alter_table("kpi_value") as batch:
        batch.create_unique_constraint(
            "uq_kpi_value_scope_type_scope_id_kpi_as_of", ["scope_type", "scope_id", "kpi", "as_of"]
        )
        batch.create_index("ix_kpi_value_kpi_as_of", ["kpi", "as_of"])


def _names(columns: Sequence[tuple[Any, ...]]) -> list[str]:
    return [column[0] for column in columns]
