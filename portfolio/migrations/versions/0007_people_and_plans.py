"""What persons can, whose team they are in from when to when, who is asked for, bookings made here, and what if; and
working hours that hold from a day on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What facts read, in the order in which they ask.
ASKED = ("project_id", "category", "valid_to", "valid_from", "kind")
ASKED_BEFORE = ("project_id", "valid_to", "valid_from", "kind", "category")
READ = (
    "parent_from", "parent_to", "flow", "due", "started_on", "finished_on", "created_on", "estimate_s", "remaining_s",
    "assignee_id", "synthetic", "first_due", "reopened_on", "active_s", "flow_s",
)  # fmt: skip
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
# Who is in a team was in it for all time; going back, whoever is in it today.
DATED = """
    INSERT INTO team_member_new (team_id, person_id, share, valid_from, valid_to)
    SELECT team_id, person_id, share, CAST(:ever AS DATE), CAST(:far AS DATE) FROM team_member"""
EVER, FAR = date.min, date(9999, 12, 31)
DATED_SQLITE = DATED.replace("CAST(:ever AS DATE), CAST(:far AS DATE)", ":ever, :far")
UNDATED = """
    INSERT INTO team_member_new (team_id, person_id, share)
    SELECT team_id, person_id, share FROM team_member WHERE valid_from <= CURRENT_DATE AND valid_to > CURRENT_DATE"""
OURS_SERVED = """
    DELETE FROM objective_project
    WHERE objective_id IN (SELECT id FROM objective WHERE connection_id IS NULL OR gone_at IS NOT NULL)"""
# What was only asked for is no booking; without its request it would look like one.
UNDECIDED = """
    DELETE FROM allocation
    WHERE request_id IN (SELECT id FROM resource_request WHERE state IN ('open', 'proposed'))"""


# Who was merged away before is known by the decision alone.
SPENT = """
    UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(person_id), 0) FROM person_decision))
    WHERE name = 'person'"""


def _dated(name: str, *columns: sa.ColumnClause[object]) -> sa.TableClause:
    return sa.table(name, sa.column("valid_from", sa.Date()), sa.column("valid_to", sa.Date()), *columns)


CALENDAR = sa.table("calendar", sa.column("id"), sa.column("workdays"), sa.column("hours_per_day", sa.Numeric(5, 2)))
CALENDAR_HOURS = _dated("calendar_hours", sa.column("calendar_id"), sa.column("hours"))
WORKING_TIME = _dated("working_time", sa.column("minutes_per_day"), sa.column("overhead_percent"))
USUAL = {"minutes_per_day": 480, "overhead_percent": 20}
SETTING = sa.table("setting", *map(sa.column, ("name", "value", "changed_at")))


def upgrade() -> None:
    _number_persons(once=True)
    _skills()
    _requests()
    _objectives()
    _date_hours()
    op.create_table(
        "planned_load",
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("load", sa.Double(), nullable=True),
        sa.Column("over_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "person_id", "week", name="pk_planned_load"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_planned_load_project_id_project"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_planned_load_person_id_person"),
    )
    op.create_table(
        "scenario",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("operations", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scenario"),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name="fk_scenario_owner_id_user"),
        sa.UniqueConstraint("owner_id", "name", name="uq_scenario_owner_id_name"),
    )
    with op.batch_alter_table("allocation") as batch:
        batch.add_column(sa.Column("request_id", BIG, nullable=True))
        batch.add_column(sa.Column("booked_by_id", BIG, nullable=True))
        batch.add_column(sa.Column("booked_at", INSTANT, nullable=True))
        batch.create_foreign_key(
            "fk_allocation_request_id_resource_request", "resource_request", ["request_id"], ["id"]
        )
        batch.create_foreign_key("fk_allocation_booked_by_id_user", "user", ["booked_by_id"], ["id"])
        batch.create_index("ix_allocation_request_id", ["request_id"])
    _rule_steps()
    op.create_index("ix_sync_run_finished_at", "sync_run", ["finished_at"])
    op.add_column("person_terms", sa.Column("hours", sa.String(), nullable=True))
    op.add_column("work_item", sa.Column("role", sa.String(), nullable=True))
    op.add_column("baseline_item", sa.Column("points", sa.Double(), nullable=True))
    with op.batch_alter_table("baseline") as batch:
        batch.add_column(sa.Column("unit", sa.String(), nullable=False, server_default="hours"))
    with op.batch_alter_table("baseline") as batch:
        batch.alter_column("unit", server_default=None)
    with op.batch_alter_table("time_off") as batch:
        batch.add_column(sa.Column("origin", sa.String(), nullable=False, server_default="tracker"))
    with op.batch_alter_table("time_off") as batch:
        batch.alter_column("origin", server_default=None)
    _rebuild_members(
        [
            sa.Column("valid_from", sa.Date(), nullable=False),
            sa.Column("valid_to", sa.Date(), nullable=False),
        ],
        ["team_id", "person_id", "valid_from"],
        sa.text(DATED_SQLITE if op.get_bind().dialect.name == "sqlite" else DATED).bindparams(
            ever="0001-01-01", far="9999-12-31"
        ),
    )
    # Nothing asks when states end but of an item or of projects.
    op.drop_index("ix_item_version_valid_to", "item_version")
    _facts_by(ASKED)


def downgrade() -> None:
    _rule_steps_back()
    _facts_by(ASKED_BEFORE)
    op.create_index("ix_item_version_valid_to", "item_version", ["valid_to"])
    _rebuild_members(
        [],
        ["team_id", "person_id"],
        sa.text(UNDATED),
    )
    _undate_hours()
    _objectives_back()
    op.execute(UNDECIDED)
    with op.batch_alter_table("time_off") as batch:
        batch.drop_column("origin")
    op.drop_index("ix_sync_run_finished_at", "sync_run")
    op.drop_column("baseline", "unit")
    op.drop_column("baseline_item", "points")
    op.drop_column("work_item", "role")
    op.drop_column("person_terms", "hours")
    with op.batch_alter_table("allocation") as batch:
        batch.drop_index("ix_allocation_request_id")
        batch.drop_constraint("fk_allocation_booked_by_id_user", type_="foreignkey")
        batch.drop_constraint("fk_allocation_request_id_resource_request", type_="foreignkey")
        for name in ("booked_at", "booked_by_id", "request_id"):
            batch.drop_column(name)
    for name in ("planned_load", "scenario", "request_step", "resource_request", "role_skill", "person_skill"):
        op.drop_table(name)
    _number_persons(once=False)


def _objectives() -> None:
    with op.batch_alter_table("objective") as batch:
        for name in ("code", "period", "metric_name", "entered_by"):
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
        batch.add_column(sa.Column("weight", sa.Numeric(4, 3), nullable=True))
        for name in ("metric_target", "metric_current"):
            batch.add_column(sa.Column(name, sa.Numeric(18, 3), nullable=True))
        batch.add_column(sa.Column("parent_id", BIG, nullable=True))
        for name in ("entered_at", "gone_at"):
            batch.add_column(sa.Column(name, INSTANT, nullable=True))
        batch.create_unique_constraint("uq_objective_code", ["code"])
        batch.create_foreign_key("fk_objective_parent_id_objective", "objective", ["parent_id"], ["id"])
    op.create_table(
        "objective_link",
        sa.Column("objective_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("objective_id", "project_id", "valid_from", name="pk_objective_link"),
        sa.ForeignKeyConstraint(["objective_id"], ["objective.id"], name="fk_objective_link_objective_id_objective"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_objective_link_project_id_project"),
    )
    op.create_index("ix_objective_link_project_id", "objective_link", ["project_id"])


def _objectives_back() -> None:
    """What was made here, and goals that are gone, would look like goals that a tracker has."""
    op.drop_table("objective_link")
    op.execute("UPDATE objective SET parent_id = NULL")
    op.execute(OURS_SERVED)
    op.execute("DELETE FROM objective WHERE connection_id IS NULL OR gone_at IS NOT NULL")
    with op.batch_alter_table("objective") as batch:
        batch.drop_constraint("fk_objective_parent_id_objective", type_="foreignkey")
        batch.drop_constraint("uq_objective_code", type_="unique")
        for name in (
            "code", "period", "metric_name", "entered_by", "weight", "metric_target", "metric_current", "parent_id",
            "entered_at", "gone_at",
        ):  # fmt: skip
            batch.drop_column(name)


def _facts_by(asked: Sequence[str]) -> None:
    op.drop_index("ix_item_version_facts", "item_version")
    op.create_index("ix_item_version_facts", "item_version", [*asked, *READ])


def _number_persons(*, once: bool) -> None:
    """Whether the number of a person is never given again, as PostgreSQL does anyway."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("person", recreate="always", table_kwargs={"sqlite_autoincrement": once}):
            pass
        if once:
            op.execute(SPENT)


def _rule_steps() -> None:
    """When a rule is judged, in place of whether it counts in the score. The next run tells the later steps apart."""
    with op.batch_alter_table("rule_result") as batch:
        batch.add_column(sa.Column("step", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE rule_result SET step = 1 WHERE NOT counts")
    with op.batch_alter_table("rule_result") as batch:
        batch.alter_column("step", server_default=None)
        batch.drop_column("counts")


def _rule_steps_back() -> None:
    with op.batch_alter_table("rule_result") as batch:
        batch.add_column(sa.Column("counts", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE rule_result SET counts = (step = 0)")
    with op.batch_alter_table("rule_result") as batch:
        batch.alter_column("counts", server_default=None)
        batch.drop_column("step")


def _date_hours() -> None:
    """What calendars and the organisation say of working hours holds for all time: nobody said from which day on."""
    op.create_table(
        "calendar_hours",
        sa.Column("calendar_id", BIG, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", "valid_from", name="pk_calendar_hours"),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name="fk_calendar_hours_calendar_id_calendar"),
    )
    op.create_table(
        "working_time",
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("minutes_per_day", sa.Integer(), nullable=False),
        sa.Column("overhead_percent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("valid_from", name="pk_working_time"),
    )
    bind, ever = op.get_bind(), {"valid_from": EVER, "valid_to": FAR}
    for ident, workdays, hours in bind.execute(sa.select(*CALENDAR.c)).all():
        text = f"{Decimal(hours).normalize():f}"
        week = " ".join(text if digit == "1" else "0" for digit in workdays)
        bind.execute(CALENDAR_HOURS.insert().values(calendar_id=ident, hours=week, **ever))
    told = bind.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == "working_time"))
    if told is not None:
        bind.execute(WORKING_TIME.insert().values(**(USUAL | json.loads(told)), **ever))
        bind.execute(SETTING.delete().where(SETTING.c.name == "working_time"))
    for name in ("workdays", "hours_per_day"):
        op.drop_column("calendar", name)


def _undate_hours() -> None:
    """Going back, the hours of today are left: of days that differ the longest."""
    op.add_column("calendar", sa.Column("workdays", sa.String(), nullable=False, server_default="1111100"))
    op.add_column("calendar", sa.Column("hours_per_day", sa.Numeric(5, 2), nullable=False, server_default="8"))
    with op.batch_alter_table("calendar") as batch:
        for name in ("workdays", "hours_per_day"):
            batch.alter_column(name, server_default=None)
    bind = op.get_bind()
    for row in bind.execute(sa.select(*CALENDAR_HOURS.c).where(*_today(CALENDAR_HOURS))).all():
        hours = [Decimal(word) for word in row.hours.split()]
        told = {"workdays": "".join("1" if it else "0" for it in hours), "hours_per_day": max(hours)}
        bind.execute(CALENDAR.update().where(CALENDAR.c.id == row.calendar_id).values(**told))
    for row in bind.execute(sa.select(*WORKING_TIME.c).where(*_today(WORKING_TIME))).all():
        value = json.dumps({name: getattr(row, name) for name in USUAL})
        bind.execute(SETTING.insert().values(name="working_time", value=value, changed_at=sa.func.current_timestamp()))
    op.drop_table("working_time")
    op.drop_table("calendar_hours")


def _today(table: sa.TableClause) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.valid_from <= sa.func.current_date(), table.c.valid_to > sa.func.current_date()


def _skills() -> None:
    op.create_table(
        "person_skill",
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "skill", "valid_from", name="pk_person_skill"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_skill_person_id_person"),
    )
    op.create_table(
        "role_skill",
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("role", "skill", name="pk_role_skill"),
    )


def _requests() -> None:
    op.create_table(
        "resource_request",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("hours", sa.Numeric(10, 3), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resource_request"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_resource_request_project_id_project"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_resource_request_person_id_person"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name="fk_resource_request_asked_by_id_user"),
    )
    op.create_table(
        "request_step",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("over_hours", sa.Numeric(10, 3), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_request_step"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["resource_request.id"], name="fk_request_step_request_id_resource_request"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name="fk_request_step_by_id_user"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_request_step_person_id_person"),
    )
    for table, names in {
        "resource_request": ("project_id", "state", "person_id"),
        "request_step": ("request_id", "person_id"),
    }.items():
        for name in names:
            op.create_index(f"ix_{table}_{name}", table, [name])


def _rebuild_members(dates: list[sa.Column[object]], key: list[str], rows: sa.TextClause) -> None:
    """A key cannot be changed in place on both databases: the table is made anew beside the old one."""
    op.create_table(
        "team_member_new",
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("share", sa.Numeric(5, 3), nullable=False),
        *dates,
    )
    op.execute(rows)
    op.drop_table("team_member")
    op.rename_table("team_member_new", "team_member")
    with op.batch_alter_table("team_member") as batch:
        batch.create_primary_key("pk_team_member", key)
        batch.create_foreign_key("fk_team_member_team_id_team", "team", ["team_id"], ["id"])
        batch.create_foreign_key("fk_team_member_person_id_person", "person", ["person_id"], ["id"])
