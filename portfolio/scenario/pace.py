"""When the open work of projects will be finished at their own pace (FLW-09), as they are and as they would be.

The pace is what a team finished in past weeks: who does what, and by when, does not change it. A scenario changes how
much there is, and when work goes on: where the open items of a project have so many times as many hours they count as
so many times as many items, a project that is delayed is finished as many working days later, and one that is dropped
never. A pace is of items in the one project they are in at home; so are the hours, whatever part counts to others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, func, select

from portfolio.calendar import WorkCalendar
from portfolio.facts.durations import teams
from portfolio.facts.pace import paces, since_work
from portfolio.facts.states import V, is_open, is_work, standing
from portfolio.forecast.backtest import FEWEST_WEEKS, SAMPLE_WEEKS
from portfolio.forecast.finish import finish
from portfolio.resources.capacity import NOTHING, Hours, Numbers
from portfolio.resources.plan import Plan, Rows
from portfolio.scenario.apply import Applied
from portfolio.scenario.delay import day_later

HALF, LIKELY = 50, 85


class Paced(NamedTuple):
    """The days by which a project is finished at its pace with 50 and 85 %; None for more than 260 weeks, or never."""

    half: date | None = None
    likely: date | None = None


@dataclass(frozen=True)
class Pace:
    """The open items of a project, and how many were finished in each of the last weeks; enough of them to draw from,
    and one in which something was finished."""

    backlog: int
    weeks: tuple[int, ...]

    def finished(self, as_of: date, times: float = 1.0) -> Paced:
        """The days by which all is finished, with so many `times` as much to do."""
        found = finish(self.weeks, ceil(round(self.backlog * times, 6)))
        return Paced(found.day(as_of, HALF), found.day(as_of, LIKELY))


def read_paced(
    connection: Connection, plan: Plan, done: Applied, places: Sequence[int], calendar: WorkCalendar
) -> Mapping[int, tuple[Paced, Paced]]:
    """When those of these projects (places) that have a pace will be finished, as they are and as they would be."""
    as_of, ids = plan.as_of, {int(plan.projects[place]): place for place in places}
    times = read_times(connection, plan, done)

    def later(day: date | None, workdays: int) -> date | None:
        return day_later(day, workdays, calendar) if day is not None and workdays else day

    def after(ident: int, pace: Pace) -> Paced:
        if ids[ident] in done.dropped:
            return Paced()
        workdays = done.delays.get(ids[ident], 0)
        return Paced(*(later(day, workdays) for day in pace.finished(as_of, times.get(ident, 1.0))))

    paces = read_paces(connection, as_of, ids)
    return {ids[ident]: (pace.finished(as_of), after(ident, pace)) for ident, pace in paces.items()}


def read_paces(connection: Connection, as_of: date, project_ids: Collection[int]) -> Mapping[int, Pace]:
    """The pace of each of these projects that has one."""
    if not project_ids:
        return {}
    since, finished = teams(connection, as_of, project_ids), paces(connection, as_of, project_ids)
    counted = standing(select(V.project_id, func.count()).group_by(V.project_id), as_of, project_ids)
    found = {}
    for ident, backlog in connection.execute(counted.where(is_open(), is_work(as_of))):
        team = since.get(ident)
        weeks = since_work(finished.get(ident), as_of, team.first_day if team else None)[-SAMPLE_WEEKS:]
        if len(weeks) >= FEWEST_WEEKS and any(weeks):
            found[ident] = Pace(backlog, weeks)
    return found


def read_times(connection: Connection, plan: Plan, done: Applied) -> Mapping[int, float]:
    """How many times as many hours the open items of projects (ids) have, where these are others than they were."""
    some = _rows_of(plan, done.touched_of(plan)), _rows_of(done.plan, done.touched)
    items = np.unique(np.concatenate([it.item for it in some]))
    were, are = (_hours(it, items) for it in some)
    others = np.isin(plan.rows.item, items[abs(are - were) > NOTHING])
    meant = np.setdiff1d(plan.rows.work.project[others], sorted(done.dropped))
    if not len(meant):
        return {}
    query = standing(select(V.project_id, V.item_id), plan.as_of, plan.projects[meant].tolist())
    at_home = connection.execute(query.where(is_open(), is_work(plan.as_of))).all()
    project, item = np.array([tuple(row) for row in at_home], np.int64).reshape(-1, 2).T
    planned = np.isin(item, plan.rows.item)
    ids, line = np.unique(project[planned], return_inverse=True)
    asked = np.unique(item[planned])
    place = np.searchsorted(asked, item[planned])
    before, after = (np.bincount(line, _hours(it.rows, asked)[place]) for it in (plan, done.plan))
    return dict(zip(ids.tolist(), (after / before).tolist(), strict=True))


def _rows_of(plan: Plan, carriers: Collection[int]) -> Rows:
    wanted = np.zeros(len(plan.persons) + len(plan.roles), np.bool_)
    wanted[list(carriers)] = True
    return plan.rows.some(wanted[plan.rows.work.carrier])


def _hours(rows: Rows, items: Numbers) -> Hours:
    """The hours of each of these items (in order) in all its projects and of all who do it."""
    known = np.isin(rows.item, items)
    place = np.searchsorted(items, rows.item[known])
    return np.bincount(place, rows.work.hours[known], len(items)).astype(np.float64)
