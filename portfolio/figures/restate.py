"""The past computed anew: days nobody was there for, and days of projects whose past turned out another.

In batches of days, oldest first, of which each is read in one transaction (`next_batch`) and written in another
(`write_batch`): nobody waits for the computing, and what is noted meanwhile stays due. A batch that was not written is
computed once more; one that was is done with. Readings of scopes are computed from all their projects, as on any day.

What only the present knows (NOT_KEPT) is not made up afterwards: what was observed of it stays.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from portfolio.facts.gather import day_of
from portfolio.facts.over_days import Asked
from portfolio.figures.days import DueDay, due_days, rolled_days
from portfolio.figures.due import Due, all_due, done, done_before
from portfolio.figures.keep import Key, note_past_days, restate
from portfolio.figures.rollup import compute
from portfolio.figures.timeline import Point
from portfolio.kpis.reading import Reason
from portfolio.store.locks import Lock, exclusive

MOST_DAYS = 13
PROJECT_DAYS = 6_000
"""So many days of projects are computed together: it bounds the memory."""


class Batch(NamedTuple):
    """What was computed of some days, not yet written.

    `due` are the projects it is for: they are done up to `next_day`, or altogether (None). `days_left` come after it.
    """

    days: tuple[date, ...]
    points: Mapping[Key, Sequence[Point]]
    due: tuple[Due, ...]
    next_day: date | None
    days_left: int


def next_batch(connection: Connection, now: datetime) -> Batch | None:
    """Compute the oldest days that are due; None when none is. `now` carries the portfolio's time zone."""
    today = now.date()
    due = all_due(connection, now)
    rolled = rolled_days(connection)
    tasks = due_days(due, rolled, today)
    if not tasks:
        return Batch((), {}, due, None, 0) if due else None
    size = max(1, min(MOST_DAYS, PROJECT_DAYS // max(1, len(due))))
    some, rest = tasks[:size], tasks[size:]
    ends = _ends([each.day for each in tasks], rolled, today)
    last = some[-1].day
    mine = tuple(each for each in due if each.from_day <= last or not rest)
    points = _points(connection, some, ends, now)
    return Batch(tuple(each.day for each in some), points, mine, rest[0].day if rest else None, len(rest))


def write_batch(connection: Connection, batch: Batch, now: datetime) -> int:
    """Keep what was computed, in the caller's transaction; returns of how many KPIs of scopes anything changed."""
    exclusive(connection, Lock.FIGURES)
    changed = restate(connection, batch.points, now)
    note_past_days(connection, batch.days, now)
    if batch.next_day is None:
        done(connection, batch.due)
    else:
        done_before(connection, batch.next_day, batch.due)
    return changed


def _points(
    connection: Connection, tasks: Sequence[DueDay], ends: Mapping[date, date], now: datetime
) -> dict[Key, list[Point]]:
    """What is said of each of the days, by scope and KPI; days in a row of which the same is said are one point."""
    over = Asked(connection, [each.day for each in tasks])
    points: dict[Key, list[Point]] = defaultdict(list)
    for day, project_ids in tasks:
        told = compute(connection, day_of(connection, day, now), project_ids, over)
        for scope, said_of in told.items():
            for kpi_id, *values in said_of:
                said = tuple(values)
                if _NOT_KEPT in said:
                    continue
                own = points[*scope, kpi_id]
                if own and own[-1].until == day and own[-1].said == said:
                    own[-1] = own[-1]._replace(until=ends[day])
                else:
                    own.append(Point(day, ends[day], said))
    return dict(points)


_NOT_KEPT = Reason.NOT_KEPT.value


def _ends(days: Sequence[date], rolled: Collection[date], today: date) -> dict[date, date]:
    """Up to which day each holds: the next one that is or will be computed; today has readings of its own."""
    known = sorted({*days, *(day for day in rolled if day < today), today})
    return {day: known[bisect_right(known, day)] for day in days}
