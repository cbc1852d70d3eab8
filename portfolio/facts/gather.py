"""All that KPIs ask of projects, gathered in a fixed number of queries whatever the number of projects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from portfolio.calendar import WorkCalendar, load_calendar
from portfolio.facts.durations import Finished, Running, finished, running, teams
from portfolio.facts.milestones import MilestoneDates, milestones
from portfolio.facts.numbers import numbers
from portfolio.facts.overlay import Doubled, doubled
from portfolio.facts.plan import Plan, plans
from portfolio.facts.reports import last_reports, last_syncs
from portfolio.model.structure import Project


@dataclass(frozen=True)
class Day:
    """The day that is asked about, the time it is now, and which days are worked."""

    as_of: date
    now: datetime
    calendar: WorkCalendar = field(default_factory=WorkCalendar)

    @property
    def is_past(self) -> bool:
        """Whether the day is over: what is only known of the present cannot be said of it."""
        return self.as_of < self.now.date()


@dataclass(frozen=True)
class ProjectFacts:
    """The facts of one project, or of several taken together (see `pool`). `numbers` is empty without any items."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    finished: tuple[Finished, ...] = ()
    running: tuple[Running, ...] = ()
    people_at_work: int = 0
    first_day: date | None = None
    milestones: tuple[MilestoneDates, ...] = ()
    plan: Plan = field(default_factory=Plan)
    last_report: date | None = None
    fed: bool = False
    synced_at: datetime | None = None
    status: str = "active"
    actual_finish: date | None = None
    doubled: Doubled = field(default_factory=Doubled)

    def __getitem__(self, fact_name: str) -> int:
        return self.numbers.get(fact_name, 0)


def gather(connection: Connection, day: Day, project_ids: Collection[int] | None = None) -> dict[int, ProjectFacts]:
    """The facts of every project that something feeds (or of those given), also of those without any items."""
    as_of = day.as_of
    statement = select(Project.id, Project.status, Project.actual_finish).where(Project.fed)
    if project_ids is not None:
        statement = statement.where(Project.id.in_(project_ids))
    counted = numbers(connection, as_of, project_ids)
    done, going = finished(connection, as_of, project_ids), running(connection, as_of, project_ids)
    working = teams(connection, as_of, project_ids)
    dated = milestones(connection, as_of, project_ids)
    planned = plans(connection, as_of, project_ids)
    reported = last_reports(connection, as_of, day.now, project_ids)
    synced = last_syncs(connection, day.now, project_ids)
    both = doubled(connection, project_ids)
    return {
        project_id: ProjectFacts(
            numbers=counted.get(project_id, {}),
            finished=tuple(done.get(project_id, ())),
            running=tuple(going.get(project_id, ())),
            people_at_work=working[project_id].people if project_id in working else 0,
            first_day=working[project_id].first_day if project_id in working else None,
            milestones=tuple(dated.get(project_id, ())),
            plan=planned.get(project_id, Plan()),
            last_report=reported.get(project_id),
            fed=project_id in synced,
            synced_at=synced.get(project_id),
            status=status,
            actual_finish=actual_finish,
            doubled=both.get(project_id, Doubled()),
        )
        for project_id, status, actual_finish in connection.execute(statement)
    }


def pool(projects: Iterable[ProjectFacts]) -> ProjectFacts:
    """What can be said of several projects' items taken together, for figures that do not add up from readings.

    Numbers add up, samples of items are put together. People at work on two projects count in each. What belongs to
    one project only (plan, reports, syncs) is left out.
    """
    members = list(projects)
    totals: dict[str, int] = {}
    for member in members:
        for name, number in member.numbers.items():
            totals[name] = totals.get(name, 0) + number
    return ProjectFacts(
        numbers=totals,
        finished=tuple(row for member in members for row in member.finished),
        running=tuple(row for member in members for row in member.running),
        people_at_work=sum(member.people_at_work for member in members),
        first_day=min((member.first_day for member in members if member.first_day), default=None),
        milestones=tuple(row for member in members for row in member.milestones),
    )


def day_of(connection: Connection, as_of: date, now: datetime) -> Day:
    """The day with the portfolio's calendar from the database."""
    return Day(as_of, now, load_calendar(connection))


SOURCES: Mapping[str, Callable[..., Any]] = {
    "finished": finished,
    "running": running,
    "people_at_work": teams,
    "first_day": teams,
    "milestones": milestones,
    "plan": plans,
}
"""By which function the parts of `ProjectFacts` are gathered that are read from items, but for `numbers`."""
