"""Who is free, and from when on: weeks in a row with little to do, and the day on which somebody's firm work ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from portfolio.resources.capacity import NOTHING
from portfolio.resources.heat import LIMITS, heat_map
from portfolio.resources.load import Work, spread_work
from portfolio.resources.periods import DAY, WEEK, Periods
from portfolio.resources.pieces import NEVER
from portfolio.resources.plan import Plan
from portfolio.resources.rows import take

LEAST_WEEKS = 4
"""So many whole weeks in a row with little to do make somebody free for other work."""


@dataclass(frozen=True)
class Free:
    """The weeks in a row in which somebody has little to do: from which day to which, how many whole weeks with
    capacity they are, and the hours that are free in them. `goes_on`: to the end of what was looked at, or longer."""

    since: date
    until: date
    weeks: int
    hours: float
    goes_on: bool


@dataclass(frozen=True)
class Bench:
    """What is free of somebody, and the day to which their firm work goes; None where there is none of either."""

    free: Free | None
    firm_until: date | None


def bench(plan: Plan, weeks: Periods) -> dict[int, Bench]:
    """The bench of every person who can work at all in these weeks, by place.

    Somebody is free in the first weeks in a row, four at least, in each of which firm load is below 0.4 of capacity. A
    week without any capacity is in no row and breaks none; what is left of the week of today may begin one, but is
    none of the four. Firm work goes to the day the last of it is due or booked
    to; what has no date is in it nowhere.
    Source: practice default.
    """
    found, ends = heat_map(plan, weeks), _ends(plan)
    result = {}
    for place in np.flatnonzero(found.capacity[: len(plan.persons)].sum(axis=1) > NOTHING).tolist():
        capacity, hard = found.capacity[place], found.hard[place]
        result[place] = Bench(_free(capacity.tolist(), hard.tolist(), weeks), ends.get(place))
    return result


def _free(capacity: list[float], hard: list[float], weeks: Periods) -> Free | None:
    whole = [after - day >= WEEK for day, after in pairwise([*weeks.days, weeks.last + DAY])]
    works = [place for place, hours in enumerate(capacity) if hours > NOTHING]
    row: list[int] = []
    for place in [*works, None]:
        if place is not None and hard[place] < LIMITS[0] * capacity[place]:
            row.append(place)
            continue
        if (count := sum(whole[it] for it in row)) >= LEAST_WEEKS:
            break
        row = []
    if not row:
        return None
    last = row[-1] + 1
    until = weeks.days[last] - DAY if last < len(weeks.days) else weeks.last
    hours = sum(capacity[place] - hard[place] for place in row)
    return Free(weeks.days[row[0]], until, count, hours, goes_on=row[-1] == works[-1])


def _ends(plan: Plan) -> dict[int, date]:
    """The last day of firm work, by carrier."""
    work: Work = take(plan.rows.work, np.flatnonzero(plan.rows.work.due < NEVER))
    last = np.zeros(len(plan.persons) + len(plan.roles), np.int64)
    np.maximum.at(last, work.carrier, spread_work(work, plan.capacity, plan.as_of.toordinal()).last)
    np.maximum.at(last, plan.hard.carrier, plan.hard.last)
    return {place: date.fromordinal(day) for place, day in enumerate(last.tolist()) if day}
