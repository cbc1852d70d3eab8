"""All that KPIs ask of projects, gathered in a fixed number of queries whatever the number of projects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from portfolio.calendar import WorkCalendar, load_calendar
from portfolio.facts.acceptance import Accepted, acceptances
from portfolio.facts.changes import Changes, changes
from portfolio.facts.costs import Hours, hours
from portfolio.facts.durations import Finished, Running, finished, running, teams
from portfolio.facts.expenses import Spent, expenses
from portfolio.facts.findings import Found, findings
from portfolio.facts.growth import Growth, growth
from portfolio.facts.issues import Issues, issues
from portfolio.facts.kept import values_kept
from portfolio.facts.lifecycle import status_on
from portfolio.facts.mapped import unmapped
from portfolio.facts.milestones import MilestoneDates, milestones
from portfolio.facts.money import Money, money
from portfolio.facts.numbers import counted
from portfolio.facts.objectives import objectives
from portfolio.facts.over_days import Asked
from portfolio.facts.overlay import Doubled, doubled
from portfolio.facts.plan import Plan, plans
from portfolio.facts.reports import Report, last_reports, last_syncs, report_days
from portfolio.facts.required import Filled, required
from portfolio.facts.risks import Risks, risks
from portfolio.facts.samples import SOURCES as SAMPLED
from portfolio.facts.samples import Samples, samples, together
from portfolio.facts.staffed import Staffed
from portfolio.facts.units import IN_HOURS, POINTS, Units
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


RESIDUAL = "RSK-03"
EARLIER = timedelta(days=28)
"""How far back the exposure to risk is compared with what it was kept as."""


@dataclass(frozen=True)
class ProjectFacts:
    """The facts of one project, or of several taken together (see `pool`). `numbers` is empty without any items.

    What is known of the present only (due date, risks, acceptance, required fields, objectives) is empty for a past
    day. Size and method of earned value are settings of the present for every day. `status` is that of the day, as far
    as it is known (`status_on`).
    `exposure_before` is RSK-03 as it was kept four weeks ago. `objectives` are those the project serves, each with the
    computed colours of what serves it while active; None where the organisation keeps no objective. `computed` is the
    project's own colour, once it is known (`with_colour`). `findings` are what the rules found when they last ran.
    `staffed` are the hours of all persons, which only all projects together have.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    finished: tuple[Finished, ...] = ()
    running: tuple[Running, ...] = ()
    people_at_work: int = 0
    first_day: date | None = None
    milestones: tuple[MilestoneDates, ...] = ()
    plan: Plan = field(default_factory=Plan)
    growth: Growth | None = None
    hours: Hours = field(default_factory=Hours)
    spent: Spent = field(default_factory=Spent)
    changes: Changes = field(default_factory=Changes)
    last_report: Report | None = None
    report_days: frozenset[date] = frozenset()
    fed: bool = False
    synced_at: datetime | None = None
    status: str = "active"
    actual_finish: date | None = None
    due: date | None = None
    samples: Samples = field(default_factory=Samples)
    doubled: Doubled = field(default_factory=Doubled)
    size: str | None = None
    budget: Money | None = None
    contingency: Money | None = None
    risks: Risks = field(default_factory=Risks)
    exposure_before: tuple[float, str | None] | None = None
    issues: Issues = field(default_factory=Issues)
    accepted: Accepted = field(default_factory=Accepted)
    required: Filled = field(default_factory=Filled)
    objectives: Mapping[int, frozenset[str]] | None = None
    unmapped: int = 0
    computed: str | None = None
    findings: tuple[Found, ...] = ()
    staffed: Staffed | None = None

    def __getitem__(self, fact_name: str) -> int:
        return self.numbers.get(fact_name, 0)

    def with_colour(self, computed: str) -> ProjectFacts:
        """The same facts, knowing the colour that was computed of them."""
        lent = frozenset({computed} if self.status == "active" else ())
        served = None if self.objectives is None else dict.fromkeys(self.objectives, lent)
        return replace(self, computed=computed, objectives=served)


def gather(
    connection: Connection,
    day: Day,
    project_ids: Collection[int] | None = None,
    over: Asked | None = None,
    units: Units = IN_HOURS,
) -> dict[int, ProjectFacts]:
    """The facts of every project that something feeds (or of those given), also of those without any items.

    `over` are the days that are asked about with this one, of the same projects: what can be is read once for them all.
    `units` is what plans are counted in that have no baseline.
    """
    as_of = day.as_of
    over = over or Asked(connection, (as_of,), project_ids)
    statement = select(
        Project.id,
        status_on(as_of, is_past=day.is_past),
        Project.actual_finish,
        Project.due,
        Project.size,
        Project.budget,
        Project.budget_currency,
        Project.contingency,
        Project.contingency_currency,
    ).where(Project.fed)
    if project_ids is not None:
        statement = statement.where(Project.id.in_(project_ids))
    numbers = over.on(as_of, counted)
    done, going = finished(connection, as_of, project_ids), running(connection, as_of, project_ids)
    working = teams(connection, as_of, project_ids)
    dated = milestones(connection, as_of, project_ids)
    planned = plans(connection, as_of, project_ids, day.calendar, over, units)
    grown = growth(connection, as_of, project_ids)
    logged, spent = over.on(as_of, hours), over.on(as_of, expenses)
    requested = changes(connection, as_of, project_ids)
    reported = last_reports(connection, as_of, day.now, project_ids)
    synced = last_syncs(connection, day.now, project_ids)
    both = doubled(connection, project_ids)
    observed = samples(
        connection,
        as_of,
        project_ids,
        over=over,
        zone=day.now.tzinfo,
        calendar=day.calendar,
        is_past=day.is_past,
    )
    spoken = report_days(connection, as_of, day.now, project_ids)
    raised = issues(connection, as_of, project_ids)
    registered = {} if day.is_past else risks(connection, as_of, project_ids)
    before = values_kept(connection, RESIDUAL, as_of - EARLIER, project_ids)
    accepted = {} if day.is_past else acceptances(connection, as_of, project_ids)
    unknown = unmapped(connection, project_ids)
    filled = {} if day.is_past else required(connection, as_of, project_ids)
    judged = findings(connection, as_of, project_ids)
    served = None if day.is_past else objectives(connection, as_of, project_ids)
    return {
        project_id: ProjectFacts(
            numbers=numbers.get(project_id, {}),
            finished=tuple(done.get(project_id, ())),
            running=tuple(going.get(project_id, ())),
            people_at_work=working[project_id].people if project_id in working else 0,
            first_day=working[project_id].first_day if project_id in working else None,
            milestones=tuple(dated.get(project_id, ())),
            plan=planned.get(project_id, Plan()),
            growth=grown.get(project_id),
            hours=logged.get(project_id, logged[None]),
            spent=spent.get(project_id, Spent()),
            changes=requested.get(project_id, Changes()),
            last_report=reported.get(project_id),
            findings=judged.get(project_id, ()),
            report_days=spoken.get(project_id, frozenset()),
            fed=project_id in synced,
            synced_at=synced.get(project_id),
            status=status,
            actual_finish=actual_finish,
            due=None if day.is_past else due,
            samples=observed.get(project_id, Samples()),
            doubled=both.get(project_id, Doubled()),
            size=size,
            budget=money(budget, budget_currency),
            contingency=money(contingency, contingency_currency),
            risks=registered.get(project_id, Risks()),
            exposure_before=before.get(project_id),
            issues=raised.get(project_id, Issues()),
            accepted=accepted.get(project_id, Accepted()),
            required=filled.get(project_id, Filled()),
            unmapped=unknown.get(project_id, 0),
            objectives=None if served is None else dict.fromkeys(served.get(project_id, ()), frozenset()),
        )
        for (
            project_id,
            status,
            actual_finish,
            due,
            size,
            budget,
            budget_currency,
            contingency,
            contingency_currency,
        ) in connection.execute(statement)
    }


def pool(projects: Iterable[ProjectFacts], objectives: Iterable[int] = ()) -> ProjectFacts:
    """What can be said of several projects' items taken together, for figures that do not add up from readings.

    Numbers add up, samples of items are put together. People at work on two projects count in each. What belongs to
    one project only (plan, reports, syncs) is left out. `objectives` are known, too, if none of the projects serves
    them.
    """
    members = list(projects)
    totals: dict[str, int] = {}
    served: dict[int, frozenset[str]] = dict.fromkeys(objectives, frozenset())
    for member in members:
        for objective_id, colours in (member.objectives or {}).items():
            served[objective_id] = served.get(objective_id, frozenset()) | colours
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
        samples=together(member.samples for member in members),
        changes=Changes(tuple(row for member in members for row in member.changes.requests)),
        objectives=None if all(member.objectives is None for member in members) else served,
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
    # In a unit that is set, so that it is read from estimate and points.
    "plan": partial(plans, units=Units(everything=POINTS)),
    "growth": growth,
    "spent": expenses,
    "changes": changes,
    "issues": issues,
    "risks": risks,
    "accepted": acceptances,
    "required": required,
    **SAMPLED,
}
"""By which function the parts of `ProjectFacts` are gathered that are read from items, but for `numbers`."""
