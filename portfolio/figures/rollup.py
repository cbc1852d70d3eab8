"""Compute every KPI for every project, program, portfolio and all, and keep the readings.

Set-based: a fixed number of queries gathers the facts of all projects, the formulas are pure, and what changed is
written at once (`keep`), in the caller's transaction; nothing is wiped first. The same facts give the same readings,
however often it runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import Connection, func, select

from portfolio.facts.findings import findings
from portfolio.facts.gather import Day, ProjectFacts, day_of, gather
from portfolio.facts.kept import colours_kept
from portfolio.facts.lifecycle import OVER
from portfolio.facts.objectives import standing
from portfolio.facts.over_days import Asked
from portfolio.facts.staffed import Staffed
from portfolio.figures.keep import Said, Scope, keep, note_day, said
from portfolio.figures.members import ALL, projects_by_scope
from portfolio.figures.own import Own, read_each
from portfolio.figures.scopes import scope_readings
from portfolio.governance.rules import Step
from portfolio.governance.run import begin_run
from portfolio.governance.scope import EVERYTHING, Chain, project_chains, scope_chain
from portfolio.governance.settings import Resolved, Settings, read_settings
from portfolio.governance.store import number_on
from portfolio.kpis.confidence import grade, together
from portfolio.kpis.rag import mandatory
from portfolio.kpis.reading import Reading
from portfolio.model.landing import Connection as Feeding
from portfolio.model.structure import ProjectRef
from portfolio.resources.plan import read_plan
from portfolio.resources.planned import keep_planned
from portfolio.resources.staffed import read_staffed, staffed_by
from portfolio.store.locks import Lock, exclusive


def roll_up(connection: Connection, *, as_of: date, now: datetime, project_ids: Collection[int] | None = None) -> int:
    """Compute and keep the readings as of the end of a day; returns how many had changed and were written
    before the rules were run.

    `now` carries the portfolio's time zone and is the time of computing. With `project_ids` only these projects and the
    scopes above them are written; the scopes are still computed from all their projects, so that they are right.
    Projects that are closed or cancelled on the day keep their own readings but count in no scope. A reading notes the
    lowest version of the mapping among the connections whose rows it may rest on. It is judged by the settings that
    were in force at the end of the day in its own scope, and notes their number; KPIs that are off there are left out.
    Then the rules are run for these projects, on the day that is going on.
    """
    exclusive(connection, Lock.FIGURES)
    return _compute_and_keep(connection, day_of(connection, as_of, now), now, project_ids)


def close_day(connection: Connection, *, as_of: date, now: datetime) -> int:
    """Roll all projects up once more as of a day that is over, as it was when it ended: dates pass without edits.

    What only the present knows is taken as it is now: do this soon after the day's end.
    """
    exclusive(connection, Lock.FIGURES)
    end = datetime.combine(as_of, time.max, now.tzinfo)
    return _compute_and_keep(connection, day_of(connection, as_of, end), now)


def _compute_and_keep(
    connection: Connection, day: Day, now: datetime, project_ids: Collection[int] | None = None
) -> int:
    note_day(connection, day.as_of, now)
    settings = _settings(connection, day)
    facts = gather(connection, day, units=settings.units)
    basis = _basis(connection, day, settings, _read_persons(connection, day))
    own = read_each(day, facts, basis.settings, basis.chains, basis.kept)
    written = keep(connection, day.as_of, _told(day, facts, own, basis, project_ids), now)
    if day.is_past:
        return written
    # Most rules ask for the stored model and for readings that are kept; some readings are made of what those found,
    # and the rules of the next step ask for these. Each asks only for what is settled: one pass gives what any number
    # would.
    rules = begin_run(connection, as_of=day.as_of, now=day.now, project_ids=project_ids)
    for step in (Step.SCORED, Step.OF_SCORE):
        if changed := rules.judge(connection, step):
            found = findings(connection, day.as_of, changed, without=rules.postponed(step))
            anew = {ident: replace(facts[ident], findings=found.get(ident, ())) for ident in changed & facts.keys()}
            facts, own = facts | anew, own | read_each(day, anew, basis.settings, basis.chains)
            keep(connection, day.as_of, _told(day, facts, own, basis, changed), now)
    rules.judge(connection, Step.OF_WAIVERS)
    return written


def compute(
    connection: Connection,
    day: Day,
    project_ids: Collection[int] | None = None,
    over: Asked | None = None,
) -> dict[Scope, list[Said]]:
    """The readings of all projects and scopes as of a day, or of these projects and the scopes above them.

    `over` are the days that are asked about with this one, of all projects. Writes nothing.
    """
    settings = _settings(connection, day)
    facts = gather(connection, day, over=over, units=settings.units)
    basis = _basis(connection, day, settings, read_staffed(connection, day))
    own = read_each(day, facts, basis.settings, basis.chains, basis.kept)
    return _told(day, facts, own, basis, project_ids)


@dataclass(frozen=True)
class _Basis:
    """What the readings of a day rest on beside the facts. `kept` are the colours that were observed on a past day;
    `objectives` those that are not past: one that nobody serves stands in no program and no portfolio. Figures of all
    persons are made of `staffed`."""

    settings: Settings
    chains: Mapping[int, Chain]
    kept: Mapping[int, Mapping[str, str]]
    scopes: Mapping[Scope, set[int]]
    mapping_numbers: Mapping[int, int]
    objectives: Collection[int]
    staffed: Staffed

    def settings_of(self, project_id: int) -> Mapping[str, Resolved]:
        """What counts for every KPI in a project."""
        return self.settings.of(self.chains.get(project_id, (EVERYTHING,)))


def _read_persons(connection: Connection, day: Day) -> Staffed:
    """The hours of all persons; those of the coming weeks are kept for the rules."""
    if day.is_past:
        return read_staffed(connection, day)
    plan = read_plan(connection, day.as_of, day.now)
    keep_planned(connection, plan)
    return staffed_by(connection, day, plan)


def _settings(connection: Connection, day: Day) -> Settings:
    """Those in force at the end of the day."""
    return read_settings(connection, number_on(connection, day.as_of, day.now.tzinfo))


def _basis(connection: Connection, day: Day, settings: Settings, staffed: Staffed) -> _Basis:
    return _Basis(
        settings=settings,
        chains=project_chains(connection),
        kept=colours_kept(connection, tuple(mandatory()), day.as_of) if day.is_past else {},
        scopes=projects_by_scope(connection),
        mapping_numbers=_mapping_numbers(connection),
        objectives=() if day.is_past else standing(connection, day.as_of),
        staffed=staffed,
    )


def _told(
    day: Day,
    facts: Mapping[int, ProjectFacts],
    own: Mapping[int, Own],
    basis: _Basis,
    project_ids: Collection[int] | None,
) -> dict[Scope, list[Said]]:
    numbers = basis.mapping_numbers
    # A project that came while the facts were gathered has none yet.
    scopes = {scope: members & facts.keys() for scope, members in basis.scopes.items()}
    wanted = set(facts) if project_ids is None else set(project_ids) & set(facts)
    touched = _touched(scopes, wanted, everything=project_ids is None)
    told: dict[Scope, list[Said]] = {}
    for project_id in sorted(wanted):
        told["project", project_id] = _said(
            own[project_id].readings, own[project_id].grades, numbers.get(project_id), basis.settings_of(project_id)
        )
    for scope in touched:
        members = [project_id for project_id in sorted(scopes[scope]) if facts[project_id].status not in OVER]
        resolved = basis.settings.of(scope_chain(*scope))
        combined = scope_readings(
            [facts[each] for each in members],
            [own[each].readings for each in members],
            day,
            resolved,
            basis.objectives if scope == ALL else (),
            basis.staffed if scope == ALL else None,
        )
        mapped = [numbers[each] for each in scopes[scope] if each in numbers]
        sure = {
            kpi_id: grade(reading, _together(kpi_id, [own[each] for each in members]))
            for kpi_id, reading in combined.items()
        }
        told[scope] = _said(combined, sure, min(mapped, default=None), resolved)
    return told


def _together(kpi_id: str, members: Iterable[Own]) -> str:
    readings = ((own, own.readings.get(kpi_id)) for own in members)
    return together((own.grades[kpi_id], it.n) for own, it in readings if it is not None and not it.alone)


def _said(
    readings: Mapping[str, Reading],
    grades: Mapping[str, str | None],
    mapping_number: int | None,
    resolved: Mapping[str, Resolved],
) -> list[Said]:
    numbers = {kpi_id: it.number for kpi_id, it in resolved.items()}
    return [
        said(
            kpi_id,
            reading,
            confidence=grades[kpi_id],
            mapping_number=mapping_number or None,
            settings_number=numbers.get(kpi_id),
        )
        for kpi_id, reading in readings.items()
    ]


def _touched(scopes: Mapping[Scope, set[int]], wanted: set[int], *, everything: bool) -> list[Scope]:
    return [scope for scope, members in sorted(scopes.items()) if everything or members & wanted]


def _mapping_numbers(connection: Connection) -> dict[int, int]:
    """The lowest version of the mapping, by project, that any connection was mapped with that feeds it; 0: none yet."""
    lowest = func.min(func.coalesce(Feeding.mapping_number, 0))
    feeding = select(ProjectRef.project_id, lowest).join(Feeding, Feeding.id == ProjectRef.connection_id)
    alive = feeding.where(ProjectRef.deleted_at.is_(None), ProjectRef.project_id.is_not(None))
    rows = connection.execute(alive.group_by(ProjectRef.project_id))
    return {project_id: number for project_id, number in rows if project_id is not None}
