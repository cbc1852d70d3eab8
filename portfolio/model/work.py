"""Work: items as they are, items as they were, and what ties them together.

The history rule: `item_version` is at day grain. A version is the state at the end of each day from `valid_from` up to,
not including, `valid_to`; the current one ends on `FAR`. Days are days of the portfolio's time zone.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, LargeBinary, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey, partial

CATEGORIES = ("todo", "in_progress", "done", "cancelled")
KINDS = (
    "epic", "story", "task", "subtask", "bug", "milestone", "risk", "issue", "decision", "change_request",
    "deliverable", "acceptance", "action", "heading", "other",
)  # fmt: skip
"""What an item may be; `WorkItem.kind` says what they are."""


class WorkItem(Base):
    """An item as it stands. The tracker's own words stand beside what they were mapped to (`status` -> `category`).

    kind: epic, story, task, subtask, bug, milestone, risk, issue, decision, change_request, deliverable, acceptance,
    action, heading (a line of text between items: no work, in no figure), other. category: todo, in_progress, done,
    cancelled. flow: active, wait, blocked.
    `project_id` is the primary project; an item counts there once, wherever else it is shown (`item_project`). One in
    no project of its own (`inherits_project`) counts to its parent's. `home` is the tracker's project it is in, by
    id, and `source` what it counts by: that, or the narrower source that claims it (`project_ref.external_id`).
    `parent_since` is the day from which it hangs on the parent it has now. `mapped_kind` is what the profile says;
    `kind` is epic instead while other items name this one as theirs. An
    item with `deleted_at` is out of all figures and kept in history; `gone` says why: deleted, moved, archived,
    access_lost. `mapped_hash` is that of all that was written of the item, so that mapping it again to the same
    costs no write. `role` is the one that has to do it, which tells something where nobody is assigned.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("connection_id", "external_id"),
        Index(None, "connection_id", "key"),
        Index(None, "project_id", "category"),
        Index(None, "parent_id"),
        Index(None, "assignee_id"),
    )

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str]
    key: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    project_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("project.id"))
    inherits_project: Mapped[bool] = mapped_column(default=False)
    home: Mapped[str | None]
    source: Mapped[str | None]
    kind: Mapped[str]
    mapped_kind: Mapped[str] = mapped_column(default="")
    tracker_kind: Mapped[str]
    status: Mapped[str]
    category: Mapped[str]
    flow: Mapped[str] = mapped_column(default="active")
    priority: Mapped[str | None]
    resolution: Mapped[str | None]
    approval: Mapped[str | None]
    role: Mapped[str | None]
    assignee_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    reporter_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_on: Mapped[date]
    start: Mapped[date | None]
    due: Mapped[date | None]
    started_on: Mapped[date | None]
    finished_on: Mapped[date | None]
    estimate_s: Mapped[int | None] = mapped_column(BigInt)
    remaining_s: Mapped[int | None] = mapped_column(BigInt)
    spent_s: Mapped[int | None] = mapped_column(BigInt)
    points: Mapped[float | None]
    is_leaf: Mapped[bool] = mapped_column(default=True)
    parent_external_id: Mapped[str | None]
    parent_key: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("work_item.id"))
    parent_since: Mapped[date | None]
    milestone_external_id: Mapped[str | None]
    labels: Mapped[str] = mapped_column(default="")
    synthetic: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None]
    gone: Mapped[str | None]
    profile_version: Mapped[int] = mapped_column(default=1)
    mapped_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))


class ItemProject(Base):
    """Every project an item is shown in (Asana multi-homing)."""

    __tablename__ = "item_project"

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True, index=True)
    section: Mapped[str | None]
    is_primary: Mapped[bool]


class ItemClaim(Base):
    """A source that claims an item by something its own payload does not say: it hangs below an epic, a query finds it.

    Both by the tracker's id: a query may find an item before it is read. `source` is `project_ref.external_id`.
    """

    __tablename__ = "item_claim"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)


class ItemAssignee(Base):
    """Further assignees of an item, beside `work_item.assignee_id`."""

    __tablename__ = "item_assignee"

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)


class ItemVersion(Base):
    """What a KPI may ask of an item, as of the end of any day. See the history rule at the top of this file.

    `sprint` is the tracker's id of the one it is in. `first_due` is the first due date known by then. `reopened_on` is
    the day it was first put back from done. Of what is done: seconds from creation to finish (`lead_s`), those between
    start and finish in which it was open (`flow_s`), and those of them in which it was worked on (`active_s`).
    `created_on` is the item's, kept here so that facts need no other table. From `parent_from` up to, not including,
    `parent_to` other items hang on it: on these days it is no leaf. Settled after the items are there.
    """

    __tablename__ = "item_version"
    __table_args__ = (
        # All that facts read, so that they read nothing else. In the order in which they ask.
        Index(
            "ix_item_version_facts",
            "project_id", "category", "valid_to", "valid_from", "kind", "parent_from", "parent_to", "flow", "due",
            "started_on", "finished_on", "created_on", "estimate_s", "remaining_s", "assignee_id", "synthetic",
            "first_due", "reopened_on", "active_s", "flow_s",
        ),
        Index("ix_item_version_sprint", "sprint", **partial("sprint IS NOT NULL")),
    )  # fmt: skip

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    project_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("project.id"))
    kind: Mapped[str]
    category: Mapped[str]
    flow: Mapped[str]
    start: Mapped[date | None]
    due: Mapped[date | None]
    started_on: Mapped[date | None]
    finished_on: Mapped[date | None]
    estimate_s: Mapped[int | None] = mapped_column(BigInt)
    remaining_s: Mapped[int | None] = mapped_column(BigInt)
    points: Mapped[float | None]
    sprint: Mapped[str | None]
    assignee_id: Mapped[int | None] = mapped_column(BigInt)
    first_due: Mapped[date | None]
    reopened_on: Mapped[date | None]
    active_s: Mapped[int | None] = mapped_column(BigInt)
    flow_s: Mapped[int | None] = mapped_column(BigInt)
    lead_s: Mapped[int | None] = mapped_column(BigInt)
    synthetic: Mapped[bool]
    created_on: Mapped[date]
    parent_from: Mapped[date | None]
    parent_to: Mapped[date | None]


class Transition(Base):
    """One change of status, in order of `seq` within the item."""

    __tablename__ = "transition"

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    from_status: Mapped[str]
    to_status: Mapped[str]
    from_category: Mapped[str]
    to_category: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(BigInt)


class FieldChange(Base):
    """One change of due, start, estimate, remaining, points, assignee or project, as text values."""

    __tablename__ = "field_change"
    __table_args__ = (Index("ix_field_change_due", "at", **partial("field = 'due'")),)

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    field: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]
    by_id: Mapped[int | None] = mapped_column(BigInt)


class Dependency(Base):
    """A link between two items, oriented from predecessor to successor.

    type: FS, SS, FF, SF or relates. An end outside the portfolio keeps its external id and a null item id.
    """

    __tablename__ = "dependency"
    __table_args__ = (
        UniqueConstraint("connection_id", "external_id"),
        Index(None, "from_item_id"),
        Index(None, "to_item_id"),
    )

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str]
    type: Mapped[str]
    tracker_type: Mapped[str]
    from_external_id: Mapped[str]
    to_external_id: Mapped[str]
    from_item_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("work_item.id"))
    to_item_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("work_item.id"))


class Sprint(Base):
    """A time box of a board. state: future, active, closed. `start_on` and `end_on` are days of the portfolio's time
    zone: when it began, and when it was closed."""

    __tablename__ = "sprint"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    start_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]


class ItemSprint(Base):
    """The sprints an item is or was in; a sprint that is not visible to the account has no row here."""

    __tablename__ = "item_sprint"

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    sprint_id: Mapped[int] = mapped_column(BigInt, ForeignKey("sprint.id"), primary_key=True, index=True)


class Milestone(Base):
    """A dated point of a project: a milestone item, or a tracker milestone that is no item (Jira version).

    `baseline` is the first due date known, kept when `due` moves; never overwritten by a sync once set. None where only
    the day it was reached is known.
    """

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"), Index(None, "project_id", "due"))

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str]
    item_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("work_item.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("project.id"))
    name: Mapped[str]
    url: Mapped[str | None]
    baseline: Mapped[date | None]
    due: Mapped[date | None]
    finished_on: Mapped[date | None]
    cancelled: Mapped[bool] = mapped_column(default=False)


class MilestoneVersion(Base):
    """What was said of a milestone that is no item, as of the end of any day, by the history rule. Trackers keep no
    history of these: it begins on the day the milestone was first read. Milestone items have theirs in `item_version`.
    """

    __tablename__ = "milestone_version"

    milestone_id: Mapped[int] = mapped_column(BigInt, ForeignKey("milestone.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    due: Mapped[date | None]


class Worklog(Base):
    """Time spent on an item by a person on a day.

    `project_external_id` is the project the tracker names for it; where it names none, the one the item
    was in on the day counts.
    """

    __tablename__ = "worklog"
    __table_args__ = (
        UniqueConstraint("connection_id", "external_id"),
        Index(None, "item_id"),
        Index(None, "project_id", "work_date"),
        Index(None, "person_id", "work_date"),
    )

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str]
    item_external_id: Mapped[str | None]
    item_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("work_item.id"))
    project_external_id: Mapped[str | None]
    project_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("project.id"))
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    work_date: Mapped[date]
    seconds: Mapped[int] = mapped_column(BigInt)
    billable: Mapped[bool | None]
    rejected: Mapped[bool] = mapped_column(default=False)


class Baseline(Base):
    """A versioned snapshot of a project's plan. Never overwritten by a sync, never changed once approved.

    state: proposed, approved, rejected. The one in force on a day is the approved one with the highest version among
    those taken on or before it. `change_item_id` is the change request that asked for it. `plan_rate` is what an hour
    of planned effort is worth, in `currency`; None where the plan is in hours only. `unit` is what it is counted in
    (`portfolio.facts.units`): hours, points or items.
    """

    __tablename__ = "baseline"
    __table_args__ = (UniqueConstraint("project_id", "version"),)

    id: Mapped[PrimaryKey]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"))
    version: Mapped[int]
    taken_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="approved")
    reason: Mapped[str] = mapped_column(default="")
    proposed_by: Mapped[str] = mapped_column(default="")
    proposed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    self_approved: Mapped[bool] = mapped_column(default=False)
    change_item_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("work_item.id"))
    plan_rate: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str | None]
    unit: Mapped[str] = mapped_column(default="hours")


class BaselineItem(Base):
    """One leaf item of a baseline: which of estimate and points is its weight says the baseline's unit. Baselines taken
    before points were kept have none."""

    __tablename__ = "baseline_item"

    baseline_id: Mapped[int] = mapped_column(BigInt, ForeignKey("baseline.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    start: Mapped[date | None]
    finish: Mapped[date | None]
    estimate_s: Mapped[int | None] = mapped_column(BigInt)
    points: Mapped[float | None]


class BaselineMilestone(Base):
    """One dated point of a baseline, with the day it was due when the baseline was taken."""

    __tablename__ = "baseline_milestone"

    baseline_id: Mapped[int] = mapped_column(BigInt, ForeignKey("baseline.id"), primary_key=True)
    milestone_id: Mapped[int] = mapped_column(BigInt, ForeignKey("milestone.id"), primary_key=True)
    due: Mapped[date]
