"""How full the coming weeks are of whom projects ask for, kept as rows that rules can be asked of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, and_, bindparam, delete, select

from portfolio.model.resources import PlannedLoad
from portfolio.resources.capacity import NOTHING
from portfolio.resources.heat import heat_map
from portfolio.resources.periods import monday, weeks_from
from portfolio.resources.plan import Plan
from portfolio.resources.staffing import staffing
from portfolio.store.upsert import upsert_values

WEEKS = 4
"""So many weeks ahead are kept, that of the day first."""
_TABLE = cast(Table, PlannedLoad.__table__)
_DIGITS = 6
MOST_LOAD = 100.0
"""More than this, a hundred times what somebody can do, is as much as this."""


class Planned(NamedTuple):
    """A row of `PlannedLoad`."""

    project_id: int
    person_id: int
    week: date
    load: float | None
    over_days: int


def planned_of(plan: Plan) -> Iterator[Planned]:
    """The weeks of persons in which a project has firm hours of them; roles nobody was named for are not there."""
    weeks = weeks_from(plan.as_of, WEEKS)
    found, ours = heat_map(plan, weeks), staffing(plan, weeks)
    for carrier, project, hours in zip(ours.carrier.tolist(), ours.project.tolist(), ours.hard, strict=True):
        if carrier >= len(plan.persons):
            continue
        cells = found.cells(carrier)
        for place, day in enumerate(weeks.days):
            if hours[place] > NOTHING:
                load = cells[place].load
                full = None if load is None else round(min(load, MOST_LOAD), _DIGITS)
                ids = int(plan.projects[project]), int(plan.persons[carrier])
                yield Planned(*ids, monday(day), full, cells[place].over_days)


def keep_planned(connection: Connection, plan: Plan) -> None:
    """Keep them in place of what was kept. What is as it was costs no write."""
    keys = ("project_id", "person_id", "week")
    wanted = {row[:3]: row for row in planned_of(plan)}
    rows: Any = connection.execute(select(*(_TABLE.c[name] for name in Planned._fields)))
    known = {tuple(row[:3]): Planned(*row) for row in rows}
    if gone := [dict(zip(("a", "b", "c"), key, strict=True)) for key in known.keys() - wanted.keys()]:
        this = and_(*(_TABLE.c[name] == bindparam(at) for name, at in zip(keys, "abc", strict=True)))
        connection.execute(delete(_TABLE).where(this), gone)
    changed = [row for key, row in wanted.items() if known.get(key) != row]
    upsert_values(connection, _TABLE, Planned._fields, changed, keys)
