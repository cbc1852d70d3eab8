"""Who did which part of the work: what a project loses with a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.states import I, V, at, is_finished


class Owned(NamedTuple):
    """`items` finished items of a unit that were a person's. A unit is the parent they hang on; None: on none.
    `person` None: nobody's. Ids, for counting only: what is shown of this names nobody."""

    unit: int | None
    person: int | None
    items: int


def owned(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, list[Owned]]:
    """The work finished in the 90 days up to `as_of`, by project, unit and person. Parents are the present ones."""
    columns = (V.project_id, I.parent_id, V.assignee_id)
    statement = (
        at(select(*columns, func.count()), as_of, project_ids)
        .where(is_finished(as_of), V.finished_on.between(as_of - timedelta(days=WINDOW_DAYS - 1), as_of))
        .group_by(*columns)
    )
    result: dict[int, list[Owned]] = defaultdict(list)
    for project_id, unit, person, items in connection.execute(statement):
        result[project_id].append(Owned(unit, person, items))
    return result
