"""The rows predicates ask about."""

from __future__ import annotations

from sqlalchemy import Integer, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from portfolio.facts.earned import logged_on
from portfolio.facts.gather import Day
from portfolio.facts.milestones import is_listed
from portfolio.facts.objectives import links, stands
from portfolio.facts.states import I, V, at
from portfolio.governance.predicates.declare import Source
from portfolio.governance.rules import Step
from portfolio.model.base import FAR
from portfolio.model.finance import Expense
from portfolio.model.governance import RuleResult, Waiver
from portfolio.model.landing import Connection as Tracker
from portfolio.model.oversight import KpiValue
from portfolio.model.people import Allocation
from portfolio.model.resources import PlannedLoad
from portfolio.model.structure import Objective, Project, ProjectRef
from portfolio.model.work import Baseline, Milestone, WorkItem, Worklog

LOGGED_ON = aliased(WorkItem, name="logged_on")
_P = Project.__table__


def items(day: Day) -> Source:
    """Items as they stand on the day."""
    return Source("item", at(select(V.project_id), day.as_of), V.project_id, I.key, I.title, I.url, V.due)


def projects() -> Source:
    """The projects themselves."""
    return Source("project", select(Project.id), _P.c.id, _P.c.code, _P.c.name)


def milestones() -> Source:
    """Dated points of projects, but for cancelled ones."""
    rows = select(Milestone.id).where(Milestone.project_id.is_not(None), Milestone.cancelled.is_(False), is_listed())
    own = Milestone.__table__.c
    return Source("milestone", rows, own.project_id, own.name, url=own.url, day=own.due)


def objectives(day: Day) -> Source:
    """Objectives that stand, and that projects serve with some strength."""
    served = links(day.as_of)
    joined = select(Objective.id).join(served, served.c.objective_id == Objective.id)
    rows = joined.where(served.c.strength >= 1, stands(day.as_of))
    return Source("objective", rows, served.c.project_id, Objective.__table__.c.title)


def expenses(day: Day) -> Source:
    """Money that was spent beside work."""
    own = Expense.__table__.c
    rows = select(Expense.id).where(Expense.state == "actual", Expense.spent_on <= day.as_of)
    title = cast(own.amount, String) + " " + own.currency
    return Source("expense", rows, own.project_id, own.kind, title, own.receipt, own.spent_on)


def worklogs(day: Day) -> Source:
    """Time that was logged and counts (`logged_on`), by the item it was logged on. Never by whom."""
    own = Worklog.__table__.c
    project_id = func.coalesce(own.project_id, LOGGED_ON.project_id)
    rows = select(Worklog.id).outerjoin(LOGGED_ON, LOGGED_ON.id == Worklog.item_id)
    rows = rows.join(Project, Project.id == project_id)
    counting = rows.where(logged_on(day.as_of))
    name, title = func.coalesce(LOGGED_ON.key, ""), func.coalesce(LOGGED_ON.title, "")
    return Source("worklog", counting, project_id, name, title, LOGGED_ON.url, own.work_date)


def loads() -> Source:
    """Weeks of persons whom a project asks for, by how full they are. Never whose they are."""
    own = PlannedLoad.__table__.c
    rows = select(PlannedLoad.person_id).join(Project, Project.id == PlannedLoad.project_id)
    percent = cast(cast(func.round(own.load * 100), Integer), String) + "%"
    return Source("load", rows, own.project_id, func.coalesce(percent, ""), day=own.week)


def bookings(day: Day) -> Source:
    """Proposed bookings that are not over, and of which it is known when they were made. Never of whom they are."""
    own = Allocation.__table__.c
    rows = select(Allocation.id).where(
        Allocation.kind == "soft", Allocation.end >= day.as_of, Allocation.booked_at.is_not(None)
    )
    return Source(
        "booking", rows, own.project_id, cast(own.id, String), func.coalesce(own.placeholder, ""), day=own.start
    )


def baselines(day: Day) -> Source:
    """Baselines that were approved."""
    own = Baseline.__table__.c
    rows = select(Baseline.id).where(Baseline.state == "approved", Baseline.taken_on <= day.as_of)
    return Source("baseline", rows, own.project_id, cast(own.version, String), own.reason, day=own.taken_on)


def expired_waivers() -> Source:
    """The last approved waiver of each rule and project, with what the rule found when it was last run.

    Not of rules that ask for waivers themselves: those are not settled when this is asked.
    """
    own, later = Waiver.__table__.c, aliased(Waiver)
    newer = select(later.id).where(
        later.project_id == Waiver.project_id,
        later.rule == Waiver.rule,
        later.state == "approved",
        or_(later.valid_to > Waiver.valid_to, and_(later.valid_to == Waiver.valid_to, later.id > Waiver.id)),
    )
    found = and_(RuleResult.rule == Waiver.rule, RuleResult.project_id == Waiver.project_id, RuleResult.until == FAR)
    rows = select(Waiver.id).join(RuleResult, and_(found, RuleResult.step < Step.OF_WAIVERS))
    rows = rows.where(Waiver.state == "approved", ~newer.correlate(Waiver).exists())
    return Source("expired_waiver", rows, own.project_id, own.rule, own.reason, day=own.valid_to)


def figures(day: Day) -> Source:
    """Readings of projects that hold on the day and have a value."""
    own = KpiValue.__table__.c
    rows = select(KpiValue.id).join(Project, Project.id == KpiValue.scope_id)
    standing = rows.where(
        KpiValue.scope_type == "project",
        KpiValue.as_of <= day.as_of,
        KpiValue.until > day.as_of,
        KpiValue.superseded_at.is_(None),
    )
    return Source("figure", standing, own.scope_id, own.kpi, day=own.as_of)


def feeds() -> Source:
    """The connections that feed projects, a row for each of the tracker's projects."""
    own = ProjectRef.__table__.c
    rows = select(ProjectRef.id).join(Tracker, Tracker.id == ProjectRef.connection_id)
    alive = rows.where(ProjectRef.deleted_at.is_(None), ProjectRef.project_id.is_not(None))
    return Source("feed", alive, own.project_id, Tracker.__table__.c.name, own.name, literal(None))
