"""Hours: what was logged against what was estimated, what went into doing things again, and what nobody will do.

Many trackers do not say what remains of an item. Then it is what is left of its estimate on the day: the amounts count
the whole estimate, which knows no day, and `used_up` tells what is to be taken off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, true

from portfolio.facts.declare import OPEN_WORK, amount
from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.earned import logged_on
from portfolio.facts.over_days import over_days, position
from portfolio.facts.spans import earlier_of, later_of
from portfolio.facts.states import V, is_finished, standing, within
from portfolio.model.work import Worklog

NEAR_DAYS = 14
"""Ten working days, whatever the weekday: two weeks."""


@amount(over=OPEN_WORK, since=(V.due, -NEAR_DAYS))
def near_effort() -> ColumnElement[Any]:
    """Remaining effort of open work due within two weeks or overdue, in seconds; where nobody says it, its whole
    estimate."""
    return func.coalesce(V.remaining_s, V.estimate_s, 0)


@amount(over=OPEN_WORK, since=(V.due, -NEAR_DAYS))
def near_effort_unassigned() -> ColumnElement[Any]:
    """Remaining effort of open work due within two weeks or overdue that nobody is assigned to, in seconds; where
    nobody says it, its whole estimate."""
    return case((V.assignee_id.is_(None), func.coalesce(V.remaining_s, V.estimate_s, 0)), else_=0)


class UsedUp(NamedTuple):
    """Seconds of estimates that are used up: of all open work of which nobody says what remains, of what of it is near
    (see `near_effort`), and of what of that nobody is assigned to."""

    seconds: int = 0
    near: int = 0
    near_unassigned: int = 0


def used_up(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, UsedUp]:
    """The time logged up to the day on items that say no remaining effort, of each at most its estimate; by project."""
    near = and_(V.due.is_not(None), V.due <= as_of + timedelta(days=NEAR_DAYS))
    state = (V.project_id, V.item_id, V.estimate_s, V.due, V.assignee_id)
    columns = (*state, near.label("near"), func.sum(Worklog.seconds).label("spent"))
    of_item = (
        standing(select(*columns), as_of, project_ids)
        .join(Worklog, and_(Worklog.item_id == V.item_id, logged_on(as_of)))
        .where(OPEN_WORK.holds(as_of), V.remaining_s.is_(None), V.estimate_s > 0)
        .group_by(*state)
        .subquery()
    )
    each = of_item.c
    used = case((each.spent > each.estimate_s, each.estimate_s), else_=each.spent)
    sums = [
        func.coalesce(func.sum(case((condition, used))), 0)
        for condition in (true(), each.near, and_(each.near, each.assignee_id.is_(None)))
    ]
    rows = connection.execute(select(each.project_id, *sums).group_by(each.project_id))
    return {project_id: UsedUp(*map(int, row)) for project_id, *row in rows}


class Estimated(NamedTuple):
    """`items` finished items that took so many per cent of their estimate, with the seconds of both added up."""

    percent: int
    items: int
    spent_s: int
    estimate_s: int


def estimates(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, list[Estimated]]:
    """The work finished in the 90 days up to `as_of` that has an estimate and logged time, by project.

    Time logged up to that day counts, also before the work began; rejected time and time below zero do not.
    """
    spent = func.sum(Worklog.seconds)
    of_item = (
        standing(select(V.project_id, V.estimate_s, spent.label("spent")), as_of, project_ids)
        .join(Worklog, and_(Worklog.item_id == V.item_id, logged_on(as_of)))
        .where(is_finished(as_of), V.estimate_s > 0)
        .where(V.finished_on.between(as_of - timedelta(days=WINDOW_DAYS - 1), as_of))
        .group_by(V.project_id, V.item_id, V.estimate_s)
        .subquery()
    )
    # Exact to a per cent, halves up: what percentiles of it need no more.
    each = of_item.c
    percent = (each.spent * 200 + each.estimate_s) // (each.estimate_s * 2)
    sums = (func.count(), func.sum(each.spent), func.sum(each.estimate_s))
    result: dict[int, list[Estimated]] = defaultdict(list)
    for project_id, *row in connection.execute(
        select(each.project_id, percent, *sums).group_by(each.project_id, percent)
    ):
        result[project_id].append(Estimated(*map(int, row)))
    return result


class Logged(NamedTuple):
    """Seconds logged, and those of them on bugs or on items after they were put back from done."""

    seconds: int = 0
    rework: int = 0


@over_days
def logged(
    connection: Connection, days: Sequence[date], project_ids: Collection[int] | None
) -> Mapping[date, Mapping[int, Logged]]:
    """The time logged on items in the 90 days up to the day, by project; rejected time and time below zero do not
    count."""
    again = or_(V.kind == "bug", Worklog.work_date >= V.reopened_on)
    recent = and_(logged_on(days[-1]), Worklog.work_date > days[0] - timedelta(days=WINDOW_DAYS))
    begins = later_of(position(V.valid_from, days), position(Worklog.work_date, days))
    ends = earlier_of(position(V.valid_to, days), position(Worklog.work_date, days, WINDOW_DAYS))
    each = (
        within(
            select(V.project_id, begins.label("since"), ends.label("until"), again.label("again"), Worklog.seconds),
            days[0],
            days[-1],
            project_ids,
        )
        .join(Worklog, and_(Worklog.item_id == V.item_id, recent))
        .subquery()
    )
    columns = (each.c.project_id, each.c.since, each.c.until)
    rework = func.coalesce(func.sum(case((each.c.again, each.c.seconds))), 0)
    sums = select(*columns, func.sum(each.c.seconds), rework).where(each.c.since < each.c.until).group_by(*columns)
    told: dict[date, dict[int, Logged]] = {day: {} for day in days}
    for project_id, since, until, seconds, some in connection.execute(sums):
        for day in days[since:until]:
            known = told[day].get(project_id, Logged())
            told[day][project_id] = Logged(known.seconds + int(seconds), known.rework + int(some))
    return told
