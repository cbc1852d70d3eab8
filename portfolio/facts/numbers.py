"""Every fact of every project on a day: one pass over the states of each population."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import BigInteger, Connection, bindparam, select

from portfolio.facts.catalogue import FACTS
from portfolio.facts.declare import Fact, Population, not_over
from portfolio.facts.over_days import over_days
from portfolio.facts.states import AnySelect, V, standing

# A day of a roll-up and the day before it, for all projects and for some.
_STATEMENTS = 4 * len(Population)
_SOME = bindparam("project_ids", expanding=True, type_=BigInteger)


def numbers(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, dict[str, int]]:
    """The number of each fact, by project and name. A project without items on that day is not in the answer."""
    found: dict[int, dict[str, int]] = {}
    asked = None if project_ids is None else {_SOME.key: list(project_ids)}
    for population in Population:
        names = [fact.name for fact in _about(population)]
        for project_id, *values in connection.execute(_counting(population, as_of, asked is None), asked):
            of_project = found.setdefault(project_id, dict.fromkeys(FACTS, 0))
            of_project.update(zip(names, map(int, values), strict=True))
    return found


def _about(population: Population) -> Sequence[Fact]:
    return [fact for fact in FACTS.values() if fact.over is population]


# Building a statement takes longer than a database needs for it, if only one project is asked about.
@lru_cache(_STATEMENTS)
def _counting(population: Population, as_of: date, all_projects: bool) -> AnySelect:
    facts = _about(population)
    columns = [fact.number(as_of).label(fact.name) for fact in facts]
    statement = standing(select(V.project_id, *columns), as_of, None if all_projects else _SOME)
    return statement.where(population.holds(as_of), not_over(facts, as_of)).group_by(V.project_id)


@over_days
def counted(
    connection: Connection, days: Sequence[date], project_ids: Collection[int] | None
) -> Mapping[date, Mapping[int, Mapping[str, int]]]:
    """The number of each fact, by project. One day alone the database adds up, which is quicker."""
    if len(days) == 1:
        return {days[0]: numbers(connection, days[0], project_ids)}
    # It brings numpy, which is large and not needed for one day.
    from portfolio.facts.series import series

    told: dict[date, dict[int, Mapping[str, int]]] = {day: {} for day in days}
    for project_id, by_day in series(connection, days, project_ids):
        for day, of_project in by_day.items():
            told[day][project_id] = of_project
    return told
