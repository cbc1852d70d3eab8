"""Why a number is what it is: what is kept of a day, the same computed anew, and what it rests on.

Assembled from queries; nothing is written. Whether somebody may see the scope is asked by the caller. A project's
number is computed anew from its items, one of all persons from worklogs and the plan; that of a program, a portfolio or
all is made of its projects' (`contributing`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.facts.catalogue import FACTS
from portfolio.facts.declare import Fact
from portfolio.facts.gather import Day, ProjectFacts, day_of, gather
from portfolio.facts.kept import colours_kept
from portfolio.facts.lifecycle import OVER, status_on
from portfolio.facts.units import HOURS
from portfolio.figures.keep import Scope, said, standing_on
from portfolio.figures.members import ALL, projects_by_scope
from portfolio.figures.own import project_readings
from portfolio.figures.read import COLUMNS, Kept, on, published, series
from portfolio.governance.scope import EVERYTHING, Chain, project_chains, scope_chain
from portfolio.governance.settings import Resolved, read_settings
from portfolio.governance.store import number_on
from portfolio.kpis.catalogue import OF_PERSONS
from portfolio.kpis.earned import ON_BASELINE, ON_PLAN
from portfolio.kpis.rag import mandatory
from portfolio.kpis.reading import Reading, Reason
from portfolio.model.landing import Connection as Feeding
from portfolio.model.landing import Quarantine, UnmappedValue
from portfolio.model.oversight import NOT_OF_ALL, KpiValue, RollUp, SyncRun
from portfolio.model.structure import Project, ProjectRef
from portfolio.resources.staffed import read_staffed

TREND = timedelta(days=550)
"""So far back the trend reaches: eighteen months."""
UNKNOWABLE = (Reason.NOT_KEPT, Reason.NOT_APPLICABLE)
"""What says of a day that is over that it cannot be computed any more, rather than that it is something else."""

ESTIMATED = "work_with_estimate"


class Run(NamedTuple):
    """The last run of a connection that read all of it before the number was computed."""

    connection_id: int
    connection: str
    run_id: int | None
    finished_at: datetime | None


class LeftOut(NamedTuple):
    """Of one connection: records that could not be read, and values of its words that nobody mapped, at present."""

    connection_id: int
    connection: str
    quarantined: int
    unmapped: int


class Gap(NamedTuple):
    """Items a number may miss: how many of `whole` lack what it needs. Both are names of facts."""

    having: str
    whole: str
    lacking: int
    of: int


class Doubts(NamedTuple):
    """What lowers the confidence in all numbers of a project, beside their coverage (`portfolio.kpis.confidence`).

    `unmapped` of the items have a status or type nobody mapped; of so much `work` the past of `assumed` is assumed.
    """

    unmapped: int
    items: int
    assumed: int
    work: int


class Share(NamedTuple):
    """What a project brings to the number of a scope; `kept` None: nothing is kept of it for the day."""

    project_id: int
    code: str
    name: str
    kept: Kept | None


@dataclass(frozen=True)
class Explained:
    """A number with all it rests on. `kept` None: nothing is kept for the day. `now` None: not computed anew.

    `published` are the readings that were shown of the day before they were restated, the newest first. `trend` is
    oldest first, one entry for each time the reading changed. `counted_in` is the unit of the plan it rests on
    (`portfolio.facts.units`), which is the baseline's unless the plan is `derived`.
    """

    scope: Scope
    day: date
    resolved: Resolved
    kept: Kept | None
    now: Reading | None = None
    published: tuple[Kept, ...] = ()
    trend: tuple[Kept, ...] = ()
    runs: tuple[Run, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    gaps: tuple[Gap, ...] = ()
    behind: tuple[tuple[Fact, int], ...] = ()
    contributing: tuple[Share, ...] = ()
    doubts: Doubts | None = None
    counted_in: str | None = None
    derived: bool = True

    @property
    def differs(self) -> bool:
        """Whether what is computed now is not what is kept. What cannot be computed of a past day any more does not."""
        if self.kept is None or self.now is None:
            return False
        if self.now.reason in UNKNOWABLE and self.now.reason.value != self.kept.reason:
            return False
        anew = said(self.resolved.kpi.id, self.now)
        kept = self.kept
        return (anew.value, anew.n, anew.rag, anew.reason) != (kept.value, kept.n, kept.rag, kept.reason)

    @property
    def lost(self) -> bool:
        """Whether the day is over and the number cannot be computed of it any more: what is kept stands."""
        known = self.kept is not None and self.kept.value is not None
        return known and self.now is not None and self.now.reason in UNKNOWABLE


def explain(connection: Connection, scope: Scope, kpi_id: str, day: date, now: datetime) -> Explained | None:
    """The number of a KPI for a scope as of the end of a day; None for a KPI there was not in the settings of that day.

    `now` carries the portfolio's time zone. Raises nothing for a scope that is not there: nothing is kept of it then.
    """
    settings = read_settings(connection, number_on(connection, day, now.tzinfo))
    if kpi_id not in settings.kpis:
        return None
    kind, ident = scope
    chain = _chain(connection, scope)
    resolved = settings.resolve(kpi_id, chain)
    trend = series(connection, scope, kpi_id, day - TREND, day)
    kept = on(trend, day)
    asked = day_of(connection, day, now)
    members = _members(connection, scope, asked)
    feeding = _feeding(connection, list(members) if kind != "all" else None)
    explained = {
        "published": tuple(reversed(published(connection, scope, kpi_id, day, day))),
        "trend": tuple(trend),
        "runs": _runs(connection, feeding, _computed_at(connection, day) or now),
        "left_out": _left_out(connection, feeding),
    }
    if kpi_id in OF_PERSONS:
        persons = ProjectFacts(staffed=read_staffed(connection, asked)) if scope == ALL else None
        told = resolved.kpi.read(persons, asked, resolved.limits) if persons is not None else None
        return Explained(scope, day, resolved, kept, told, **explained)  # type: ignore[arg-type]
    if kind != "project":
        shares = _shares(connection, members, kpi_id, day)
        return Explained(scope, day, resolved, kept, contributing=shares, **explained)  # type: ignore[arg-type]
    facts = gather(connection, asked, [ident], units=settings.units).get(ident, ProjectFacts())
    # What only that day knew, and what is held against the colour it makes.
    colours = colours_kept(connection, tuple(mandatory()), day, [ident]) if asked.is_past else {}
    anew = project_readings(facts, asked, settings.of(chain), colours.get(ident, {})).get(kpi_id)
    unit = resolved.counted_in if facts.plan.derived else facts.plan.unit if kpi_id in ON_PLAN | ON_BASELINE else None
    # Estimates say nothing of a plan that is counted in something else.
    names = [name for name in resolved.kpi.behind if name != ESTIMATED or unit in (None, HOURS)]
    behind = tuple((FACTS[name], facts[name]) for name in names if name in FACTS)
    doubts = Doubts(
        facts.unmapped, facts["items"] + facts["cancelled_items"], facts["work_without_history"], facts["work"]
    )
    more = {"gaps": _gaps(facts, names), "behind": behind, "doubts": doubts}
    plan_of = {"counted_in": unit, "derived": facts.plan.derived}
    return Explained(scope, day, resolved, kept, anew, **plan_of, **more, **explained)  # type: ignore[arg-type]


def _chain(connection: Connection, scope: Scope) -> Chain:
    kind, ident = scope
    return (
        project_chains(connection, ident).get(ident, (EVERYTHING,)) if kind == "project" else scope_chain(kind, ident)
    )


def _computed_at(connection: Connection, day: date) -> datetime | None:
    """When the figures that hold on the day were last computed; a row that did not change since tells less."""
    last = select(RollUp.computed_at).where(RollUp.as_of <= day).order_by(RollUp.as_of.desc()).limit(1)
    return connection.scalar(last)


def _members(connection: Connection, scope: Scope, day: Day) -> dict[int, tuple[str, str]]:
    """The projects of the scope as it is at present that count on the day, with code and name."""
    kind, ident = scope
    own = {ident} if kind == "project" else projects_by_scope(connection).get(scope, set())
    query = select(Project.id, Project.code, Project.name).where(Project.fed, Project.id.in_(own))
    if kind != "project":
        query = query.where(status_on(day.as_of, is_past=day.is_past).not_in(OVER))
    return {row.id: (row.code, row.name) for row in connection.execute(query.order_by(Project.name, Project.id))}


def _shares(connection: Connection, members: dict[int, tuple[str, str]], kpi_id: str, day: date) -> tuple[Share, ...]:
    query = select(KpiValue.scope_id, *COLUMNS).where(
        standing_on(day), KpiValue.scope_type == "project", KpiValue.kpi == kpi_id
    )
    kept = {row[0]: Kept(*row[1:]) for row in connection.execute(query)}
    return tuple(Share(project_id, *named, kept.get(project_id)) for project_id, named in members.items())


def _feeding(connection: Connection, project_ids: Sequence[int] | None) -> dict[int, str]:
    """The connections that feed these projects, or any, by id and name."""
    query = select(Feeding.id, Feeding.name).order_by(Feeding.name)
    of_projects = select(ProjectRef.connection_id).where(ProjectRef.deleted_at.is_(None))
    if project_ids is not None:
        of_projects = of_projects.where(ProjectRef.project_id.in_(project_ids))
    return {row.id: row.name for row in connection.execute(query.where(Feeding.id.in_(of_projects)))}


def _runs(connection: Connection, feeding: dict[int, str], until: datetime) -> tuple[Run, ...]:
    well = (SyncRun.state.in_(("done", "partial")), SyncRun.mode.not_in(NOT_OF_ALL), SyncRun.finished_at <= until)
    newest = (
        select(SyncRun.connection_id, func.max(SyncRun.id).label("id"))
        .where(*well, SyncRun.connection_id.in_(feeding))
        .group_by(SyncRun.connection_id)
        .subquery()
    )
    rows = connection.execute(
        select(SyncRun.connection_id, SyncRun.id, SyncRun.finished_at).join(newest, newest.c.id == SyncRun.id)
    )
    found = {row.connection_id: (row.id, row.finished_at) for row in rows}
    return tuple(Run(ident, name, *found.get(ident, (None, None))) for ident, name in feeding.items())


def _left_out(connection: Connection, feeding: dict[int, str]) -> tuple[LeftOut, ...]:
    counts = []
    for column in (Quarantine.connection_id, UnmappedValue.connection_id):
        query = select(column, func.count()).where(column.in_(feeding)).group_by(column)
        counts.append(dict(connection.execute(query).all()))
    held, unmapped = counts
    found = (LeftOut(ident, name, held.get(ident, 0), unmapped.get(ident, 0)) for ident, name in feeding.items())
    return tuple(each for each in found if each.quarantined or each.unmapped)


def _gaps(facts: ProjectFacts, behind: Collection[str]) -> tuple[Gap, ...]:
    """What lacks a due date or an estimate, where the KPI rests on items that have one."""
    pairs = (("open_with_due", "open_items"), (ESTIMATED, "work"))
    found = (Gap(having, whole, facts[whole] - facts[having], facts[whole]) for having, whole in pairs)
    return tuple(each for each in found if each.lacking and each.having in behind)
