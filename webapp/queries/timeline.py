"""What the timeline shows of projects: their dates and what they are held against. A fixed number of statements,
however many projects there are; nothing is computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.facts.baselined import in_force
from portfolio.facts.gather import Day
from portfolio.facts.milestones import is_listed
from portfolio.model.structure import Project
from portfolio.model.work import Baseline, BaselineItem, Milestone
from webapp.queries.milestones import MilestoneLine, milestones_of
from webapp.queries.portfolio import GroupLine, ProjectLine
from webapp.queries.readings import newest_of
from webapp.queries.tree import Table
from webapp.timeline.rows import Dates

HALF, LIKELY = "FLW-09-P50", "FLW-09"
"""The forecasts of the day on which all open work of a project is done, 50 and 85 % likely."""


@dataclass(frozen=True)
class Listed:
    """A project and what it stands below: its program, else its portfolio, None where it has neither."""

    project: ProjectLine
    group: GroupLine | None


@dataclass(frozen=True)
class Plan:
    """What the dates of a project are held against, as far as the viewer may see it, and its milestones in order.

    `half` and `likely`: by when its open work is done with 50 and 85 %.
    """

    baseline: date | None
    half: date | None
    likely: date | None
    milestones: tuple[MilestoneLine, ...]


def listed(table: Table) -> tuple[Listed, ...]:
    """The projects of a whole tree, program by program, or of a list."""
    groups = {row.key: row.line for row in table.rows if row.kind != "project"}
    found = []
    for row in table.rows:
        if isinstance(row.line, ProjectLine):
            group = groups.get(row.parent)
            found.append(Listed(row.line, group if isinstance(group, GroupLine) else None))
    return tuple(found)


def dates_of(connection: Connection, viewer: Viewer) -> Mapping[int, Dates]:
    """The dates of every project in sight, by id."""
    day = func.coalesce(Milestone.finished_on, Milestone.due)
    points = (
        select(Milestone.project_id, func.min(day).label("first"), func.max(day).label("last"))
        .where(Milestone.cancelled.is_(False), is_listed())
        .group_by(Milestone.project_id)
        .subquery()
    )
    found = connection.execute(
        select(Project.id, Project.start, Project.due, points.c.first, points.c.last)
        .outerjoin(points, points.c.project_id == Project.id)
        .where(seen(Project.__table__.c.id, viewer))
    )
    return {project_id: Dates(*days) for project_id, *days in found}


def plans_of(
    connection: Connection, project_ids: Collection[int], viewer: Viewer, day: Day, figures: date | None
) -> Mapping[int, Plan]:
    """What these projects are held against on the day, with the forecasts of the day of `figures`."""
    points: dict[int, list[MilestoneLine]] = defaultdict(list)
    for point in milestones_of(connection, project_ids, day):
        if point.state != "cancelled":
            points[point.project_id].append(point)
    baselines = _baselines(connection, project_ids, viewer, day.as_of)
    scopes = [("project", project_id) for project_id in project_ids]
    readings = newest_of(connection, figures, scopes, viewer, (HALF, LIKELY)) if figures else {}

    def forecast(project_id: int, kpi: str) -> date | None:
        reading = readings.get(("project", project_id), {}).get(kpi)
        return None if reading is None or reading.value is None else date.fromordinal(int(reading.value))

    return {
        project_id: Plan(
            baselines.get(project_id),
            forecast(project_id, HALF),
            forecast(project_id, LIKELY),
            tuple(points[project_id]),
        )
        for project_id in project_ids
    }


def _baselines(
    connection: Connection, project_ids: Collection[int], viewer: Viewer, day: date
) -> Mapping[int, date | None]:
    """The last day planned in the baseline in force on the day, of each project whose baselines the viewer may see."""
    found = connection.execute(
        select(Baseline.project_id, func.max(BaselineItem.finish))
        .join(BaselineItem, BaselineItem.baseline_id == Baseline.id)
        .where(Baseline.project_id.in_(project_ids), in_force(day))
        .where(seen(Baseline.__table__.c.project_id, viewer, Capability.BASELINES, Right.VIEW))
        .group_by(Baseline.project_id)
    )
    return {row[0]: row[1] for row in found}
