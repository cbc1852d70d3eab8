"""Structure: portfolios, programs, projects, and where a project lives in the trackers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class Portfolio(Base):
    """A set of programs and projects run for one purpose. `origin` is the tracker grouping it came from, if any."""

    __tablename__ = "portfolio"

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    currency: Mapped[str] = mapped_column(default="EUR")
    fiscal_year_start_month: Mapped[int] = mapped_column(default=1)


class Program(Base):
    """Related projects managed together."""

    __tablename__ = "program"

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    portfolio_id: Mapped[int | None] = mapped_column(ForeignKey("portfolio.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(default="active")
    start: Mapped[date | None]
    due: Mapped[date | None]


class Project(Base):
    """A project as the PMO knows it.

    `status`: proposed, active, on_hold, cancelled, closed. `reported_rag` (green, amber, red) is what the project says
    of itself; the computed colour is a KPI value, never stored here. `fed` is False while no source feeds the project:
    then it stands in no figure and on no page.
    """

    __tablename__ = "project"

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    portfolio_id: Mapped[int | None] = mapped_column(ForeignKey("portfolio.id"), index=True)
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id"), index=True)
    type: Mapped[str | None]
    phase: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active")
    methodology: Mapped[str | None]
    size: Mapped[str | None]
    segment: Mapped[str | None]
    client: Mapped[str | None]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    start: Mapped[date | None]
    due: Mapped[date | None]
    actual_start: Mapped[date | None]
    actual_finish: Mapped[date | None]
    reported_rag: Mapped[str | None]
    reported_status: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    budget: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    budget_currency: Mapped[str | None]
    contingency: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    contingency_currency: Mapped[str | None]
    plan_rate: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    plan_rate_currency: Mapped[str | None]
    ev_method: Mapped[str | None]
    rag_reason: Mapped[str | None]
    benefits_owner_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    fed: Mapped[bool] = mapped_column(default=True)


class ProjectRef(Base):
    """A source in a tracker that feeds one project. Identified by the tracker's immutable id, never by key or name.

    source: project, or what a project rule names besides: epic, component, label, section, portfolio, query; then
    `external_id` is made of it ("component:10000:web"). `within` is the tracker's project it is a part of, by id; None
    where it may hold items of several. `project_id` is None where a rule says that it feeds nothing. `is_primary`: its
    name, dates and lead are the project's. `own_project_id` is the project that a tracker's project feeds unless a rule
    says otherwise: made once, so that it is the same one when the rule is taken back.

    `placed_portfolio_id` and `placed_program_id` are the place the tracker last gave the project: what a project has
    beside them, a person gave it.
    """

    __tablename__ = "project_ref"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    url: Mapped[str]
    archived: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="project")
    is_primary: Mapped[bool] = mapped_column(default=True)
    within: Mapped[str | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    own_project_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("project.id"))
    placed_portfolio_id: Mapped[int | None] = mapped_column(ForeignKey("portfolio.id"))
    placed_program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id"))
    deleted_at: Mapped[datetime | None]


class StatusUpdate(Base):
    """A report of a project on itself. `rag` is None for words that are no colour (on hold, complete).

    One that was written here has no connection, and `entered_by` names who wrote it.
    """

    __tablename__ = "status_update"
    __table_args__ = (
        UniqueConstraint("connection_id", "external_id"),
        Index(None, "project_id", "created_at"),
    )

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str | None]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"))
    rag: Mapped[str | None]
    status: Mapped[str]
    title: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    entered_by: Mapped[str | None]


class Objective(Base):
    """A strategic objective: a goal of a tracker, or one made here (`connection_id` None).

    Of a goal the tracker tells title, owner, due day and status; everything else is said here. `period` is a quarter
    such as 2026-Q3, `weight` how much it counts beside the others of its period. `gone_at`: the tracker has the goal no
    more, and it is kept for what was said of it here. `entered_by` is who last said anything of it.
    """

    __tablename__ = "objective"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str | None]
    title: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due: Mapped[date | None]
    status: Mapped[str | None]
    code: Mapped[str | None] = mapped_column(unique=True)
    period: Mapped[str | None]
    weight: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    metric_name: Mapped[str | None]
    metric_target: Mapped[Decimal | None] = mapped_column(Numeric(18, 3))
    metric_current: Mapped[Decimal | None] = mapped_column(Numeric(18, 3))
    parent_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("objective.id"))
    entered_by: Mapped[str | None]
    entered_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]


class ObjectiveProject(Base):
    """Which projects serve an objective as trackers tell it, with strength 0 to 3. What was said here is beside it."""

    __tablename__ = "objective_project"

    objective_id: Mapped[int] = mapped_column(ForeignKey("objective.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    strength: Mapped[int] = mapped_column(default=1)


class ObjectiveLink(Base):
    """How strongly a project serves an objective, as somebody said here, from `valid_from` up to, not including,
    `valid_to`: 0 (not at all) to 3. On these days it counts before what a tracker tells. Those of a pair do not
    overlap.
    """

    __tablename__ = "objective_link"

    objective_id: Mapped[int] = mapped_column(BigInt, ForeignKey("objective.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True, index=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    strength: Mapped[int]
    reason: Mapped[str]
    said_by: Mapped[str]
    said_at: Mapped[datetime]
