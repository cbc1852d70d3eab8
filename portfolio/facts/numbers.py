"""Every fact of every project on a day: one pass over the states of each population."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from portfolio.facts.catalogue import FACTS
from portfolio.facts.declare import Fact, Population
from portfolio.facts.over_days import over_days
from portfolio.facts.states import V, standing


def numbers(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, dict[str, int]]:
    """The number of each fact, by project and name. A project without items on that day is not in the answer."""
    found: dict[int, dict[str, int]] = {}
    for population in Population:
        facts = [fact for fact in FACTS.values() if fact.over is population]
        for project_id, *values in _of_population(connection, population, facts, as_of, project_ids):
            of_project = found.setdefault(project_id, dict.fromkeys(FACTS, 0))
            of_project.update(zip((fact.name for fact in facts), map(int, values), strict=True))
    return found


def _of_population(
    connection: Connection,
    population: Population,
    facts: Collection[Fact],
    as_of: date,
    project_ids: Collection[int] | None,
) -> Collection[tuple[int, ...]]:
    columns = [fact.number(as_of).label(fact.name) for fact in facts]
    statement = standing(select(V.project_id, *columns), as_of, project_ids).where(population.holds(as_of))
    return [tuple(row) for row in connection.execute(statement.group_by(V.project_id))]


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
