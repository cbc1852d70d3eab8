"""The past computed anew: days nobody was there for, and days of projects whose past turned out another.

In batches of days, oldest first, of which each is read in one transaction (`next_batch`) and written in another
(`write_batch`): nobody waits for the computing, and what is noted meanwhile stays due. A batch that was not written is
computed once more; one that was is done with. Readings of scopes are computed from all their projects, as on any day.

Weekly points, the ends of ISO weeks, reach `WEEKS_BACK` weeks back; from the first day that was observed every day has
its readings. What only the present knows (NOT_KEPT) is not made up afterwards: what was observed of it stays.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.facts.gather import day_of
from portfolio.facts.over_days import Asked
from portfolio.figures.due import Due, all_due, done, done_before
from portfolio.figures.keep import Key, note_past_days, restate
from portfolio.figures.rollup import compute
from portfolio.figures.timeline import OBSERVED, Point
from portfolio.kpis.reading import Reason
from portfolio.model.oversight import RollUp
from portfolio.store.locks import Lock, exclusive

WEEKS_BACK = 78
MOST_DAYS = 13
PROJECT_DAYS = 6_000
"""So many days of projects are computed together: it bounds the memory."""
_DAY = timedelta(days=1)


class DueDay(NamedTuple):
    """A day to compute, and of which projects: None for all of them, because nobody was there on the day."""

    day: date
    project_ids: frozenset[int] | None


class Batch(NamedTuple):
    """What was computed of some days, not yet written.

    `due` are the projects it is for: they are done up to `next_day`, or altogether (None). `days_left` come after it.
    """

    days: tuple[date, ...]
    points: Mapping[Key, Sequence[Point]]
    due: tuple[Due, ...]
    next_day: date | None
    days_left: int


def due_days(due: Collection[Due], rolled: Mapping[date, str], today: date) -> list[DueDay]:
    """The days to compute, oldest first. `rolled` are the days that were computed, with their origins. Pure."""
    from_days = sorted((each.from_day, each.project_id) for each in due)
    first = from_days[0][0] if from_days else today
    nobody_there = _missed(rolled, today)
    weekly = _sundays(max(first, today - timedelta(weeks=WEEKS_BACK)), today)
    days = nobody_there | weekly | {day for day in rolled if first <= day < today}
    starts = [day for day, _ in from_days]
    these = {day: frozenset(ident for _, ident in from_days[: bisect_right(starts, day)]) for day in days}
    return [DueDay(day, None if day in nobody_there else these[day]) for day in sorted(days)]


def missed(connection: Connection, today: date) -> set[date]:
    """The days since the first that was observed which have no figures."""
    return _missed(_rolled(connection), today)


def _missed(rolled: Mapping[date, str], today: date) -> set[date]:
    begun = min((day for day, origin in rolled.items() if origin == OBSERVED), default=today)
    return {day for day in _days(begun, today) if day not in rolled}


def _rolled(connection: Connection) -> dict[date, str]:
    return dict(connection.execute(select(RollUp.as_of, RollUp.origin)).all())


def next_batch(connection: Connection, now: datetime) -> Batch | None:
    """Compute the oldest days that are due; None when none is. `now` carries the portfolio's time zone."""
    today = now.date()
    due = all_due(connection, now)
    rolled = _rolled(connection)
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


def _sundays(first: date, today: date) -> set[date]:
    sunday = first + timedelta(days=6 - first.weekday())
    return {sunday + timedelta(weeks=weeks) for weeks in range(max(0, -(-(today - sunday).days // 7)))}


def _days(first: date, today: date) -> list[date]:
    return [first + _DAY * number for number in range((today - first).days)]
