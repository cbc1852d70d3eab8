"""What was in a sprint when it began, and what of that was done when it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, func, literal, select

from portfolio.facts.over_days import over_days
from portfolio.facts.states import I, V, counts, is_open
from portfolio.model.named import named
from portfolio.model.work import ItemVersion, Sprint

SPRINTS = 6
_YEAR = timedelta(days=366)


class Commitment(NamedTuple):
    """Points that were open in a sprint at the end of its first day, and those of them done by the end of its last."""

    ended_on: date
    committed: float
    completed: float


@over_days
def commitments(
    connection: Connection, days: Sequence[date], project_ids: Collection[int] | None
) -> Mapping[date, Mapping[int, list[Commitment]]]:
    """The last six sprints that were closed by the day, within a year, oldest first, by project.

    What was put into a sprint after its first day counts in neither number; what was taken out counts as not done.
    Sprints without any points are left out.
    """
    ended = Sprint.end_on.between(days[0] - _YEAR, days[-1])
    # SQLite takes a table without rows for a large one, and would ask every item ever for its sprint.
    any_ended = literal(bool(list(connection.execute(select(Sprint.id).where(ended).limit(1)))))
    end = named(ItemVersion, "end")
    finished = and_(end.category == "done", end.finished_on <= Sprint.end_on, end.sprint == V.sprint)
    done = func.coalesce(func.sum(case((finished, V.points))), 0)
    committed = func.sum(V.points)
    # All projects not by name: sprints are few, and by them their items are found.
    of_projects = V.project_id.is_not(None) if project_ids is None else V.project_id.in_(project_ids)
    statement = (
        select(V.project_id, Sprint.id, Sprint.end_on, committed, done)
        .select_from(Sprint)
        .join(V, and_(V.sprint == Sprint.external_id, V.valid_from <= Sprint.start_on, V.valid_to > Sprint.start_on))
        .join(I, and_(I.id == V.item_id, I.connection_id == Sprint.connection_id))
        .outerjoin(end, and_(end.item_id == V.item_id, end.valid_from <= Sprint.end_on, end.valid_to > Sprint.end_on))
        .where(any_ended, ended, of_projects, counts(), is_open())
        .group_by(V.project_id, Sprint.id, Sprint.end_on)
        .having(committed > 0)
        .order_by(V.project_id, Sprint.end_on, Sprint.id)
    )
    every = [(project_id, Commitment(*of_it)) for project_id, _, *of_it in connection.execute(statement)]
    return {day: _last(every, day) for day in days}


def _last(every: Sequence[tuple[int, Commitment]], day: date) -> dict[int, list[Commitment]]:
    result: dict[int, list[Commitment]] = defaultdict(list)
    for project_id, commitment in every:
        if day - _YEAR <= commitment.ended_on <= day:
            result[project_id].append(commitment)
    return {project_id: found[-SPRINTS:] for project_id, found in result.items()}
