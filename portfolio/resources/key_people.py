"""Key people: the projects that hang on one or two persons."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from portfolio.facts.ownership import owned
from portfolio.kpis.staffing import MIN_UNITS, Leaving, key_persons, units_of

MOST_PERSONS = 2
"""So few persons a project may hang on to be named here. Source: RES-06, where 3 is well and 2 is not."""


class Hangs(NamedTuple):
    """A project that hangs on few: on whom (ids), one after the other, what was finished, and the units of it."""

    project_id: int
    persons: tuple[Leaving, ...]
    items: int
    units: int


def hang_on_few(connection: Connection, day: date, project_ids: Collection[int]) -> list[Hangs]:
    """Which of the projects would lose more than half of their work with one or two persons, by what was finished in
    the 90 days up to the day; those that hang on fewest first, then those that would lose the largest share.

    Source: RES-06; of projects with fewer units than it needs nothing is said.
    """
    if not project_ids:
        return []
    found = []
    for project_id, rows in owned(connection, day, project_ids).items():
        units = units_of(rows)
        if len(units) < MIN_UNITS:
            continue
        persons = key_persons(units)
        if len(persons) <= MOST_PERSONS:
            found.append(Hangs(project_id, persons, sum(sum(of.values()) for of in units.values()), len(units)))
    return sorted(found, key=lambda it: (len(it.persons), -it.persons[0].items / it.items, it.project_id))
